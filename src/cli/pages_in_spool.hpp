#pragma once

#include "tristrata/config/settings.hpp"

#include <set>
#include <string>

namespace tristrata::cli {

/// Incidents whose page stands in the configured spool, where nobody has taken it yet: they are paged by
/// their history, and nobody was told. Empty where no spool is set; what of it cannot be read is said on
/// stderr.
/// `is_for_people`: it is also said there that no receiver is set, where that is so.
[[nodiscard]] std::set<std::string> pages_in_spool(const config::Settings& settings, bool is_for_people);

/// What receivers answered to pages of which one was refused becomes history of their incidents, where those
/// are configured, and is said on stderr; where it cannot be noted now, that is, and it stays in the spool.
void note_receptions(const config::Settings& settings);

}  // namespace tristrata::cli
