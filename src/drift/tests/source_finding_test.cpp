#include "tristrata/drift/source_finding.hpp"

#include "tristrata/drift/event.hpp"

#include <gtest/gtest.h>

namespace tristrata::drift {
namespace {

std::string payload_of(const SourceFinding& finding) {
    core::JsonWriter json;
    json.begin_object();
    write_members(json, finding);
    json.end_object();
    return json.take();
}

EventWords words_in(std::string payload) {
    Event event;
    event.payload = std::move(payload);
    return words_of(event);
}

constexpr core::Timestamp from{1'767'225'600'000'000}, to{1'767'229'200'000'000};

TEST(SourceFinding, has_the_same_members_whoever_says_it) {
    EXPECT_EQ(payload_of({"row_count", "no row", "rows", "the store kpi", from, to, 12}),
              R"({"finding":"row_count","signal":"row_count","reason":"no row","measured":"rows",)"
              R"("source":"the store kpi","window":{"from":"2026-01-01T00:00:00Z",)"
              R"("to":"2026-01-01T01:00:00Z","rows":12}})");
    EXPECT_EQ(payload_of({"source", "it answers", "", "a.csv", std::nullopt, to, std::nullopt}),
              R"({"finding":"source","reason":"it answers","source":"a.csv",)"
              R"("window":{"from":null,"to":"2026-01-01T01:00:00Z"}})");
}

TEST(SourceFinding, is_shown_with_what_it_measured_by_its_own_word_or_its_signals) {
    const auto words = words_in(payload_of({"distribution", "it fell", "minimum", "s", from, to, 1}));
    EXPECT_EQ(words.sentence, "it fell");
    EXPECT_EQ(words.measured, "minimum");
    EXPECT_EQ(words_in(payload_of({"row_count", "none", "", "s", from, to, 1})).measured, "rows");
    EXPECT_EQ(words_in(payload_of({"source", "away", "failures in a row", "s", from, to, 1})).measured,
              "failures in a row");
    EXPECT_EQ(words_in(payload_of({"combination", "absent", "", "s", from, to, 1})).measured, "");
}

}  // namespace
}  // namespace tristrata::drift
