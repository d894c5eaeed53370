#include "accepted.hpp"
#include "field.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"

#include <algorithm>
#include <array>

// Lengths of time, and the line of the shadow.
namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

std::optional<double> number_of_word(std::string_view word) {
    const auto found = std::ranges::find(vocabulary::numbers, word, &vocabulary::Number::word);
    return found == vocabulary::numbers.end() ? std::nullopt : std::optional(found->value);
}

/// 14, "fourteen", "twenty-one".
std::optional<double> take_number(TokenReader& reader) {
    if (reader.is(Kind::number)) {
        const double value = reader.now().value;
        reader.skip();
        return value;
    }
    if (!reader.is(Kind::word)) return std::nullopt;
    auto value = number_of_word(reader.now().small);
    if (!value) return std::nullopt;
    reader.skip();
    const std::size_t place = reader.place();
    reader.take_sign("-");
    constexpr double tens = 20.0;
    const auto more =
        reader.is(Kind::word) && *value >= tens ? number_of_word(reader.now().small) : std::nullopt;
    if (more && *more < 10.0) {
        *value += *more;
        reader.skip();
    } else {
        reader.go_to(place);
    }
    return value;
}

/// The unit at this place, behind words such as "full".
std::optional<double> take_unit(TokenReader& reader, bool& is_least) {
    static constexpr auto of_a_market = vocabulary::words({"trading", "business", "working", "market"});
    while (true) {
        if (reader.take_phrase(accepted::open_ends) || reader.take(of_a_market)) is_least = true;
        else if (!reader.take(vocabulary::beside_units)) break;
    }
    if (!reader.is(Kind::word)) return std::nullopt;
    const auto unit = std::ranges::find(vocabulary::units, reader.now().small, &vocabulary::Number::word);
    if (unit == vocabulary::units.end()) return std::nullopt;
    reader.skip();
    return unit->value;
}

enum class Bound : std::uint8_t { none, least, most };

/// "at least", "less than", and what "not" or "never" makes of them: "never less than" is a least.
Bound take_bound(TokenReader& reader) {
    const std::size_t begun = reader.place();
    const bool denied = reader.take(accepted::denials);
    if (reader.take_phrase(accepted::comparisons_below)) return denied ? Bound::least : Bound::most;
    if (reader.take_phrase(accepted::comparisons_above)) return denied ? Bound::most : Bound::least;
    reader.go_to(begun);
    if (reader.take_phrase(accepted::lower_bounds)) return Bound::least;
    return reader.take_phrase(accepted::upper_bounds) ? Bound::most : Bound::none;
}

/// Whether a unit of a week or more stands here: "a full week", and not "twice a day".
bool is_long_unit(TokenReader reader) {
    constexpr double week = 7.0;
    bool least = false;
    return take_unit(reader, least).value_or(0.0) >= week;
}

std::string text_from(TokenReader reader) {
    std::string text;
    for (std::size_t count = 0; count < 6 && !reader.at_end(); ++count, reader.skip())
        text += (text.empty() || !reader.now().spaced ? "" : " ") + reader.now().text;
    return text;
}

}  // namespace

std::optional<Length> read_length(TokenReader& reader) {
    static constexpr auto articles = vocabulary::words({"a", "an"});
    static constexpr auto half = vocabulary::words({"half"});
    static constexpr auto ranges = vocabulary::words({"to", "or"});
    const std::size_t begun = reader.place();
    const auto refuse = [&]() -> std::optional<Length> {
        reader.go_to(begun);
        return std::nullopt;
    };
    Length length;
    bool article = reader.take(articles);
    const Bound bound = take_bound(reader);
    length.is_least = bound == Bound::least;
    length.is_most = bound == Bound::most;
    reader.take_sign(".");
    const bool halved = reader.take(half);
    auto number = take_number(reader);
    article = (!number && reader.take(articles)) || article;
    const bool fortnight = reader.is(Kind::word) && reader.now().small.starts_with("fortnight");
    if (!number &&
        (fortnight || ((article || bound != Bound::none) && is_long_unit(reader)) || (halved && article)))
        number = 1.0;
    if (!number) return refuse();
    // "seven (7) days"; "7 to 14 days": the lesser.
    if (const std::size_t place = reader.place(); reader.take_sign("("))
        if (!take_number(reader) || !reader.take_sign(")")) reader.go_to(place);
    const std::size_t place = reader.place();
    if (reader.take_sign("-") || reader.take(ranges)) {
        if (const auto upper = take_number(reader)) {
            length.is_least = true;
            number = std::min(*number, *upper);
        } else {
            reader.go_to(place);
        }
    }
    reader.take_sign("-");
    const auto unit = take_unit(reader, length.is_least);
    if (!unit) return refuse();
    if (reader.take_phrase(accepted::open_ends)) length.is_least = true;
    else if (reader.take_phrase(accepted::closed_ends)) length.is_most = true;
    constexpr double month = 30.0;
    length.is_rough = *unit == month;
    length.days = *number * *unit * (halved ? 0.5 : 1.0);
    return length;
}

namespace {

/// Reads a line of the shadow: the answer, then clauses, one function each.
class ShadowReader {
public:
    explicit ShadowReader(std::span<const Token> tokens) : tokens_(tokens), reader_(tokens) {}

    ShadowText read() {
        if (!take_answer()) return refused();
        const std::size_t answered = reader_.place();
        while (!reader_.at_end() && !done_) {
            if (take_window() || reader_.take(accepted::shadow_behind) || reader_.take_sign(")")) continue;
            const bool fits = reader_.now().is_sign(",") ? take_clause() : take_remark();
            if (!fits && !decides_nothing(answered)) return refused();
            if (!fits) break;
        }
        if (shadow_.odd.empty()) shadow_.odd = doubt_in(tokens_);
        // "7 days (to be confirmed)", "— if the canary holds"
        if (shadow_.odd.empty() && answered < tokens_.size())
            shadow_.odd = taken_back_by(tokens_.subspan(answered), {.may_wait = true});
        if (shadow_.odd.empty()) shadow_.odd = shorter_choice(tokens_);
        if (shadow_.odd.empty() && answered < tokens_.size())
            shadow_.odd = shadow_ended_by(tokens_.subspan(answered), days());
        return shadow_;
    }

private:
    /// What leads to it ("it runs for"), then a length, or the days.
    bool take_answer() {
        // "-7 days" is none.
        while (!reader_.at_end() && reader_.now().open && reader_.take_sign("-:")) {
        }
        do shadow_.length = read_length(reader_);
        while (!shadow_.length && reader_.take(accepted::shadow_before));
        return shadow_.length || take_window();
    }

    /// "from 2026-05-04 to 2026-05-18", or its begin alone.
    bool take_window() {
        static constexpr auto on = vocabulary::words({"on"});
        static constexpr auto inclusive = vocabulary::words({"inclusive", "included", "inclusively"});
        const std::size_t begun = reader_.place();
        static constexpr auto weekdays =
            vocabulary::words({"mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday",
                               "wednesday", "thursday", "friday", "saturday", "sunday"});
        const bool led = reader_.take_phrase(accepted::window_begins);
        if (led) reader_.take(weekdays);
        if (!reader_.is(Kind::day)) {
            reader_.go_to(begun);
            return false;
        }
        const long begin = reader_.now().day;
        reader_.skip();
        const std::size_t place = reader_.place();
        reader_.take_sign(",");
        // "2026-05-04..2026-05-11", as commands have it
        const bool dash = reader_.take_sign("-") || (reader_.take_sign(".") && reader_.take_sign("."));
        const bool joined = reader_.take_phrase(accepted::window_ends) || dash;
        reader_.take(on);
        reader_.take(weekdays);
        if (joined && reader_.is(Kind::day)) {
            shadow_.end = reader_.now().day;
            reader_.skip();
        } else {
            reader_.go_to(led ? place : begun);
            if (!led) return false;
        }
        shadow_.begin = begin;
        shadow_.inclusive = shadow_.inclusive || reader_.take(inclusive);
        return true;
    }

    /// Behind a comma: the days, what is done meanwhile, the length once more, or a reason.
    bool take_clause() {
        reader_.skip();
        if (reader_.at_end() || take_window() || take_bound_behind()) return true;
        if (reader_.is(Kind::word) && reader_.take_separator()) return done_ = true;
        const std::size_t begun = reader_.place();
        // "looked at for an hour" is a length of something else.
        if (reader_.take(accepted::shadow_clauses)) return skip_words(begun);
        if (const auto length = read_length(reader_))
            return agrees(*length, begun) && skip_words(reader_.place());
        return (reasoned_ || reader_.is(Kind::sign)) && skip_to_end();
    }

    /// Behind a separator: the same, or a reason, which decides nothing and takes nothing back.
    bool take_remark() {
        const std::size_t begun = reader_.place();
        const bool caused = reader_.is(Kind::word);
        if (!reader_.take_separator()) return false;
        reasoned_ = true;
        if (caused) return done_ = true;
        if (reader_.at_end() || take_window() || take_bound_behind()) return true;
        const std::size_t said = reader_.place();
        if (const auto length = read_length(reader_)) return agrees(*length, said) && skip_lengths(said);
        reader_.go_to(begun);
        if (!reader_.take_reason(accepted::shadow_behind, accepted::shadow_remarks)) return false;
        if (reader_.place() == said) return true;
        reader_.go_to(said);
        return reader_.take(accepted::shadow_clauses) ? skip_to_end() : skip_lengths(said);
    }

    /// ", or less", "(at most)": the bound that it is without its sign. "at most 5 % of the capital" is none,
    /// nor is "less than before".
    bool take_bound_behind() {
        static constexpr auto leads = vocabulary::words({"and", "or", "even", "rather"});
        static constexpr auto lesser = vocabulary::words({"less", "fewer", "shorter"});
        static constexpr auto than = vocabulary::words({"than"});
        const std::size_t begun = reader_.place();
        const bool ends = reader_.take_phrase(accepted::closed_ends) && at_clause_end();
        if (!ends) {
            reader_.go_to(begun);
            reader_.take_all(leads);
            if (!reader_.take(lesser) || reader_.take(than)) {
                reader_.go_to(begun);
                return false;
            }
        }
        if (shadow_.length) {
            shadow_.length->is_most = true;
            return skip_to_end();
        }
        // Of days it says that they are not what is run.
        reader_.go_to(begun);
        shadow_.odd = text_from(reader_);
        return done_ = true;
    }

    /// A second length says what the first does, or is it.
    bool agrees(const Length& length, std::size_t place) {
        if (!shadow_.length) {
            shadow_.length = length;
            return true;
        }
        if ((length.days == shadow_.length->days && !length.is_most) || length.is_least) return true;
        reader_.go_to(place);
        return false;
    }

    [[nodiscard]] double days() const {
        if (shadow_.length) return shadow_.length->days;
        return shadow_.begin && shadow_.end ? static_cast<double>(*shadow_.end - *shadow_.begin) : 0.0;
    }
    [[nodiscard]] bool at_clause_end() {
        TokenReader ahead = reader_;
        return ahead.at_end() || ahead.take_sign(",") || ahead.take_separator();
    }
    bool skip_to_end() {
        while (!at_clause_end()) reader_.skip();
        return true;
    }
    /// To the clause's end. One or two words from `begun` on are of those that the field is written with.
    bool skip_words(std::size_t begun) {
        constexpr std::size_t words_of_a_clause = 3;
        skip_to_end();
        const std::size_t end = reader_.place();
        std::size_t count = 0;
        bool known = true;
        for (reader_.go_to(begun); reader_.place() < end; reader_.skip()) {
            if (reader_.now().is_sign("?")) return false;
            if (!reader_.is(Kind::word)) continue;
            ++count;
            known = known && (vocabulary::has(accepted::shadow_clauses, reader_.now().small) ||
                              vocabulary::has(accepted::shadow_behind, reader_.now().small));
        }
        if (known || count >= words_of_a_clause) return true;
        reader_.go_to(begun);
        return false;
    }
    /// To the clause's end, past no length that is shorter: "7 days; cut to two days".
    bool skip_lengths(std::size_t begun) {
        while (!at_clause_end()) {
            const auto length = read_length(reader_);
            if (length && shadow_.length && length->days < shadow_.length->days && !length->is_least) {
                reader_.go_to(begun);
                return false;
            }
            if (!length) reader_.skip();
        }
        return true;
    }

    /// Whether prose goes on from `begun`, where the answer ends, to the end, which takes nothing back and
    /// names no shorter length.
    bool decides_nothing(std::size_t begun) {
        const std::size_t stumbled = reader_.place();
        const auto rest = tokens_.subspan(begun);
        const bool whole = shadow_.length || shadow_.end;
        if (!whole || !begins_aside(rest) ||
            !taken_back_by(rest, {.is_another = [](const Token& one) { return one.kind == Kind::day; },
                                  .may_depend = true})
                 .empty())
            return false;
        reader_.go_to(begun);
        bool is_shorter = false;
        while (!reader_.at_end() && !is_shorter) {
            const auto length = read_length(reader_);
            is_shorter = length && shadow_.length && length->days < shadow_.length->days && !length->is_least;
            if (!length) reader_.skip();
        }
        if (is_shorter) reader_.go_to(stumbled);
        return !is_shorter;
    }

    /// "7 days, or 3 if nothing happens": a lesser number, without its unit; empty where there is none.
    [[nodiscard]] std::string shorter_choice(std::span<const Token> tokens) const {
        for (std::size_t i = 1; shadow_.length && i + 1 < tokens.size(); ++i) {
            if (tokens[i].small != "or" || !tokens[i - 1].is_sign(",;(-")) continue;
            TokenReader reader(tokens.subspan(i + 1));
            const auto number = take_number(reader);
            bool least = false;
            TokenReader ahead = reader;
            if (!number || *number >= shadow_.length->days || take_unit(ahead, least)) continue;
            static constexpr auto then = vocabulary::words({"if", "when", "once", "in", "where"});
            if (reader.at_end() || reader.take(then) || !reader.is(Kind::word))
                return text_of(tokens.subspan(i, std::min<std::size_t>(tokens.size() - i, 6)));
        }
        return "";
    }

    ShadowText refused() {
        shadow_.odd = text_from(reader_);
        return std::move(shadow_);
    }

    std::span<const Token> tokens_;
    TokenReader reader_;
    ShadowText shadow_;
    bool reasoned_ = false;  // Behind a separator a comma goes on with what is said.
    bool done_ = false;
};

}  // namespace

ShadowText read_shadow(std::string_view text) {
    const auto tokens = with_first_days(tokens_of(text));
    ShadowText said = ShadowReader(tokens).read();
    // "from 2026-05-04 to 2026-05-11 skipped": a word behind the last day without a sign between.
    const auto last = std::find_if(tokens.rbegin(), tokens.rend(), [](const Token& one) {
                          return one.kind == Kind::day;
                      }).base();
    const auto end =
        std::find_if(last, tokens.end(), [](const Token& one) { return one.kind == Kind::sign; });
    if (said.odd.empty() && last != tokens.begin()) said.odd = doubt_in({last, end});
    return said;
}

std::string shadow_ended_by(std::span<const Token> note, double days) {
    using vocabulary::words;
    static constexpr auto leads =
        words({"a",      "actually", "and", "be",   "been", "but",  "can",    "even", "fact", "first",
               "has",    "in",       "is",  "it",   "just", "may",  "merely", "of",   "only", "or",
               "rather", "shadow",   "the", "then", "was",  "were", "which",  "will", "with"});
    // Behind which a lesser number is the length that counts.
    static constexpr auto others =
        words({"actually", "but", "fact", "first", "just", "merely", "only", "or", "rather"});
    static constexpr auto enough =
        words({"do", "enough", "if", "mandatory", "only", "suffice", "suffices", "sufficient", "when"});
    static constexpr auto then = words({"if", "in", "for", "mandatory", "once", "when", "where"});
    static constexpr auto ended =
        words({"aborted", "bypassed", "emulated", "ended", "failed", "halted", "interrupted", "offline",
               "omitted", "overridden", "overruled", "rejected", "stopped", "terminated", "waivable"});
    static constexpr auto ends = words({"aborted", "end", "ended", "ends", "finished", "halted", "off",
                                        "over", "stop", "stopped", "stops", "terminated"});
    static constexpr auto after = words({"after", "at", "by", "on", "within"});
    static constexpr auto stops =
        words({"after", "again", "because", "due", "for", "once", "since", "then", "yet"});
    static constexpr auto starts = words({"begin", "begins", "begun", "start", "started", "starts"});
    const auto has = [&](std::size_t at, vocabulary::Words list) {
        return at < note.size() && note[at].kind == Kind::word && vocabulary::has(list, note[at].small);
    };
    const auto is_end = [&](std::size_t at) {
        return at >= note.size() || note[at].is_sign(",;:().!|") ||
               (note[at].is_sign("-") && note[at].spaced && note[at].open);
    };
    // Fewer days than it runs, from `at` on, and where they end; 0 where no such number stands there.
    const auto fewer = [&](std::size_t at) -> std::size_t {
        TokenReader reader(note.subspan(at));
        const auto number = take_number(reader);
        if (!number || *number >= days) return 0;
        const std::size_t behind = at + reader.place();
        reader.take_sign("-");
        const bool in_days = reader.take(words({"d", "day", "days"}));
        return in_days ? at + reader.place() : behind;
    };
    for (std::size_t begin = 0; begin < note.size();) {
        std::size_t end = begin;
        while (!is_end(end)) ++end;
        std::size_t at = begin;
        bool other = false;
        for (; at < end && has(at, leads); ++at) other = other || has(at, others);
        const auto clause = [&] { return text_of(note.subspan(begin, end - begin)); };
        if (const std::size_t behind = at < end ? fewer(at) : 0; behind > 0) {
            const bool of_days =
                note[behind - 1].kind == Kind::word && note[behind - 1].small.starts_with("d");
            const std::size_t said = has(behind, words({"are", "is"})) ? behind + 1 : behind;
            if (other ? of_days || behind >= end || has(behind, then) : has(said, enough)) return clause();
            // "five of them off", "3 for a hotfix", "a 3-day fast path"
            if (has(behind, words({"of"})) && has(behind + 1, words({"them", "these", "which"})) &&
                (has(behind + 2, ends) || has(behind + 2, ended)))
                return clause();
            if (!of_days && has(behind, words({"for"}))) return clause();
            if (of_days && has(begin, words({"with"}))) return clause();
        }
        // "aborted", "interrupted after a fault"; "failed bars are replayed" says more.
        if (has(at, ended) && (at + 1 >= end || has(at + 1, stops))) return clause();
        if (has(at, words({"left"})) && has(at + 1, words({"out"})) && at + 2 >= end) return clause();
        // "will start after the rollout"
        if (has(at, starts) && has(at + 1, words({"after"}))) {
            std::size_t next = at + 2;
            while (has(next, words({"full", "the"}))) ++next;
            if (has(next, words({"rollout"}))) return clause();
        }
        for (std::size_t i = at; i + 2 < end + 1 && i + 2 < note.size(); ++i) {
            if (!has(i, ends) || !has(i + 1, after)) continue;
            const std::size_t next = has(i + 2, words({"day"})) ? i + 3 : i + 2;
            const std::size_t behind = next < end ? fewer(next) : 0;
            if (behind > 0 && (behind >= end || has(behind, then) || has(behind, stops))) return clause();
        }
        begin = end + 1;
    }
    return "";
}

}  // namespace tristrata::readiness
