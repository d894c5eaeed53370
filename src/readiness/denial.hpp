#pragma once

#include "tokens.hpp"
#include "vocabulary.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// What a section is about, in the words that a sentence may deny it with. All in small letters.
struct DenialSubject {
    enum class Kind : std::uint8_t {
        thing,     ///< "There is no shadow."
        signal,    ///< By itself it may be absent, and is to be watched: "no drift" denies nothing.
        switches,  ///< What is set to off by whoever uses it: only that it does not exist, or work, denies
                   ///< it.
        person,    ///< Who may have left.
    };
    Kind kind = Kind::thing;
    vocabulary::Words nouns;
    vocabulary::Words deeds = {};    ///< Behind "not": "drift is not watched".
    vocabulary::Words answers = {};  ///< What nobody does: "nobody answers".
    bool taken_back = false;         ///< "The change cannot be rolled back."
    bool staged = false;             ///< "We go straight to all cryptos."
    bool narrow = false;             ///< "The canary goes to all cryptos at once."
};

enum class Denial : std::uint8_t { none, possible, certain };

struct DenialFound {
    Denial denial = Denial::none;
    std::string said;  ///< The clause.
};

/// The clauses of a text, read for one subject after the other. `text` outlives it.
class DenialReader {
public:
    explicit DenialReader(std::string_view text);

    /// The first clause that denies the subject, "There is no shadow this time", "the canary is skipped";
    /// else the first that may: it names the subject beside a negation, and says neither that it holds on a
    /// condition ("if the alert does not fire"), of a time past, of a part of it ("at night"), nor of another
    /// thing ("places no orders"). Linear in the text.
    [[nodiscard]] DenialFound read(const DenialSubject& subject);

private:
    struct Clause {
        std::span<const Token> tokens;
        bool of_a_case = false;  ///< An earlier clause of its sentence begins with a condition, or holds one.
        bool goes_on = false;    ///< It is not the first of its sentence.
    };
    void split();

    std::string_view text_;
    std::string small_;
    std::vector<Token> tokens_;
    std::vector<Clause> clauses_;
    bool split_ = false;
};

}  // namespace tristrata::readiness
