#pragma once

#include "table.hpp"

namespace tristrata::readiness {

/// What a plan says under a label: "Shadow: 7 days", "| Shadow | 7 days |", or lines below "### Shadow".
struct Saying {
    std::size_t line = 0;
    std::string label;
    std::string text;
    const Entry* row = nullptr;  ///< Where it is a table's.
    const Table* table = nullptr;
};
/// Those whose label says one of the words.
[[nodiscard]] std::vector<Saying> sayings_of(const Section& section, const std::vector<Table>& tables,
                                             const std::vector<std::string_view>& words);

/// What is written where no one day is read, and over which words that stumbled: of a message.
[[nodiscard]] std::string unread_day(const Saying& saying);

/// The one day that the first of them names, of a sum ("2026-05-25 + 90 d = 2026-08-23") its answer; nothing
/// where it leaves the day open. `rollout`: what "full rollout + 90 days" counts from.
[[nodiscard]] std::optional<long> date_of(const Section& section, const std::vector<Table>& tables,
                                          const std::vector<std::string_view>& words,
                                          std::optional<long> rollout = std::nullopt);

}  // namespace tristrata::readiness
