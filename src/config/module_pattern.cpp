#include "tristrata/config/module_pattern.hpp"

#include "tristrata/core/blank.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>

namespace tristrata::config {

core::Status check_module_pattern(std::string_view pattern, std::string_view example) {
    const auto star = pattern.find('*');
    if (!core::is_blank(pattern) && (star == std::string_view::npos || star + 1 == pattern.size())) return {};
    return core::fail(core::ErrorKind::configuration,
                      fmt::format("{} is no module; expected its name, or the beginning of several with * at "
                                  "the end: {}",
                                  core::quoted(pattern), example));
}

bool fits(std::string_view pattern, std::string_view module) noexcept {
    if (!pattern.ends_with('*')) return pattern == module;
    return module.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace tristrata::config
