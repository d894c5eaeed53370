#include "alert_field.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "tokens.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <span>

namespace tristrata::readiness {
namespace {

/// Whether what stands beside a P1 says that it wakes nobody, or will only later: "(does not page)", "(to be
/// wired)", "during office hours only".
bool wakes_not(std::span<const Token> beside) {
    static constexpr auto denies = vocabulary::words(
        {"doesn", "don", "never", "no", "nobody", "none", "not", "nothing", "nowhere", "off", "without"});
    static constexpr auto wakes =
        vocabulary::words({"fires", "notifies", "notify", "page", "paged", "pager", "pages", "paging",
                           "rings", "routed", "wake", "wakes", "wired", "woken"});
    static constexpr auto but =
        vocabulary::words({"but", "else", "even", "except", "if", "only", "other", "when", "while"});
    static constexpr auto silent = vocabulary::words({"informational", "muted", "silenced"});
    bool denied = false, waking = false, limited = false, hours = false;
    for (std::size_t i = 0; i <= beside.size(); ++i) {
        if (i == beside.size() || beside[i].is_sign(",;().|") ||
            (beside[i].is_sign("-") && beside[i].spaced && beside[i].open)) {
            if (denied && waking && !limited) return true;
            denied = waking = limited = hours = false;
            continue;
        }
        const std::string& word = beside[i].small;
        if (vocabulary::has(silent, word) || (hours && word == "only")) return true;
        denied = denied || vocabulary::has(denies, word);
        waking = waking || vocabulary::has(wakes, word);
        limited = limited || vocabulary::has(but, word);
        hours = hours || word == "hours";
    }
    return !taken_back_by(beside, {.may_wait = true, .must_be_there = true}).empty();
}

}  // namespace

int severity_of(std::string_view cell) {
    const auto tokens = tokens_of(cell);
    // "P1 (P3 at night)" is of two.
    std::string first;
    for (const auto& token : tokens) {
        const std::string& word = token.small;
        if (token.kind != Token::Kind::word || word.size() != 2 || word[0] != 'p' || !is_digit(word[1]))
            continue;
        if (first.empty()) first = word;
        else if (first != word) return 0;
    }
    TokenReader reader(tokens);
    const auto take_beside = [&](std::string_view signs) {
        while (reader.take(accepted::severity_beside) || reader.take_sign(signs)) {
        }
    };
    take_beside(":=/,");
    if (!reader.is(Token::Kind::word)) return 0;
    const std::string& word = reader.now().small;
    if (word.size() != 2 || word[0] != 'p' || word[1] < '1' || word[1] > '3') return 0;
    reader.skip();
    if (word == "p1" && wakes_not(std::span(tokens).subspan(reader.place()))) return 0;
    take_beside("=/,");
    while (!reader.at_end() && reader.now().is_sign("("))
        if (!reader.take_reason(accepted::severity_beside)) return 0;
    take_beside("=/,");
    return reader.at_end() || reader.take_reason(accepted::severity_beside) ? word[1] - '0' : 0;
}

bool is_left_open(const std::string& cell) {
    static constexpr auto none = vocabulary::words({"na", "nil", "no", "none", "null", "same"});
    static constexpr auto makings = vocabulary::words({"chosen", "decided", "defined", "named"});
    const auto words = words_of_text(cell);
    if (words.empty()) return trimmed_text(cell) == "?";
    if (words.size() == 1 && vocabulary::has(none, words.front())) return false;
    if (is_empty_answer(cell)) return true;
    // "to be chosen", "not decided", "will be named"
    constexpr std::size_t words_max = 4;
    static constexpr auto leads = vocabulary::words({"is", "not", "to", "will"});
    return words.size() <= words_max && vocabulary::has(leads, words.front()) &&
           vocabulary::has(makings, words.back());
}

bool wakes_nobody(const std::string& channel) {
    static constexpr auto silent = vocabulary::words({"dev", "disabled", "file", "log", "logfile", "logs",
                                                      "muted", "null", "only", "silenced", "stdout", "the"});
    const auto said = words_of_text(channel);
    if (!said.empty() && channel.find_first_of("#@") == std::string::npos &&
        std::ranges::all_of(said, [](const auto& word) { return vocabulary::has(silent, word); }))
        return true;
    return words_of_text(channel).empty()
               ? trimmed_text(channel) != "?"
               : !is_left_open(channel) && (is_refused(channel) || is_empty_answer(channel));
}

std::string name_alone(const std::string& name) {
    const auto bracket = name.find(" (");
    return bracket == std::string::npos || bracket == 0 || !name.ends_with(')') ? name
                                                                                : name.substr(0, bracket);
}

std::string note_of_alert(std::string_view cell) {
    const auto tokens = tokens_of(cell);
    // "PredictionsMissing or DeadFeatures" is one of two; "Predictions late or missing" is a title.
    const auto is_name = [&](std::size_t at) {
        const std::string& text = tokens[at].text;
        const auto large = std::ranges::count_if(text, [](char c) { return c >= 'A' && c <= 'Z'; });
        return tokens[at].kind == Token::Kind::word && text != tokens[at].small &&
               (large > 1 || text.find('_') != std::string::npos);
    };
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        if (tokens[at].is_sign("?")) return tokens[at].text;
        if (at > 0 && at + 1 < tokens.size() && tokens[at].small == "or" && is_name(at - 1) &&
            is_name(at + 1))
            return text_of(std::span(tokens).subspan(at, 2));
    }
    for (std::size_t at = 1; at < tokens.size(); ++at)
        if (tokens[at].is_sign(",;(") || (tokens[at].is_sign(":.") && tokens[at].open) ||
            (tokens[at].is_sign("-") && tokens[at].spaced && tokens[at].open))
            return taken_back_by(std::span(tokens).subspan(at), {.may_wait = true, .must_be_there = true});
    return "";
}

}  // namespace tristrata::readiness
