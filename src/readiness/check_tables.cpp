#include "accepted.hpp"
#include "judge.hpp"
#include "table.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <map>
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
    return is_marked(text);
}

/// A line that names what exists already and covers the change.
bool is_covering(std::string_view text) {
    return says_any(text, {"existing", "covers", "covered by", "no new metric"});
}

/// A line or a cell that says that the metrics carry the variant: "Each carries the tag `variant`.", "Tags:
/// `variant`"; or that it does not apply, and why.
bool is_tagged(const Entry& entry) {
    static constexpr std::array<std::string_view, 3> names{"variant", "variants", "variant_id"};
    const auto fits = [&](std::string_view text) {
        bool named = false;
        for (const auto& token : tokens_of(text, entry.code)) {
            named = named || vocabulary::has(names, token.small);
            if (token.kind == Token::Kind::sign
                    ? std::string_view(":.,()/&").find(token.text) == std::string_view::npos
                    : token.kind != Token::Kind::code && !vocabulary::has(accepted::tag_words, token.small))
                return false;
        }
        return named;
    };
    if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::row)
        return std::ranges::any_of(entry.cells, fits);
    if (entry.kind != Entry::Kind::text && entry.kind != Entry::Kind::item) return false;
    if (fits(entry.text)) return true;
    if (!says_any(entry.text, {"variant", "variants", "variant_id"})) return false;
    const auto tokens = tokens_of(entry.text);
    TokenReader reader(tokens);
    for (bool denied = false; !reader.at_end();) {
        if (!denied && reader.take_phrase(accepted::not_applicable)) {
            denied = true;
            continue;
        }
        const bool caused = reader.is(Token::Kind::word);
        if (!reader.take_separator()) {
            reader.skip();
            continue;
        }
        if (!denied || !caused) continue;
        std::size_t words = 0;
        for (; !reader.at_end(); reader.skip()) words += reader.is(Token::Kind::word) ? 1 : 0;
        return words >= 2;
    }
    return false;
}

/// A metric of the table, by its name, and its row.
using Metrics = std::vector<std::pair<std::string, const Entry*>>;

/// Of which kinds a line outside the table claims to name a metric, and which it names.
void add_claims(const Entry& entry, const Metrics& metrics,
                std::array<std::set<std::string, std::less<>>, metric_kinds.size()>& candidates) {
    constexpr std::size_t rows_of_a_bare_tick = 3;
    const bool ticked = is_ticked(entry.text);
    if (!ticked && !is_covering(entry.text)) return;
    std::set<std::string, std::less<>> named(entry.code.begin(), entry.code.end());
    for (const auto& [metric, row] : metrics)
        if (!metric.empty() && entry.text.find(metric) != std::string::npos) named.insert(metric);
    // A tick is a claim: it names its metric, or there are metrics enough for each claim.
    if (named.empty() && ticked && metrics.size() >= rows_of_a_bare_tick)
        for (const auto& [metric, row] : metrics) named.insert(metric);
    const std::string small = core::lowered(entry.text);
    for (std::size_t kind = 0; kind < metric_kinds.size(); ++kind)
        if (small.find(metric_kinds[kind].word) != std::string::npos)
            candidates[kind].insert(named.begin(), named.end());
}

/// Whether the section says in words that one metric serves this kind and another: "`win_rate` serves as
/// outcome and as health, because …".
bool is_shared(const Section& section, const MetricKind& kind, const Metrics& metrics) {
    return std::ranges::any_of(section.entries, [&](const Entry& entry) {
        if (entry.kind != Entry::Kind::item && entry.kind != Entry::Kind::text) return false;
        const std::string small = core::lowered(entry.text);
        const auto kinds = std::ranges::count_if(
            metric_kinds, [&](const MetricKind& one) { return small.find(one.word) != std::string::npos; });
        const bool names = !entry.code.empty() || std::ranges::any_of(metrics, [&](const auto& metric) {
            return !metric.first.empty() && entry.text.find(metric.first) != std::string::npos;
        });
        return kinds >= 2 && names && small.find(kind.word) != std::string::npos &&
               asks_for(entry.text, vocabulary::shared, 2);
    });
}

/// Each minimum has a metric of its own, or the section says that one serves several: RDY101 to 103.
void judge_minima(const Judge& judge, const Section& section, const Metrics& metrics,
                  std::optional<std::size_t> type) {
    std::array<std::set<std::string, std::less<>>, metric_kinds.size()> candidates;
    for (const auto& [metric, row] : metrics) {
        std::string said = core::lowered(type ? cell_of(*row, type) : row->text);
        // "no prediction rate", "prediction latency": a type is of these words alone.
        if (type && std::ranges::any_of(tokens_of(said), [](const Token& one) {
                return one.kind == Token::Kind::word && !vocabulary::has(accepted::kind_words, one.small);
            }))
            said.clear();
        for (std::size_t kind = 0; kind < metric_kinds.size(); ++kind)
            if (said.find(metric_kinds[kind].word) != std::string::npos) candidates[kind].insert(metric);
    }
    for (const auto& entry : section.entries)
        if (entry.kind == Entry::Kind::item || entry.kind == Entry::Kind::text)
            add_claims(entry, metrics, candidates);
    // Which metric stands for which kind, so that as many kinds as can be have one: each kind in turn takes
    // one that is free, or one whose kind can take another.
    std::map<std::string, std::size_t, std::less<>> taken;
    std::set<std::string, std::less<>> tried;
    const auto takes = [&](auto&& self, std::size_t kind) -> bool {
        for (const auto& metric : candidates[kind]) {
            if (!tried.insert(metric).second) continue;
            const auto holder = taken.find(metric);
            if (holder != taken.end() && !self(self, holder->second)) continue;
            taken[metric] = kind;
            return true;
        }
        return false;
    };
    for (std::size_t kind = 0; kind < metric_kinds.size(); ++kind) {
        tried.clear();
        const MetricKind& wanted = metric_kinds[kind];
        if (takes(takes, kind) || (!candidates[kind].empty() && is_shared(section, wanted, metrics)))
            continue;
        judge.find(
            wanted.rule, section.line,
            candidates[kind].empty()
                ? fmt::format(
                      "no {} metric; expected a row of that type, or the existing one that covers the "
                      "change",
                      wanted.kind)
                : fmt::format("the {} metric is one that is named for another kind; expected one of its own, "
                              "or a line that says that {} serves as both",
                              wanted.kind, core::quoted(*candidates[kind].begin())));
    }
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
    const auto words = words_of_text(text);
    if (is_refused(text) && words.size() < 3) return false;
    for (std::size_t i = 0; i < words.size(); ++i)
        if (vocabulary::has(vocabulary::reasons, words[i]))
            for (std::size_t before = i - std::min<std::size_t>(i, 2); before < i; ++before)
                if (vocabulary::has(vocabulary::without_reasons, words[before])) return false;
    return std::ranges::count_if(words, [&](const std::string& word) {
               return !vocabulary::has(vocabulary::threshold_words, word);
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
        // "PSI: none (it would be 0.2 / 0.5)"
        if (const auto said = labelled(entry.text); said && is_refused(said->value)) continue;
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
    Metrics metrics;
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
    judge_minima(judge, section, metrics, type);
    if (std::ranges::none_of(section.entries, is_tagged))
        judge.find(
            "RDY105", section.line,
            fmt::format(
                "nothing says that the metrics are tagged with the variant, or why not; expected {}, or "
                "\"Variant: not applicable, because\" and why",
                accepted::tag_line));
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
        const auto addresses = addresses_of(*row, runbook);
        if ((is_empty_answer(book) || !is_place(book)) && addresses.empty())
            judge.find("RDY203", row->line,
                       fmt::format("{} has no runbook; expected its path", core::quoted(name)));
        else judge_runbook(judge, row->line, book, addresses);
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
