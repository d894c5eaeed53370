#include "field.hpp"
#include "judge.hpp"
#include "letters.hpp"
#include "markdown.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

// What a plan names, held against what there is.
namespace tristrata::readiness {
namespace {

/// GitHub's anchor of a heading: small letters, spaces as dashes, other signs left out.
std::string anchor_of(std::string_view heading) {
    std::string anchor;
    for (const char c : core::lowered(heading)) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                          static_cast<unsigned char>(c) >= 0x80;
        if (c == ' ') anchor += '-';
        else if (kept) anchor += c;
    }
    return anchor;
}

struct Target {
    std::string path;
    std::string fragment;
};

Target target_of(std::string_view text) {
    const auto hash = text.find('#');
    return {std::string(trimmed_text(text.substr(0, hash))),
            hash == std::string_view::npos ? "" : std::string(text.substr(hash + 1))};
}

/// The paths that a cell begins with, "docs/a.md, docs/b.md (new)"; all of it where it begins with none.
std::vector<std::string> paths_of(const std::string& cell, const std::vector<std::string>& addresses) {
    std::vector<std::string> paths;
    const bool pages = std::ranges::any_of(
        addresses, [](const auto& address) { return address.find(".md") != std::string::npos; });
    for (const auto& address : addresses)
        if (pages ? address.find(".md") != std::string::npos : cell.find('/') == std::string::npos)
            paths.push_back(address);
    if (!paths.empty()) return paths;
    constexpr std::string_view see = "see ";
    for (std::size_t at = core::lowered(cell).starts_with(see) ? see.size() : 0; at < cell.size();) {
        const std::size_t end = std::min(cell.find(' ', at), cell.size());
        std::string_view word = std::string_view(cell).substr(at, end - at);
        while (word.ends_with(',') || word.ends_with(';')) word.remove_suffix(1);
        const bool joins = !paths.empty() && (word == "and" || word == "&" || word == "+");
        if (!joins && word.find_first_of("/#.") == std::string_view::npos) break;
        if (!joins) paths.emplace_back(word);
        at = std::min(cell.find_first_not_of(' ', end), cell.size());
    }
    if (paths.empty()) paths.push_back(cell);
    return paths;
}

/// What of an address lies below a base of the repository's own; nothing where it is another's. Of a page of
/// the repository itself ("/blob/main/docs/a.md", "/-/blob/main/docs/a.md") what follows the branch's first
/// name; its wiki, issues and runs are no files.
std::optional<std::string> own_part(const Facts& facts, const std::string& address) {
    const std::string given = without_scheme(address.substr(0, address.find('?')));
    const auto below = [&](const std::string& base) -> std::optional<std::string> {
        if (base.empty() || !core::lowered(given).starts_with(core::lowered(base) + "/")) return std::nullopt;
        std::string rest = given.substr(base.size() + 1);
        if (std::filesystem::path(rest).lexically_normal().generic_string() != rest) return std::nullopt;
        return rest;
    };
    for (const auto& base : facts.addresses)
        if (auto rest = below(base)) return rest;
    auto rest = below(facts.origin);
    if (!rest) return std::nullopt;
    if (rest->starts_with("-/")) rest->erase(0, 2);
    for (const std::string_view page : {"blob/", "tree/", "raw/", "src/branch/"})
        if (rest->starts_with(page))
            if (const auto slash = rest->find('/', page.size()); slash != std::string::npos)
                return rest->substr(slash + 1);
    return std::nullopt;
}

/// The file that a runbook's path means: below the root, below a folder of runbooks, or from the plan's own
/// folder, as GitHub follows a link.
core::Result<std::string> runbook_text(const Facts& facts, const Judge& judge, const std::string& path) {
    std::vector<std::filesystem::path> candidates;
    const std::filesystem::path plan = judge.plan.name;
    const bool placed = !judge.plan.in_issue && plan.is_relative();
    // What climbs begins at the plan; there is nothing above the root.
    if (!placed || !path.starts_with("../")) {
        candidates.push_back(facts.root / (path.starts_with('/') ? path.substr(1) : path));
        for (const auto& folder : judge.policy.places.runbooks)
            candidates.push_back(facts.root / folder / path);
    }
    if (placed && !path.starts_with('/'))
        candidates.push_back((facts.root / plan.parent_path() / path).lexically_normal());
    core::Error refused{core::ErrorKind::not_found, "", ""};
    for (const auto& candidate : candidates) {
        auto text = read_text(candidate, facts.root);
        if (text) return text;
        if (text.error().kind != core::ErrorKind::not_found && !path.empty() && refused.message.empty())
            refused = text.error();
    }
    return tl::unexpected<core::Error>(refused);
}

/// The entries of the heading with that anchor, or all; nothing where no heading has it.
std::optional<std::vector<Entry>> part_of(std::vector<Entry> entries, const std::string& fragment) {
    if (fragment.empty()) return entries;
    std::vector<Entry> part;
    int level = 0;
    for (auto& entry : entries) {
        if (entry.kind == Entry::Kind::heading && level > 0 && entry.level <= level) break;
        if (level > 0) part.push_back(std::move(entry));
        else if (entry.kind == Entry::Kind::heading && anchor_of(entry.text) == fragment) level = entry.level;
    }
    if (level == 0) return std::nullopt;
    return part;
}

/// Whether the word begins a sentence with a colon or full stop behind it: "**Impact**: …", also inside a
/// paragraph.
bool introduces(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        const bool ends = end < text.size() && (text[end] == ':' || text[end] == '.');
        const bool begins =
            at == 0 || (at >= 2 && text[at - 1] == ' ' &&
                        std::string_view(".:;!?)").find(text[at - 2]) != std::string_view::npos);
        if (begins && ends) return true;
    }
    return false;
}

bool has_heading(const std::vector<Entry>& entries, const std::string& heading) {
    const std::string wanted = core::lowered(heading);
    return std::ranges::any_of(entries, [&](const Entry& entry) {
        if (entry.kind == Entry::Kind::heading) return says(entry.text, wanted);
        return introduces(core::lowered(entry.text), wanted);
    });
}

/// The headings of a runbook that its entries lack.
std::vector<std::string> missing_in(const std::vector<Entry>& entries, const Policy& policy) {
    std::vector<std::string> missing;
    for (const auto& heading : policy.places.runbook_headings)
        if (!has_heading(entries, heading)) missing.push_back(heading);
    return missing;
}

/// Whether a file is one runbook: it has each of the headings, and each once.
bool is_one_runbook(const std::vector<Entry>& entries, const Policy& policy) {
    return std::ranges::all_of(policy.places.runbook_headings, [&](const std::string& heading) {
        const std::string wanted = core::lowered(heading);
        return has_heading(entries, heading) && std::ranges::count_if(entries, [&](const Entry& entry) {
                                                    return entry.kind == Entry::Kind::heading &&
                                                           says(entry.text, wanted);
                                                }) <= 1;
    });
}

}  // namespace

std::string without_scheme(std::string_view address) {
    if (const auto scheme = address.find("://"); scheme != std::string_view::npos)
        address.remove_prefix(scheme + 3);
    while (address.ends_with('/')) address.remove_suffix(1);
    return std::string(address);
}

void judge_metric(const Judge& judge, std::size_t line, const std::string& metric) {
    const Facts* const facts = judge.options.facts;
    if (facts == nullptr) return;
    const std::string name = metric.substr(0, metric.find('{'));
    if (facts->metrics.contains(name)) return;
    if (facts->stored) {
        auto stored = facts->stored(name);
        if (!stored) {
            judge.find("RDY002", line,
                       fmt::format("the KPI store could not be asked: {}", stored.error().message));
            return;
        }
        if (*stored) return;
    }
    std::vector<std::string> known(facts->metrics.begin(), facts->metrics.end());
    const auto near = core::nearest(name, known);
    judge.find(
        "RDY120", line,
        fmt::format("nothing emits the metric {}{}{}", core::quoted(name),
                    facts->stored ? ", nor did the KPI store ever see it" : "",
                    near.empty() ? "; expected one that is emitted" : fmt::format("; is {} meant?", near)));
}

void judge_alert(const Judge& judge, std::size_t line, const std::string& alert, bool p1) {
    const Facts* const facts = judge.options.facts;
    if (facts == nullptr) return;
    if (!facts->alerts.contains(alert)) {
        std::vector<std::string> known(facts->alerts.begin(), facts->alerts.end());
        const auto near = core::nearest(alert, known);
        judge.find(
            "RDY220", line,
            fmt::format("no provisioned rule is called {}{}", core::quoted(alert),
                        near.empty() ? "; expected the name of one" : fmt::format("; is {} meant?", near)));
    } else if (p1 && !facts->tested.contains(alert)) {
        judge.find("RDY223", line,
                   fmt::format("no rule test fires the P1 {}; expected one with \"alertname: {}\"",
                               core::quoted(alert), alert));
    }
}

namespace {

void judge_target(const Judge& judge, const Facts* facts, std::size_t line, Target target) {
    if (target.path.find("://") != std::string::npos) {
        auto own = own_part(*facts, target.path);
        if (!own) {
            judge.find(
                "RDY224", line,
                fmt::format("the runbook {} is of neither this repository nor a base of [places] addresses: "
                            "not looked at",
                            core::quoted(target.path, 200)));
            return;
        }
        target.path = std::move(*own);
    }
    auto text = runbook_text(*facts, judge, target.path);
    if (!text) {
        judge.find("RDY221", line,
                   text.error().message.empty()
                       ? fmt::format("no file of the repository is the runbook {}", core::quoted(target.path))
                       : fmt::format("the runbook cannot be taken: {}", text.error().message));
        return;
    }
    auto entries = read_entries(*text, target.path);
    if (!entries) {
        judge.find("RDY221", line, fmt::format("the runbook cannot be read: {}", entries.error().message));
        return;
    }
    const auto part = part_of(*entries, target.fragment);
    if (!part) {
        judge.find(
            "RDY221", line,
            fmt::format("the runbook {} has no heading #{}", core::quoted(target.path), target.fragment));
        return;
    }
    const auto missing = missing_in(*part, judge.policy);
    // "variance.md#diagnosis": a place in a runbook, which is whole.
    const bool place =
        !target.fragment.empty() && missing.size() == judge.policy.places.runbook_headings.size();
    if (!missing.empty() && !(place && is_one_runbook(*entries, judge.policy)))
        judge.find(
            "RDY222", line,
            fmt::format("the runbook {}{}{} has no {}", core::quoted(target.path),
                        target.fragment.empty() ? "" : " #", target.fragment, fmt::join(missing, ", ")));
}

}  // namespace

void judge_runbook(const Judge& judge, std::size_t line, const std::string& cell,
                   const std::vector<std::string>& addresses) {
    const Facts* const facts = judge.options.facts;
    if (facts == nullptr) return;
    // A path may have a space.
    const Target whole = target_of(cell);
    const bool there = addresses.empty() && cell.find(' ') != std::string::npos &&
                       runbook_text(*facts, judge, whole.path).has_value();
    if (there) return judge_target(judge, facts, line, whole);
    for (const auto& path : paths_of(cell, addresses)) judge_target(judge, facts, line, target_of(path));
}

void judge_modules(const Judge& judge, std::size_t line, const std::string& module) {
    const Facts* const facts = judge.options.facts;
    // A module is one word; whoever writes a sentence names none.
    if (module.find(' ') != std::string::npos || is_empty_answer(module) ||
        std::ranges::none_of(module, is_letter))
        return;
    judge.outcome.named.sourced = true;
    if (facts == nullptr || !facts->owners) return;
    const auto person = owner_of(judge);
    const auto handles = handles_of(judge.plan.owner.value);
    const std::string dri = core::lowered(person            ? person->name
                                          : handles.empty() ? judge.plan.owner.value
                                                            : handles.front());
    const config::Owner& owner = facts->owners->of_module(module);
    std::string named = core::lowered(owner.owner);
    if (named.starts_with('@')) named.erase(0, 1);
    if (named == dri || (person && !person->called.empty() && named == core::lowered(person->called))) return;
    const auto team = judge.policy.teams.find(owner.owner);
    const bool member =
        team != judge.policy.teams.end() && std::ranges::any_of(team->second, [&](const std::string& handle) {
            const std::string small = core::lowered(handle);
            return small == dri || small == "@" + dri;
        });
    if (!member)
        judge.find(
            "RDY620", line,
            fmt::format(
                "{} belongs to {} in owners.toml{}{}, and the DRI {} is neither that nor of that team; "
                "expected its owner as the DRI, or the DRI below [teams] of the base's policy",
                core::quoted(module), core::quoted(owner.owner),
                facts->owners_at.empty() ? "" : " as it stands ", facts->owners_at, core::quoted(dri)));
}

void judge_thresholds(const Judge& judge, std::size_t line, std::string_view what, const Thresholds& named,
                      const std::optional<Thresholds>& used) {
    constexpr double digits = 1e-9;
    if (!used || (std::abs(named.warn - used->warn) < digits && std::abs(named.crit - used->crit) < digits))
        return;
    judge.find(
        "RDY320", line,
        fmt::format("{} {} / {} is promised, and {} checks with {} / {}; expected the same in both: write "
                    "\"{} / {}\", or change the drift plan first",
                    what, named.warn, named.crit, judge.options.facts->drift_plan, used->warn, used->crit,
                    used->warn, used->crit));
}

}  // namespace tristrata::readiness
