#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/dataset/schema.hpp"
#include "tristrata/detection/plan.hpp"

#include <optional>
#include <string_view>

namespace tristrata::detection {

/// usage: `asked` is no method of the engine, or none that takes the kind; of ours one without p is none
/// either. The nearest known one is named, and all of them.
[[nodiscard]] core::Status check_name(std::string_view what, std::string_view asked, Engine engine,
                                      std::optional<drift::Kind> kind);

/// usage: a test of ours that the plan chooses and that there is not.
[[nodiscard]] core::Status validate_tests(const Plan& plan);

/// Whether the plan chooses a test of ours that cannot rank windows.
[[nodiscard]] bool choice_refuses_windows(const Plan& plan);

/// usage: a column's own test is not of the column's kind; those that are are named.
[[nodiscard]] core::Status refuse_unsuited(const Plan& plan, const dataset::Schema& schema);

/// usage: the null does not allow a test that the plan chooses; those that do are named.
[[nodiscard]] core::Status refuse_null(const Plan& plan, Null null);

}  // namespace tristrata::detection
