#include "accepted.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "labels.hpp"
#include "remainder.hpp"
#include "saying.hpp"
#include "tokens.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/draft.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <span>

// The section of the way back: a lever, and its rehearsal.
namespace tristrata::readiness {
namespace {

constexpr std::int64_t microseconds_of_a_day = 86'400'000'000;

// How far back a word of refusal reaches: "no code has to be built for a redeploy" is none.
constexpr std::size_t reach_of_deploys = 6;

/// What a line says of a rehearsal.
enum class Rehearsal : std::uint8_t { none, held, to_come };

/// "the drill of 2026-05-03 failed", "it did not work"; "nothing failed" and "it did not fail" have not.
bool has_failed(const std::vector<std::string>& said) {
    static constexpr auto broken = vocabulary::words(
        {"aborted", "broke", "broken", "error", "errors", "stopped", "unsuccessful", "unsuccessfully"});
    static constexpr auto denies = vocabulary::words({"never", "no", "none", "not", "nothing", "without"});
    static constexpr auto before_not = vocabulary::words({"did", "has", "was"});
    const auto fails = [&](std::size_t at) {
        return at < said.size() &&
               (vocabulary::has(accepted::not_passed, said[at]) || vocabulary::has(broken, said[at]));
    };
    for (std::size_t i = 0; i < said.size(); ++i) {
        const bool denied = (i > 0 && vocabulary::has(denies, said[i - 1])) ||
                            (i > 1 && vocabulary::has(denies, said[i - 2]));
        if (fails(i) && !denied) return true;
        if (said[i] == "without" && i + 1 < said.size() && said[i + 1] == "success") return true;
        if (said[i] == "not" && i > 0 && vocabulary::has(before_not, said[i - 1]) && !fails(i + 1) &&
            !fails(i + 2))
            return true;
    }
    return false;
}

/// Whether a line names the day, not after today, or the run of a rehearsal, and takes nothing back.
Rehearsal rehearsal_in(const Entry& entry, const std::optional<Labelled>& line, long today) {
    static constexpr std::array<std::string_view, 5> words{"rehearsed", "rehearsal", "drill", "tested",
                                                           "tried"};
    const auto tokens = tokens_of(line ? line->value : entry.text, entry.code);
    const bool of_it = line && std::ranges::any_of(words, [&](std::string_view word) {
                           return line->label.starts_with(word);
                       });
    // "2026-05-03, could not be completed", "(partly)"
    if (of_it && !doubt_in(tokens, true).empty()) return Rehearsal::none;
    // "Rehearsed: 2026-05-03, nothing failed" begins with its answer.
    const bool answers = of_it && !tokens.empty() && tokens.front().kind == Token::Kind::day;
    // "2026-05-03 (to be confirmed)", ", maybe"
    if (answers &&
        !taken_back_by(std::span(tokens).subspan(1), {.may_wait = true, .may_be_off = true}).empty())
        return Rehearsal::none;
    if (!answers && (!asks_for(entry.text, words, 1) || (line && is_refused(line->value))))
        return Rehearsal::none;
    if (has_failed(words_of_text(with_not_spelt_out(core::lowered(entry.text))))) return Rehearsal::none;
    // "maybe on 2026-05-03"
    bool address = !entry.addresses.empty();
    for (const auto& token : tokens) {
        if (token.kind == Token::Kind::day || token.kind == Token::Kind::address) {
            if (token.text.ends_with("://")) return Rehearsal::none;
            address = address || token.kind == Token::Kind::address;
            break;
        }
        if (token.kind == Token::Kind::word && !vocabulary::has(accepted::rehearsal_before, token.small))
            return Rehearsal::none;
    }
    const auto days = dates_of(entry.text);
    if (days.empty()) return address ? Rehearsal::held : Rehearsal::none;
    return std::ranges::any_of(days, [&](long day) { return day <= today; }) ? Rehearsal::held
                                                                             : Rehearsal::to_come;
}

/// The line with its backticks.
std::string written(const Entry& entry) {
    std::string text = entry.text;
    std::size_t at = 0;
    for (const auto& code : entry.code) {
        at = text.find(code, at);
        if (code.empty() || at == std::string::npos) break;
        text.insert(at + code.size(), "`").insert(at, "`");
        at += code.size() + 2;
    }
    return text;
}

/// Whether a sentence says that the way back is a deploy; one of another time, or of what would be, does not.
bool needs_deploy(std::string_view text) {
    static constexpr auto elsewhere =
        vocabulary::words({"could", "did", "had", "if", "otherwise", "unless", "was", "were", "would"});
    return std::ranges::any_of(sentences_of(text), [&](std::string_view sentence) {
        return asks_for(sentence, vocabulary::deploys, reach_of_deploys) &&
               !says_any(sentence, {"not part of", "not a part of", "no part of"}) &&
               std::ranges::none_of(words_of_text(sentence),
                                    [](auto& word) { return vocabulary::has(elsewhere, word); });
    });
}

/// "We rehearsed that on 2026-11-26 in staging."
bool tells_of_rehearsal(const Section& section) {
    return std::ranges::any_of(section.entries, [](const Entry& one) {
        return (one.kind == Entry::Kind::text || one.kind == Entry::Kind::item) &&
               says_any(one.text, {"rehearsed", "rehearsal", "drill", "drilled"});
    });
}

}  // namespace

void judge_rollback(const Judge& judge, const Section& section) {
    bool lever = false, labels = false;
    const Entry* deploy = nullptr;
    const Entry* unread = nullptr;
    std::string stumbled;  // Over which words of the unread line.
    const Entry* to_come = nullptr;
    const Entry* not_held = nullptr;
    bool rehearsed = false;
    const auto today = static_cast<long>(judge.options.now.microseconds / microseconds_of_a_day);
    const auto of_lever = [](const Entry& entry, const std::optional<Labelled>& line) {
        return entry.kind == Entry::Kind::row ? !entry.cells.empty() && says(entry.cells[0], "lever")
                                              : line && says(line->label, "lever");
    };
    for (const auto& entry : section.entries) {
        const auto line = entry.kind == Entry::Kind::text || entry.kind == Entry::Kind::item
                              ? labelled(entry.text)
                              : std::nullopt;
        if (!line ||
            !says_any(line->label, {"trigger", "triggers", "kill", "when", "condition", "criterion"}))
            continue;
        if (const auto hedge = hedge_in(line->value); !hedge.empty())
            judge.find("RDY599", entry.line,
                       fmt::format("{} leaves open when the way back is taken; expected which number, past "
                                   "which value: \"PSI above 0.5\"",
                                   core::quoted(hedge)),
                       Finding::Kind::wrong);
    }
    for (const auto& entry : section.entries)
        labels = labels || (entry.kind != Entry::Kind::code && of_lever(entry, labelled(entry.text)));
    for (const auto& entry : section.entries) {
        if (entry.kind == Entry::Kind::columns || entry.kind == Entry::Kind::heading) continue;
        const auto line = labelled(entry.text);
        // What stands in a block of code is a statement, and no line of the plan.
        const bool code = entry.kind == Entry::Kind::code;
        if (code && of_lever(entry, line)) continue;
        const auto said_of_it = code ? Rehearsal::none : rehearsal_in(entry, line, today);
        const bool rehearsal = said_of_it == Rehearsal::held;
        rehearsed = rehearsed || rehearsal;
        if (said_of_it == Rehearsal::to_come && to_come == nullptr) to_come = &entry;
        const bool deploys_code =
            line ? asks_for(entry.text, vocabulary::deploys, reach_of_deploys) : needs_deploy(entry.text);
        if (deploy == nullptr && deploys_code) deploy = &entry;
        // Where a line is called the lever, no other is it; a statement in a block of code may be.
        const bool named = of_lever(entry, line);
        const bool of_it = line && says_any(line->label, labels::rehearsal);
        if (of_it && !code && not_held == nullptr) not_held = &entry;
        if (rehearsal || of_it) continue;
        if (code) {
            lever = lever || (!deploys_code && asks_for(entry.text, vocabulary::levers, 2));
            continue;
        }
        if (labels && !named) continue;
        // "Lever:" itself is no lever: what follows it is.
        std::vector<std::string> said{line ? line->value : entry.text};
        if (entry.kind == Entry::Kind::row && !entry.cells.empty())
            said.assign(entry.cells.begin() + 1, entry.cells.end());
        for (const auto& text : said) {
            std::string odd;
            const Lever found = read_lever(text, entry.code, &odd);
            if (named && unread == nullptr) stumbled = odd;
            lever = lever || (found == Lever::named && !deploys_code);
            if (found == Lever::deploys && named && deploy == nullptr) deploy = &entry;
        }
        if (named && unread == nullptr) unread = &entry;
    }
    if (deploy != nullptr)
        judge.find("RDY502", deploy->line,
                   "the way back is a deploy of code; expected a flag, an alias or a key of ftf_config. "
                   "Where there is "
                   "none, ADR-56 reviews the change");
    else if (!lever)
        judge.find(
            "RDY501", section.line,
            unread == nullptr
                ? fmt::format("no lever of configuration; expected a flag, an alias or a key by its name: {}",
                              accepted::lever_line)
                : fmt::format("no lever is read in {}{}; expected a flag, an alias or a key by its name: {}",
                              core::quoted(written(*unread), 80), at_words(stumbled), accepted::lever_line),
            unread == nullptr ? Finding::Kind::missing : Finding::Kind::wrong);
    static constexpr std::string_view rehearsed_line =
        "\"Rehearsed: 2026-05-03\", or a link to the run: \"Rehearsed: https://ci.example.com/runs/4711\"";
    if (!rehearsed && to_come != nullptr)
        judge.find("RDY503", to_come->line,
                   fmt::format("the rehearsal is on {}, which is to come; expected a day that has been: {}",
                               date_text(dates_of(to_come->text).front()), rehearsed_line),
                   Finding::Kind::wrong);
    else if (!rehearsed && not_held != nullptr && !is_empty_answer(labelled(not_held->text)->value))
        judge.find("RDY503", not_held->line,
                   fmt::format("no rehearsal that was held is read in {}; expected {}",
                               core::quoted(not_held->text, 80), rehearsed_line),
                   Finding::Kind::wrong);
    else if (!rehearsed)
        judge.find("RDY503", not_held == nullptr ? section.line : not_held->line,
                   fmt::format("{}; expected {}",
                               not_held == nullptr && tells_of_rehearsal(section)
                                   ? "the rehearsal is told in a sentence, and no line \"Rehearsed:\" has it"
                                   : "nothing says that the way back was rehearsed",
                               rehearsed_line));
    judge_denials(judge, section);
}

}  // namespace tristrata::readiness
