#include "judge.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

// The three sections that are tables: monitoring, alerting, drift detection.
namespace tristrata::readiness {
namespace {

/// A line that begins as a row of a table does and is none.
const Entry* half_a_table(const Section& section) {
    for (const auto& entry : section.entries)
        if (entry.kind == Entry::Kind::text && entry.text.starts_with('|')) return &entry;
    return nullptr;
}

/// What stands in backticks, or else the cell as it is.
std::string name_in(const Entry& row, const std::string& cell) {
    for (const auto& code : row.code)
        if (cell.find(code) != std::string::npos) return code;
    return cell;
}

/// What a metric is of, by the words of its type; one row can be of several.
struct MetricKind {
    std::string_view rule;
    std::string_view word;
    std::string_view kind;
};
constexpr std::array<MetricKind, 3> metric_kinds{MetricKind{"RDY101", "prediction", "prediction rate"},
                                                 MetricKind{"RDY102", "outcome", "outcome"},
                                                 MetricKind{"RDY103", "health", "health"}};

/// A number, with or without a unit; "#12" and "p99" are names.
bool has_number(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        if (!is_digit(text[at])) continue;
        const char before = at == 0 ? ' ' : text[at - 1];
        const bool name = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
                          before == '#' || before == '_' || before == '@';
        if (!name) return true;
        while (at + 1 < text.size() && is_digit(text[at + 1])) ++at;
    }
    return false;
}

/// 1, 2 or 3 of a cell that says one severity, and does not take it back; 0 of any other.
int severity_of(std::string_view cell) {
    int found = 0;
    for (int i = 1; i <= 3; ++i)
        if (says(cell, fmt::format("p{}", i))) found = found == 0 ? i : -1;
    const bool denied =
        cell.find("~~") != std::string_view::npos || says_any(cell, {"not", "no", "never", "or"});
    return found < 0 || denied ? 0 : found;
}

/// A path, an address or a page's name: "in my head" is none.
bool is_place(std::string_view cell) {
    return cell.find_first_of("/#") != std::string_view::npos ||
           (cell.find('.') != std::string_view::npos && cell.find(' ') == std::string_view::npos);
}

/// A line of "required minima covered": ticked, and not refused.
bool is_ticked(std::string_view text) {
    if (text.find("\u274c") != std::string_view::npos || text.find("[ ]") != std::string_view::npos)
        return false;
    return text.find("\u2705") != std::string_view::npos || text.find("\u2714") != std::string_view::npos ||
           core::lowered(text).find("[x]") != std::string::npos;
}

/// A line that names what exists already and covers the change.
bool is_covering(std::string_view text) {
    return says_any(text, {"existing", "covers", "covered by", "no new metric"});
}

bool covers(const Section& section, const std::vector<std::pair<std::string, const Entry*>>& metrics,
            std::string_view word) {
    constexpr std::size_t rows_of_a_bare_tick = 3;
    for (const auto& entry : section.entries) {
        if (entry.kind != Entry::Kind::item && entry.kind != Entry::Kind::text) continue;
        const std::string small = core::lowered(entry.text);
        if (small.find(word) == std::string::npos) continue;
        const bool ticked = is_ticked(entry.text);
        if (!ticked && !is_covering(entry.text)) continue;
        // A tick is a claim: it names its metric, or there are metrics enough for each claim.
        const bool names = !entry.code.empty() || std::ranges::any_of(metrics, [&](const auto& metric) {
            return !metric.first.empty() && entry.text.find(metric.first) != std::string::npos;
        });
        if (names || (ticked && metrics.size() >= rows_of_a_bare_tick)) return true;
    }
    return false;
}

/// The first two numbers of a text.
std::optional<Thresholds> pair_in(std::string_view text) {
    // "PSI (10 bins): 0.2 / 0.5": what stands in brackets describes, unless the numbers stand nowhere else.
    std::string plain;
    int depth = 0;
    for (const char c : text) {
        if (c == '(') ++depth;
        if (depth == 0) plain += c;
        if (c == ')' && depth > 0) --depth, plain += ' ';
    }
    auto numbers = numbers_of(plain);
    if (numbers.size() < 2) numbers = numbers_of(text);
    if (numbers.size() < 2 || numbers[0] < 0.0 || numbers[1] < 0.0) return std::nullopt;
    return Thresholds{numbers[0], numbers[1]};
}

bool is_same(const Thresholds& a, const Thresholds& b) {
    constexpr double digits = 1e-9;
    return std::abs(a.warn - b.warn) < digits && std::abs(a.crit - b.crit) < digits;
}

/// Whether a text says why, beside the words that thresholds are named with.
bool gives_reason(std::string_view text) {
    static constexpr std::array<std::string_view, 20> no_reason{
        "psi",      "warn",     "crit",        "warning", "critical", "threshold", "thresholds",
        "default",  "defaults", "performance", "perf",    "gap",      "for",       "all",
        "features", "feature",  "the",         "and",     "of",       "each"};
    const auto words = words_of_text(text);
    // "no reason given", "without a rationale".
    static constexpr std::array<std::string_view, 5> reasons{"reason", "reasons", "rationale", "explanation",
                                                             "justification"};
    static constexpr std::array<std::string_view, 6> refusals{"no", "none", "not", "without", "any", "lacks"};
    if (is_refused(text) && words.size() < 3) return false;
    for (std::size_t i = 0; i < words.size(); ++i)
        if (std::ranges::find(reasons, words[i]) != reasons.end())
            for (std::size_t before = i - std::min<std::size_t>(i, 2); before < i; ++before)
                if (std::ranges::find(refusals, words[before]) != refusals.end()) return false;
    return std::ranges::count_if(words, [&](const std::string& word) {
               return std::ranges::find(no_reason, word) == no_reason.end();
           }) >= 2;
}

struct Signal {
    std::string_view rule;
    std::vector<std::string_view> words;
    std::string_view title;
    const Thresholds& usual;
    const std::optional<Thresholds>* used;
};

/// A line that speaks of a signal, with its thresholds and the words that may say why.
struct SignalLine {
    std::size_t line = 0;
    std::optional<Thresholds> thresholds;
    std::string reason;
};

std::vector<SignalLine> lines_of(const Section& section, const std::vector<Table>& tables,
                                 const Signal& signal) {
    std::vector<SignalLine> lines;
    const Table* table = nullptr;
    std::size_t begun = 0;
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::code) {
            if (entry.kind == Entry::Kind::columns) table = &tables[begun++];
            continue;
        }
        if (!says_any(entry.text, signal.words)) continue;
        if (entry.kind == Entry::Kind::row && table != nullptr) {
            if (entry.cells.empty() || !says_any(entry.cells[0], signal.words)) continue;
            const auto threshold = table->column({"threshold", "thresholds", "warn"});
            const auto crit = table->column({"crit"});
            std::string numbers = cell_of(entry, threshold);
            if (crit && crit != threshold) numbers += " / " + cell_of(entry, crit);
            if (!threshold) numbers = entry.text;
            const auto rationale = table->column({"rationale", "why", "reason", "justification"});
            lines.push_back({entry.line, pair_in(numbers), cell_of(entry, rationale)});
        } else {
            std::size_t at = std::string::npos;
            const std::string small = core::lowered(entry.text);
            for (const auto word : signal.words) at = std::min(at, small.find(word));
            const std::string rest = entry.text.substr(std::min(at, entry.text.size()));
            lines.push_back({entry.line, pair_in(rest), rest});
        }
    }
    return lines;
}

}  // namespace

void judge_monitoring(const Judge& judge, const Section& section) {
    const auto tables = tables_of(section);
    const auto table = std::ranges::find_if(
        tables, [](const Table& one) { return one.column({"metric", "metrics", "kpi"}).has_value(); });
    if (const Entry* half = half_a_table(section); half != nullptr) {
        judge.find("RDY198", half->line,
                   "this row is part of no table; expected column names, a line of dashes, then rows");
        return;
    }
    if (table == tables.end() && !tables.empty() && !section.entries.empty() &&
        std::ranges::none_of(section.entries,
                             [](const Entry& one) { return is_ticked(one.text) || is_covering(one.text); })) {
        judge.find("RDY198", tables.front().columns->line,
                   "no column Metric; expected Metric, Type, Source, Threshold");
        return;
    }
    std::vector<std::pair<std::string, const Entry*>> metrics;
    if (table != tables.end()) {
        const auto metric = table->column({"metric", "metrics", "kpi"});
        const auto threshold = table->column({"threshold", "thresholds", "warn"});
        for (const Entry* row : table->rows) {
            const std::string cell = cell_of(*row, metric);
            if (is_empty_answer(cell)) continue;
            metrics.emplace_back(name_in(*row, cell), row);
            const std::string thresholds = cell_of(*row, threshold);
            if (!has_number(thresholds))
                judge.find("RDY104", row->line,
                           fmt::format("{} has no threshold; expected warn / crit in numbers",
                                       core::quoted(metrics.back().first)));
        }
    }
    const auto type = table == tables.end() ? std::nullopt : table->column({"type", "kind"});
    std::set<std::string, std::less<>> taken;  // metrics that may stand for the kinds so far
    std::size_t kinds_in_table = 0;
    for (const auto& kind : metric_kinds) {
        const bool in_table =
            0 < std::ranges::count_if(metrics, [&](const auto& metric) {
                const std::string said = type ? cell_of(*metric.second, type) : metric.second->text;
                const bool of_kind = core::lowered(said).find(kind.word) != std::string::npos;
                if (of_kind) taken.insert(metric.first);
                return of_kind;
            });
        kinds_in_table += in_table ? 1 : 0;
        if (in_table && taken.size() < kinds_in_table) {
            judge.find(
                kind.rule, section.line,
                fmt::format("the {} metric is one that is named for another kind; expected one of its own",
                            kind.kind));
            continue;
        }
        if (!in_table && !covers(section, metrics, kind.word))
            judge.find(
                kind.rule, section.line,
                fmt::format("no {} metric; expected a row of that type, or the existing one that covers the "
                            "change",
                            kind.kind));
    }
    if (std::ranges::none_of(section.entries, [](const Entry& one) {
            return says(one.text, "variant") || says(one.text, "variants") || says(one.text, "variant_id");
        }))
        judge.find("RDY105", section.line,
                   "nothing says that the metrics are tagged with the variant, or why not");
    const auto source = table == tables.end() ? std::nullopt : table->column({"source", "module"});
    for (const auto& [metric, row] : metrics) {
        judge.outcome.named.metrics.push_back(metric);
        judge_metric(judge, row->line, metric);
        judge_modules(judge, row->line, name_in(*row, cell_of(*row, source)));
    }
    if (table == tables.end())
        for (const auto& entry : section.entries)
            if (is_ticked(entry.text) || is_covering(entry.text))
                for (const auto& code : entry.code) {
                    judge.outcome.named.metrics.push_back(code);
                    judge_metric(judge, entry.line, code);
                }
}

void judge_alerting(const Judge& judge, const Section& section) {
    const auto tables = tables_of(section);
    const auto table = std::ranges::find_if(
        tables, [](const Table& one) { return one.column({"alert", "alerts"}).has_value(); });
    if (const Entry* half = half_a_table(section); half != nullptr) {
        judge.find("RDY298", half->line,
                   "this row is part of no table; expected column names, a line of dashes, then rows");
        return;
    }
    if (table == tables.end()) {
        judge.find("RDY298", section.line, "no table of alerts; expected Alert, Trigger, Runbook, Severity");
        return;
    }
    const auto alert = table->column({"alert", "alerts"}),
               trigger = table->column({"trigger", "condition", "expr"}),
               runbook = table->column({"runbook", "runbooks"}),
               severity = table->column({"severity", "priority"});
    for (const auto& [column, wanted] :
         {std::pair{trigger, "Trigger"}, std::pair{runbook, "Runbook"}, std::pair{severity, "Severity"}})
        if (!column) {
            judge.find("RDY298", table->columns->line, fmt::format("no column {}", wanted));
            return;
        }
    bool p1 = false;
    for (const Entry* row : table->rows) {
        const std::string name = name_in(*row, cell_of(*row, alert));
        if (is_empty_answer(name)) continue;
        const std::string degree = cell_of(*row, severity);
        const int number = severity_of(degree);
        const bool pages = number == 1;
        p1 = p1 || pages;
        if (is_empty_answer(cell_of(*row, trigger)))
            judge.find("RDY202", row->line,
                       fmt::format("{} has no trigger; expected which number, past which value",
                                   core::quoted(name)));
        const std::string book = cell_of(*row, runbook);
        if ((is_empty_answer(book) || !is_place(book)) && row->addresses.empty())
            judge.find("RDY203", row->line,
                       fmt::format("{} has no runbook; expected its path", core::quoted(name)));
        else judge_runbook(judge, *row, book);
        if (number == 0)
            judge.find("RDY204", row->line,
                       fmt::format("{} has the severity {}; expected P1, P2 or P3", core::quoted(name),
                                   core::quoted(degree)));
        judge.outcome.named.alerts.push_back(name);
        judge_alert(judge, row->line, name, pages);
    }
    if (!p1)
        judge.find("RDY201", section.line,
                   "no alert is a P1; expected one, for the failure that would lose money in silence");
}

void judge_drift(const Judge& judge, const Section& section) {
    if (const Entry* half = half_a_table(section); half != nullptr) {
        judge.find("RDY398", half->line,
                   "this row is part of no table; expected column names, a line of dashes, then rows");
        return;
    }
    const auto tables = tables_of(section);
    static const std::optional<Thresholds> unknown;
    const auto* facts = judge.options.facts;
    const std::array signals{
        Signal{"RDY301",
               {"psi", "population stability index"},
               "PSI",
               judge.policy.psi,
               facts == nullptr ? &unknown : &facts->psi},
        Signal{"RDY302",
               {"performance gap", "perf gap", "perf-gap", "performance-gap", "perf_gap", "performance_gap"},
               "performance gap",
               judge.policy.performance_gap,
               facts == nullptr ? &unknown : &facts->performance_gap}};
    const bool elsewhere = std::ranges::any_of(section.entries, [](const Entry& one) {
        const auto said = labelled(one.text);
        return one.kind != Entry::Kind::columns && said && says_any(said->label, {"rationale", "why"}) &&
               gives_reason(said->value);
    });
    for (const auto& signal : signals) {
        bool any = false;
        for (const auto& line : lines_of(section, tables, signal)) {
            if (!line.thresholds) continue;
            any = true;
            const auto& [warn, crit] = *line.thresholds;
            if (warn >= crit) {
                judge.find("RDY303", line.line,
                           fmt::format("warn is {} and crit {} of the {}; expected the smaller first", warn,
                                       crit, signal.title));
            } else if (!is_same(*line.thresholds, signal.usual)) {
                if (!gives_reason(line.reason) && !elsewhere)
                    judge.find("RDY304", line.line,
                               fmt::format("{} of {} / {} in place of {} / {}, and no line that says why",
                                           signal.title, warn, crit, signal.usual.warn, signal.usual.crit));
            }
            judge_thresholds(judge, line.line, signal.title, *line.thresholds, *signal.used);
        }
        if (!any)
            judge.find(signal.rule, section.line,
                       fmt::format("no thresholds of {}; expected warn and crit, such as {} / {}",
                                   signal.title, signal.usual.warn, signal.usual.crit));
    }
}

}  // namespace tristrata::readiness
