#include "accepted.hpp"
#include "field.hpp"
#include "letters.hpp"
#include "tokens.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <algorithm>
#include <span>

// The line of the review: its session, its verdict.
namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

/// Whether what stands in the bracket that opened says when, or in which round: of a verdict before this one.
bool tells_of_before(std::span<const Token> behind, vocabulary::Words orders) {
    for (const auto& token : behind) {
        if (token.is_sign(")")) break;
        if (token.kind == Kind::day || vocabulary::has(orders, token.small)) return true;
    }
    return false;
}

/// "with three recommendations", "after one revision": words that lead to what changes no verdict.
bool leads_to_remarks(std::span<const Token> tokens, std::size_t at) {
    static constexpr auto leads = vocabulary::words({"with", "after"});
    static constexpr auto remarks = vocabulary::words(
        {"recommendation", "recommendations", "remark", "remarks", "consensus", "revision", "revisions"});
    static constexpr auto beside = vocabulary::words({"a", "minor", "small", "strong", "broad"});
    constexpr std::size_t reach = 3;
    const auto counts = [&](const Token& one) {
        return one.kind == Kind::number || vocabulary::has(beside, one.small) ||
               std::ranges::find(vocabulary::numbers, one.small, &vocabulary::Number::word) !=
                   vocabulary::numbers.end();
    };
    if (!vocabulary::has(leads, tokens[at].small)) return false;
    for (std::size_t next = at + 1; next < std::min(tokens.size(), at + 1 + reach); ++next) {
        if (vocabulary::has(remarks, tokens[next].small)) return true;
        if (!counts(tokens[next])) return false;
    }
    return false;
}

}  // namespace

ReviewText read_review(std::string_view text, const std::vector<std::string>& addresses) {
    ReviewText review;
    std::string where(text);
    for (const auto& address : addresses) where += " " + address;
    review.session = session_in(where).value_or("");
    review.second = second_session_in(text);
    std::optional<bool> in_brackets;
    int depth = 0;
    bool denied = false, told = false, applied = false;
    // "FAILED on 2026-05-01, PASSED on 2026-05-02", "first FAILED, then PASSED": a history, in its order.
    static constexpr auto orders = vocabulary::words(
        {"again", "after", "final", "finally", "first", "once", "round", "second", "then", "third"});
    bool failed = false, ordered = false, dated = false;
    std::optional<long> earlier, latest;
    const auto tokens = tokens_of(text);
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const Token& token = tokens[at];
        if (token.kind == Kind::day) latest = std::max(latest.value_or(token.day), token.day);
        if (denied && token.kind == Kind::word) {
            denied = false;
            if (vocabulary::has(accepted::behind_no, token.small)) continue;
            if (review.odd.empty()) review.odd = "no " + token.text;
        }
        denied = token.kind == Kind::word && token.small == "no";
        // "without blockers"
        if (token.small == "without" && at + 1 < tokens.size() &&
            vocabulary::has(accepted::behind_no, tokens[at + 1].small)) {
            denied = true;
            continue;
        }
        // "0 blockers"
        if (at > 0 && tokens[at - 1].text == "0" && vocabulary::has(accepted::behind_no, token.small))
            continue;
        if (token.kind == Kind::sign) {
            // "(round 1: FAILED)", "(FAILED on 2026-05-01)" tell what was before.
            if (depth == 0 && token.text == "(")
                told = tells_of_before(std::span(tokens).subspan(at + 1), orders);
            depth += token.text == "(" ? 1 : token.text == ")" && depth > 0 ? -1 : 0;
            applied = applied && (token.is_sign("+&/'") || (token.is_sign("-.") && !token.open));
            if (std::string_view("?~=<>").find(token.text) != std::string_view::npos && review.odd.empty())
                review.odd = token.text;
            continue;
        }
        ordered = ordered || vocabulary::has(orders, token.small);
        if (token.kind == Kind::day && review.passed && !review.day && depth == 0)
            review.day = token.day, dated = true;
        if (token.kind != Kind::word) continue;  // Days, numbers, handles, addresses judge nothing.
        const bool yes = vocabulary::has(accepted::passed, token.small),
                   no = vocabulary::has(accepted::not_passed, token.small);
        if ((yes || no) && depth == 0 && review.passed) {
            failed = failed || !*review.passed;
            if (review.day) earlier = std::max(earlier.value_or(*review.day), *review.day);
            review.day.reset();
        }
        // "PASSED (withdrawn)", "PASSED (FAILED)"
        if (no && depth > 0 && review.odd.empty() &&
            (vocabulary::has(accepted::taken_from, token.small) || (review.passed && !told)))
            review.odd = token.text;
        if (yes || no) (depth > 0 ? in_brackets : review.passed) = yes;
        else if (applied || leads_to_remarks(tokens, at)) continue;
        else if (!vocabulary::has(accepted::review_words, token.small) && !session_in(token.text) &&
                 std::ranges::none_of(token.text, is_digit) && review.odd.empty())
            review.odd = token.text;
        // "9 recommendations applied to template + scope-table"
        applied = token.small == "applied" && at + 1 < tokens.size() && tokens[at + 1].small == "to";
    }
    const bool turned = earlier && review.day && *review.day < *earlier;
    if (review.passed && *review.passed && review.odd.empty() && (turned || (failed && !dated && !ordered)))
        review.odd = turned ? date_text(*earlier) : "FAILED";
    if (!review.passed) review.passed = in_brackets;
    // "session 3e0a3008 of 2026-05-02: PASSED": the session's day is the verdict's.
    review.day = latest;
    return review;
}

}  // namespace tristrata::readiness
