#include "tristrata/detection/method.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <set>

using namespace tristrata;

TEST(Methods, every_name_stands_once_and_is_found) {
    std::set<std::string_view> names;
    for (const auto& method : detection::methods()) {
        EXPECT_TRUE(names.insert(method.name).second) << method.name;
        EXPECT_EQ(detection::find_method(method.name), &method);
        EXPECT_FALSE(method.kinds.empty());
        EXPECT_EQ(method.has_p, !method.nulls.empty()) << method.name;
    }
    EXPECT_EQ(detection::find_method("magic"), nullptr);
}

TEST(Methods, every_one_has_its_page) {
    const auto pages = std::filesystem::path(TRISTRATA_SOURCE) / "docs/statistics";
    for (const auto& method : detection::methods())
        EXPECT_TRUE(std::filesystem::exists(pages / method.page)) << method.page;
}
