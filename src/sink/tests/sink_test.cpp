#include "tristrata/sink/sink.hpp"

#include <gtest/gtest.h>
#include <set>

using namespace tristrata::sink;

TEST(Sink, every_class_of_record_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (const auto c : {RecordClass::kpi, RecordClass::drift, RecordClass::event, RecordClass::alert,
                         RecordClass::object, RecordClass::engage})
        names.insert(name(c));
    EXPECT_EQ(names.size(), 6u);
    EXPECT_EQ(names.count("unknown"), 0u);
}

TEST(Sink, every_durability_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (const auto d : {Durability::memory, Durability::process, Durability::disk, Durability::committed})
        names.insert(name(d));
    EXPECT_EQ(names.size(), 4u);
}

TEST(Sink, only_an_append_that_may_have_happened_names_what_repeats_it) {
    using namespace tristrata::core;
    const Uuid id = *parse_uuid("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    const Timestamp time = *parse_timestamp("2026-01-01T00:00:00.000001Z");
    const Error unknown = repeatable({ErrorKind::possibly_persisted, "the disk hung", "5"}, id, time);
    EXPECT_EQ(
        unknown.message,
        "the disk hung; repeat it harmlessly with event_id 2ed6657d-e927-568b-95e1-2665a8aea6a2 and time "
        "2026-01-01T00:00:00.000001Z");
    EXPECT_EQ(unknown.kind, ErrorKind::possibly_persisted);
    EXPECT_EQ(unknown.foreign_code, "5");
    EXPECT_EQ(repeatable({ErrorKind::storage, "full", "28"}, id, time).message, "full");
}
