#include "accepted.hpp"
#include "canary_field.hpp"
#include "field.hpp"
#include "judge.hpp"
#include "saying.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <array>
#include <span>

// Sentences that say otherwise than a field: "The canary is ETHUSDC" below a canary of BTCUSDC.
namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;

constexpr auto articles = vocabulary::words({"the", "our", "its", "this", "one"});
constexpr auto links =
    vocabulary::words({"is", "are", "will", "be", "runs", "run", "lasts", "takes", "on", "for", "only",
                       "just", "the", "a", "whole", "planned", "starts", "by"});
constexpr auto nots = vocabulary::words({"not", "never"});
constexpr auto dri = std::to_array<std::string_view>({"dri", "owner"});
constexpr auto canary = std::to_array<std::string_view>({"canary"});
constexpr auto sunset = std::to_array<std::string_view>({"sunset"});
constexpr auto full = std::to_array<std::string_view>({"full rollout"});
constexpr auto shadow = std::to_array<std::string_view>({"shadow"});

/// Behind "The canary is", where what follows is its value; nothing where the sentence begins otherwise.
std::optional<TokenReader> behind_subject(std::span<const Token> sentence, TokenReader::Phrases subject) {
    TokenReader reader(sentence);
    reader.take_all(articles);
    if (!reader.take_phrase(subject) || reader.at_end() || !vocabulary::has(links, reader.now().small))
        return std::nullopt;
    reader.take_all(links);
    if (reader.at_end()) return std::nullopt;
    return reader;
}

/// What the field says where the sentence says something else; empty where it does not.
std::string field_of_owner(const Judge& judge, std::span<const Token> sentence) {
    const Named& named = judge.outcome.named;
    if (const auto reader = behind_subject(sentence, dri); reader && !named.owner.empty()) {
        const Token& value = reader->now();
        const bool other = value.kind == Kind::handle && value.small != core::lowered(named.owner);
        if (other || (value.kind == Kind::word && vocabulary::has(vocabulary::teams, value.small)))
            return "DRI: " + named.owner;
    }
    // "@maria is not the DRI."
    if (TokenReader reader(sentence);
        reader.is(Kind::handle) && reader.now().small == core::lowered(named.owner)) {
        reader.skip();
        reader.take_all(links);
        if (reader.take(nots)) {
            reader.take_all(articles);
            if (reader.take_phrase(dri)) return "DRI: " + named.owner;
        }
    }
    if (const auto reader = behind_subject(sentence, sunset); reader && named.sunset)
        if (reader->now().kind == Kind::day && reader->now().day != *named.sunset)
            return "Sunset: " + date_text(*named.sunset);
    return "";
}

std::string field_of_rollout(const Judge& judge, std::span<const Token> sentence,
                             const Canary& named_canary) {
    const Named& named = judge.outcome.named;
    if (const auto reader = behind_subject(sentence, full); reader && named.full_rollout)
        if (reader->now().kind == Kind::day && reader->now().day != *named.full_rollout)
            return "Full rollout: " + date_text(*named.full_rollout);
    if (const auto reader = behind_subject(sentence, canary); reader && !named_canary.crypto.empty()) {
        const auto other = canary_in(judge.policy, {reader->now()});
        if (!other.crypto.empty() && !is_same_crypto(other.crypto, named_canary.crypto))
            return "Canary: " + named_canary.crypto;
    }
    if (auto reader = behind_subject(sentence, shadow)) {
        const auto length = read_length(*reader);
        if (length && !length->is_least && length->days < judge.policy.shadow_days_min)
            return fmt::format("Shadow: of {} days or more", judge.policy.shadow_days_min);
    }
    return "";
}

}  // namespace

void judge_contradictions(const Judge& judge, const Section& section) {
    if (section.part != Part::owner && section.part != Part::rollout) return;
    Canary named;
    if (section.part == Part::rollout)
        for (const auto& saying : sayings_of(section, tables_of(section), {"canary"})) {
            named = canary_in(judge.policy, with_pairs(tokens_of(saying.text)));
            if (!named.crypto.empty()) break;
        }
    for (const auto& entry : section.entries) {
        if (entry.kind != Entry::Kind::text && entry.kind != Entry::Kind::item) continue;
        if (const auto line = labelled(entry.text); line && words_of_text(line->label).size() <= 3) continue;
        for (const auto said : sentences_of(entry.text)) {
            const auto tokens = with_pairs(tokens_of(said, entry.code));
            const auto field = section.part == Part::owner ? field_of_owner(judge, tokens)
                                                           : field_of_rollout(judge, tokens, named);
            if (!field.empty())
                judge.find("RDY024", entry.line,
                           fmt::format("{} says otherwise than \"{}\"; a person should read this line",
                                       core::quoted(said, 80), field),
                           Finding::Kind::wrong);
        }
    }
}

}  // namespace tristrata::readiness
