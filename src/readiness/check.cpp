#include "tristrata/readiness/check.hpp"

#include "judge.hpp"
#include "markdown.hpp"
#include "skip_reason.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <set>
#include <tuple>

namespace tristrata::readiness {
namespace {

constexpr std::size_t words_of_a_reason = 3;

/// The rule of a section that has this last digits: (alerting, 98) is RDY298.
std::string rule_of(Part part, int rest) {
    const int number = part == Part::sign_off ? 8 : number_of(part);
    return fmt::format("RDY{}{:02}", number, rest);
}

std::string heading_of(Part part) {
    if (part == Part::sign_off) return "## Sign-off";
    return fmt::format("## {}. {} (MUST)", number_of(part), title_of(part));
}

/// What follows SKIP — JUSTIFICATION, or N/A; nothing where the text says neither.
std::optional<std::string> justification_in(std::string_view given) {
    std::string_view text = trimmed_text(given);
    const std::string small = core::lowered(text);
    const auto after = [&](std::size_t at, std::string_view word) -> std::optional<std::size_t> {
        while (at < small.size() && (small[at] == ' ' || small[at] == '-' || small[at] == ':' ||
                                     small[at] == '*' || static_cast<unsigned char>(small[at]) >= 0x80))
            ++at;
        if (std::string_view(small).substr(at).starts_with(word)) return at + word.size();
        return std::nullopt;
    };
    std::optional<std::size_t> end;
    if (text.starts_with("SKIP") && (text.size() == 4 || words_of_text(text).front() == "skip")) {
        end = after(4, "justification");
        if (!end) return "";
    } else if (small.starts_with("skip")) end = after(4, "justification");
    else if (small.starts_with("n/a")) {
        end = after(3, "justified");
        if (!end) end = after(3, "justification");
        if (!end) end = 3;
    }
    if (!end) return std::nullopt;
    std::string why(text.substr(*end));
    const auto first = why.find_first_not_of(" :-*\xe2\x80\x93\x94");
    return first == std::string::npos ? "" : why.substr(first);
}

/// The text that a template gives and a person would not: equal entries count as not filled.
bool is_of_form(const Judge& judge, const Section& section) {
    if (judge.options.form == nullptr) return false;
    const Section* form = judge.options.form->find(section.part);
    if (form == nullptr) return false;
    return std::ranges::all_of(section.entries, [&](const Entry& entry) {
        return std::ranges::any_of(form->entries, [&](const Entry& own) { return own.text == entry.text; });
    });
}

/// The entry's text with what stands in backticks left out, unless it is the whole answer: `Dict<str>` is a
/// type, and "Owner: `<handle>`" is to be written.
std::string without_code(const Entry& entry) {
    std::string text = entry.text;
    std::size_t at = 0;
    for (const auto& code : entry.code) {
        at = text.find(code, at);
        if (code.empty() || at == std::string::npos) return text;
        const auto value = labelled(entry.text);
        const bool whole = code.starts_with('<') && code.ends_with('>') &&
                           (trimmed_text(entry.text) == code || (value && value->value == code) ||
                            std::ranges::find(entry.cells, code) != entry.cells.end());
        if (!whole)
            std::ranges::replace(text.begin() + static_cast<std::ptrdiff_t>(at),
                                 text.begin() + static_cast<std::ptrdiff_t>(at + code.size()), '<', ' ');
        at += code.size();
    }
    return text;
}

/// What a message offers beside what is so; section 6 and the sign-off cannot be skipped.
std::string_view or_skip(Part part) {
    return part == Part::owner || part == Part::sign_off ? "" : ", or **SKIP — JUSTIFICATION**: and why";
}

/// Whether the section has words of its own; else says which it lacks.
bool is_filled(const Judge& judge, const Section& section) {
    const std::string rule = rule_of(section.part, 99);
    bool any = false;
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::code) {
            any = true;
            continue;
        }
        if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::heading) continue;
        if (const auto left = placeholder_in(without_code(entry)); !left.empty()) {
            judge.find(rule, entry.line,
                       fmt::format(
                           "{} is left to be written in \"{}\"{}", core::quoted(left), title_of(section.part),
                           left.starts_with('<') ? "; code that is meant so stands in backticks" : ""));
            return false;
        }
        if (const auto left = left_of_form(entry); !left.empty()) {
            judge.find(rule, entry.line,
                       fmt::format("{} is left to be written in \"{}\"", core::quoted(left, 80),
                                   title_of(section.part)));
            return false;
        }
        any = any || !is_empty_answer(entry.text);
    }
    if (any && !is_of_form(judge, section)) return true;
    judge.find(rule, section.line,
               fmt::format("\"{}\" {}; write what is so{}", title_of(section.part),
                           any ? "holds the template's words alone" : "is empty", or_skip(section.part)));
    return false;
}

std::size_t distinct_words(std::string_view text) {
    const auto words = words_of_text(text);
    return std::set<std::string>(words.begin(), words.end()).size();
}

/// The entry and the lines that its paragraph goes on with: GitHub shows them in one piece.
std::string paragraph_from(const Section& section, std::size_t at) {
    std::string text = section.entries[at].text;
    for (std::size_t next = at + 1; next < section.entries.size(); ++next) {
        const Entry &before = section.entries[next - 1], &entry = section.entries[next];
        if (before.kind != Entry::Kind::text || entry.kind != Entry::Kind::text ||
            entry.line != before.line + 1)
            break;
        text += " " + entry.text;
    }
    return text;
}

/// The sentence may stand on the line below, in the next paragraph, or in a list.
std::string reason_below(const Section& section, std::size_t at) {
    std::string why;
    for (; at < section.entries.size(); ++at) {
        const Entry& entry = section.entries[at];
        if (entry.kind == Entry::Kind::text && why.empty()) return paragraph_from(section, at);
        if (entry.kind != Entry::Kind::item) break;
        why += (why.empty() ? "" : "; ") + entry.text;
    }
    return why;
}

/// Whether the section is skipped, with or without a reason.
bool is_skipped(const Judge& judge, const Section& section) {
    for (std::size_t i = 0; i < section.entries.size(); ++i) {
        const Entry& entry = section.entries[i];
        if (entry.kind != Entry::Kind::text && entry.kind != Entry::Kind::item) continue;
        // N/A is the whole of a section, or speaks of a part of it.
        if (i > 0 && core::lowered(entry.text).starts_with("n/a")) continue;
        auto why = justification_in(entry.text);
        if (!why) continue;
        why = justification_in(paragraph_from(section, i));
        if (section.part == Part::sign_off) {
            judge.find("RDY899", entry.line,
                       "the sign-off cannot be skipped; expected its boxes and the review");
            return true;
        }
        if (why->empty()) why = reason_below(section, i + 1);
        const auto instead = no_reason_in(*why);
        if (section.part == Part::owner) {
            judge.find("RDY605", entry.line,
                       fmt::format("\"{}\" is skipped, and cannot be: expected a DRI and a sunset",
                                   title_of(section.part)));
        } else if (distinct_words(*why) < words_of_a_reason || !placeholder_in(*why).empty()) {
            judge.find(
                "RDY020", entry.line,
                fmt::format("\"{}\" is skipped and does not say why; write **SKIP — JUSTIFICATION**: and one "
                            "sentence",
                            title_of(section.part)));
        } else if (!instead.empty()) {
            judge.find("RDY020", entry.line,
                       fmt::format("\"{}\" is skipped, and {} {}; expected why this change does not need the "
                                   "section",
                                   title_of(section.part), core::quoted(*why, 80), instead));
        } else {
            judge.outcome.skipped.push_back(Skipped{section.part, entry.line, *why});
        }
        return true;
    }
    return false;
}

/// The sections of "§1, §2 and §5 (src/backtest)", of "§1-§6", or "all"; nothing of a line that names none,
/// or other numbers.
std::optional<SectionSet> sections_in(std::string_view value) {
    SectionSet sections;
    std::string word, before;
    int last = 0;        // The number before this word, as long as a range may go on from it.
    bool range = false;  // "-", "..", "to" stood behind it.
    for (const char c : core::lowered(with_plain_dashes(value.substr(0, value.find('(')))) + ' ') {
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) {
            word += c;
            continue;
        }
        if (word == "all") {
            sections = SectionSet::all();
        } else if (word == "to" || word == "through") {
            range = last > 0;
            if (!range) return std::nullopt;
        } else if (word.size() == 1 && word[0] >= '1' && word[0] <= '6') {
            const int number = word[0] - '0';
            if (range && number <= last) return std::nullopt;
            for (int one = range ? last + 1 : number; one <= number; ++one)
                sections.add(static_cast<Part>(one));
            last = number, range = false;
        } else if (!word.empty() && word != "and" && word != "section" && word != "sections") {
            return std::nullopt;
        }
        word.clear();
        range = range || (last > 0 && (c == '-' || (c == '.' && before == ".")));
        before = c;
        if (c == ',' || c == ';' || c == '&') {
            if (range) return std::nullopt;
            last = 0;
        }
    }
    return sections.empty() || range ? std::nullopt : std::optional(sections);
}

/// RDY016: what the plan records is what is asked of it.
void judge_record(const Judge& judge, const CheckOptions& given, const std::optional<SectionSet>& record) {
    const Field& asked = judge.plan.asked;
    if (asked.line == 0) return;
    if (!record)
        judge.find(
            "RDY016", asked.line,
            fmt::format("{} names no sections; expected numbers, such as \"Sections asked for: §1, §2, §5\", "
                        "or all",
                        core::quoted(asked.value)));
    else if (!given.recorded && !record->contains(given.required))
        judge.find("RDY016", asked.line,
                   fmt::format("the plan says that {} are asked for, and the change asks for {}; write "
                               "\"Sections asked for: {}\"",
                               shown(*record), shown(given.required), shown(given.required | *record)));
}

/// Whether anything is left where sections are skipped; section 6 cannot be.
void judge_skips(const Judge& judge) {
    std::size_t asked = 0;
    for (const Part part : sections_of_a_plan)
        asked += part != Part::owner && judge.options.required.contains(part) ? 1 : 0;
    const auto& skipped = judge.outcome.skipped;
    if (asked == 0 || skipped.size() < asked) return;
    judge.find(
        "RDY023", skipped.front().line,
        asked == 1
            ? std::string(
                  "the one section that is asked for and may be skipped is; expected that it says what "
                  "is so")
            : fmt::format("each of the {} sections that are asked for and may be skipped is; expected one at "
                          "least that says what is so",
                          asked));
}

/// Two headings of one part, or one number on two.
void judge_doubles(const Judge& judge) {
    struct Heading {
        std::size_t line;
        std::optional<Part> part;
        std::optional<int> number;
    };
    std::vector<Heading> headings;
    for (const auto& one : judge.plan.sections) headings.push_back({one.line, one.part, one.number});
    for (const auto& one : judge.plan.others) headings.push_back({one.line, std::nullopt, one.number});
    std::ranges::stable_sort(headings, {}, &Heading::line);
    std::map<Part, std::size_t> parts;
    std::map<int, std::size_t> numbers;
    for (const auto& one : headings) {
        const auto part = one.part ? parts.try_emplace(*one.part, one.line) : std::pair(parts.end(), true);
        const auto number =
            one.number ? numbers.try_emplace(*one.number, one.line) : std::pair(numbers.end(), true);
        if (part.second && number.second) continue;
        judge.find(
            "RDY003", one.line,
            part.second
                ? fmt::format("the number {} stands in line {} already", *one.number, number.first->second)
                : fmt::format("\"{}\" stands in line {} already", title_of(*one.part), part.first->second),
            Finding::Kind::wrong);
    }
}

/// Whether its rules were asked.
bool judge_section(const Judge& judge, Part part) {
    const Section* const section = judge.plan.find(part);
    const auto hidden = std::ranges::find(judge.plan.swallowed, part, &Swallowed::part);
    if (section == nullptr && hidden != judge.plan.swallowed.end()) {
        judge.find(rule_of(part, 0), hidden->line,
                   swallowed(*hidden, judge.plan.sections.empty()
                                          ? "the plan"
                                          : fmt::format("the section \"{}\"", title_of(part))));
        return false;
    }
    if (section == nullptr) {
        judge.find(
            rule_of(part, 0), judge.plan.line,
            fmt::format("no section \"{}\"; expected a heading \"{}\"", title_of(part), heading_of(part)));
        return false;
    }
    if (is_skipped(judge, *section) || !is_filled(judge, *section)) return false;
    switch (part) {
        case Part::header:
            break;
        case Part::monitoring:
            judge_monitoring(judge, *section);
            break;
        case Part::alerting:
            judge_alerting(judge, *section);
            break;
        case Part::drift_detection:
            judge_drift(judge, *section);
            break;
        case Part::rollout:
            judge_rollout(judge, *section);
            break;
        case Part::rollback:
            judge_rollback(judge, *section);
            break;
        case Part::owner:
            judge_owner(judge, *section);
            break;
        case Part::sign_off:
            judge_sign_off(judge, *section);
            break;
    }
    judge_notes(judge, *section);
    judge_asides(judge, *section);
    return true;
}

/// Rules that were asked and had nothing to say.
void add_passed(const Judge& judge, const std::set<Part>& judged) {
    Outcome& outcome = judge.outcome;
    const CheckOptions& options = judge.options;
    const Plan& plan = judge.plan;
    const auto is_judged = [&](const Rule& rule) {
        if (rule.id == "RDY620" && (!options.facts->owners || !outcome.named.sourced)) return false;
        // Of one that counts from a full rollout without a day section 4 has the finding.
        if (rule.id == "RDY701" && !outcome.named.sunset) return false;
        if (rule.part != Part::header)  // That a section is there can be told where it is.
            return judged.contains(rule.part) || (rule.id.ends_with("00") && plan.find(rule.part) != nullptr);
        if (rule.id == "RDY005") return !outcome.named.story.empty();
        if (rule.id == "RDY015") return !plan.header.empty() || !plan.sections.empty();
        return !plan.sections.empty();
    };

    for (const auto& rule : rules()) {
        const bool looked_up = rule.place == Place::connected || rule.place == Place::drift_plan;
        const bool of_plan = rule.place == Place::plan || rule.place == Place::sections;
        if (!of_plan && (!looked_up || options.facts == nullptr)) continue;
        const bool section = number_of(rule.part) > 0;
        if (section && !options.required.contains(rule.part)) continue;
        if (section && std::ranges::any_of(outcome.skipped, [&](auto& one) { return one.part == rule.part; }))
            continue;
        if (std::ranges::none_of(outcome.findings, [&](auto& one) { return one.rule == &rule; }))
            (is_judged(rule) ? outcome.passed : outcome.not_judged).push_back(&rule);
    }
}

}  // namespace

void settle(Outcome& outcome) {
    std::ranges::stable_sort(outcome.findings, {}, [](const Finding& finding) {
        return std::tuple(std::string_view(finding.file), finding.line, finding.rule->id);
    });
}

void Judge::find(std::string_view rule, std::size_t line, std::string message, Finding::Kind kind) const {
    const Rule* const row = find_rule(rule);
    assert(row != nullptr);
    outcome.findings.push_back(Finding{row, plan.name, line, std::move(message), kind});
}

Finding::Kind kind_of(std::string_view written) {
    // "<one handle>", alone or in brackets; beside other words it is a part of them.
    const std::string left = placeholder_in(written);
    const bool unfilled = !left.empty() && trimmed_text(written).size() <= left.size() + 2;
    return is_empty_answer(written) || unfilled ? Finding::Kind::missing : Finding::Kind::wrong;
}

std::size_t Outcome::count(Level level) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(findings, [&](const Finding& one) { return one.rule->level == level; }));
}

bool Outcome::blocked(bool strict) const {
    return count(Level::error) + count(Level::not_evaluable) + (strict ? count(Level::warning) : 0) > 0;
}

bool Outcome::blocked_for_completeness(bool strict) const {
    return blocked(strict) && std::ranges::all_of(findings, [&](const Finding& one) {
               return one.is_missing() || one.rule->level < (strict ? Level::warning : Level::error);
           });
}

Outcome check(const Plan& plan, const CheckOptions& given) {
    assert(given.policy != nullptr);
    Outcome outcome;
    outcome.file = plan.name;
    outcome.asked_line = plan.asked.line;
    CheckOptions options = given;
    const auto record = sections_in(plan.asked.value);
    if (given.recorded) {
        outcome.asked_by = record ? Outcome::AskedBy::record : Outcome::AskedBy::nothing;
        if (record) options.required = *record;
    } else if (record) {
        options.required = given.required | *record;
    }
    outcome.required = options.required;
    const Judge judge{plan, options, *options.policy, outcome};
    judge_header(judge);
    judge_record(judge, given, record);
    judge_names(judge);
    judge_doubles(judge);
    judge_twice(judge);
    std::set<Part> judged;
    for (const Part part : sections_of_a_plan)
        if (options.required.contains(part) && judge_section(judge, part)) judged.insert(part);
    judge_skips(judge);
    if (options.facts != nullptr && !options.facts->owners && !judge.policy.places.owners.empty())
        judge.find(
            "RDY621", plan.owner.line,
            fmt::format("{} is not there: whether the DRI owns what the plan watches was not looked up",
                        judge.policy.places.owners));
    if (options.facts != nullptr && options.facts->owners && judged.contains(Part::monitoring) &&
        !outcome.named.sourced)
        judge.find("RDY621", plan.find(Part::monitoring)->line,
                   "no metric says which module emits it: whether the DRI owns what the plan watches was not "
                   "looked up; expected it in the column Source, such as hamilton.features");
    if (judge_section(judge, Part::sign_off)) judged.insert(Part::sign_off);
    judge_header_notes(judge);
    judge_header_asides(judge);
    settle(outcome);
    add_passed(judge, judged);
    return outcome;
}

void check_template(Outcome& outcome, const Plan& form, const Policy& policy,
                    const std::vector<std::string>& missing_decisions) {
    for (const Part part : sections_of_a_plan) {
        const Section* const section = form.find(part);
        if (section != nullptr && says(section->heading, "must")) continue;
        const auto removed = policy.removed.find(number_of(part));
        std::string why;
        if (removed == policy.removed.end())
            why =
                "and no ADR that says why: put it back, or name the decision in readiness.scope.toml, "
                "[[removed]], in a change that is merged before this one";
        else if (std::ranges::find(missing_decisions, removed->second) != missing_decisions.end())
            why = fmt::format("and the decision {} is not in the repository, or empty",
                              core::quoted(removed->second));
        if (why.empty()) continue;
        outcome.findings.push_back(
            Finding{find_rule("RDY004"), form.name, section == nullptr ? 0 : section->line,
                    fmt::format("the template has no section \"{}\", {}", heading_of(part).substr(3), why)});
    }
    settle(outcome);
}

bool decides(std::string_view text, const std::string& name) {
    const auto entries = read_entries(text, name);
    if (!entries) return false;
    const auto title = std::ranges::find(*entries, Entry::Kind::heading, &Entry::kind);
    if (!names_a_decision(name.substr(name.rfind('/') + 1)) &&
        (title == entries->end() || !names_a_decision(title->text)))
        return false;
    return std::ranges::any_of(*entries, [](const Entry& entry) {
        return entry.kind != Entry::Kind::heading && entry.kind != Entry::Kind::columns &&
               placeholder_in(without_code(entry)).empty() && distinct_words(entry.text) >= words_of_a_reason;
    });
}

Outcome outcome_of(std::string_view rule, std::string file, std::string message, SectionSet required) {
    Outcome outcome;
    outcome.file = file;
    outcome.required = required;
    outcome.findings.push_back(Finding{find_rule(rule), std::move(file), 0, std::move(message)});
    return outcome;
}

}  // namespace tristrata::readiness
