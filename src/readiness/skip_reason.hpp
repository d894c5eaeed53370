#pragma once

#include <string_view>

namespace tristrata::readiness {

/// What stands in place of a reason for which a section is skipped: "a promise to write it later", "no time",
/// "not known", "a link alone". Empty where one sentence at least is none of these. Linear in the text.
[[nodiscard]] std::string_view no_reason_in(std::string_view why);

}  // namespace tristrata::readiness
