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
