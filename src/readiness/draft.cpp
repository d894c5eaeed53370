#include "tristrata/readiness/draft.hpp"

#include "accepted.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "tristrata/config/owners.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::readiness {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

/// A line feed, and what would end a comment, have no place in one.
std::string in_comment(std::string_view text) {
    std::string plain;
    for (const char c : text) plain += c == '\n' || c == '\r' ? ' ' : c;
    for (auto at = plain.find("--"); at != std::string::npos; at = plain.find("--", at))
        plain.replace(at, 2, "- -");
    return plain;
}

std::string listed(const auto& names) {
    constexpr std::size_t names_max = 40;
    std::string text;
    std::size_t count = 0;
    for (const auto& name : names) {
        if (++count > names_max) return text + fmt::format(", and {} more", names.size() - names_max);
        text += (text.empty() ? "" : ", ") + in_comment(name);
    }
    return text;
}

/// Who owns what, as owners.toml has it.
std::string told(const config::Owners& owners) {
    std::vector<std::string> modules;
    for (const auto& one : owners.entries()) modules.push_back(fmt::format("{} {}", one.pattern, one.owner));
    modules.push_back(fmt::format("every other module {}", owners.fallback().owner));
    return listed(modules);
}

/// The line with its first <…> replaced.
std::string filled(const std::string& line, const std::string& value) {
    const auto open = line.find('<'), close = line.find('>', open == std::string::npos ? 0 : open);
    if (value.empty() || open == std::string::npos || close == std::string::npos) return line;
    return line.substr(0, open) + value + line.substr(close + 1);
}

/// The line with the first of these words replaced; as it is where it has none.
std::string replaced_once(std::string line, std::string_view words, std::string_view by) {
    if (const auto at = line.find(words); at != std::string::npos) line.replace(at, words.size(), by);
    return line;
}

/// Letters and digits of ASCII, with - _ and . within.
bool reads_like_a_handle(std::string_view text) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && is_plain(text.front()) && is_plain(text.back()) &&
           std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

core::Result<std::string> owner_of_a_plan(std::string_view given, const Policy& policy) {
    const std::string text(trimmed_text(given));
    std::string owner = reads_like_a_handle(text) ? "@" + text : text;
    const auto person =
        report::printable(owner) == owner && placeholder_in(owner).empty() && hedge_in(owner).empty()
            ? read_person(policy, owner)
            : std::nullopt;
    if (!person || is_empty_answer(person->name) || is_team(policy, person->name))
        return core::fail(core::ErrorKind::usage, fmt::format("{} is no one person; expected {}",
                                                              core::quoted(text), accepted::person_line));
    return owner;
}

core::Result<std::string> draft(std::string_view form, const DraftRequest& request, const Policy& policy) {
    const bool plain = !request.story.empty() && request.story.size() <= 100 &&
                       std::ranges::all_of(request.story,
                                           [](char c) {
                                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                                      (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                                                      c == '.';
                                           }) &&
                       request.story.front() != '.' && request.story.front() != '-';
    if (!plain)
        return core::fail(
            core::ErrorKind::usage,
            fmt::format("{} is no story; expected letters, digits, -, _ and dots, such as CVN-N001-EF-S07",
                        core::quoted(request.story)));
    std::string owner;
    if (!request.owner.empty()) {
        auto named = owner_of_a_plan(request.owner, policy);
        if (!named) return propagate(named);
        owner = std::move(*named);
    }
    std::string text;
    const auto add = [&](const std::string& line) { text += line + "\n"; };
    for (std::size_t at = 0; at < form.size();) {
        const auto end = std::min(form.find('\n', at), form.size());
        std::string line(form.substr(at, end - at));
        at = end + 1;
        if (line.starts_with("# ")) {
            line = filled(filled(line, request.story), request.title);
            add(line);
            if (request.changed.empty()) continue;
            const Scope scope = scope_of(policy, request.changed);
            add("");
            add(fmt::format("<!-- Asked for: {}. What changed: {}. -->", shown(scope.sections),
                            listed(request.changed)));
            continue;
        }
        if (line.starts_with("Story:")) line = filled(line, request.story);
        else if (line.starts_with("Owner:") || line.starts_with("- DRI:")) line = filled(line, owner);
        else if (line.starts_with("Filled on:"))
            line = filled(line, date_text(static_cast<long>(request.now.microseconds / day_us)));
        else if (line.starts_with("- Shadow:"))
            line = replaced_once(line, "at least 7 days",
                                 fmt::format("at least {} days", policy.shadow_days_min));
        else if (line.starts_with("- Sunset:"))
            line = replaced_once(line, "90 days", fmt::format("{} days", policy.sunset_days));
        // The thresholds of the policy, or those that are in force, where they are known.
        const bool psi = line.starts_with("| PSI"), gap = line.starts_with("| Performance gap");
        if (psi || gap) {
            const auto& usual = psi ? policy.psi : policy.performance_gap;
            std::optional<Thresholds> used;
            if (request.facts != nullptr) used = psi ? request.facts->psi : request.facts->performance_gap;
            const bool other = used && (used->warn != usual.warn || used->crit != usual.crit);
            const Policy own = Policy::defaults();
            const auto& own_ones = psi ? own.psi : own.performance_gap;
            const std::string_view stands = psi ? "0.2 / 0.5" : "0.05 / 0.10";
            const Thresholds& counts = other ? *used : usual;
            // A form with numbers of its own keeps them.
            if (other && line.find(stands) != std::string::npos)
                line = replaced_once(line, "the default", "<why these are in force>");
            if (counts.warn != own_ones.warn || counts.crit != own_ones.crit)
                line = replaced_once(line, stands, fmt::format("{} / {}", counts.warn, counts.crit));
        }
        add(line);
        // What the change asks for stays known once the change is merged.
        if (line.starts_with("Reviewed") && !request.changed.empty())
            if (const auto asked = scope_of(policy, request.changed).sections; !asked.empty())
                add(fmt::format("Sections asked for: {}", shown(asked)));
        if (line.starts_with("## 4") && !policy.cryptos.empty())
            add(fmt::format("\n<!-- Cryptos that may host a canary: {}. -->", listed(policy.cryptos)));
        if (request.facts == nullptr) continue;
        if (line.starts_with("## 1") && !request.facts->metrics.empty())
            add(fmt::format("\n<!-- Metrics that exist: {}. -->", listed(request.facts->metrics)));
        if (line.starts_with("## 6") && request.facts->owners)
            add(fmt::format("\n<!-- Whose the modules are: {}. The DRI is that owner, or of that team. -->",
                            told(*request.facts->owners)));
        if (line.starts_with("## 2") && !request.facts->alerts.empty())
            add(fmt::format("\n<!-- Alerts that are provisioned: {}. Runbooks lie in {}. -->",
                            listed(request.facts->alerts), listed(policy.places.runbooks)));
    }
    return text;
}

}  // namespace tristrata::readiness
