#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// The values of a chunk, infinities among them, no NaN.
class ChunkValues {
public:
    /// Of values that are elsewhere and outlive this.
    explicit ChunkValues(std::span<const double> values) : values_(values) {}
    explicit ChunkValues(std::vector<double> values) : owned_(std::move(values)), values_(owned_) {}
    ChunkValues(ChunkValues&&) = default;
    ChunkValues& operator=(ChunkValues&&) = default;
    /// In any order.
    [[nodiscard]] std::span<const double> values() const { return values_; }
    /// Copied and sorted when first asked for.
    [[nodiscard]] std::span<const double> sorted();

    /// What two methods ask for: the shares of bins of equal width, added up from the first bin on, and the
    /// values outside, ascending.
    struct Binned {
        std::vector<double> cumulated;
        std::vector<double> below, above;
    };
    /// Of these edges; counted again only where they differ from those of the call before.
    [[nodiscard]] const Binned& binned(std::span<const double> edges);

private:
    std::vector<double> owned_;
    std::span<const double> values_;
    std::vector<double> sorted_;
    Binned binned_;
    double low_ = 0.0, high_ = 0.0;  ///< The ends of the edges that binned_ is of.
};

/// A reference that methods are fitted on: ascending, finite, at least one value.
class NumberReference {
public:
    explicit NumberReference(std::span<const double> sorted) : sorted_(sorted) {}
    [[nodiscard]] std::span<const double> sorted() const { return sorted_; }

    /// Ten thousand bins of equal width and the CDF at their upper edges: two methods go by it.
    struct Cdf {
        std::vector<double> edges, shares;
    };
    /// Made when first asked for. Threads: one.
    [[nodiscard]] std::shared_ptr<const Cdf> estimated();

private:
    std::span<const double> sorted_;
    std::shared_ptr<const Cdf> estimated_;
};

/// One of NannyML's methods of numbers, fitted on a reference.
class NumberMethod {
public:
    virtual ~NumberMethod() = default;
    /// The value of a chunk that holds one value at least.
    [[nodiscard]] virtual double measure(ChunkValues& chunk) const = 0;
};

/// kolmogorov_smirnov, jensen_shannon, wasserstein or hellinger; the reference's values outlive the method.
/// From 10,000 values on the first and the third go by 10,000 bins of equal width.
[[nodiscard]] std::unique_ptr<NumberMethod> fit_number_method(std::string_view name,
                                                              NumberReference& reference);

/// One of NannyML's methods of labels, fitted on a reference.
class LabelMethod {
public:
    virtual ~LabelMethod() = default;
    /// The value of a chunk: counts over the labels of `fit_label_method`, not all of them 0.
    [[nodiscard]] virtual double measure(std::span<const std::uint64_t> chunk) const = 0;
    /// The p that decides where bounds do not (chi2).
    [[nodiscard]] virtual std::optional<double> p(std::span<const std::uint64_t>) const {
        return std::nullopt;
    }
};

/// jensen_shannon, chi2, hellinger or l_infinity on a reference: counts over labels in NannyML's order
/// (ascending); those it lacks are 0. It outlives the method.
[[nodiscard]] std::unique_ptr<LabelMethod> fit_label_method(std::string_view name,
                                                            std::span<const std::uint64_t> reference);

}  // namespace tristrata::detection
