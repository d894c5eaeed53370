#include "denial.hpp"

#include "denial_words.hpp"
#include "tristrata/core/ascii.hpp"

#include <algorithm>
#include <array>

namespace tristrata::readiness {
namespace {

namespace words = denial_words;
using Kind = Token::Kind;
using vocabulary::Words;

/// Of one clause: what it says of the subject.
class ClauseReader {
public:
    ClauseReader(std::span<const Token> clause, const DenialSubject& subject)
        : clause_(clause), subject_(subject) {}

    /// "There is no shadow."
    [[nodiscard]] bool denies() const {
        for (std::size_t at = 0; at < clause_.size(); ++at) {
            // What follows "if" or "unless" is a condition.
            if (is_condition(at)) return false;
            if (is_none(at) || is_nobody(at) || is_left_out(at) || is_dropped(at) || is_final(at) ||
                is_everywhere(at))
                return !is_past(at);
        }
        return false;
    }

    /// Whether the clause is about it.
    [[nodiscard]] bool names() const {
        for (std::size_t at = 0; at < clause_.size(); ++at)
            if (is_noun(at) || behind_taking_back(at) > 0) return true;
        return false;
    }

    /// A negation is left that is said of no condition, comparison, part, time past or other thing.
    [[nodiscard]] bool is_negative() const {
        if (is_past(clause_.size()) || is_limited()) return false;
        if (is_final_then()) return true;
        std::size_t left = 0;
        bool named = false;
        for (std::size_t at = 0; at < clause_.size(); ++at) {
            if (is_condition(at)) break;
            if (has(at, words::irreversible)) ++left;
            named = named || is_noun(at);
            if (!has(at, words::negations)) continue;
            if (!is_taken_back(at, named)) ++left;
            // "No alert is without a runbook", "the shadow is not skipped"
            for (std::size_t next = at + 1; next < clause_.size(); ++next)
                if (has(next, words::negations) || has(next, words::dropped) || has(next, words::dropping) ||
                    has(next, words::silent) || is_pair(next))
                    return false;
        }
        return left > 0;
    }

    [[nodiscard]] bool is_only_none() const { return clause_.size() == 1 && (is(0, "none") || is(0, "nil")); }
    [[nodiscard]] bool is_doubtful() const {
        for (std::size_t at = 0; at < clause_.size(); ++at)
            if (has(at, words::doubts)) return true;
        return false;
    }
    [[nodiscard]] bool is_of_a_case() const {
        for (std::size_t at = 0; at < clause_.size(); ++at)
            if (has(at, words::cases)) return true;
        return false;
    }
    /// "it is not certain": of what the clause before names.
    [[nodiscard]] bool begins_with_it() const {
        static constexpr auto pronouns = vocabulary::words({"it", "they", "this", "that", "which", "these"});
        return has(0, pronouns);
    }

private:
    [[nodiscard]] bool has(std::size_t at, Words list) const {
        return at < clause_.size() && clause_[at].kind == Kind::word &&
               vocabulary::has(list, clause_[at].small);
    }
    [[nodiscard]] bool is(std::size_t at, std::string_view word) const {
        return at < clause_.size() && clause_[at].small == word;
    }
    [[nodiscard]] std::size_t behind(std::size_t at, Words list) const {
        while (has(at, list)) ++at;
        return at;
    }
    [[nodiscard]] std::size_t behind(std::size_t at, Words list, Words other) const {
        while (has(at, list) || has(at, other)) ++at;
        return at;
    }
    [[nodiscard]] bool only(std::size_t end, std::initializer_list<Words> lists) const {
        for (std::size_t at = 0; at < end; ++at)
            if (std::ranges::none_of(lists, [&](Words list) { return has(at, list); })) return false;
        return true;
    }

    /// "At once" and "as yet" are none.
    [[nodiscard]] bool is_condition(std::size_t at) const {
        return has(at, words::conditions) && !(is(at, "once") && at > 0 && is(at - 1, "at")) &&
               !(is(at, "as") && is(at + 1, "yet"));
    }
    /// "Once shipped it cannot be undone": then nothing helps.
    [[nodiscard]] bool is_final_then() const {
        bool denied = false;
        for (std::size_t at = 0; at < clause_.size(); ++at) {
            if (is(at, "if") || is(at, "unless")) return false;
            denied = denied || has(at, words::denies);
            if (denied && behind_taking_back(at) > 0) return true;
        }
        return false;
    }

    /// One of the subject's words; "way" only before "back".
    [[nodiscard]] bool is_noun(std::size_t at) const {
        static constexpr auto with_back = vocabulary::words({"way", "rolling", "going", "turning", "road"});
        if (!has(at, subject_.nouns)) return false;
        return !has(at, with_back) || is(at + 1, "back") ||
               (is(at, "way") && is(at + 1, "to") && behind_taking_back(at + 2) > 0);
    }
    /// Behind "rolled back", "undone", which begins here; or 0.
    [[nodiscard]] std::size_t behind_taking_back(std::size_t at) const {
        static constexpr auto alone =
            vocabulary::words({"revert", "reverted", "undo", "undone", "reversed", "reverse"});
        static constexpr auto back = vocabulary::words(
            {"roll", "rolled", "taken", "take", "switched", "switch", "turned", "turn", "go", "brought"});
        if (!subject_.taken_back) return 0;
        if (has(at, alone)) return at + 1;
        return has(at, back) && is(at + 1, "back") ? at + 2 : 0;
    }
    /// Behind the subject that begins here ("the shadow period"), or 0. A signal is none without "detection".
    [[nodiscard]] std::size_t behind_subject(std::size_t at) const {
        at = behind(at, words::articles);
        if (!is_noun(at)) return 0;
        if (is(at, "way") && is(at + 1, "to")) return behind_taking_back(at + 2);
        if (is(at + 1, "back")) ++at;
        if (subject_.kind == DenialSubject::Kind::signal && !has(at + 1, words::watches)) return 0;
        return behind(at + 1, words::stages);
    }
    /// Whether the clause ends here, or goes on with when and whether the subject is needed.
    [[nodiscard]] bool ends(std::size_t at) const {
        at = behind(at, words::links);
        return at == clause_.size() || has(at, words::ends) || behind(at, words::tails) == clause_.size();
    }
    /// Whether the subject begins here, of a signal itself too, and nothing follows.
    [[nodiscard]] bool is_whole(std::size_t at) const {
        const std::size_t noun = behind(at, words::articles);
        if (subject_.kind == DenialSubject::Kind::signal && is_noun(noun) && !has(noun + 1, words::watches))
            return ends(noun + 1);
        const std::size_t end = behind_subject(at);
        return end > 0 && ends(end);
    }
    /// One of the words, and nothing behind it that says of what it holds: "not written by hand".
    [[nodiscard]] bool is_last(std::size_t at, Words list) const {
        return has(at, list) && ends(behind(at + 1, words::stages));
    }
    [[nodiscard]] bool is_pair(std::size_t at) const {
        return std::ranges::any_of(words::dropped_pairs,
                                   [&](auto& pair) { return is(at, pair.first) && is(at + 1, pair.second); });
    }
    [[nodiscard]] bool is_denied_before(std::size_t end) const {
        for (std::size_t at = 0; at < end; ++at)
            if (has(at, words::negations)) return true;
        return false;
    }
    /// "Last quarter", before what is said, and said of then.
    [[nodiscard]] bool is_past(std::size_t end) const {
        bool past = false, were = false;
        for (std::size_t at = 0; at < clause_.size(); ++at) {
            past = past || (at < end && has(at, words::pasts));
            were = were || has(at, words::were);
        }
        return past && were;
    }
    /// "at night", "by hand", "during a deploy"
    [[nodiscard]] bool is_limited() const {
        for (std::size_t at = 0; at < clause_.size(); ++at)
            if (has(at, words::meanwhile) ||
                (has(at, words::limits) && has(behind(at + 1, words::articles), words::limited)))
                return true;
        return false;
    }
    /// Whether the negation here denies another thing: "no deploy", "no later than", "does not trade".
    [[nodiscard]] bool is_taken_back(std::size_t at, bool named) const {
        for (std::size_t next = at + 1; next < clause_.size(); ++next)
            if (is(next, "than") || is(next, "before")) return true;
        if (has(at, words::nobody) && has(at + 1, words::others)) return true;
        if (is(at, "no") && is(at + 1, "one") && has(at + 2, words::others)) return true;
        if (has(at + 1, words::compares) && !is(at + 1, "longer")) return true;
        const std::size_t next = behind(at + 1, words::articles);
        if (has(next, words::harmless)) return true;
        // "No drift was seen."
        if (subject_.kind == DenialSubject::Kind::signal && is_noun(next) && !has(next + 1, words::watches))
            return true;
        if (named) return has(behind(at + 1, words::links), words::harmless_deeds);
        // "No rollback needs a restart."
        return is_noun(next) && has(behind(next + 1, words::stages), words::harmless_deeds);
    }

    /// "no shadow", "without any canary"; "never without" is none.
    [[nodiscard]] bool is_none(std::size_t at) const {
        if (!has(at, words::none) && !has(at, words::nobody)) return false;
        if (is_denied_before(at)) return false;
        // "means that there is no canary": who says so, of what, a person reads.
        for (std::size_t i = 0; i < at; ++i)
            if (is(i, "that")) return false;
        const std::size_t end =
            behind_subject(has(at, words::nobody) ? behind(at + 1, words::links) : at + 1);
        if (end == 0) return false;
        // "No runbook has been written."
        const std::size_t next = behind(end, words::links, words::adverbs);
        return ends(end) || (next > end && (is_last(next, words::makings) || is_last(next, words::made)));
    }

    /// "nobody answers for it", "nobody looks at the alerts"
    [[nodiscard]] bool is_nobody(std::size_t at) const {
        if (is_denied_before(at)) return false;
        const bool nothing = is(at, "nothing");
        if (is(at, "no") && is(at + 1, "one")) ++at;
        else if (!has(at, words::nobody) && !is(at, "nothing")) return false;
        if (has(at + 1, words::others)) return false;
        const std::size_t verb = behind(at + 1, words::links, words::articles);
        static constexpr auto in = vocabulary::words({"at", "for", "after", "up"});
        if (has(verb, subject_.answers) || (is(verb, "in") && has(verb + 1, subject_.answers)))
            return ends(has(verb, subject_.answers) ? verb + 1 : verb + 2);
        return is_whole(nothing ? verb + 1 : behind(verb + 1, in, words::articles));
    }

    /// "the shadow is skipped", "the shadow is not needed", "the canary will not happen".
    [[nodiscard]] bool is_left_out(std::size_t at) const {
        using SubjectKind = DenialSubject::Kind;
        if (!is_noun(at) || !only(at, {words::articles, words::leads})) return false;
        const bool bare = subject_.kind == SubjectKind::signal && !has(at + 1, words::watches);
        if (is(at + 1, "back")) ++at;
        at = behind(at + 1, words::stages);
        const std::size_t link = at;
        at = behind(at, words::links, words::adverbs_before);
        const auto said = [&](std::string_view word) {
            for (std::size_t i = link; i < at; ++i)
                if (is(i, word)) return true;
            return false;
        };
        const bool linked = at > link;
        const bool longer = is(at, "no") && is(at + 1, "longer");
        if (has(at, words::denies)) {
            const bool whole = is(at, "never") || is(at, "cannot") || longer;
            const std::size_t next = behind(at + (longer ? 2 : 1), words::links, words::adverbs);
            if (!linked && !whole && next == at + 1) return false;
            if (is_last(next, subject_.deeds)) return true;
            if (bare) return false;
            static constexpr auto working = vocabulary::words(
                {"exist", "exists", "there", "work", "works", "working", "implemented", "built", "written",
                 "ready", "created", "defined", "respond", "available"});
            if (subject_.kind == SubjectKind::switches) return is_last(next, working);
            return (has(next, words::needs) && !is_limited()) || is_last(next, words::made) ||
                   is_last(next, words::reversible) || (is(next, "set") && is(next + 1, "up")) ||
                   (is(next, "in") && is(next + 1, "place")) || (is(next, "carried") && is(next + 1, "out"));
        }
        static constexpr auto unwatched = vocabulary::words({"ignored", "unwatched", "unmonitored"});
        // "will be written later"
        if (said("will") && (has(at, words::makings) || has(at, subject_.deeds)) &&
            is_last(at + 1, words::later))
            return true;
        if (bare) return linked && is_last(at, unwatched);
        if (subject_.kind == SubjectKind::switches)
            return (linked || at + 1 == clause_.size()) && is_last(at, words::gone);
        // "is still to be named", "will be written later"
        if (said("to") && at < clause_.size() &&
            (is_last(at, words::makings) || ((said("still") || said("yet")) && ends(at + 1))))
            return true;
        if (subject_.kind == SubjectKind::person && has(at, words::quits)) {
            static constexpr auto place =
                vocabulary::words({"company", "team", "firm", "desk", "us", "last", "in", "on"});
            return ends(at + 1) || has(behind(at + 1, words::articles), place);
        }
        // "is left out", "are switched off", "are muted"
        if (linked && (is_pair(at) || is_last(at, words::silent))) return !is_limited();
        return has(at, words::dropped) && (linked || at + 1 == clause_.size()) && !is_limited();
    }

    /// "we skip the shadow", "we do not run a canary".
    [[nodiscard]] bool is_dropped(std::size_t at) const {
        if (at > 2 || !only(at, {words::people, words::links})) return false;
        if (has(at, words::dropping)) {
            const std::size_t end = behind_subject(at + 1);
            return end > 0 && ends(end);
        }
        bool denied = false;
        std::size_t next = at;
        for (; has(next, words::denies) || has(next, words::links); ++next)
            denied = denied || has(next, words::denies);
        // "There will not be a shadow", "we will not have one"
        static constexpr auto whole = vocabulary::words({"be", "do", "have", "has"});
        const bool there = next > at && has(next - 1, whole) && !has(next, words::having);
        if (!denied || (!there && !has(next, words::having))) return false;
        if (!there) next += is(next + 1, "up") ? 2 : 1;
        return is_whole(next);
    }

    /// "the change cannot be rolled back", "it is irreversible"
    [[nodiscard]] bool is_final(std::size_t at) const {
        if (!subject_.taken_back) return false;
        const bool final = has(at, words::irreversible), not_so = has(at, words::reversible);
        const bool one_way = is(at, "one") && is(at + 1, "-") && is(at + 2, "way");
        static constexpr auto steps = vocabulary::words({"change", "door", "release", "step", "street"});
        const std::size_t end = one_way           ? behind(at + 3, steps)
                                : final || not_so ? at + 1
                                                  : behind_taking_back(at);
        if (end == 0 || !ends(end)) return false;
        if (!only(at, {words::articles, words::leads, words::changes, words::links, words::denies,
                       words::adverbs}))
            return false;
        static constexpr auto able = vocabulary::words({"cannot", "can", "ca", "could"});
        std::size_t denied = 0;
        bool can = false;
        for (std::size_t i = 0; i < at; ++i) {
            denied += has(i, words::denies) || has(i, words::nobody) ? 1 : 0;
            can = can || has(i, able) || (is(i, "never") && is(at - 1, "be"));
        }
        if (final || one_way) return denied == 0 && at > 0;
        return denied == 1 && (not_so || can);
    }

    /// "we go straight to full rollout", "the canary goes to all cryptos at once"
    [[nodiscard]] bool is_everywhere(std::size_t at) const {
        const auto to_all = [&](std::size_t next) {
            static constexpr auto to = vocabulary::words({"to", "into", "on", "the"});
            const std::size_t place = behind(next, to);
            return place > next && (has(place, words::everything) || is(place, "100"));
        };
        const auto waits = [&] {
            for (std::size_t i = 0; i < clause_.size(); ++i)
                if (is_condition(i)) return true;
            return false;
        };
        if (subject_.staged) {
            const bool last = at + 1 == clause_.size();
            const bool bang = is(at, "big") && is(at + 1, "bang");
            const bool whole = is(at, "everywhere") && (last || is(at + 1, "at"));
            if (!bang && !whole && !has(at, words::straight)) return false;
            return (bang || whole || last || to_all(at + 1)) && !waits() && !is_denied_before(at) &&
                   only(at, {words::articles, words::leads, words::changes, words::people, words::goes,
                             words::links, last ? Words(words::everything) : Words()}) &&
                   (!last || whole || bang || (at > 0 && has(at - 1, words::everything)));
        }
        if (!subject_.narrow || !is_noun(at) || !only(at, {words::articles, words::leads})) return false;
        for (std::size_t next = at + 1; next + 1 < clause_.size(); ++next) {
            if (has(next, words::negations)) return false;
            if (to_all(next))
                for (std::size_t last = next; last < clause_.size(); ++last)
                    if ((is(last, "at") && is(last + 1, "once")) || is(last, "everywhere")) return !waits();
        }
        return false;
    }

    std::span<const Token> clause_;
    const DenialSubject& subject_;
};

bool ends_sentence(const Token& token) { return token.is_sign(".!?|"); }

bool ends_clause(const Token& token) {
    return token.is_sign(".,;:!?()|") || (token.is_sign("-") && token.spaced) ||
           (token.kind == Kind::word &&
            (vocabulary::has(vocabulary::causes, token.small) || vocabulary::has(words::joins, token.small)));
}

/// Words of a text that names no subject, and may still deny it.
bool may_speak_of(std::string_view small, const DenialSubject& subject) {
    const auto says = [&](std::string_view word) { return small.find(word) != std::string_view::npos; };
    static constexpr std::array<std::string_view, 5> back{"back", "rever", "undo", "revoc", "one-way"};
    return std::ranges::any_of(subject.nouns, says) ||
           (subject.taken_back && std::ranges::any_of(back, says)) ||
           (subject.staged &&
            (std::ranges::any_of(words::straight, says) || says("big bang") || says("everywhere"))) ||
           (std::ranges::any_of(subject.answers, says) && (says("no one") || says("nobody") || says("none")));
}

}  // namespace

DenialReader::DenialReader(std::string_view text) : text_(text), small_(core::lowered(text)) {}

void DenialReader::split() {
    if (split_) return;
    split_ = true;
    std::string plain(text_);
    // "don't" is "do not".
    for (const std::string_view mark : {"n't", "n\u2019t"})
        for (auto at = plain.find(mark); at != std::string::npos; at = plain.find(mark, at))
            plain.replace(at, mark.size(), " not");
    tokens_ = tokens_of(plain);
    const DenialSubject nothing{};
    bool of_a_case = false, goes_on = false;
    for (std::size_t begin = 0; begin < tokens_.size();) {
        std::size_t end = begin;
        while (end < tokens_.size() && !ends_clause(tokens_[end])) ++end;
        if (end > begin) {
            const auto clause = std::span<const Token>(tokens_).subspan(begin, end - begin);
            clauses_.push_back({clause, of_a_case, goes_on});
            of_a_case = of_a_case || ClauseReader(clause, nothing).is_of_a_case();
            goes_on = true;
        }
        if (end < tokens_.size() && ends_sentence(tokens_[end])) of_a_case = goes_on = false;
        begin = end + 1;
    }
}

DenialFound DenialReader::read(const DenialSubject& subject) {
    DenialFound found;
    // Most texts do not speak of it.
    if (!may_speak_of(small_, subject)) return found;
    split();
    bool named = false;  // By an earlier clause of the sentence.
    for (const auto& clause : clauses_) {
        const ClauseReader reader(clause.tokens, subject);
        if (!clause.goes_on) named = false;
        const bool names = reader.names();
        // "Alerts: none."
        const bool denies = reader.denies() || (named && reader.is_only_none());
        const bool certain = denies && !clause.of_a_case && !reader.is_doubtful() && !reader.is_of_a_case();
        const bool possible =
            denies || ((names || (named && reader.begins_with_it())) && reader.is_negative());
        named = named || names;
        if (!certain && (!possible || found.denial == Denial::possible)) continue;
        found.denial = certain ? Denial::certain : Denial::possible;
        found.said.clear();
        for (const auto& token : clause.tokens)
            found.said += (found.said.empty() || !token.spaced ? "" : " ") + token.text;
        if (certain) break;
    }
    return found;
}

}  // namespace tristrata::readiness
