#include "accepted.hpp"
#include "alert_field.hpp"
#include "judge.hpp"
#include "labels.hpp"
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
#include <set>

// The sections of alerts and of drift.
namespace tristrata::readiness {
namespace {

/// Whether a link's address is a page's or a heading's: neither empty nor a word, nor one of mail.
bool leads_somewhere(const std::string& address) {
    return address.find_first_of("/.#") != std::string::npos && !address.ends_with('#') &&
           !address.ends_with("://") && !core::lowered(address).starts_with("mailto:") &&
           std::ranges::any_of(address, is_letter);
}

/// A path, an address or a page's name, one or some, and which part of it: "in my head" is none. A link is
/// one by its address, and so is a name with spaces in backticks.
bool is_place(const Entry& row, std::optional<std::size_t> column,
              const std::vector<std::string>& addresses) {
    const std::string cell = cell_of(row, column);
    const bool linked = !addresses.empty();
    // "(not written yet)", [runbook](), [runbook](#), [runbook](soon), mailto:
    if (!hedge_in(cell).empty() || core::lowered(cell).starts_with("mailto:") ||
        !std::ranges::all_of(addresses, leads_somewhere))
        return false;
    const bool code = std::ranges::find(row.code, cell) != row.code.end();
    const auto reads_like_place = [](std::string_view word) {
        // Of an address what follows its scheme: "https://" leads nowhere.
        const auto scheme = word.find("://");
        return word.find_first_of("/#.") != std::string_view::npos && !word.ends_with('?') &&
               std::ranges::any_of(word.substr(scheme == std::string_view::npos ? 0 : scheme + 3), is_letter);
    };
    // "#ml-alerts" is a channel; behind a path it is a heading.
    if (!linked && cell.starts_with('#')) return false;
    if (code || (linked && !cell.ends_with('?') && !is_empty_answer(cell)))
        return linked || reads_like_place(cell);
    constexpr std::string_view see = "see ";
    std::size_t at = core::lowered(cell).starts_with(see) ? see.size() : 0;
    bool comma = false;  // Behind the last place.
    for (bool any = false; at < cell.size(); any = true) {
        const std::size_t end = std::min(cell.find(' ', at), cell.size());
        // "docs/a.md and docs/b.md"
        if (const auto word = std::string_view(cell).substr(at, end - at);
            any && (word == "and" || word == "&" || word == "+")) {
            at = std::min(cell.find_first_not_of(' ', end), cell.size());
            continue;
        }
        if (!reads_like_place(std::string_view(cell).substr(at, end - at))) {
            if (!any) return false;
            break;
        }
        comma = cell[end - 1] == ',';
        at = std::min(cell.find_first_not_of(' ', end), cell.size());
    }
    // "docs/a.md (section 2)"
    const std::string rest = cell.substr(at);
    const auto tokens = tokens_of(rest);
    TokenReader reader(tokens);
    // "docs/a.md (new)", "docs/a.md, section Diagnosis"
    if (TokenReader ahead = reader; comma || ahead.take_sign(",") || ahead.take_separator())
        return taken_back_by(tokens, {.may_depend = true}).empty();
    while (!reader.at_end())
        if (!reader.take(accepted::runbook_remarks) && !reader.take_sign(",&+") &&
            !reader.take_reason(accepted::runbook_remarks))
            return false;
    return true;
}

/// "something is off", "when it looks wrong": of which nobody can say when it is so.
bool is_vague(std::string_view cell) {
    static constexpr auto anything = vocabulary::words({"anything", "something"});
    static constexpr auto seems = vocabulary::words({"feel", "feels", "look", "looks", "seem", "seems"});
    const auto words = words_of_text(cell);
    return (!words.empty() && vocabulary::has(anything, words.front())) ||
           std::ranges::any_of(words, [](const auto& word) { return vocabulary::has(seems, word); });
}

/// Which number, past which value: a number, a query, or a sentence of three words; "later" is none.
bool is_trigger(const Entry& row, std::optional<std::size_t> column) {
    constexpr std::size_t words_of_a_sentence = 3;
    const std::string cell = cell_of(row, column);
    const auto tokens = tokens_of(cell);
    // "3 in a row" and "0 / 0" do not say of what.
    static constexpr auto beside = vocabulary::words({"a", "an", "and", "at", "by", "each", "in", "of", "on",
                                                      "one", "or", "per", "row", "the", "times", "to", "x"});
    const bool named = std::ranges::any_of(tokens, [](const Token& one) {
        return one.is_sign("<=>=") || one.kind == Token::Kind::code ||
               (one.kind == Token::Kind::word && !vocabulary::has(beside, one.small));
    });
    const bool exact = named && std::ranges::any_of(tokens, [](const Token& one) {
                           return one.kind == Token::Kind::number || one.is_sign("<=>=") ||
                                  one.text.find('_') != std::string::npos;
                       });
    const bool code =
        std::ranges::find(row.code_cells, column.value_or(row.cells.size())) != row.code_cells.end();
    const bool asked = std::ranges::any_of(tokens, [](const Token& one) { return one.is_sign("?"); });
    // Which number is told later, or none is: "the trigger is decided later", "does not fire".
    const auto words = words_of_text(cell);
    const bool none = says_any(cell, {"does not fire", "never fires", "anything unusual"}) ||
                      (!words.empty() && (words.back() == "later" || words.back() == "soon"));
    return !is_empty_answer(cell) && !asked && !none && hedge_in(cell).empty() &&
           (exact || code ||
            (named && !is_vague(cell) &&
             std::ranges::count(tokens, Token::Kind::word, &Token::kind) >=
                 static_cast<std::ptrdiff_t>(words_of_a_sentence)));
}

/// Warn and crit of a text; nothing where they are not read in it. A cell has two numbers alone, a sentence
/// may go on with another signal's.
std::optional<Thresholds> pair_in(std::string_view text, const Entry& entry) {
    const auto said = read_thresholds(text, entry.code);
    if (entry.kind == Entry::Kind::row && said.numbers.size() > 2) return std::nullopt;
    if (!said.fits() || said.numbers.size() < 2 || said.numbers[0] < 0.0 || said.numbers[1] < 0.0)
        return std::nullopt;
    return Thresholds{said.numbers[0], said.numbers[1]};
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
    std::set<std::string_view> said;
    for (const auto& word : words)
        if (!vocabulary::has(vocabulary::threshold_words, word)) said.insert(word);
    return said.size() >= 2;
}

/// Whether a clause of a line says of what, or against what, its numbers are measured: "vs. training", "incl.
/// volume", "per symbol".
bool names_measured(std::span<const Token> clause) {
    static constexpr auto against =
        vocabulary::words({"across", "against", "between", "compared", "computed", "excl", "incl",
                           "including", "of", "relative", "versus", "vs"});
    static constexpr auto each = vocabulary::words({"by", "in", "per"});
    static constexpr auto grounds =
        vocabulary::words({"adr", "as", "committee", "decision", "review", "session", "so"});
    constexpr std::ptrdiff_t against_words = 8, each_words = 4;
    static constexpr auto sides = vocabulary::words({"baseline", "reference", "source", "window"});
    // "Reference: the training window"
    if (clause.size() > 1 && clause[1].is_sign(":") && vocabulary::has(sides, clause.front().small))
        return true;
    if (clause.empty() || std::ranges::any_of(clause, [](const Token& one) {
            return vocabulary::has(vocabulary::causes, one.small) || vocabulary::has(grounds, one.small);
        }))
        return clause.empty();
    const auto words = std::ranges::count(clause, Token::Kind::word, &Token::kind);
    return (vocabulary::has(against, clause.front().small) && words <= against_words) ||
           (vocabulary::has(each, clause.front().small) && words <= each_words);
}

/// What of a line says why its numbers are those: neither what leads to them, unless it is a cause or stands
/// behind the line's label, nor what they are of.
std::string rationale_in(std::string_view text, bool behind_label) {
    const auto tokens = tokens_of(text);
    const auto ends = [&](std::size_t at) {
        static constexpr auto cut_short = vocabulary::words({"excl", "incl", "vs"});
        const Token& one = tokens[at];
        if (one.is_sign(".!"))
            return one.open && (at == 0 || !vocabulary::has(cut_short, tokens[at - 1].small));
        return one.is_sign(",;()") || (one.is_sign("-") && one.spaced && one.open);
    };
    std::string why;
    bool counts = behind_label;
    for (std::size_t begin = 0; begin < tokens.size();) {
        std::size_t end = begin;
        const bool number = tokens[begin].kind == Token::Kind::number;
        // "0.3 / 0.5 per symbol": behind a number another clause begins.
        while (end < tokens.size() && !ends(end) &&
               (end == begin || (tokens[end].kind == Token::Kind::number) == number))
            if (++end == begin + 1 && number) break;
        const auto clause = std::span(tokens).subspan(begin, end - begin);
        const bool caused = std::ranges::any_of(
            clause, [](const Token& one) { return vocabulary::has(vocabulary::causes, one.small); });
        counts = counts || number || caused;
        if (counts && !number && !names_measured(clause)) why += text_of(clause) + " ; ";
        begin = end < tokens.size() && ends(end) ? end + 1 : std::max(end, begin + 1);
    }
    return why;
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
    std::string said;
};

/// "PSI of the score, by symbol", "PSI against June": a label that begins with its signal, and denies
/// nothing.
bool names_of_what(std::string_view label, std::string_view led) {
    static constexpr auto denies = vocabulary::words({"is", "isn", "never", "no", "none", "not", "without"});
    if (!words_of_text(led).empty()) return false;
    const auto tokens = tokens_of(label);
    return std::ranges::none_of(
               tokens,
               [](const Token& one) { return one.is_sign("?") || vocabulary::has(denies, one.small); }) &&
           hedge_in(label).empty();
}

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
        const auto said = labelled(entry.text);
        // "PSI: none (it would be 0.2 / 0.5)"
        if (said && is_refused(said->value)) continue;
        const auto before = [&](std::string_view text) {
            const std::string small = core::lowered(text);
            std::size_t at = small.size();
            for (const auto word : signal.words) at = std::min(at, small.find(word));
            return std::string(text.substr(0, at));
        };
        if (entry.kind == Entry::Kind::row && table != nullptr) {
            if (entry.cells.empty() || !says_any(entry.cells[0], signal.words)) continue;
            if (!leads_to_thresholds(before(entry.cells[0]), entry.code)) continue;
            const auto threshold = table->column({"threshold", "thresholds", "warn"});
            const auto crit = table->column({"crit"});
            const auto rationale = table->column({"rationale", "why", "reason", "justification"});
            std::string numbers = cell_of(entry, threshold);
            if (crit && crit != threshold) numbers += " / " + cell_of(entry, crit);
            auto pair = pair_in(numbers, entry);
            for (std::size_t i = 1; !threshold && !pair && i < entry.cells.size(); ++i)
                if (i != rationale) pair = pair_in(entry.cells[i], entry), numbers = entry.cells[i];
            lines.push_back({entry.line, pair, cell_of(entry, rationale), numbers});
        } else {
            const auto line_in = [&](std::string_view part) -> std::optional<SignalLine> {
                if (!says_any(part, signal.words)) return std::nullopt;
                const std::string led = before(part);
                if (!leads_to_thresholds(led, entry.code)) return std::nullopt;
                const auto at = static_cast<std::size_t>(part.data() - entry.text.data());
                const std::string rest = entry.text.substr(at + led.size());
                const auto own = labelled(part);
                // Numbers of a label are no thresholds: "PSI (10 bins): 0.2 / 0.5".
                const bool label =
                    own && says_any(own->label, signal.words) &&
                    (leads_to_thresholds(own->label, entry.code) || names_of_what(own->label, led));
                auto pair = pair_in(label ? own->value : part.substr(led.size()), entry);
                // "PSI: warn 0.2. Crit 0.5."
                if (!pair) pair = pair_in(label ? rest.substr(rest.find(own->value)) : rest, entry);
                const std::string why =
                    rationale_in(label ? rest.substr(rest.find(own->value)) : rest, label);
                return SignalLine{entry.line, pair, why, rest};
            };
            // The line as one; then "It is computed each night. PSI: 0.2 / 0.5": a sentence of it has them.
            std::vector<std::string_view> parts = sentences_of(entry.text);
            parts.insert(parts.begin(), entry.text);
            std::vector<SignalLine> unread;
            for (const auto part : parts) {
                auto line = line_in(part);
                if (!line) continue;
                const bool found = line->thresholds.has_value();
                if (found) unread.clear();
                unread.push_back(std::move(*line));
                if (found) break;
            }
            std::ranges::move(unread, std::back_inserter(lines));
        }
    }
    return lines;
}

}  // namespace

void judge_cells(const Judge& judge, std::string_view rule, const Table& table,
                 const std::vector<std::string_view>& columns) {
    for (const auto word : columns)
        if (const auto column = table.column({word}))
            for (const Entry* row : table.rows)
                if (const std::string cell = cell_of(*row, column); is_left_open(cell)) {
                    judge.find(rule, row->line,
                               fmt::format("{} is left to be written under {}; expected what is so",
                                           core::quoted(cell, 60),
                                           core::quoted(table.columns->cells.at(*column), 40)));
                    return;
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
        judge.find(
            "RDY298", section.line,
            "no table of alerts; a list is none. Expected \"| Alert | Trigger | Runbook | Severity |\", "
            "a line of dashes, and a row of each alert");
        return;
    }
    const auto alert = table->column({"alert", "alerts"}),
               trigger = table->column({"trigger", "condition", "expr"}),
               runbook = table->column({"runbook", "runbooks"}),
               severity = table->column({"severity", "priority"}),
               channel = table->column({"channel", "notification", "notifies"});
    for (const auto& [column, wanted] :
         {std::pair{trigger, "Trigger"}, std::pair{runbook, "Runbook"}, std::pair{severity, "Severity"}})
        if (!column) {
            judge.find("RDY298", table->columns->line, fmt::format("no column {}", wanted));
            return;
        }
    judge_cells(judge, "RDY299", *table, {"channel", "notification", "notifies", "owner"});
    bool p1 = false;
    for (const Entry* row : table->rows) {
        const std::string cell = cell_of(*row, alert);
        auto names = names_of(*row, alert);
        if (names.empty()) continue;
        // A title may have a comma.
        if (judge.options.facts != nullptr && judge.options.facts->alerts.contains(cell)) names = {cell};
        // "VarianceDead (new)" is called so without its note.
        else if (names.size() == 1) names = {name_alone(names.front())};
        const std::string name = core::quoted(names.size() == 1 ? names.front() : cell);
        if (const std::string note = note_of_alert(cell); !note.empty())
            judge.find(
                "RDY299", row->line,
                fmt::format("{} leaves open whether the alert {} is there; expected one that is, by its name "
                            "alone",
                            core::quoted(note, 40), core::quoted(name_alone(names.front()))),
                Finding::Kind::wrong);
        const std::string degree = cell_of(*row, severity);
        const int number = severity_of(degree);
        const bool pages = number == 1;
        p1 = p1 || pages;
        if (!is_trigger(*row, trigger))
            judge.find(
                "RDY202", row->line,
                fmt::format("{} has no trigger; expected which number, past which value: \"win_rate below "
                            "0.5 in one fold\"",
                            name),
                kind_of(cell_of(*row, trigger)));
        const std::string book = cell_of(*row, runbook);
        const auto addresses = addresses_of(*row, runbook);
        if (is_empty_answer(book) || !is_place(*row, runbook, addresses))
            judge.find("RDY203", row->line,
                       fmt::format("{} has no runbook{}; expected its path", name,
                                   is_empty_answer(book) ? "" : " that is read in " + core::quoted(book, 80)),
                       kind_of(book));
        else judge_runbook(judge, row->line, book, addresses);
        if (number == 0)
            judge.find("RDY204", row->line,
                       fmt::format("{} has the severity {}; expected {} alone", name, core::quoted(degree),
                                   accepted::severity_line),
                       kind_of(degree));
        if (const std::string whom = cell_of(*row, channel); pages && channel && wakes_nobody(whom))
            judge.find("RDY201", row->line,
                       fmt::format("{} is a P1 and its channel is {}; expected whom it wakes: \"pager of ML "
                                   "on-call\"",
                                   name, whom.empty() ? "empty" : core::quoted(whom, 40)),
                       kind_of(whom));
        for (const auto& one : names) {
            judge.outcome.named.alerts.push_back(one);
            judge_alert(judge, row->line, one, pages);
        }
    }
    if (!p1)
        judge.find("RDY201", section.line,
                   "no alert is a P1; expected one, for the failure that would lose money in silence");
    judge_denials(judge, section);
}

void judge_drift(const Judge& judge, const Section& section) {
    if (const Entry* half = half_a_table(section); half != nullptr) {
        judge.find("RDY398", half->line,
                   "this row is part of no table; expected column names, a line of dashes, then rows");
        return;
    }
    const auto tables = tables_of(section);
    for (const auto& table : tables) judge_cells(judge, "RDY399", table, {"reference", "baseline"});
    static const std::optional<Thresholds> unknown;
    const auto* facts = judge.options.facts;
    const std::array signals{
        Signal{"RDY301", labels::psi, "PSI", judge.policy.psi, facts == nullptr ? &unknown : &facts->psi},
        Signal{"RDY302", labels::performance_gap, "performance gap", judge.policy.performance_gap,
               facts == nullptr ? &unknown : &facts->performance_gap}};
    const bool elsewhere = std::ranges::any_of(section.entries, [](const Entry& one) {
        const auto said = labelled(one.text);
        return one.kind != Entry::Kind::columns && said && says_any(said->label, {"rationale", "why"}) &&
               gives_reason(said->value);
    });
    for (const auto& signal : signals) {
        bool any = false;
        std::string odd;
        std::size_t odd_line = section.line;
        for (const auto& line : lines_of(section, tables, signal)) {
            if (!line.thresholds) {
                // Only of a line with a number is it told what of it is none.
                if (odd.empty() && std::ranges::any_of(line.said, is_digit))
                    odd = line.said, odd_line = line.line;
                continue;
            }
            any = true;
            const auto& [warn, crit] = *line.thresholds;
            if (warn >= crit) {
                judge.find("RDY303", line.line,
                           fmt::format("warn is {} and crit {} of the {}; expected the smaller first", warn,
                                       crit, signal.title));
            } else if (!is_same(*line.thresholds, signal.usual)) {
                if (!gives_reason(line.reason) && !elsewhere)
                    judge.find("RDY304", line.line,
                               fmt::format(
                                   "{} of {} / {} in place of {} / {}, and no line that says why; expected a "
                                   "sentence beside it, or \"Rationale:\" and why",
                                   signal.title, warn, crit, signal.usual.warn, signal.usual.crit));
            }
            judge_thresholds(judge, line.line, signal.title, *line.thresholds, *signal.used);
        }
        if (!any)
            judge.find(
                signal.rule, odd_line,
                fmt::format("no thresholds of {}{}; expected warn and crit, such as {} / {}", signal.title,
                            odd.empty() ? "" : fmt::format(" are read in {}", core::quoted(odd, 60)),
                            signal.usual.warn, signal.usual.crit),
                odd.empty() ? Finding::Kind::missing : Finding::Kind::wrong);
    }
    judge_denials(judge, section);
}

}  // namespace tristrata::readiness
