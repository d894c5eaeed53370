#include "accepted.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <initializer_list>
#include <map>

// What stands above the sections, and what holds of each line: names are plain, fields stand once.
namespace tristrata::readiness {
namespace {

/// The story's id among the words of the title, so far as it can be told: what the line Story: says.
bool title_names(const std::string& title, const std::string& story) {
    return says(title, core::lowered(story));
}

/// The story without what stands behind it: "CVN-N001-EF-S07 (#709)", "CVN-N001-EF-S07 — its title".
std::string_view story_of(std::string_view text) {
    std::size_t end = text.size();
    for (const std::string_view behind : {" (", ", ", "; ", " - ", " \u2013 ", " \u2014 "})
        end = std::min(end, text.find(behind));
    return trimmed_text(text.substr(0, end));
}

/// Nothing in it turns or hides what is read; tabs do not.
bool is_plain(std::string_view text) {
    std::string shown(text);
    std::erase(shown, '\t');
    return report::printable(shown) == shown;
}

}  // namespace

std::string swallowed(const Swallowed& one, std::string_view what) {
    return fmt::format("{} stands inside a {} that opens at line {}; take it out of there", what, one.by,
                       one.line);
}

std::optional<Person> owner_of(const Judge& judge, std::string* odd) {
    const std::string_view text = trimmed_text(judge.plan.owner.value);
    if (auto person = read_person(judge.policy, text, odd)) return person;
    const Section* const section = judge.plan.find(Part::owner);
    if (section == nullptr) return std::nullopt;
    for (const auto& entry : section->entries)
        if (const auto line = labelled(entry.text);
            line && says(line->label, "dri") && core::lowered(line->value) == core::lowered(text))
            return read_person(judge.policy, line->value, odd);
    return std::nullopt;
}

void judge_header(const Judge& judge) {
    const Plan& plan = judge.plan;
    const auto lacks = [](const Field& field) {
        return field.line == 0 || is_empty_answer(field.value) || !placeholder_in(field.value).empty();
    };
    const auto line_of = [&](const Field& field) { return field.line == 0 ? plan.line : field.line; };
    if (!plan.in_issue && lacks(plan.title) && plan.sections.empty() && !plan.swallowed.empty())
        judge.find("RDY010", plan.swallowed.front().line, swallowed(plan.swallowed.front(), "the plan"));
    else if (!plan.in_issue && lacks(plan.title))
        judge.find("RDY010", line_of(plan.title),
                   "no title; expected \"# MLOps readiness — STORY and its title\"");
    // An issue is of its story; a title of its own it has none.
    if (lacks(plan.story)) {
        if (!plan.in_issue)
            judge.find("RDY011", line_of(plan.story), "no story is named; expected a line \"Story: CVN-…\"");
    } else {
        const std::string story(story_of(plan.story.value));
        judge.outcome.named.story = story;
        if (!judge.options.folder.empty() && judge.options.folder != story)
            judge.find("RDY005", plan.story.line,
                       fmt::format("the plan is of story {} and lies in the folder of {}",
                                   core::quoted(story), core::quoted(judge.options.folder)));
        else if (!plan.in_issue && !lacks(plan.title) && !title_names(plan.title.value, story))
            judge.find("RDY005", plan.story.line,
                       fmt::format("`Story:` names {} and the title does not; expected one story in both",
                                   core::quoted(story)));
    }
    std::string odd;
    if (lacks(plan.owner) || (is_plain(plan.owner.value) && !owner_of(judge, &odd)))
        judge.find(
            "RDY012", line_of(plan.owner),
            fmt::format("{}; expected one: {}",
                        lacks(plan.owner)
                            ? std::string("no owner is named")
                            : fmt::format("no one owner is read in {}{}", core::quoted(plan.owner.value),
                                          odd == trimmed_text(plan.owner.value) ? "" : at_words(odd)),
                        accepted::person_line),
            kind_of(plan.owner.value));
    constexpr std::int64_t microseconds_of_a_day = 86'400'000'000;
    // Where the day begins before UTC's, tomorrow has come.
    const auto latest = static_cast<long>(judge.options.now.microseconds / microseconds_of_a_day) + 1;
    const auto day = lacks(plan.filled_on) ? std::nullopt : read_day(plan.filled_on.value);
    if (!day)
        judge.find("RDY013", line_of(plan.filled_on), "no one day; expected \"Filled on: 2026-05-02\"",
                   kind_of(plan.filled_on.value));
    else if (*day > latest)
        judge.find("RDY013", line_of(plan.filled_on),
                   fmt::format("the plan is filled on {}, which is to come; expected a day that has been",
                               date_text(*day)),
                   Finding::Kind::wrong);
    judge.outcome.named.filled_on = day;
    const auto session = session_in(plan.reviewed.value);
    if (lacks(plan.reviewed) || !session)
        judge.find(
            "RDY014", line_of(plan.reviewed),
            lacks(plan.reviewed)
                ? "no review; expected \"Reviewed by committee:\" with the session's id and its verdict"
                : fmt::format("no session is read in {}; expected its id, six letters and digits or more, of "
                              "both some: 3e0a3008, PASSED",
                              core::quoted(plan.reviewed.value, 60)),
            kind_of(plan.reviewed.value));
    else judge.outcome.named.session = *session;
    if (const auto second = second_session_in(plan.reviewed.value); session && !second.empty())
        judge.find("RDY014", line_of(plan.reviewed),
                   fmt::format("the header names two sessions, {} and {}; expected the one that counts",
                               *session, second),
                   Finding::Kind::wrong);
    if (const auto review = read_review(plan.reviewed.value, {}); session && !lacks(plan.reviewed) &&
                                                                  is_plain(plan.reviewed.value) &&
                                                                  !review.passed && review.odd.empty())
        judge.find(
            "RDY014", line_of(plan.reviewed),
            fmt::format("the review {} has no verdict; expected it behind the session: 3e0a3008, PASSED",
                        *session));
}

void judge_names(const Judge& judge) {
    const auto judge_line = [&](const std::string& text, std::size_t line) {
        if (!is_plain(text))
            judge.find("RDY015", line,
                       fmt::format("{} holds a control character, or one that turns directions; take it out",
                                   core::quoted(report::printable(text), 120)));
    };
    judge_line(judge.plan.title.value, judge.plan.title.line);
    for (const auto& entry : judge.plan.header) judge_line(entry.text, entry.line);
    for (const auto& section : judge.plan.sections)
        for (const auto& entry : section.entries)
            if (entry.kind != Entry::Kind::code && entry.text.find('@') != std::string::npos)
                judge_line(entry.text, entry.line);
}

namespace {

/// What a line, or a row of a table of fields, says under its label.
struct Answer {
    std::size_t line = 0;
    std::string value;
    std::size_t table = 0;  ///< 0: it is a line.
};

std::optional<Labelled> answer_of(const Entry& entry, bool header) {
    if (entry.kind == Entry::Kind::item || entry.kind == Entry::Kind::text) return labelled(entry.text);
    // The first row of a header's table is that of its column names.
    const bool row = entry.kind == Entry::Kind::row || (header && entry.kind == Entry::Kind::columns);
    if (!row || entry.cells.size() < 2) return std::nullopt;
    Labelled said{core::lowered(entry.cells[0]), entry.cells[1]};
    while (said.label.ends_with(':') || said.label.ends_with(' ')) said.label.pop_back();
    for (std::size_t i = 2; i < entry.cells.size(); ++i) said.value += " | " + entry.cells[i];
    return said;
}

/// Whether it can be the answer of that field, and not what a table of criteria says of a stage.
bool gives_value(std::string_view label, const std::string& value) {
    if (label == "shadow") {
        const auto said = read_shadow(value);
        return (said.length && said.odd.empty()) || !doubt_in(tokens_of(value)).empty();
    }
    if (label == "full rollout" || label == "sunset") return read_day(value).has_value();
    if (label == "canary" || label == "outcome") return false;  // Their own rules read all of them.
    return true;
}

/// What a label was said to be: the first answer of the lines and of each table, and the first of all that is
/// a day. In another table, such as one of what ends each stage, two days are two answers.
struct Said {
    std::map<std::size_t, Answer> first;  ///< By table.
    std::optional<std::pair<long, Answer>> day;

    /// The one from which this one differs.
    [[nodiscard]] const Answer* other_than(std::string_view label, const Answer& answer,
                                           std::optional<long> of_day) const {
        // Of a table's rows those alone that give the field a value: what a stage has to show has several.
        const auto own = first.find(answer.table);
        if (own != first.end() && own->second.value != answer.value &&
            (answer.table == 0 ||
             (gives_value(label, own->second.value) && gives_value(label, answer.value))))
            return &own->second;
        return day && of_day && day->first != *of_day && day->second.table != answer.table ? &day->second
                                                                                           : nullptr;
    }
};

}  // namespace

void judge_twice(const Judge& judge) {
    const auto judge_entries = [&](const std::vector<Entry>& entries, bool header,
                                   std::initializer_list<std::string_view> labels) {
        std::map<std::string, Said, std::less<>> said;
        for (const auto& entry : entries) {
            const auto line = answer_of(entry, header);
            if (!line || std::ranges::find(labels, line->label) == labels.end()) continue;
            const bool row = entry.kind == Entry::Kind::row || entry.kind == Entry::Kind::columns;
            Answer answer{entry.line, line->value, entry.table};
            Said& before = said[line->label];
            const auto day = read_day(answer.value);
            if (const Answer* other = before.other_than(line->label, answer, day))
                judge.find(
                    "RDY003", entry.line,
                    fmt::format("\"{}{}\" stands in line {} already, and says {}; expected one of them",
                                line->label, row ? "" : ":", other->line, core::quoted(other->value, 60)),
                    Finding::Kind::wrong);
            if (day && !before.day) before.day.emplace(*day, answer);
            before.first.try_emplace(answer.table, std::move(answer));
        }
    };
    judge_entries(judge.plan.header, true,
                  {"story", "owner", "filled on", "reviewed by committee", "sections asked for"});
    for (const auto& section : judge.plan.sections)
        if (section.part == Part::rollout)
            judge_entries(section.entries, false, {"shadow", "canary", "full rollout"});
        else if (section.part == Part::owner) judge_entries(section.entries, false, {"sunset", "outcome"});
}

}  // namespace tristrata::readiness
