#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// The values of a chunk, infinities among them, no NaN; sorted when a method first asks for it.
class ChunkValues {
public:
    explicit ChunkValues(std::vector<double> values) : values_(std::move(values)) {}
    /// In any order.
    [[nodiscard]] std::span<const double> values() const { return values_; }
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
    std::vector<double> values_;
    bool is_sorted_ = false;
    Binned binned_;
    double low_ = 0.0, high_ = 0.0;  ///< The ends of the edges that binned_ is of.
};

/// One of NannyML's methods of numbers, fitted on a reference.
class NumberMethod {
public:
    virtual ~NumberMethod() = default;
    /// The value of a chunk that holds one value at least.
    [[nodiscard]] virtual double measure(ChunkValues& chunk) const = 0;
};

/// kolmogorov_smirnov, jensen_shannon, wasserstein or hellinger on a reference: ascending, finite, at least
/// one value; it outlives the method. From 10,000 values on the first and the third go by 10,000 bins of
/// equal width.
[[nodiscard]] std::unique_ptr<NumberMethod> fit_number_method(std::string_view name,
                                                              std::span<const double> reference);

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
