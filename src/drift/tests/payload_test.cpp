#include "tristrata/drift/payload.hpp"

#include "tristrata/sink/object_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::drift;
using testing::HasSubstr;

namespace {

struct RecordingSink final : sink::Sink {
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        taken.assign(records.begin(), records.end());
        sink::Acknowledgement all;
        for (const auto& record : records) all.stored += record.rows;
        return all;
    }
    core::Status flush() override { return {}; }
    std::vector<sink::Record> taken;
};

/// {"summary":{"drifted":1},"text":"xxx…"} of exactly so many bytes.
std::string payload_of(std::size_t bytes) {
    const std::string head = R"({"summary":{"drifted":1},"text":")", tail = "\"}";
    return head + std::string(bytes - head.size() - tail.size(), 'x') + tail;
}

Event event_of(std::string payload) {
    Event event;
    event.event_id = core::uuid_v5(core::tristrata_namespace(), payload);
    event.module = "m";
    event.metric = "share_drifted";
    event.payload = std::move(payload);
    event.detected_at = {1'700'000'000'000'000};
    return event;
}

sink::Record record_of(std::vector<Event> events) { return encode(Push{std::nullopt, std::move(events)}); }

}  // namespace

TEST(Payload, one_byte_below_the_limit_stays_in_its_row_and_one_on_it_becomes_an_object) {
    RecordingSink behind;
    PayloadSink payloads(behind, "s3://bucket/prefix");
    const auto below = record_of({event_of(payload_of(object_payload_bytes - 1))});
    ASSERT_TRUE(payloads.append({&below, 1}));
    ASSERT_EQ(behind.taken.size(), 1u);
    EXPECT_EQ(behind.taken[0].bytes, below.bytes);

    const std::string payload = payload_of(object_payload_bytes);
    const auto on = record_of({event_of(payload)});
    const auto acknowledged = payloads.append({&on, 1});
    ASSERT_TRUE(acknowledged) << acknowledged.error().message;
    EXPECT_EQ(acknowledged->stored, 1u) << "the object is no row of the store";
    ASSERT_EQ(behind.taken.size(), 2u);
    const auto object = sink::decode_object(behind.taken[1]);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->bytes, payload);
    const auto row = decode(behind.taken[0])->events.at(0);
    const auto pointer = pointer_of(row);
    ASSERT_TRUE(pointer) << row.payload;
    EXPECT_EQ(pointer->sha256, core::sha256(payload));
    EXPECT_EQ(pointer->bytes, object_payload_bytes);
    EXPECT_EQ(pointer->url, "s3://bucket/prefix/" + sink::content_key(pointer->sha256));
    EXPECT_TRUE(check_payload(*pointer, object->bytes));
}

TEST(Payload, the_limit_is_in_bytes_of_utf_8_and_not_in_characters) {
    RecordingSink behind;
    PayloadSink payloads(behind, "file:///a");
    std::string wide = R"({"text":")";
    for (int i = 0; i < 51'200; ++i) wide += "é";
    const auto record = record_of({event_of(wide + "\"}")});
    ASSERT_TRUE(payloads.append({&record, 1}));
    EXPECT_EQ(behind.taken.size(), 2u);
}

TEST(Payload, a_row_keeps_the_short_members_and_so_its_words) {
    RecordingSink behind;
    PayloadSink payloads(behind, "file:///a");
    const auto record =
        record_of({event_of(R"({"summary":{"drifted":2,"tested":9},"long":")" + std::string(200'000, 'x') +
                            R"(","reason":"because","payload_url":"mine"})")});
    ASSERT_TRUE(payloads.append({&record, 1}));
    const auto row = decode(behind.taken[0])->events.at(0);
    EXPECT_THAT(row.payload, HasSubstr(R"("summary":{"drifted":2,"tested":9},"reason":"because"})"));
    EXPECT_LT(row.payload.size(), 1000u);
    EXPECT_THAT(words_of(row).sentence, HasSubstr("2 of 9"));
}

TEST(Payload, a_crit_push_takes_its_object_along) {
    RecordingSink behind;
    PayloadSink payloads(behind, "file:///a");
    auto event = event_of(payload_of(200'000));
    event.severity = Severity::crit;
    const auto record = record_of({event_of("{}"), event, event});
    ASSERT_TRUE(payloads.append({&record, 1}));
    ASSERT_EQ(behind.taken.size(), 2u) << "the same bytes are one object";
    EXPECT_TRUE(behind.taken[1].crit);
    EXPECT_EQ(behind.taken[0].rows, 3u);
}

TEST(Payload, without_a_place_for_objects_it_is_refused_and_the_setting_is_named) {
    RecordingSink behind;
    PayloadSink payloads(behind, std::nullopt, "set TRISTRATA_ARCHIVE");
    const auto record = record_of({event_of(payload_of(object_payload_bytes))});
    const auto refused = payloads.append({&record, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration);
    EXPECT_THAT(refused.error().message, HasSubstr("TRISTRATA_ARCHIVE"));
    EXPECT_THAT(refused.error().message, HasSubstr("102400"));
    EXPECT_TRUE(behind.taken.empty());
    const auto small = record_of({event_of("{}")});
    EXPECT_TRUE(payloads.append({&small, 1}));
}

TEST(Payload, other_bytes_than_the_row_points_to_are_told) {
    const std::string payload = payload_of(object_payload_bytes);
    const PayloadPointer pointer{"file:///a/b", core::sha256(payload), payload.size()};
    EXPECT_TRUE(check_payload(pointer, payload));
    EXPECT_THAT(check_payload(pointer, payload.substr(1)).error().message, HasSubstr("102399 bytes"));
    std::string exchanged = payload;
    exchanged.back() = ']';
    EXPECT_THAT(check_payload(pointer, exchanged).error().message, HasSubstr(core::sha256(exchanged)));
}

TEST(Payload, what_only_looks_like_a_pointer_is_a_payload) {
    const std::string hash(64, 'a');
    for (const std::string& payload :
         {std::string("{}"), std::string(R"({"payload_sha256":"x"})"),
          R"({"payload_url":"u","payload_sha256":")" + hash + R"("})",
          R"({"payload_url":"u","payload_sha256":")" + hash + R"(","payload_bytes":"1"})",
          std::string(R"({"payload_url":"u","payload_sha256":"../../x","payload_bytes":1})"),
          std::string(R"(["payload_sha256"])"), std::string("payload_sha256")})
        EXPECT_FALSE(pointer_of(event_of(payload))) << payload;
    EXPECT_TRUE(
        pointer_of(event_of(R"({"payload_url":"u","payload_sha256":")" + hash + R"(","payload_bytes":1})")));
}
