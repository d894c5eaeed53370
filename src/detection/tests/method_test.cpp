#include "tristrata/detection/method.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <set>

using namespace tristrata;

TEST(Methods, every_name_stands_once_and_is_found) {
    std::set<std::pair<detection::Engine, std::string_view>> names;
    for (const auto& method : detection::methods()) {
        EXPECT_TRUE(names.insert({method.engine, method.name}).second) << method.name;
        EXPECT_EQ(detection::find_method(method.name, method.engine), &method);
        EXPECT_FALSE(method.kinds.empty());
        const bool ours = method.engine == detection::Engine::tristrata;
        EXPECT_EQ(method.has_p && ours, !method.nulls.empty()) << method.name;
        EXPECT_EQ(method.engine == detection::Engine::evidently, method.rule != detection::Rule::none)
            << method.name;
    }
    EXPECT_EQ(detection::find_method("magic"), nullptr);
}

TEST(Methods, every_one_has_its_page) {
    const auto pages = std::filesystem::path(TRISTRATA_SOURCE) / "docs/statistics";
    for (const auto& method : detection::methods())
        EXPECT_TRUE(std::filesystem::exists(pages / method.page)) << method.page;
}
