#include "judge.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

// What a change set makes of the gate itself.
namespace tristrata::readiness {

void check_change_set(Outcome& outcome, const std::vector<std::string>& paths,
                      const std::vector<std::string>& own, const std::string& whose) {
    const bool decided = std::ranges::any_of(paths, [](const std::string& path) {
        return path.ends_with(".md") &&
               std::ranges::any_of(readings_of("**/{adr,adrs,decisions}/**"),
                                   [&](const std::string& one) { return matches(one, path); });
    });
    if (decided) return;
    for (const auto& path : paths)
        if (std::ranges::find(own, path) != own.end())
            outcome.findings.push_back(
                Finding{find_rule("RDY022"), path, 0,
                        fmt::format("the change set changes the gate itself ({}), and has no ADR; what "
                                    "counts for it is {}",
                                    core::quoted(path, 200), whose)});
    settle(outcome);
}

bool names_a_decision(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kinds{"adr", "decision", "record", "no", "nr", "rfc"};
    // "0080-the-gate", "adr80_gate", "ADR-80: the gate"
    const std::string small = core::lowered(name);
    const auto is_one = [](char c, char from, char to) { return c >= from && c <= to; };
    bool counted = true;  // At the begin, and behind one of the kinds.
    for (std::size_t at = 0; at < small.size();) {
        std::size_t end = at;
        if (is_one(small[at], '0', '9')) return counted;
        while (end < small.size() && is_one(small[end], 'a', 'z')) ++end;
        if (end > at)
            counted = std::ranges::find(kinds, std::string_view(small).substr(at, end - at)) != kinds.end();
        at = end > at ? end : at + 1;
    }
    return false;
}

}  // namespace tristrata::readiness
