#include "wording.hpp"

#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

namespace tristrata::readiness {
namespace {

/// A sign of several bytes that divides as a dash or a space does: it is no letter.
std::size_t sign_at(std::string_view text, std::size_t at) {
    static constexpr std::array<std::string_view, 12> signs{"\u2013", "\u2014", "\u2265", "\u2264",
                                                            "\u2705", "\u2026", "\u00a0", "\u2192",
                                                            "\u274c", "\u00b1", "\u00a7", "\u00d7"};
    for (const auto sign : signs)
        if (text.substr(at, sign.size()) == sign) return sign.size();
    // Spaces, joiners and marks of direction that show nothing: U+00AD, U+2000 to 200F, U+2028 to 202F,
    // U+205F to 206F, U+3000, U+FEFF.
    static constexpr std::array<std::string_view, 3> nothing{"\u00ad", "\u3000", "\ufeff"};
    for (const auto sign : nothing)
        if (text.substr(at, sign.size()) == sign) return sign.size();
    if (text.size() < at + 3 || text[at] != '\xe2') return 0;
    const auto second = static_cast<unsigned char>(text[at + 1]),
               third = static_cast<unsigned char>(text[at + 2]);
    const bool general = second == 0x80 && (third <= 0x8f || (third >= 0xa8 && third <= 0xaf));
    return general || (second == 0x81 && third >= 0x9f && third <= 0xaf) ? 3 : 0;
}

}  // namespace

std::string without_signs(std::string_view text) {
    if (is_ascii(text)) return std::string(text);
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t sign = static_cast<unsigned char>(text[at]) >= 0x80 ? sign_at(text, at) : 0;
        if (sign > 0) plain += ' ', at += sign;
        else plain += text[at++];
    }
    return plain;
}

std::string with_plain_dashes(std::string_view given) {
    if (is_ascii(given)) return std::string(given);
    std::string text;
    text.reserve(given.size());
    for (std::size_t at = 0; at < given.size(); ++at) {
        const auto sign = given.substr(at, 3);
        if (sign == "\u2014") text += " - ";
        else if (sign == "\u2013" || sign == "\u2212") text += '-';
        else {
            text += given[at];
            continue;
        }
        at += 2;
    }
    return text;
}

std::string_view trimmed_text(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<Labelled> labelled(std::string_view text) {
    constexpr std::size_t label_bytes_max = 48;
    const auto colon = text.find(':');
    // "See https://wiki.example.com" has no label.
    if (colon == std::string_view::npos || colon > label_bytes_max || text.substr(colon).starts_with("://"))
        return std::nullopt;
    const auto label = trimmed_text(text.substr(0, colon));
    if (label.empty()) return std::nullopt;
    return Labelled{core::lowered(label), std::string(trimmed_text(text.substr(colon + 1)))};
}

namespace {

/// As says, of a text in small letters.
bool says_in_small(std::string_view small, std::string_view phrase) {
    for (auto at = small.find(phrase); at != std::string::npos; at = small.find(phrase, at + 1)) {
        const bool begins = at == 0 || !is_word(small[at - 1]);
        const std::size_t end = at + phrase.size();
        if (begins && (end == small.size() || !is_word(small[end]))) return true;
    }
    return false;
}

}  // namespace

bool says(std::string_view text, std::string_view phrase) {
    return says_in_small(core::lowered(text), phrase);
}

bool says_any(std::string_view text, const std::vector<std::string_view>& phrases) {
    const std::string small = core::lowered(text);
    return std::ranges::any_of(phrases,
                               [&](std::string_view phrase) { return says_in_small(small, phrase); });
}

std::vector<std::string> handles_of(std::string_view text) {
    std::vector<std::string> handles;
    std::set<std::string, std::less<>> seen;
    for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.')) continue;  // An address of mail.
        std::size_t end = at + 1;
        while (end < text.size() &&
               ((static_cast<unsigned char>(text[end]) < 0x80 && is_word(text[end])) || text[end] == '-' ||
                text[end] == '/' || (text[end] == '.' && end + 1 < text.size() && is_word(text[end + 1]))))
            ++end;
        std::string handle(text.substr(at + 1, end - at - 1));
        if (!handle.empty() && seen.insert(handle).second) handles.push_back(std::move(handle));
    }
    return handles;
}

std::string with_not_spelt_out(std::string text) {
    for (const std::string_view mark : {"n't", "n\u2019t"})
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
            text.replace(at, mark.size(), " not");
    return text;
}

namespace {

/// Each word in small letters, up to the first of which `take` says that it is enough.
template <class Take>
void each_word(std::string_view given, const Take& take) {
    const std::string made = is_ascii(given) ? std::string() : without_signs(given);
    const std::string_view plain = made.empty() ? given : made;
    std::string word;
    for (std::size_t at = 0; at <= plain.size(); ++at) {
        // A name such as no_trades_total is one word, and denies nothing.
        if (at < plain.size() && (is_letter(plain[at]) || (plain[at] == '_' && !word.empty()))) {
            word += core::lowered(plain[at]);
            continue;
        }
        if (word.size() >= 2 && !take(word)) return;
        word.clear();
    }
}

}  // namespace

std::vector<std::string> words_of_text(std::string_view given) {
    std::vector<std::string> words;
    each_word(given, [&](const std::string& word) {
        words.push_back(word);
        return true;
    });
    return words;
}

bool is_marked(std::string_view text) {
    const std::string small = core::lowered(text);
    return std::ranges::any_of(vocabulary::ticks,
                               [&](std::string_view tick) { return small.find(tick) != std::string::npos; });
}

namespace {

/// "later", "to follow", "to be named", "comes later".
bool is_put_off(std::string_view text) {
    constexpr std::size_t bytes_max = 60;
    if (text.size() > bytes_max || std::ranges::any_of(text, is_digit)) return false;
    bool to = false, off = false, other = false;
    each_word(text, [&](std::string_view word) {
        const bool put_off = vocabulary::has(vocabulary::put_off, word);
        other = !put_off && !vocabulary::has(vocabulary::beside_put_off, word);
        off = off || vocabulary::has(vocabulary::puts_off, word) || (put_off && to);
        to = to || word == "to" || word == "will" || word == "follows" || word == "comes";
        return !other;
    });
    return !other && (off || core::lowered(trimmed_text(text)) == "follows");
}

}  // namespace

bool is_empty_answer(std::string_view given) {
    if (is_put_off(given)) return true;
    constexpr std::size_t bytes_max = 8;
    static_assert(std::ranges::all_of(vocabulary::empty_answers,
                                      [](std::string_view one) { return one.size() <= bytes_max; }));
    const std::string made = is_ascii(given) ? std::string() : without_signs(given);
    std::string text;
    for (const char c : made.empty() ? given : std::string_view(made)) {
        if (is_word(c)) text += core::lowered(c);
        if (text.size() > bytes_max) return false;
    }
    return vocabulary::has(vocabulary::empty_answers, text);
}

bool is_refused(std::string_view text) {
    bool refused = false;
    each_word(text.substr(0, 160), [&](std::string_view first) {
        refused = vocabulary::has(vocabulary::refusals, first);
        return false;
    });
    return refused;
}

namespace {

/// Words that take back what stands close behind them, and those that do so close before.
bool is_taken_back(std::string_view text, std::size_t at, std::size_t end, std::size_t words_before) {
    constexpr std::size_t words_after = 2;
    // So many bytes hold the words that are looked at; more would make a long line quadratic.
    constexpr std::size_t window_bytes = 160;
    const std::string_view ahead = text.substr(at - std::min(at, window_bytes), std::min(at, window_bytes));
    const auto begin = ahead.find_last_of(".;!");
    auto words = words_of_text(ahead.substr(begin == std::string_view::npos ? 0 : begin + 1));
    for (std::size_t i = words.size() - std::min(words.size(), words_before); i < words.size(); ++i)
        if (vocabulary::has(vocabulary::takes_back_before, words[i])) return true;
    const std::string_view behind = text.substr(end, window_bytes);
    words = words_of_text(behind.substr(0, behind.find_first_of(".;!,")));
    for (std::size_t i = 0; i < std::min(words.size(), words_after); ++i)
        if (vocabulary::has(vocabulary::takes_back_behind, words[i])) return true;
    return false;
}

}  // namespace

bool asks_for(std::string_view text, std::span<const std::string_view> phrases, std::size_t words_before) {
    const std::string small = core::lowered(text);
    for (const auto phrase : phrases)
        for (auto at = small.find(phrase); at != std::string::npos; at = small.find(phrase, at + 1)) {
            const std::size_t end = at + phrase.size();
            const auto is_letter = [&](std::size_t i) {
                return i < small.size() && small[i] >= 'a' && small[i] <= 'z';
            };
            if ((at > 0 && is_letter(at - 1)) || is_letter(end)) continue;
            if (!is_taken_back(small, at, end, words_before)) return true;
        }
    return false;
}

std::string placeholder_in(std::string_view text) {
    for (auto open = text.find('<'); open != std::string_view::npos; open = text.find('<', open + 1)) {
        constexpr std::size_t placeholder_bytes_max = 120;
        const auto close = text.substr(0, open + placeholder_bytes_max).find_first_of("<>", open + 1);
        if (close == std::string_view::npos || text[close] != '>') continue;
        const std::string_view inside = text.substr(open + 1, close - open - 1);
        if (inside.empty() || (!is_letter(inside[0]) && inside[0] != '@')) continue;
        std::string first;
        for (const char c : inside) {
            if (!is_word(c)) break;
            first += core::lowered(c);
        }
        const bool address = inside.find("://") != std::string_view::npos ||
                             (inside[0] != '@' && inside.find('@') != std::string_view::npos);
        if (!address && !vocabulary::has(vocabulary::tags, first))
            return std::string(text.substr(open, close - open + 1));
    }
    const std::string small = core::lowered(text);
    for (std::size_t at = 0; at < small.size(); ++at) {
        if (!is_word(small[at]) || (at > 0 && is_word(small[at - 1]))) continue;
        const auto rest = std::string_view(small).substr(at);
        for (const auto phrase : vocabulary::placeholders)
            if (rest.starts_with(phrase) && (rest.size() == phrase.size() || !is_word(rest[phrase.size()])))
                return std::string(phrase);
    }
    const std::string_view bare = trimmed_text(text);
    if (bare == "..." || bare == "\u2026" || bare == "???" || bare == "?") return std::string(bare);
    return "";
}

std::string hedge_in(std::string_view text) {
    // "not" reaches so far to its "yet".
    constexpr std::size_t words_between = 3;
    const auto words = words_of_text(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (vocabulary::has(vocabulary::hedges, words[i])) return words[i];
        if (words[i] != "not") continue;
        std::string said = "not";
        for (std::size_t next = i + 1; next < words.size() && next <= i + words_between; ++next) {
            said += " " + words[next];
            if (words[next] == "yet") return said;
        }
    }
    return "";
}

std::optional<std::string> session_in(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at]) && !(is_letter(text[at]) && static_cast<unsigned char>(text[at]) < 0x80)) {
            ++at;
            continue;
        }
        std::size_t end = at, digits = 0;
        bool letter = false;
        while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80 && is_word(text[end])) {
            digits += is_digit(text[end]) ? 1 : 0;
            letter = letter || is_letter(text[end]);
            ++end;
        }
        const bool several = text.substr(at, end - at).find_first_not_of(text[at]) != std::string_view::npos;
        if (end - at >= 6 && digits > 0 && several && (letter || end - at >= 8))
            return std::string(text.substr(at, end - at));
        at = end;
    }
    return std::nullopt;
}

std::string second_session_in(std::string_view text) {
    std::string first;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find_first_of(" \t\r\n,;()|", at), text.size());
        auto word = text.substr(at, end - at);
        at = end + 1;
        if (word.find("://") != std::string_view::npos || word.find('@') != std::string_view::npos) continue;
        // "3e0a3008/8db2529d" are two; the parts of a UUID are one.
        while (!word.empty()) {
            const auto slash = std::min(word.find_first_of("/+&"), word.size());
            if (const auto found = session_in(word.substr(0, slash))) {
                const std::string small = core::lowered(*found);
                if (first.empty()) first = small;
                else if (small != first) return *found;
            }
            word.remove_prefix(std::min(slash + 1, word.size()));
        }
    }
    return "";
}

}  // namespace tristrata::readiness
