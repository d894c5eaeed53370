#include "denial.hpp"

#include "denial_words.hpp"
#include "letters.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace tristrata::readiness {
namespace {

namespace words = denial_words;
using vocabulary::Words;

/// The lists that patterns are made of; a word is looked up in them once, and keeps a bit of each.
constexpr auto lists = std::to_array<Words>(
    {words::there,    words::links,      words::any_links,  words::articles,     words::no,
     words::nots,     words::nobody,     words::people,     words::later,        words::changes,
     words::movers,   words::goes,       words::into,       words::done,         words::colon,
     words::watched,  words::working,    words::dropped,    words::ignored,      words::gone,
     words::is,       words::was,        words::decided,    words::nothing_said, words::effect,
     words::to,       words::makings,    words::will,       words::follows,      words::built,
     words::monitor,  words::anything,   words::paged,      words::watching,     words::having,
     words::dropping, words::without,    words::quits,      words::company,      words::answers,
     words::for_it,   words::pending,    words::committee,  words::signs,        words::of_rehearsal,
     words::plan,     words::reviewed,   words::rehearsed,  words::cannot,       words::reverted,
     words::whole,    words::at_once,    words::reversible, words::irreversible, words::straight,
     words::big_bang, words::everything, words::rollout,    words::staged,       words::stages,
     words::joins});
static_assert(lists.size() <= std::numeric_limits<std::uint64_t>::digits);

constexpr auto unsaid = vocabulary::words({"", "!", "'", ".", "?", "\u2019"});
/// And those that a sentence is read by, with bits of their own.
constexpr auto sentence_lists = std::to_array<Words>(
    {words::doubts, words::fillers, unsaid, words::divides, words::limits, words::negations});

template <std::size_t N>
consteval std::uint64_t bit_in(const std::array<Words, N>& all, Words list) {
    const auto at = std::ranges::find(all, list.begin(), &Words::begin);
    if (at == all.end()) throw std::logic_error("a list that is not in lists");
    return std::uint64_t{1} << static_cast<unsigned>(at - all.begin());
}
consteval std::uint64_t bit_of(Words list) { return bit_in(lists, list); }
constexpr unsigned doubts = bit_in(sentence_lists, words::doubts),
                   fillers = bit_in(sentence_lists, words::fillers), nothing = bit_in(sentence_lists, unsaid),
                   divides = bit_in(sentence_lists, words::divides),
                   limits = bit_in(sentence_lists, words::limits),
                   negations = bit_in(sentence_lists, words::negations);

DenialWord known(std::string_view word) {
    static const auto words_of_lists = [] {
        std::unordered_map<std::string_view, DenialWord> all;
        for (std::size_t i = 0; i < lists.size(); ++i)
            for (const auto one : lists[i]) all[one].lists |= std::uint64_t{1} << i;
        for (std::size_t i = 0; i < sentence_lists.size(); ++i)
            for (const auto one : sentence_lists[i]) all[one].sentence_lists |= 1U << i;
        return all;
    }();
    const auto found = words_of_lists.find(word);
    DenialWord made = found == words_of_lists.end() ? DenialWord() : found->second;
    made.text = word;
    return made;
}

/// What stands in one place of a pattern. `any` takes all that it can.
struct Piece {
    enum class Times : std::uint8_t { end, one, maybe, any, subject };
    Times times = Times::end;
    std::uint64_t list = 0;
};
consteval Piece one(Words words) { return {Piece::Times::one, bit_of(words)}; }
consteval Piece maybe(Words words) { return {Piece::Times::maybe, bit_of(words)}; }
consteval Piece any(Words words) { return {Piece::Times::any, bit_of(words)}; }
constexpr Piece subject{Piece::Times::subject, 0};
constexpr std::uint64_t articles = bit_of(words::articles), stages = bit_of(words::stages),
                        joins = bit_of(words::joins), denying = bit_of(words::no);

constexpr auto links = any(words::links), any_links = any(words::any_links), art = any(words::articles),
               there = one(words::there), no = one(words::no), nots = one(words::nots),
               nobody = one(words::nobody), people = one(words::people), later = one(words::later),
               changes = any(words::changes), movers = any(words::movers), goes = any(words::goes),
               into = any(words::into);

constexpr unsigned things = forms(Form::thing), signals = forms(Form::signal),
                   switches = forms(Form::switches), events = forms(Form::event),
                   all = things | signals | switches;

struct Pattern {
    unsigned of;
    std::array<Piece, 8> pieces;
    std::uint64_t needs = 0;  ///< Of each of these lists a word.
    bool needs_subject = false;

    consteval Pattern(unsigned forms, std::array<Piece, 8> made) : of(forms), pieces(made) {
        for (const Piece& piece : made) {
            if (piece.times == Piece::Times::one) needs |= piece.list;
            needs_subject = needs_subject || piece.times == Piece::Times::subject;
        }
    }
};
constexpr auto patterns = std::to_array<Pattern>({
    // "There is no shadow", "No shadow planned", "There will not be a shadow"
    {things | switches, {maybe(words::there), links, no, subject, any(words::done)}},
    {things | switches, {there, links, nots, links, subject}},
    // "No runbook has been written", "The runbook is not written"
    {things, {no, subject, links, one(words::done)}},
    {things, {subject, any(words::colon), links, nots, links, one(words::done)}},
    {signals, {subject, links, nots, links, one(words::watched)}},
    {switches, {no, subject, links, one(words::working)}},
    {switches, {subject, links, nots, links, one(words::working)}},
    // "The shadow is skipped", "Shadow: none", "Both alerts were removed", "The flag has no effect"
    {things, {subject, any(words::colon), links, art, one(words::dropped)}},
    {signals, {subject, links, one(words::ignored)}},
    {switches, {subject, links, art, one(words::gone)}},
    {things, {subject, one(words::colon), one(words::nothing_said)}},
    {things, {subject, one(words::is), one(words::nothing_said)}},
    {things, {subject, one(words::was), one(words::decided)}},
    {switches, {subject, links, one(words::no), one(words::effect)}},
    {switches, {subject, links, nobody}},
    // "A DRI is to be named", "The alerts will be added later", "We will add the alerts after the merge"
    {things, {subject, links, one(words::to), links, one(words::makings)}},
    {things | signals, {subject, links, one(words::makings), later}},
    {things, {art, people, links, one(words::makings), subject, later}},
    {things | signals, {subject, one(words::will), links, one(words::follows), any(words::later)}},
    {switches, {subject, one(words::will), links, one(words::built), any(words::later)}},
    // "We do not monitor anything", "Nothing of this is monitored", "Nobody is paged"
    {forms(Form::watch), {art, people, links, nots, one(words::monitor), any(words::anything)}},
    {forms(Form::watch), {nobody, any(words::anything), links, one(words::watched)}},
    {forms(Form::page), {nobody, links, one(words::paged)}},
    // "Nobody watches the drift", "We do not run a canary", "We skip the shadow", "We have no alerts"
    {things | signals, {nobody, links, one(words::watching), subject}},
    {all, {art, people, links, nots, any(words::having), subject}},
    {things, {art, people, links, one(words::dropping), subject}},
    {things | switches, {art, people, any(words::having), links, no, subject}},
    // "It goes live without a shadow"
    {things, {art, movers, one(words::goes), goes, one(words::without), subject}},
    // "The DRI has left the company", "Nobody answers for it"
    {forms(Form::person), {subject, links, one(words::quits), any(words::company)}},
    {forms(Form::person), {nobody, links, subject}},
    {forms(Form::person), {nobody, links, one(words::answers), any(words::for_it)}},
    // "The review did not take place", "It was never rehearsed", "The committee has not seen this plan"
    {events, {maybe(words::there), any_links, no, subject, any_links, any(words::done)}},
    {events, {subject, any_links, nots, any_links, one(words::done)}},
    {events, {subject, any_links, one(words::dropped)}},
    {events, {subject, any_links, one(words::pending)}},
    {forms(Form::reading), {art, one(words::committee), any_links, nots, any_links, one(words::signs)}},
    {forms(Form::rehearsal),
     {art, any(words::of_rehearsal), any_links, nots, any_links, one(words::rehearsed)}},
    {forms(Form::reading), {art, one(words::plan), any_links, nots, any_links, one(words::reviewed)}},
    {forms(Form::reading),
     {art, one(words::committee), any_links, nots, any_links, one(words::reviewed), art, one(words::plan)}},
    // "The change cannot be rolled back", "It is irreversible", "This is a one-way change"
    {forms(Form::reversal),
     {art, changes, one(words::cannot), links, one(words::reverted), any(words::for_it)}},
    {forms(Form::reversal), {art, changes, links, art, one(words::irreversible), changes}},
    {forms(Form::reversal), {art, changes, links, nots, links, one(words::reversible)}},
});
constexpr auto spreads_whole = std::to_array<Pattern>({
    // "We go straight to full rollout", "It goes live everywhere at once", "We do a big-bang release"
    {0, {art, movers, goes, one(words::straight), into, one(words::whole), any(words::whole)}},
    {0,
     {art, movers, one(words::goes), goes, into, one(words::whole), any(words::whole), one(words::at_once)}},
    {0, {art, movers, goes, into, one(words::big_bang), changes}},
    {0, {art, one(words::everything), goes, one(words::at_once)}},
    {0, {art, one(words::rollout), links, nots, links, one(words::staged)}},
});
constexpr auto spreads_at_once = std::to_array<Pattern>(
    {{0,
      {subject, one(words::goes), goes, into, one(words::whole), any(words::whole), one(words::at_once)}}});

/// One clause against patterns, each of which is the whole clause. Linear in it.
class Matcher {
public:
    Matcher(const DenialClause& clause, const DenialSubject& about)
        : clause_(clause.words), about_(about), lists_(clause.lists) {
        own_ = clause.noun && std::ranges::any_of(clause_, [&](const DenialWord& word) {
                   return word.noun && vocabulary::has(about.nouns, word.text);
               });
    }

    [[nodiscard]] bool denies() const {
        const auto fits = [&](const Pattern& one) {
            return (one.needs & ~lists_) == 0 && (own_ || !one.needs_subject) && fits_pieces(one.pieces);
        };
        return std::ranges::any_of(
                   patterns, [&](const Pattern& one) { return (one.of & about_.can) != 0 && fits(one); }) ||
               (about_.spread == Spread::whole && std::ranges::any_of(spreads_whole, fits)) ||
               (about_.spread == Spread::at_once && std::ranges::any_of(spreads_at_once, fits));
    }

private:
    [[nodiscard]] bool has(std::size_t at, std::uint64_t list) const {
        return at < clause_.size() && (clause_[at].lists & list) != 0;
    }
    [[nodiscard]] std::size_t behind(std::size_t at, std::uint64_t list) const {
        while (has(at, list)) ++at;
        return at;
    }
    /// Behind "the shadow stage and the canary", which begins here; 0 where the subject is none of them.
    [[nodiscard]] std::size_t behind_subject(std::size_t at) const {
        bool own = false;
        for (;;) {
            at = behind(at, articles);
            if (at >= clause_.size() || !clause_[at].noun) return 0;
            own = own || vocabulary::has(about_.nouns, clause_[at].text);
            at = behind(at + 1, stages);
            if (!has(at, joins)) return own ? at : 0;
            at = behind(at + 1, denying);
        }
    }
    [[nodiscard]] bool fits_pieces(std::span<const Piece> pieces) const {
        std::size_t at = 0;
        for (const auto& piece : pieces) {
            switch (piece.times) {
                case Piece::Times::end:
                    return at == clause_.size();
                case Piece::Times::one:
                    if (!has(at++, piece.list)) return false;
                    break;
                case Piece::Times::maybe:
                    at += has(at, piece.list) ? 1 : 0;
                    break;
                case Piece::Times::any:
                    at = behind(at, piece.list);
                    break;
                case Piece::Times::subject:
                    at = behind_subject(at);
                    if (at == 0) return false;
                    break;
            }
        }
        return at == clause_.size();
    }

    std::span<const DenialWord> clause_;
    const DenialSubject& about_;
    std::uint64_t lists_;
    bool own_;  ///< It names the subject.
};

/// The first words of the phrases, in their order.
constexpr auto first_words = [] {
    std::array<std::string_view, words::phrases.size()> first;
    std::ranges::transform(words::phrases, first.begin(),
                           [](const words::Phrase& one) { return one.said.substr(0, one.said.find(' ')); });
    return first;
}();
static_assert(std::ranges::is_sorted(first_words));
constexpr auto begins_phrase = vocabulary::sorted(first_words);

/// The phrase that begins at a token, and behind which; or none.
std::pair<const words::Phrase*, std::size_t> phrase_at(std::span<const Token> tokens, std::size_t at) {
    const std::string_view word = tokens[at].small;
    if (!vocabulary::has(begins_phrase, word)) return {nullptr, at};
    TokenReader reader(tokens);
    const auto found = std::ranges::equal_range(first_words, word);
    for (auto first = found.begin(); first != found.end(); ++first) {
        const words::Phrase& one = words::phrases[static_cast<std::size_t>(first - first_words.begin())];
        reader.go_to(at);
        if (reader.take_phrase(std::array{one.said})) return {&one, reader.place()};
    }
    return {nullptr, at};
}

}  // namespace

DenialClause::DenialClause(std::span<const DenialWord> given) : words(given) {
    for (const DenialWord& word : given) {
        lists |= word.lists;
        noun = noun || word.noun;
    }
}

DenialSentence::DenialSentence(std::string_view text, Words nouns) : nouns_(nouns) {
    // Whoever denies says it in few words.
    constexpr std::size_t bytes_max = 400;
    if (text.size() > bytes_max) return;
    tokens_ = tokens_of(with_not_spelt_out(std::string(text)));
    for (std::size_t at = 0; at < tokens_.size();) {
        if (const std::size_t behind = behind_time(at); behind > at) {
            // "once the model is live" may be what the rollout does.
            doubtful_ = doubtful_ || vocabulary::has(words::conditions, tokens_[at].small);
            add("later");
            at = behind;
            continue;
        }
        const auto [phrase, behind] = phrase_at(tokens_, at);
        const Token& token = tokens_[at];
        const bool hyphen = token.is_sign("-") && !(token.spaced && token.open);
        add(phrase != nullptr ? phrase->meant : hyphen ? "hyphen" : std::string_view(token.small));
        at = std::max(behind, at + 1);
    }
    const auto says = [&](std::string_view word) {
        return std::ranges::find(words_, word, &DenialWord::text) != words_.end();
    };
    // "The canary is planned for Q3"
    doubtful_ = doubtful_ || (says("planned") && says("later"));
    const auto is_in = [](unsigned list) {
        return [list](const DenialWord& word) { return (word.sentence_lists & list) != 0; };
    };
    const auto is_divider = is_in(divides);
    for (std::size_t begin = 0; begin < words_.size();) {
        std::size_t end = begin;
        while (end < words_.size() && !is_divider(words_[end])) ++end;
        clauses_.emplace_back(std::span(words_).subspan(begin, end - begin));
        begin = end + 1;
    }
    static constexpr std::array<std::string_view, 2> because{"because", "of"};
    auto reason = static_cast<std::size_t>(
        std::ranges::search(words_, because, {}, &DenialWord::text).begin() - words_.begin());
    if (reason > 0 && words_[reason - 1].text == ",") --reason;
    said_ = DenialClause(std::span(words_).first(reason));
    limited_ =
        std::ranges::any_of(words_, is_in(limits)) || std::ranges::count_if(words_, is_in(negations)) > 1;
}

std::size_t DenialSentence::behind_time(std::size_t at) const {
    static constexpr auto next = vocabulary::words({"next", "another", "later"});
    TokenReader reader(tokens_);
    reader.go_to(at);
    // "will be set up once the model is live": to the end of the clause.
    if (reader.take(words::conditions)) {
        const bool coming = std::ranges::any_of(std::span(tokens_).first(at), [](const Token& one) {
            return vocabulary::has(words::will, one.small);
        });
        if (!coming) return at;
        while (!reader.at_end() && !reader.now().is_sign(",.;:()")) reader.skip();
        return reader.place();
    }
    reader.take_all(words::before_terms);
    if (reader.take(next) && reader.take(words::terms)) return reader.place();
    // "for Q4", "in CVN-N001-EF-S08": behind a word of time, and no "P1".
    static constexpr auto in = vocabulary::words({"by", "for", "in", "with"});
    reader.go_to(at);
    if (!reader.take(in)) return at;
    const std::size_t begun = reader.place();
    bool digit = false;
    while (!reader.at_end() && (reader.place() == begun || !reader.now().spaced) &&
           (reader.is(Token::Kind::word) || reader.is(Token::Kind::number) || reader.now().is_sign("-"))) {
        digit = digit || std::ranges::any_of(reader.now().small, is_digit);
        reader.skip();
    }
    if (reader.place() == begun || !digit || tokens_[begun].kind != Token::Kind::word) return at;
    const bool quarter = tokens_[begun].small.size() == 2 && tokens_[begun].small[0] == 'q';
    return quarter || reader.place() > begun + 1 ? reader.place() : at;
}

void DenialSentence::add(std::string_view word) {
    DenialWord made = known(word);
    if ((made.sentence_lists & doubts) != 0) doubtful_ = true;
    if ((made.sentence_lists & (doubts | nothing | fillers)) != 0) return;
    made.noun = vocabulary::has(nouns_, word);
    words_.push_back(made);
}

Denial DenialSentence::read(const DenialSubject& of) const {
    const auto denies = [&](const DenialClause& clause) { return Matcher(clause, of).denies(); };
    if (!doubtful_ && denies(said_)) return Denial::certain;
    return !limited_ && std::ranges::any_of(clauses_, denies) ? Denial::possible : Denial::none;
}

}  // namespace tristrata::readiness
