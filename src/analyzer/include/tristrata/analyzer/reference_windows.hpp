#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/core/time.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace tristrata::analyzer {

/// Which windows of a module an analyzer found bad: the ends of the first and of the last of each stretch;
/// without `to` it lasts. What somebody called a false alarm is not among them.
using BadWindows =
    std::function<std::vector<core::TimeRange>(std::string_view module, std::string_view analyzer)>;

/// What a window is held against: whole windows, from the first of them to behind the last, but those in
/// `left_out`.
struct ReferenceWindows {
    core::Timestamp from, to;
    std::vector<core::TimeRange> left_out;
};

/// Of the window that ends at `to` the last reference_windows before it that overlap none of `bad`, of twice
/// as many at most: what lasts would be among its own reference soon, and end its incident by that alone, and
/// what comes back would be usual. A stretch longer than reference_windows is what is usual now, and left out
/// by nobody.
[[nodiscard]] ReferenceWindows reference_of(const Definition& definition, core::Timestamp to,
                                            std::span<const core::TimeRange> bad = {});

}  // namespace tristrata::analyzer
