#include "field.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>

namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

/// Whether what stands in backticks names anything: "...", "none" and "off" do not.
bool is_name(std::string_view code) {
    static constexpr auto values = vocabulary::words({"true", "false", "on", "off"});
    return std::ranges::any_of(code, is_letter) && !is_empty_answer(code) && hedge_in(code).empty() &&
           !vocabulary::has(values, core::lowered(code)) && placeholder_in(code).empty() &&
           code.find_first_not_of("xX") != std::string_view::npos;
}

/// KEY=VALUE, a.b, SOME_KEY or snake_case, from this place on.
bool take_identifier(TokenReader& reader, bool& is_pair) {
    if (reader.is(Kind::code)) {
        // "the flag `flag`" names a kind twice, and no flag.
        static constexpr auto kinds =
            vocabulary::words({"flag", "alias", "key", "switch", "toggle", "variable", "setting", "config",
                               "configuration", "parameter", "option", "lever", "name"});
        const std::string& small = reader.now().small;
        if (!is_name(reader.now().text) || vocabulary::has(kinds, small) ||
            vocabulary::has(accepted::pages, small.substr(small.rfind('.') + 1)))
            return false;
        is_pair = is_pair || reader.now().text.find('=') != std::string::npos ||
                  reader.now().text.find('.') != std::string::npos;
        reader.skip();
        return true;
    }
    if (!reader.is(Kind::word)) return false;
    const std::size_t begun = reader.place();
    const std::string word = reader.now().text;
    const bool large = word.size() >= 3 && std::ranges::all_of(word, [](char c) {
                           return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
                       });
    bool found = large || word.find('_') != std::string::npos;
    reader.skip();
    while (!reader.at_end() && reader.now().is_sign(".=") && !reader.now().spaced && !reader.now().open) {
        reader.skip();
        if (!reader.at_end() && vocabulary::has(accepted::pages, reader.now().small)) return false;
        is_pair = true;
        if (!reader.at_end()) reader.skip();
        found = true;
    }
    if (!found) reader.go_to(begun);
    return found;
}

}  // namespace

/// Whether what stands behind a lever's name asks for a build of code, or names code as its place: "needs a
/// new container", "by pull request", "then build and ship", "(in code)". "introduced by PR 12" tells of one.
bool asks_for_build(std::span<const Token> behind) {
    using vocabulary::words;
    static constexpr auto needs =
        words({"needs", "need", "needing", "requires", "require", "requiring", "plus", "then"});
    static constexpr auto by = words({"by", "via", "through", "and"});
    static constexpr auto beside = words({"a", "an", "the", "new", "another", "fresh", "of", "merging", "one",
                                          "docker", "full", "code", "pull"});
    static constexpr auto built = words({"build", "change", "ci", "commit", "container", "hotfix", "image",
                                         "merge", "pr", "release", "request", "ship"});
    static constexpr auto people = words({"captain", "engineer", "manager", "owner", "team"});
    static constexpr auto stops = words({"and", "to", "first", "again", "before"});
    static constexpr auto denies =
        words({"no", "not", "never", "without", "neither", "nor", "cannot", "nothing", "instead", "if",
               "would", "was", "were", "otherwise", "unless"});
    static constexpr auto places =
        words({"in", "of", "a", "the", "set", "changed", "it", "is", "change", "lives"});
    static constexpr auto code = words({"code", "dockerfile"});
    bool denied = false, placed = true, fresh = true;
    for (std::size_t i = 0; i <= behind.size(); ++i) {
        if (i == behind.size() || behind[i].is_sign(",;():|") ||
            (behind[i].is_sign(".-") && behind[i].open)) {
            denied = false, placed = true, fresh = true;
            continue;
        }
        const auto has = [&](std::size_t at, vocabulary::Words list) {
            return at < behind.size() && behind[at].kind == Kind::word &&
                   vocabulary::has(list, behind[at].small);
        };
        const auto ends = [&](std::size_t at) {
            return at >= behind.size() || behind[at].kind == Kind::sign;
        };
        denied = denied || has(i, denies);
        // "(in code)", "(a code change)", "in constants.py"
        const bool python =
            i + 2 < behind.size() && behind[i + 1].is_sign(".") && behind[i + 2].small == "py";
        if (placed && !fresh && !denied &&
            ((has(i, code) && (ends(i + 1) || (has(i + 1, words({"change"})) && ends(i + 2)))) || python))
            return true;
        if (fresh && has(i, code) && has(i + 1, words({"change"})) && ends(i + 2)) return true;
        placed = placed && has(i, places);
        const bool need = has(i, needs), way = has(i, by);
        fresh = false;
        if (denied || (!need && !way)) continue;
        std::size_t at = i + 1;
        bool of_code = false;
        while (has(at, beside))
            of_code = of_code || behind[at].small == "code" || behind[at].small == "pull", ++at;
        static constexpr auto of_something = words({"change", "request"});
        if (!has(at, built) || (has(at, of_something) && !of_code) || has(at + 1, people)) continue;
        if (need || ends(at + 1) || has(at + 1, stops)) return true;
    }
    return false;
}

namespace {

/// Whether a file of code is named, but in brackets: "put `src/a.py` back", "`flag` in `src/a.py`". "(read by
/// `src/a.py`)" tells of the lever.
bool names_code(std::span<const Token> tokens) {
    static constexpr auto endings =
        vocabulary::words({"c",  "cc", "cpp", "cu", "go", "h",  "hpp",   "ipynb", "java", "jl", "js",
                           "kt", "py", "pyx", "r",  "rb", "rs", "scala", "sh",    "sql",  "ts"});
    // "no change of `a.py`", ", read in features.py"
    static constexpr auto denies = vocabulary::words(
        {"no", "not", "without", "never", "nothing", "read", "reads", "used", "uses", "loaded", "looked"});
    int depth = 0;
    bool denied = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& one = tokens[i];
        depth += one.is_sign("(") ? 1 : one.is_sign(")") && depth > 0 ? -1 : 0;
        denied = !one.is_sign(",;") && (denied || vocabulary::has(denies, one.small));
        if (depth > 0 || denied) continue;
        const auto dot = one.small.rfind('.');
        const bool in_code = one.kind == Kind::code && dot != std::string::npos && dot > 0 &&
                             vocabulary::has(endings, std::string_view(one.small).substr(dot + 1));
        const bool in_words = i > 1 && one.kind == Kind::word && !one.spaced && tokens[i - 1].is_sign(".") &&
                              !tokens[i - 1].spaced && vocabulary::has(endings, one.small) &&
                              one.small.size() > 1;
        if (in_code || in_words) return true;
    }
    return false;
}

}  // namespace

Lever read_lever(std::string_view text, const std::vector<std::string>& code, std::string* odd) {
    // Behind the name only what builds and deploys by itself counts: "the merge of 2025" is no deploy.
    static constexpr auto deploying =
        vocabulary::words({"deploy", "deploys", "deployed", "deploying", "deployment", "redeploy", "rebuild",
                           "rebuilds", "hardcoded", "coded", "compiled", "baked"});
    const auto tokens = tokens_of(text, code);
    TokenReader reader(tokens);
    bool kind = false, identifier = false, pair = false, deploys = false, explained = false;
    std::size_t behind = 0;
    std::string stumbled;
    const auto stumbles = [&] {
        if (stumbled.empty()) stumbled = text_of(std::span(tokens).subspan(reader.place(), 1));
    };
    while (!reader.at_end()) {
        if (reader.is(Kind::word) && !explained && vocabulary::has(accepted::lever_kinds, reader.now().small))
            kind = true;
        const std::size_t place = reader.place();
        // "no code deploy is needed"
        if (reader.take(accepted::without)) {
            const std::size_t begun = reader.place();
            while (reader.take(accepted::beside_builds) || reader.take(accepted::builds)) {
            }
            const bool any = reader.place() > begun;
            reader.take_all(accepted::behind_builds);
            if (any) continue;
            reader.go_to(place);
        }
        if (reader.is(Kind::word) &&
            vocabulary::has(identifier ? vocabulary::Words(deploying) : accepted::builds,
                            reader.now().small)) {
            deploys = deploys || !explained;
            reader.skip();
            continue;
        }
        // "then a new build", "restart with a new image"
        static constexpr auto then = vocabulary::words({"after", "and", "by", "then", "with"});
        if (identifier && reader.take(then)) {
            for (bool fresh = false; reader.is(Kind::word); reader.skip()) {
                const std::string& small = reader.now().small;
                deploys = deploys || (fresh && !explained && vocabulary::has(accepted::builds, small));
                if (!vocabulary::has(accepted::beside_builds, small)) break;
                fresh = fresh || small == "new";
            }
            continue;
        }
        if (!explained && take_identifier(reader, pair)) {
            if (!identifier) behind = reader.place();
            identifier = true;
            continue;
        }
        if (identifier) {
            // "`use_variance` (a feature flag)" is told what it is; a reason is not looked at.
            const bool bracket = reader.now().is_sign("(") && !kind;
            if (TokenReader ahead = reader; !bracket && kind && ahead.take_separator()) explained = true;
            reader.skip();
            continue;
        }
        // "MLflow alias flip: `models:/buy@champion`", "MLflow: alias `champion` back to v41"
        if ((kind || reader.place() == 1) && reader.take_sign(":")) continue;
        if (reader.take(accepted::lever_kinds) || reader.take(accepted::lever_words)) continue;
        if (reader.is(Kind::number) || reader.take_sign(",=%'\"-+/&[]{}")) {
            if (reader.is(Kind::number)) reader.skip();
            continue;
        }
        // A version or a value: "v41", `none`.
        if ((reader.is(Kind::code) && hedge_in(reader.now().text).empty()) ||
            (reader.is(Kind::word) && std::ranges::any_of(reader.now().text, is_digit))) {
            reader.skip();
            continue;
        }
        stumbles();
        reader.skip();
    }
    if (identifier && stumbled.empty()) {
        const auto rest = std::span(tokens).subspan(behind);
        stumbled = taken_back_by(rest, {.may_be_off = true, .must_be_there = true});
        deploys = deploys || asks_for_build(rest);
    }
    if (odd != nullptr) *odd = stumbled;
    if (deploys || names_code(tokens)) return Lever::deploys;
    return stumbled.empty() && identifier && (kind || pair) ? Lever::named : Lever::none;
}

}  // namespace tristrata::readiness
