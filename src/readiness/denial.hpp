#pragma once

#include "tokens.hpp"
#include "vocabulary.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// How a subject can be denied; a subject has one or more.
enum class Form : std::uint16_t {
    thing = 1,       ///< "There is no shadow."
    signal = 2,      ///< By itself it may be absent, and is to be watched: "drift is not watched".
    switches = 4,    ///< Whoever uses it sets it to off: only that it is not there, or does not work.
    person = 8,      ///< Who may have left; "nobody answers".
    event = 16,      ///< Which has been, or not: "the review did not take place".
    rehearsal = 32,  ///< "It was never rehearsed."
    reading = 64,    ///< "The committee has not seen this plan."
    reversal = 128,  ///< "The change cannot be rolled back."
    watch = 256,     ///< "We do not monitor this", "Nothing is monitored."
    page = 512,      ///< "Nobody is paged."
    whole = 1024,    ///< Of a rollout: "We go straight to all cryptos".
    at_once = 2048,  ///< Of a stage of it: "The canary goes to all cryptos at once".
};
[[nodiscard]] constexpr unsigned forms(auto... given) { return (0U | ... | static_cast<unsigned>(given)); }

/// What a section is about, in the words that a sentence may deny it with. All in small letters; of several
/// words apart by "-", "full-rollout".
struct DenialSubject {
    unsigned can = 0;  ///< Its forms.
    vocabulary::Words nouns;
};

enum class Denial : std::uint8_t { none, possible, certain };

/// A word of a sentence: as it stands, a bit for each list of denial.cpp that patterns are made of and that
/// it is in, one for each that a sentence is read by, and whether it names a subject.
struct DenialWord {
    std::string_view text;
    std::uint64_t lists = 0;
    unsigned sentence_lists = 0;
    bool noun = false;
};

/// Words between two dividers, and a bit for each pattern of denial.cpp that needs no more than they have.
struct DenialClause {
    std::span<const DenialWord> words;
    std::uint64_t fits = 0;

    DenialClause() = default;
    explicit DenialClause(std::span<const DenialWord> given);
};

/// One sentence, read for one subject after the other. `text` and `nouns` outlive it.
class DenialSentence {
public:
    /// `nouns`: of all subjects; "shadow and canary are skipped" denies both.
    DenialSentence(std::string_view text, vocabulary::Words nouns);

    /// Certain where the whole sentence is the denial, in the present or of what is to come: "There is no
    /// shadow this time". Possible where a clause of it is, or with "may", and nothing in it is a condition,
    /// a time past, a limit or another negation. What says more ("in staging there is no canary") is none.
    [[nodiscard]] Denial read(const DenialSubject& of) const;

private:
    void add(std::string_view word);
    /// Behind "in the next quarter", "for Q4", "in CVN-N001-EF-S08" at a token, of what is put off; 0 of
    /// none.
    [[nodiscard]] std::size_t behind_time(std::size_t at) const;

    vocabulary::Words nouns_;
    std::vector<Token> tokens_;
    std::vector<DenialWord> words_;  ///< Without what changes nothing: "yet", "for this change".
    DenialClause said_;              ///< All of it, up to where "because of the deadline" begins.
    std::vector<DenialClause> clauses_;
    bool doubtful_ = false;
    bool limited_ = false;  ///< A condition, a time past, a limit, two negations.
};

}  // namespace tristrata::readiness
