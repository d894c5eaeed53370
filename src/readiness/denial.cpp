#include "denial.hpp"

#include "denial_words.hpp"
#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "wording.hpp"

#include <algorithm>
#include <array>
#include <bit>
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
                   all = things | signals | switches, whole = forms(Form::whole),
                   at_once = forms(Form::at_once);

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
    // "We go straight to full rollout", "It goes live everywhere at once", "We do a big-bang release"
    {whole, {art, movers, goes, one(words::straight), into, one(words::whole), any(words::whole)}},
    {whole,
     {art, movers, one(words::goes), goes, into, one(words::whole), any(words::whole), one(words::at_once)}},
    {whole, {art, movers, goes, into, one(words::big_bang), changes}},
    {whole, {art, one(words::everything), goes, one(words::at_once)}},
    {whole, {art, one(words::rollout), links, nots, links, one(words::staged)}},
    {at_once,
     {subject, one(words::goes), goes, into, one(words::whole), any(words::whole), one(words::at_once)}},
});
static_assert(patterns.size() <= std::numeric_limits<std::uint64_t>::digits);

/// Those, a bit each, of which words of these lists can be one.
std::uint64_t fits_of(std::uint64_t given, bool noun) {
    std::uint64_t fits = 0;
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if ((patterns[i].needs & ~given) == 0 && (noun || !patterns[i].needs_subject))
            fits |= std::uint64_t{1} << i;
    return fits;
}

/// One clause against patterns, each of which is the whole clause. Linear in it.
class Matcher {
public:
    Matcher(const DenialClause& clause, const DenialSubject& about)
        : clause_(clause.words), about_(about), fits_(clause.fits) {}

    [[nodiscard]] bool denies() const {
        for (std::uint64_t left = fits_; left != 0; left &= left - 1) {
            const Pattern& one = patterns[static_cast<std::size_t>(std::countr_zero(left))];
            if ((one.of & about_.can) != 0 && fits_pieces(one.pieces)) return true;
        }
        return false;
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
    std::uint64_t fits_;
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

/// Before "quarter", "release"; and before what has a digit: "for Q4", "in CVN-N001-EF-S08".
constexpr auto next_terms = vocabulary::words({"next", "another", "later"});
constexpr auto behind_in = vocabulary::words({"by", "for", "in", "with"});

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

/// What a word of the text as it stands may become beside itself: what the phrases that it may begin mean,
/// and "later" where it may begin a time.
std::uint64_t lists_begun_by(std::string_view word) {
    static const auto begun = [] {
        std::unordered_map<std::string_view, std::uint64_t> bits;
        for (std::size_t i = 0; i < first_words.size(); ++i)
            bits[first_words[i]] |= known(words::phrases[i].meant).lists;
        const std::uint64_t later_lists = known("later").lists;
        for (const auto& times :
             std::to_array<Words>({words::conditions, words::before_terms, next_terms, behind_in}))
            for (const auto one : times) bits[one] |= later_lists;
        return bits;
    }();
    const auto found = begun.find(word);
    return found == begun.end() ? 0 : found->second;
}

/// False where no words of the text can be a denial, whatever they are taken for: of most it is told without
/// reading them as a sentence.
bool may_deny(std::string_view text, Words nouns) {
    if (!is_ascii(text)) return true;
    std::uint64_t found = known("hyphen").lists;
    bool noun = false;
    const std::string small = core::lowered(text);
    const auto add = [&](std::string_view word) {
        found |= known(word).lists | lists_begun_by(word);
        noun = noun || vocabulary::has(nouns, word) || vocabulary::has(begins_phrase, word);
    };
    for (std::size_t at = 0; at < small.size();) {
        std::size_t end = at, digits = at;
        while (end < small.size() && is_word(small[end])) ++end;
        while (digits < end && is_digit(small[digits])) ++digits;
        if (end > at || small[at] != ' ') add(std::string_view(small).substr(at, std::max(end, at + 1) - at));
        // "7d" is a number and a unit, or one word.
        if (digits > at && digits < end) add(std::string_view(small).substr(at, digits - at));
        at = digits > at ? digits : std::max(end, at + 1);
    }
    return fits_of(found, noun) != 0;
}

}  // namespace

DenialClause::DenialClause(std::span<const DenialWord> given) : words(given) {
    std::uint64_t of_words = 0;
    bool noun = false;
    for (const DenialWord& word : given) {
        of_words |= word.lists;
        noun = noun || word.noun;
    }
    fits = fits_of(of_words, noun);
}

DenialSentence::DenialSentence(std::string_view text, Words nouns) : nouns_(nouns) {
    // Whoever denies says it in few words.
    constexpr std::size_t bytes_max = 400;
    if (text.size() > bytes_max) return;
    const std::string spelt = with_not_spelt_out(std::string(text));
    if (!may_deny(spelt, nouns)) return;
    tokens_ = tokens_of(spelt);
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
    if (reader.take(next_terms) && reader.take(words::terms)) return reader.place();
    // Behind a word of time, and no "P1".
    reader.go_to(at);
    if (!reader.take(behind_in)) return at;
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
