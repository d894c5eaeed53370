#include "accepted.hpp"
#include "judge.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "table.hpp"
#include "threshold.hpp"
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
#include <utility>

// The section of metrics.
namespace tristrata::readiness {
namespace {

/// What a metric is of, by the words of its type; one row can be of several.
struct MetricKind {
    std::string_view rule;
    std::string_view word;
    std::string_view kind;
};
constexpr std::array<MetricKind, 3> metric_kinds{MetricKind{"RDY101", "prediction", "prediction rate"},
                                                 MetricKind{"RDY102", "outcome", "outcome"},
                                                 MetricKind{"RDY103", "health", "health"}};

/// A line of "required minima covered": ticked, and not refused ("health: not `null_share`").
bool is_ticked(std::string_view text) {
    if (text.find("\u274c") != std::string_view::npos || text.find("[ ]") != std::string_view::npos)
        return false;
    const auto said = labelled(text);
    return is_marked(text) && !(said && is_refused(said->value));
}

/// An item that stands in place of a table's row: "outcome: `win_rate`, 0.52 / 0.50", or "`win_rate`
/// (outcome), 0.52 / 0.50".
bool is_listed(const Entry& entry) {
    if (entry.kind != Entry::Kind::item) return false;
    const auto tokens = tokens_of(entry.text, entry.code);
    TokenReader reader(tokens);
    const auto takes_kind = [&] {
        bool kind = false;
        for (; reader.is(Token::Kind::word) && vocabulary::has(accepted::kind_words, reader.now().small);
             reader.skip())
            kind = kind || std::ranges::any_of(metric_kinds, [&](const MetricKind& one) {
                       return reader.now().small.starts_with(one.word);
                   });
        return kind;
    };
    const auto takes_name = [&] {
        const bool named = reader.is(Token::Kind::code) ||
                           (reader.is(Token::Kind::word) && reader.now().text.find('_') != std::string::npos);
        if (named) reader.skip();
        return named;
    };
    if (takes_kind()) return reader.take_sign(":-") && takes_name();
    return reader.place() == 0 && takes_name() && reader.take_sign("(") && takes_kind() &&
           reader.take_sign(")");
}

/// Whether the line takes back, or puts off, what it claims: "does not cover", "covers it later", "hardly".
bool is_taken_back(std::string_view text) {
    static constexpr auto takes_back = vocabulary::words(
        {"not",     "cannot", "never",   "hardly", "barely", "scarcely", "neither", "nor",
         "least",   "partly", "little",  "later",  "soon",   "hope",     "should",  "would",
         "could",   "might",  "will",    "shall",  "doesn",  "don",      "isn",     "won",
         "without", "unless", "nothing", "none",   "seldom", "rarely",   "fails",   "lacks"});
    const auto words = words_of_text(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (vocabulary::has(takes_back, words[i])) return true;
        // "no new metric" is what a covering line says.
        if (words[i] == "no" && (i + 1 == words.size() || words[i + 1] != "new")) return true;
    }
    return !hedge_in(text).empty();
}

/// A line that names what exists already and covers the change.
bool is_covering(std::string_view text) {
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
        end = std::min(text.find(';', at), text.find(". ", at));
        end = std::min(end, text.size());
        const auto sentence = text.substr(at, end - at);
        if (says_any(sentence, {"existing", "covers", "covered by", "no new metric"}))
            return !is_taken_back(sentence);
    }
    return false;
}

/// Metrics that a sentence names: pieces in backticks and words such as predictions_total, but for the tag of
/// the variants, and for a module (a name with a point) beside them.
std::vector<std::string> metrics_in(const Entry& entry) {
    static constexpr auto tags = vocabulary::words({"variant", "variants", "variant_id"});
    std::vector<std::string> metrics, dotted;
    const auto tokens = tokens_of(entry.text, entry.code);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        const bool code = token.kind == Token::Kind::code;
        // "a.b_c", ":white_check_mark:", "docs/a_b.md"
        const bool part =
            !code &&
            ((i > 0 && !token.spaced && tokens[i - 1].is_sign("./:")) ||
             (i + 1 < tokens.size() && !token.open && !tokens[i + 1].open && tokens[i + 1].is_sign("./=")));
        const bool named =
            code || (token.kind == Token::Kind::word && !part && token.text.find('_') != std::string::npos);
        if (!named || vocabulary::has(tags, token.small)) continue;
        (token.text.find('.') == std::string::npos ? metrics : dotted).push_back(token.text);
    }
    return metrics.empty() ? dotted : metrics;
}

/// A line or a cell that says that the metrics carry the variant: "Each carries the tag `variant`.", "Tags:
/// `variant`"; or that it does not apply, and why.
bool is_tagged(const Entry& entry) {
    static constexpr auto names = vocabulary::words({"variant", "variants", "variant_id"});
    // "Each series carries `variant="a"`", "tagged by `variant` throughout"; "none carries it" and "not yet"
    // do not.
    static constexpr auto tags =
        vocabulary::words({"carried", "carries", "carry", "emitted", "label", "labelled", "labeled", "labels",
                           "recorded", "reported", "split", "tag", "tagged", "tags"});
    static constexpr auto denies =
        vocabulary::words({"cannot", "hardly", "later", "lack", "lacks", "missing", "never", "no", "nobody",
                           "none", "not", "planned", "soon", "will", "without"});
    const auto says_so = [&](std::string_view text) {
        return std::ranges::any_of(sentences_of(text), [&](std::string_view sentence) {
            bool named = false, tagged = false, denied = !hedge_in(sentence).empty();
            for (const auto& token : tokens_of(with_not_spelt_out(std::string(sentence)))) {
                if (token.is_sign("?")) denied = true;
                if (token.is_sign(";")) {
                    if (named && tagged && !denied) return true;
                    named = tagged = denied = false;
                }
                // What follows for whoever reads it: "so that nothing is mixed up".
                if (named && tagged && (token.is_sign(",;(") || token.small == "so")) break;
                named = named || vocabulary::has(names, token.small);
                tagged = tagged || vocabulary::has(tags, token.small);
                denied = denied || vocabulary::has(denies, token.small);
            }
            return named && tagged && !denied;
        });
    };
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
    if (fits(entry.text) || says_so(entry.text)) return true;
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

/// Of which kinds a line outside the table claims to name a metric, and which it names. `listed`: whether
/// items stand in the table's place.
void add_claims(const Entry& entry, const Metrics& metrics, bool listed,
                std::array<std::set<std::string, std::less<>>, metric_kinds.size()>& candidates) {
    constexpr std::size_t rows_of_a_bare_tick = 3;
    const bool ticked = is_ticked(entry.text);
    if (!ticked && !is_covering(entry.text) && !(listed && is_listed(entry))) return;
    const auto said = metrics_in(entry);
    std::set<std::string, std::less<>> named(said.begin(), said.end());
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
/// outcome and as health, because …". `of_rows`: it is one that has a row.
bool is_shared(const Section& section, const MetricKind& kind, const Metrics& metrics, bool of_rows) {
    return std::ranges::any_of(section.entries, [&](const Entry& entry) {
        if (entry.kind != Entry::Kind::item && entry.kind != Entry::Kind::text) return false;
        const std::string small = core::lowered(entry.text);
        const auto kinds = std::ranges::count_if(
            metric_kinds, [&](const MetricKind& one) { return small.find(one.word) != std::string::npos; });
        const bool names =
            (!of_rows && !entry.code.empty()) || std::ranges::any_of(metrics, [&](const auto& metric) {
                return !metric.first.empty() && entry.text.find(metric.first) != std::string::npos;
            });
        return kinds >= 2 && names && small.find(kind.word) != std::string::npos &&
               asks_for(entry.text, vocabulary::shared, 2);
    });
}

/// Whether a cell with a name in backticks has nothing beside it that takes it back: "not `win_rate`".
bool is_named(const Entry& row, std::optional<std::size_t> column) {
    std::vector<std::string> code;
    for (std::size_t i = 0; column && i < row.code_cells.size(); ++i)
        if (row.code_cells[i] == *column) code.push_back(row.code[i]);
    if (code.empty()) return true;
    const auto tokens = tokens_of(cell_of(row, column), code);
    TokenReader reader(tokens);
    std::size_t noted = tokens.size();
    while (!reader.at_end()) {
        const Token& token = reader.now();
        const bool fits = token.kind == Token::Kind::code || token.kind == Token::Kind::number ||
                          token.is_sign(",/&+)") || token.text.find('_') != std::string::npos ||
                          vocabulary::has(accepted::metric_beside, token.small);
        if (fits) {
            reader.skip();
            continue;
        }
        noted = std::min(noted, reader.place());
        // "(train)", "(set by @maria)": what stands in brackets is a note.
        if (token.is_sign("(") && reader.place() > 0)
            while (!reader.at_end() && !reader.now().is_sign(")")) reader.skip();
        else if (!reader.take_reason(accepted::metric_beside)) return false;
    }
    // "(to be confirmed)", "— not decided yet"
    return taken_back_by(std::span(tokens).subspan(noted), {.may_wait = true, .must_be_there = true}).empty();
}

/// The kind that a cell of types begins with; empty where it denies one ("no health", "health (removed)") or
/// leaves it open. A rate of predictions is of its own words: "prediction latency" is none; "pipeline health"
/// is health.
std::string kind_of_type(std::string_view cell) {
    static constexpr auto denies = vocabulary::words({"former", "no", "none", "not", "old", "un", "without"});
    static constexpr auto of_rates =
        vocabulary::words({"capture", "captured", "count", "coverage", "day", "hour", "minute", "per", "run",
                           "second", "throughput", "volume"});
    // "prediction_rate", as names are written
    std::string plain(cell);
    std::ranges::replace(plain, '_', ' ');
    const auto tokens = tokens_of(plain);
    // "prediction rate, outcome" is of both: where no other word follows, a comma ends nothing.
    std::size_t end = 0, other = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i].kind != Token::Kind::sign && !vocabulary::has(accepted::kind_words, tokens[i].small))
            other = i + 1;
    bool rate = true;
    std::string said;
    for (; end < tokens.size(); ++end) {
        const Token& token = tokens[end];
        if (token.is_sign("?") || vocabulary::has(denies, token.small)) return "";
        if (end < other && (token.is_sign("(,;") || (token.is_sign(":.-") && token.open && end > 0))) break;
        if (token.kind == Token::Kind::word)
            rate = rate && (vocabulary::has(accepted::kind_words, token.small) ||
                            vocabulary::has(of_rates, token.small));
        said += (said.empty() ? "" : " ") + token.small;
    }
    if (!taken_back_by(std::span(tokens).subspan(end), {.may_wait = true}).empty() || !hedge_in(cell).empty())
        return "";
    if (const auto at = said.find("prediction"); !rate && at != std::string::npos) said.erase(at, 10);
    return said;
}

/// Each minimum has a metric of its own, or the section says that one serves several: RDY101 to 103.
void judge_minima(const Judge& judge, const Section& section, const Metrics& metrics,
                  std::optional<std::size_t> column, std::optional<std::size_t> type) {
    std::array<std::set<std::string, std::less<>>, metric_kinds.size()> candidates;
    std::array<const Entry*, metric_kinds.size()> unnamed{};
    for (const auto& [metric, row] : metrics) {
        std::string said = core::lowered(type ? cell_of(*row, type) : row->text);
        if (type) said = kind_of_type(said);
        const bool named = is_named(*row, column);
        for (std::size_t kind = 0; kind < metric_kinds.size(); ++kind) {
            if (said.find(metric_kinds[kind].word) == std::string::npos) continue;
            if (named) candidates[kind].insert(metric);
            else unnamed[kind] = row;
        }
    }
    for (const auto& entry : section.entries)
        if (entry.kind == Entry::Kind::item || entry.kind == Entry::Kind::text)
            add_claims(entry, metrics, !column, candidates);
    // A series of a metric is that metric: `win_rate{fold="1"}`.
    for (auto& of_kind : candidates) {
        std::set<std::string, std::less<>> names;
        for (const auto& metric : of_kind) names.insert(metric.substr(0, metric.find('{')));
        of_kind = std::move(names);
    }
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
        if (takes(takes, kind) || is_shared(section, wanted, metrics, candidates[kind].empty())) continue;
        if (candidates[kind].empty() && unnamed[kind] != nullptr) {
            judge.find(wanted.rule, unnamed[kind]->line,
                       fmt::format("no {} metric is read in {}; expected its name alone, or with what it is "
                                   "of: \"`win_rate` per crypto\"",
                                   wanted.kind, core::quoted(cell_of(*unnamed[kind], column), 60)),
                       Finding::Kind::wrong);
            continue;
        }
        judge.find(
            wanted.rule, section.line,
            candidates[kind].empty()
                ? fmt::format(
                      "no {} metric; expected a row of that type, or the existing one that covers the "
                      "change{}",
                      wanted.kind,
                      column ? ""
                             : fmt::format("; without a table a line \"- {}: `win_rate`, 0.52 / 0.50\"",
                                           wanted.kind))
                : fmt::format("the {} metric is one that is named for another kind; expected one of its own, "
                              "or a line that says that {} serves as both",
                              wanted.kind, core::quoted(*candidates[kind].begin())),
            candidates[kind].empty() ? Finding::Kind::missing : Finding::Kind::wrong);
    }
}

/// Words of metrics' names, in small letters: "win", "rate" and "win_rate" of `win_rate`.
std::vector<std::string> own_words(const std::vector<std::string>& names) {
    std::vector<std::string> words;
    for (const auto& name : names) {
        std::string word;
        for (const char c : core::lowered(name) + "_") {
            if (is_word(c) && c != '_') {
                word += c;
                continue;
            }
            if (!word.empty()) words.push_back(word);
            word.clear();
        }
        words.push_back(core::lowered(name));
    }
    return words;
}

/// RDY104, of a row.
void judge_threshold(const Judge& judge, const Entry& row, const std::vector<std::string>& names,
                     const std::string& thresholds) {
    const auto said = read_thresholds(thresholds, row.code, own_words(names));
    if (said.fits()) return;
    const bool any = std::ranges::any_of(thresholds, is_digit);
    judge.find(
        "RDY104", row.line,
        fmt::format("{} has no threshold{}; expected warn / crit in numbers: {}", core::quoted(names.front()),
                    any ? fmt::format(" that is read in {}, at {}", core::quoted(thresholds, 60),
                                      core::quoted(said.odd, 30))
                        : "",
                    accepted::threshold_line),
        kind_of(thresholds));
}

/// What lines outside the table name and it does not.
Metrics lines_of_metrics(const Section& section, const Metrics& metrics, bool listed) {
    std::set<std::string, std::less<>> seen;
    for (const auto& [metric, row] : metrics) seen.insert(metric);
    Metrics lines;
    for (const auto& entry : section.entries) {
        if (entry.kind != Entry::Kind::item && entry.kind != Entry::Kind::text) continue;
        if (!is_ticked(entry.text) && !is_covering(entry.text) && !(listed && is_listed(entry))) continue;
        for (auto& metric : metrics_in(entry))
            if (seen.insert(metric).second) lines.emplace_back(std::move(metric), &entry);
    }
    return lines;
}

/// Metrics behind whose names numbers stand, in any line, or alone in the line below.
std::set<std::string, std::less<>> with_thresholds(const Section& section) {
    // So many of one line are looked at; more would make a long one quadratic.
    constexpr std::size_t metrics_max = 16;
    std::set<std::string, std::less<>> found;
    for (std::size_t i = 0; i < section.entries.size(); ++i) {
        const Entry& entry = section.entries[i];
        auto metrics = metrics_in(entry);
        if (metrics.empty()) continue;
        metrics.resize(std::min(metrics.size(), metrics_max));
        const Entry* const next = i + 1 < section.entries.size() ? &section.entries[i + 1] : nullptr;
        const bool below = next != nullptr && !is_ticked(next->text) && metrics_in(*next).empty() &&
                           read_thresholds(next->text, next->code).fits();
        for (auto& metric : metrics)
            if (below || names_thresholds_behind(entry.text, entry.code, metric))
                found.insert(std::move(metric));
    }
    return found;
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
        std::ranges::none_of(section.entries, [](const Entry& one) {
            return is_ticked(one.text) || is_covering(one.text) || is_listed(one);
        })) {
        judge.find("RDY198", tables.front().columns->line,
                   "no column Metric; expected Metric, Type, Source, Threshold");
        return;
    }
    Metrics metrics;
    if (table != tables.end()) {
        const auto metric = table->column({"metric", "metrics", "kpi"});
        const auto threshold = table->column({"threshold", "thresholds", "warn"});
        const auto crit = table->column({"crit"});
        for (const Entry* row : table->rows) {
            const auto names = names_of(*row, metric);
            if (names.empty()) continue;
            for (const auto& name : names) metrics.emplace_back(name, row);
            std::string thresholds = cell_of(*row, threshold);
            if (crit && crit != threshold) thresholds += " / " + cell_of(*row, crit);
            judge_threshold(judge, *row, names, thresholds);
        }
    }
    const bool listed = table == tables.end();
    const auto lines = lines_of_metrics(section, metrics, listed);
    const auto bounded = lines.empty() ? std::set<std::string, std::less<>>() : with_thresholds(section);
    for (const auto& [name, entry] : lines)
        if ((is_ticked(entry->text) || (listed && is_listed(*entry))) && !is_covering(entry->text) &&
            !bounded.contains(name))
            judge.find("RDY104", entry->line,
                       fmt::format("{} has no threshold; expected warn / crit in numbers behind it: {}",
                                   core::quoted(name), accepted::threshold_line));
    const auto type = table == tables.end() ? std::nullopt : table->column({"type", "kind"});
    judge_minima(judge, section, metrics,
                 table == tables.end() ? std::nullopt : table->column({"metric", "metrics", "kpi"}), type);
    if (std::ranges::none_of(section.entries, is_tagged))
        judge.find(
            "RDY105", section.line,
            fmt::format(
                "nothing says that the metrics are tagged with the variant, or why not; expected {}, or "
                "\"Variant: not applicable, because\" and why",
                accepted::tag_line));
    if (table != tables.end()) judge_cells(judge, "RDY199", *table, {"source", "owner", "dashboard"});
    const auto source = table == tables.end() ? std::nullopt : table->column({"source", "module"});
    const Entry* last = nullptr;
    for (const auto& [metric, row] : metrics) {
        judge.outcome.named.metrics.push_back(metric);
        judge_metric(judge, row->line, metric);
        if (std::exchange(last, row) == row) continue;
        for (const auto& module : names_of(*row, source)) judge_modules(judge, row->line, module);
    }
    for (const auto& [metric, entry] : lines) {
        judge.outcome.named.metrics.push_back(metric);
        judge_metric(judge, entry->line, metric);
    }
    judge_denials(judge, section);
}

}  // namespace tristrata::readiness
