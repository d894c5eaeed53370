#include "tristrata/config/unknown_variable.hpp"

#include <fmt/format.h>

namespace tristrata::config {

std::string sentence_of(const UnknownVariable& variable) {
    return fmt::format("{} is set, which is no setting{}", variable.name,
                       variable.nearest.empty() ? "" : fmt::format("; did you mean {}?", variable.nearest));
}

}  // namespace tristrata::config
