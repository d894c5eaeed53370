#include "tristrata/objects/object_destination.hpp"

#include "tristrata/sink/object_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <filesystem>

using namespace tristrata;
using core::ErrorKind;
using testing::HasSubstr;

namespace {

sink::Record record_of(const std::string& bytes) {
    return sink::encode(sink::ContentObject{core::sha256(bytes), bytes}, false);
}
std::string key_of(const std::string& bytes) { return sink::content_key(core::sha256(bytes)); }

class ObjectDestinationTest : public testing::Test {
protected:
    ObjectDestinationTest() {
        std::string pattern = std::filesystem::temp_directory_path() / "destination-XXXXXX";
        base_ = ::mkdtemp(pattern.data());
    }
    ~ObjectDestinationTest() override { std::filesystem::remove_all(base_); }
    [[nodiscard]] objects::Opener opener() {
        return [this] {
            ++opened_;
            return objects::open("file://" + (base_ / "archive").string());
        };
    }
    [[nodiscard]] std::unique_ptr<objects::ObjectStore> store() {
        return std::move(*objects::open("file://" + (base_ / "archive").string()));
    }
    static spool::Batch batch(std::vector<sink::Record> records) {
        spool::Batch one;
        one.record_class = sink::RecordClass::object;
        one.to_row = records.size();
        one.records = std::move(records);
        return one;
    }
    std::filesystem::path base_;
    int opened_ = 0;
};

/// Takes rows, or fails.
struct Rows final : sink::Sink {
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        if (failing) return core::fail(ErrorKind::unavailable, "no server");
        taken.insert(taken.end(), records.begin(), records.end());
        return sink::Acknowledgement{sink::Durability::committed, records.size(), 0};
    }
    core::Status flush() override { return {}; }
    std::vector<sink::Record> taken;
    bool failing = false;
};

}  // namespace

TEST_F(ObjectDestinationTest, a_batch_sent_again_is_duplicates_and_nothing_changes) {
    objects::ObjectDestination destination(opener());
    const auto first = destination.deliver(batch({record_of("one"), record_of("two")}));
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->stored, 2u);
    const auto again = destination.deliver(batch({record_of("one"), record_of("two"), record_of("three")}));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->stored, 1u);
    EXPECT_EQ(again->duplicate, 2u);
    EXPECT_EQ(store()->get(key_of("two")), "two");
    EXPECT_EQ(opened_, 1);
}

TEST_F(ObjectDestinationTest, a_damaged_record_is_a_dead_letter_and_the_others_are_stored) {
    auto damaged = record_of("two");
    damaged.bytes.back() = '!';
    objects::ObjectDestination destination(opener());
    const auto settled = destination.deliver(batch({record_of("one"), damaged, record_of("three")}));
    ASSERT_TRUE(settled);
    EXPECT_EQ(settled->stored, 2u);
    ASSERT_EQ(settled->dead.size(), 1u);
    EXPECT_EQ(settled->dead[0].first, 1u);
}

TEST_F(ObjectDestinationTest, other_bytes_in_its_place_are_a_dead_letter_and_stay) {
    ASSERT_TRUE(store()->put_new(key_of("one"), "damaged"));
    objects::ObjectDestination destination(opener());
    const auto settled = destination.deliver(batch({record_of("one")}));
    ASSERT_TRUE(settled);
    ASSERT_EQ(settled->dead.size(), 1u);
    EXPECT_EQ(settled->dead[0].second.kind, ErrorKind::conflict);
    EXPECT_EQ(store()->get(key_of("one")), "damaged");
}

TEST_F(ObjectDestinationTest, a_place_that_does_not_open_names_no_record_and_is_opened_again) {
    bool there = false;
    objects::ObjectDestination destination([&]() -> core::Result<std::unique_ptr<objects::ObjectStore>> {
        if (!there) return core::fail(ErrorKind::configuration, "TRISTRATA_ARCHIVE is not set");
        return opener()();
    });
    const auto held = destination.deliver(batch({record_of("one")}));
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().kind, ErrorKind::configuration);
    there = true;
    EXPECT_TRUE(destination.deliver(batch({record_of("one")})));
}

TEST_F(ObjectDestinationTest, without_a_spool_the_object_is_there_before_its_row) {
    Rows rows;
    objects::ObjectSink sink(rows, opener());
    const std::vector<sink::Record> records{{sink::RecordClass::drift, "row"}, record_of("payload")};
    rows.failing = true;
    EXPECT_FALSE(sink.append(records));
    EXPECT_EQ(store()->get(key_of("payload")), "payload");
    rows.failing = false;
    const auto taken = sink.append(records);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->stored, 2u);
    ASSERT_EQ(rows.taken.size(), 1u);
    EXPECT_EQ(rows.taken[0].bytes, "row");
}

TEST_F(ObjectDestinationTest, without_a_place_no_row_is_written_that_would_point_nowhere) {
    Rows rows;
    objects::ObjectSink sink(rows, []() -> core::Result<std::unique_ptr<objects::ObjectStore>> {
        return core::fail(ErrorKind::unavailable, "no answer");
    });
    const std::vector<sink::Record> records{{sink::RecordClass::drift, "row"}, record_of("payload")};
    EXPECT_THAT(sink.append(records).error().message, HasSubstr("no answer"));
    EXPECT_TRUE(rows.taken.empty());
    EXPECT_TRUE(sink.append(std::span(records).first(1))) << "what has no object needs no place";
}
