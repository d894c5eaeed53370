#include "aside.hpp"
#include "canary_field.hpp"
#include "judge.hpp"
#include "table.hpp"
#include "threshold.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

// RDY025: what stands beside the value of a field, behind it or in items below it, and no rule reads.
namespace tristrata::readiness {
namespace {

/// A field by the word of its label, and what a message calls it.
struct FieldOf {
    Part part;
    std::string_view word;
    Value value;
    std::string_view name;
    std::string_view rules;  ///< That own it: what they refuse is told of by them.
};
constexpr std::array<FieldOf, 11> fields{
    FieldOf{Part::drift_detection, "psi", Value::threshold, "PSI", "RDY301"},
    FieldOf{Part::drift_detection, "performance gap", Value::threshold, "performance gap", "RDY302"},
    FieldOf{Part::rollout, "shadow", Value::shadow, "shadow", "RDY401"},
    FieldOf{Part::rollout, "canary", Value::canary, "canary", "RDY402"},
    FieldOf{Part::rollout, "full rollout", Value::day, "full rollout", "RDY404"},
    FieldOf{Part::rollback, "lever", Value::lever, "lever", "RDY501 RDY502"},
    FieldOf{Part::rollback, "rehearsed", Value::rehearsal, "rehearsal", "RDY503"},
    FieldOf{Part::owner, "dri", Value::person, "DRI", "RDY601 RDY602"},
    FieldOf{Part::owner, "sunset", Value::day, "sunset", "RDY701"},
    FieldOf{Part::owner, "outcome", Value::outcome, "outcome", "RDY703"},
    FieldOf{Part::sign_off, "review", Value::verdict, "review", "RDY803"}};

/// A column of a table by the words of its name.
struct ColumnOf {
    Part part;
    std::vector<std::string_view> words;
    Value value;
    std::string_view name;
};
const std::vector<ColumnOf>& columns() {
    static const std::vector<ColumnOf> all{
        {Part::monitoring, {"metric", "metrics", "kpi"}, Value::metric, "name of the metric"},
        {Part::monitoring, {"threshold", "thresholds"}, Value::threshold, "threshold"},
        {Part::alerting, {"alert", "alerts"}, Value::alert, "name of the alert"},
        {Part::alerting, {"severity", "priority"}, Value::severity, "severity"},
        {Part::alerting, {"channel", "notification"}, Value::channel, "channel"},
        {Part::drift_detection, {"threshold", "thresholds"}, Value::threshold, "threshold"}};
    return all;
}

/// The parts of one field: its value, and what stands below it.
struct Written {
    Value value = Value::day;
    std::string_view name;
    std::size_t line = 0;
    std::string_view rules = {};
    std::string said = {};  ///< What is not understood.
};

void add(const Judge& judge, Written& field, std::string_view text, const std::vector<std::string>& code) {
    // A word alone is the value.
    if (trimmed_text(text).find(' ') == std::string_view::npos) return;
    auto tokens = tokens_of(text, code);
    if (field.value == Value::shadow) tokens = with_first_days(std::move(tokens));
    if (field.value == Value::canary) tokens = with_pairs(std::move(tokens));
    if (auto said = unread_beside(judge.policy, field.value, tokens); !said.empty())
        field.said += (field.said.empty() ? "" : "; ") + said;
}

/// RDY025, where no rule has found anything in that line, or of that field.
void tell(const Judge& judge, const Written& field) {
    if (field.said.empty() || std::ranges::any_of(judge.outcome.findings, [&](const Finding& one) {
            return one.line == field.line || field.rules.find(one.rule->id) != std::string_view::npos;
        }))
        return;
    judge.find("RDY025", field.line,
               fmt::format("beside the {} stands {}, which no rule judges; whoever reviews the plan decides",
                           field.name, core::quoted(field.said, 80)),
               Finding::Kind::wrong);
}

const FieldOf* field_of(Part part, std::string_view label) {
    const auto found = std::ranges::find_if(
        fields, [&](const FieldOf& one) { return one.part == part && says(label, one.word); });
    return found == fields.end() ? nullptr : &*found;
}

/// What a line says of a field: behind its label, or behind the word that begins it ("Shadow — 7 days").
std::pair<const FieldOf*, std::string> field_in(Part part, const Entry& entry) {
    if (const auto line = labelled(entry.text)) {
        const FieldOf* const field = field_of(part, line->label);
        if (field != nullptr) return {field, line->value};
    }
    for (const auto& one : fields)
        if (one.part == part && core::lowered(entry.text.substr(0, one.word.size())) == one.word)
            return {&one, entry.text.substr(one.word.size())};
    return {nullptr, ""};
}

/// Whether a line names the policy's own thresholds: beside others stands their rationale.
bool is_usual(const Policy& policy, std::string_view text, const std::vector<std::string>& code) {
    const auto said = read_thresholds(text, code).numbers;
    return std::ranges::any_of(std::array{policy.psi, policy.performance_gap}, [&](const Thresholds& one) {
        return said.size() > 1 && said[0] == one.warn && said[1] == one.crit;
    });
}

void judge_lines(const Judge& judge, const Section& section) {
    Written field;
    const Entry* of = nullptr;
    std::size_t last = 0;  // The line of the field, or of what goes on with it.
    for (const auto& entry : section.entries) {
        const bool item = entry.kind == Entry::Kind::item;
        const bool goes_on = entry.kind == Entry::Kind::text && of != nullptr && entry.line == last + 1;
        const bool below = item && of != nullptr && entry.level > of->level;
        if (goes_on || below) {
            last = goes_on ? entry.line : 0;
            if (!labelled(entry.text)) add(judge, field, " - " + entry.text, entry.code);
            continue;
        }
        tell(judge, field);
        field = {};
        of = nullptr;
        const bool pair = entry.kind == Entry::Kind::row && entry.cells.size() == 2;
        if (!item && !pair) continue;
        auto [found, text] = item ? field_in(section.part, entry)
                                  : std::pair(field_of(section.part, entry.cells[0]), entry.cells[1]);
        if (found == nullptr ||
            (found->value == Value::threshold && !is_usual(judge.policy, text, entry.code)))
            continue;
        field = {found->value, found->name, entry.line, found->rules, ""};
        of = item ? &entry : nullptr;
        last = entry.line;
        add(judge, field, text, entry.code);
    }
    tell(judge, field);
}

void judge_columns(const Judge& judge, const Section& section) {
    for (const auto& table : tables_of(section))
        for (const auto& column : columns()) {
            if (column.part != section.part) continue;
            const auto at = table.column(column.words);
            if (!at) continue;
            for (const Entry* row : table.rows) {
                if (*at >= row->cells.size()) continue;
                Written field{column.value, column.name, row->line};
                std::vector<std::string> code;
                for (std::size_t i = 0; i < row->code_cells.size(); ++i)
                    if (row->code_cells[i] == *at) code.push_back(row->code[i]);
                add(judge, field, row->cells[*at], code);
                tell(judge, field);
            }
        }
}

}  // namespace

void judge_asides(const Judge& judge, const Section& section) {
    if (section.part == Part::monitoring || section.part == Part::alerting ||
        section.part == Part::drift_detection)
        judge_columns(judge, section);
    if (section.part != Part::monitoring && section.part != Part::alerting) judge_lines(judge, section);
}

void judge_header_asides(const Judge& judge) {
    const auto judge_field = [&](const Field& field, Value value, std::string_view name) {
        Written written{value, name, field.line};
        add(judge, written, field.value, {});
        // A line of the same paragraph goes on with it.
        std::size_t last = field.line;
        for (const auto& entry : judge.plan.header)
            if (entry.kind == Entry::Kind::text && entry.line == last + 1 && last > 0 &&
                !labelled(entry.text))
                add(judge, written, " - " + entry.text, entry.code), last = entry.line;
        tell(judge, written);
    };
    judge_field(judge.plan.owner, Value::person, "owner");
    judge_field(judge.plan.reviewed, Value::verdict, "review");
}

}  // namespace tristrata::readiness
