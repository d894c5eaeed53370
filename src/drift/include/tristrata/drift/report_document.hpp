#pragma once

#include <string_view>

namespace tristrata::drift {

/// Whether a JSON document is a report of ours, of whatever version, by the member `schema` of its outermost
/// object, wherever among its members that stands; everything else may be another tool's.
///
/// Cost      Reads up to that member, which ours begin with; a document without it is read whole.
[[nodiscard]] bool is_report(std::string_view json) noexcept;

}  // namespace tristrata::drift
