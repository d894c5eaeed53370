#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/dataset/source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::dataset {

/// How a column is made from others. Prices wander and cannot be tested; their changes can.
enum class Derivation : std::uint8_t {
    log,         ///< ln x.
    log_ratio,   ///< ln (a / b), two columns.
    change,      ///< x minus the x of the row before in time.
    log_change,  ///< ln x minus the ln x of the row before in time.
};
[[nodiscard]] std::string_view name(Derivation derivation) noexcept;
[[nodiscard]] core::Result<Derivation> parse_derivation(std::string_view text);
/// How many columns it is made of.
[[nodiscard]] std::size_t inputs_of(Derivation derivation) noexcept;
/// Whether it uses the row before, and so needs rows in order of time.
[[nodiscard]] bool needs_order(Derivation derivation) noexcept;

struct Derived {
    std::string name;
    Derivation by = Derivation::log;
    std::vector<std::string> of;  ///< Columns of the source.
    bool operator==(const Derived&) const = default;
};

/// The source with columns of real numbers behind its own, made while it is read.
///
/// Edges     ln 0 is -inf and ln (a / 0) is inf: they count as infinite. The logarithm of a negative number,
///           0 / 0 and the difference of two infinities are missing, as is all that is made of something
///           missing. The first row has no change.
/// Order     A change is taken from the row before, however long ago that was: across a gap it spans the gap,
///           and a missing value there makes both its neighbours' changes missing. Equal times keep the order
///           of the source. A row without a time has no change and is nobody's row before.
/// Errors    usage: a column that is not there, a name that is taken, a change without a time column, a
///           number of columns that the derivation does not take; invalid_input: a column that holds no
///           numbers; while reading, a row whose time lies before that of the row before it, with its number.
/// Cost      A pass over its inputs; nothing is kept between batches but the row before.
/// Example   close 1, e, e², 0 by log_change: missing, 1, 1, -inf (tests/derived_test.cpp, "worked example").
[[nodiscard]] core::Result<std::unique_ptr<Source>> derive(std::unique_ptr<Source> source,
                                                           std::vector<Derived> derived,
                                                           const std::string& time);

}  // namespace tristrata::dataset
