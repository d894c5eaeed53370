#include "skip_reason.hpp"

#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

namespace tristrata::readiness {
namespace {

using vocabulary::words;

/// What somebody does with a section that is not written.
constexpr auto fillings =
    words({"filled",   "fill",    "written",    "write",     "added",     "add",    "completed", "complete",
           "provided", "provide", "documented", "document",  "done",      "do",     "decided",   "decide",
           "defined",  "define",  "described",  "prepared",  "handled",   "handle", "follow",    "follows",
           "come",     "comes",   "specified",  "clarified", "determined"});
constexpr auto later = words({"later", "soon", "afterwards", "eventually", "tomorrow", "someday"});
constexpr std::array<std::string_view, 12> ignorance{
    "do not know", "don t know", "nobody knows", "not known", "is unknown",  "no idea",
    "not sure",    "unclear",    "not clear",    "undecided", "not decided", "not yet decided"};
constexpr std::array<std::string_view, 13> hurries{
    "no time to",  "no time for",  "no time left",  "no time before", "no time yet",
    "enough time", "lack of time", "out of time",   "too busy",       "time pressure",
    "in a hurry",  "the deadline", "time was short"};
/// Beside a link that says nothing itself.
constexpr auto beside_links =
    words({"see",  "at",         "the",    "link", "here",  "in",    "ticket",    "issue",  "details",
           "as",   "described",  "per",    "cf",   "above", "below", "there",     "page",   "for",
           "more", "discussion", "thread", "and",  "it",    "is",    "explained", "reason", "why"});

/// Small words with one space between them, and around them all; what is a link is left out.
struct Sentence {
    std::string text{" "};
    std::vector<std::string> words;
    bool linked = false;
};

Sentence read(std::string_view given) {
    Sentence sentence;
    std::string plain;
    for (std::size_t at = 0; at < given.size();) {
        const std::size_t end = std::min(given.find(' ', at), given.size());
        const auto piece = given.substr(at, end - at);
        const bool link = piece.find("://") != std::string_view::npos || piece.starts_with("www.") ||
                          piece.starts_with('#') ||
                          (piece.find('/') != std::string_view::npos && piece.find('.') < piece.size() - 1);
        sentence.linked = sentence.linked || link;
        if (!link) (plain += piece) += ' ';
        at = end + 1;
    }
    std::string word;
    for (const char c : core::lowered(plain) + ' ') {
        if ((c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80) {
            word += c;
            continue;
        }
        if (!word.empty()) {
            sentence.text += word + ' ';
            sentence.words.push_back(std::move(word));
        }
        word.clear();
    }
    return sentence;
}

bool says_one(const Sentence& sentence, std::span<const std::string_view> phrases) {
    return std::ranges::any_of(phrases, [&](std::string_view phrase) {
        return sentence.text.find(" " + std::string(phrase) + " ") != std::string::npos;
    });
}

/// "will be written", "filled in later"
bool is_promise(const std::vector<std::string>& said) {
    constexpr std::size_t reach = 3;
    const auto has = [](vocabulary::Words list, const std::string& word) {
        return vocabulary::has(list, word);
    };
    const bool late = std::ranges::any_of(said, [&](auto& word) { return has(later, word); });
    bool filled = false;
    for (std::size_t at = 0; at < said.size(); ++at) {
        filled = filled || has(fillings, said[at]);
        if (said[at] != "will" && said[at] != "shall" && said[at] != "ll" &&
            !(said[at] == "be" && at > 0 && said[at - 1] == "to"))
            continue;
        for (std::size_t next = at + 1; next < std::min(said.size(), at + 1 + reach); ++next)
            if (has(fillings, said[next])) return true;
    }
    return late && (filled || said.size() <= 4);
}

std::string_view instead_of_a_reason(const Sentence& sentence) {
    if (is_promise(sentence.words)) return "a promise to say it later";
    if (says_one(sentence, ignorance)) return "that it is not known";
    if (says_one(sentence, hurries)) return "that there was no time";
    if (sentence.linked && std::ranges::count_if(sentence.words, [](auto& word) {
                               return !vocabulary::has(beside_links, word);
                           }) < 3)
        return "a link alone";
    return "";
}

}  // namespace

std::string_view no_reason_in(std::string_view why) {
    std::string_view first;
    for (std::size_t at = 0; at < why.size();) {
        // A point within a word ends no sentence: "docs/plan.md".
        std::size_t end = at;
        while (end < why.size() && why[end] != ';' &&
               !((why[end] == '.' || why[end] == '!' || why[end] == '?') &&
                 (end + 1 == why.size() || why[end + 1] == ' ')))
            ++end;
        const Sentence sentence = read(why.substr(at, end - at));
        if (!sentence.words.empty() || sentence.linked) {
            const auto instead = instead_of_a_reason(sentence);
            if (instead.empty() && sentence.words.size() >= 3) return "";
            if (first.empty()) first = instead;
        }
        at = end + 1;
    }
    return first;
}

}  // namespace tristrata::readiness
