#include "window_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>

namespace tristrata::service {
namespace {

using ::testing::HasSubstr;

class WindowFileTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "windows_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    [[nodiscard]] WindowFile file() const { return {spool::posix_file_system(), root_, "analyzers"}; }
    void hold(const std::string& text) const {
        std::filesystem::create_directories(root_ + "/windows");
        std::ofstream(root_ + "/windows/analyzers.json") << text;
    }

    std::string root_;
};

TEST_F(WindowFileTest, what_was_written_is_read_by_the_next) {
    const analyzer::LookedAt all{{"a", {1'700'000'000'000'000}}, {"a \"quoted\" one", {-1}}};
    EXPECT_TRUE(file().read()->empty()) << "nothing was written yet";
    ASSERT_TRUE(file().write({{"a", {0}}, {"b", {0}}, {"c", {0}}}).has_value());
    ASSERT_TRUE(file().write(all).has_value());
    const auto read = file().read();
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(*read, all);
}

TEST_F(WindowFileTest, what_somebody_died_over_is_no_part_of_the_next) {
    std::filesystem::create_directories(root_ + "/windows");
    std::ofstream(root_ + "/windows/analyzers.json.new") << std::string(10'000, 'x');
    ASSERT_TRUE(file().write({{"a", {0}}}).has_value());
    const auto read = file().read();
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->size(), 1u);
}

TEST_F(WindowFileTest, what_is_no_such_file_is_refused_with_its_path) {
    for (const char* text :
         {"", "[]", "{", R"({"format": 2, "windows": {}})", R"({"format": 1})",
          R"({"format": 1, "windows": {"a": 5}})", R"({"format": 1, "windows": {"a": "yesterday"}})"}) {
        hold(text);
        const auto read = file().read();
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_EQ(read.error().kind, core::ErrorKind::invalid_input) << text;
        EXPECT_THAT(read.error().message, HasSubstr("/windows/analyzers.json"));
        EXPECT_THAT(read.error().message, HasSubstr("written anew"));
    }
}

}  // namespace
}  // namespace tristrata::service
