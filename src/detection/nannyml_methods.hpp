#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace tristrata::detection {

/// One of NannyML's methods of numbers, fitted on a reference.
class NumberMethod {
public:
    virtual ~NumberMethod() = default;
    /// The value of a chunk: ascending, infinities among them, no NaN, at least one.
    [[nodiscard]] virtual double measure(std::span<const double> chunk) const = 0;
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
