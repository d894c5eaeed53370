#pragma once

#include "tristrata/config/settings.hpp"

#include <string>

namespace tristrata::config {

/// "TRISTRATA_ANALYZER is set, which is no setting; did you mean TRISTRATA_ANALYZERS?": whatever reads
/// settings says it in the same words.
[[nodiscard]] std::string sentence_of(const UnknownVariable& variable);

}  // namespace tristrata::config
