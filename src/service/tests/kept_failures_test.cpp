#include "kept_failures.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using namespace tristrata::service;

TEST(KeptFailures, a_restart_goes_on_where_it_was_and_a_damaged_file_begins_anew_and_is_said) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("kept_failures_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string path = (folder / "failures").string();
    std::vector<std::string> said;
    const auto log = std::make_shared<Log>(LogFormat::text, core::system_clock(),
                                           [&](std::string_view line) { said.emplace_back(line); });
    const auto open = [&] { return kept_failures(spool::posix_file_system(), path, log); };
    const core::Duration minute{60'000'000};
    EXPECT_EQ(open()->failed("a", {1'000'000'000}, minute), 1u);
    EXPECT_EQ(open()->failed("a", {1'060'000'000}, minute), 2u);
    EXPECT_EQ(open()->failed("a", {1'120'000'000}, minute), 3u);
    EXPECT_TRUE(said.empty());
    std::ofstream(path) << "{";
    EXPECT_EQ(open()->failed("a", {1'180'000'000}, minute), 1u);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].find("begins anew"), std::string::npos);
    EXPECT_EQ(open()->failed("a", {1'240'000'000}, minute), 2u) << "it was written anew";
    std::filesystem::remove_all(folder);
    EXPECT_EQ(open()->failed("a", {1'300'000'000}, minute), 1u) << "nor does a folder that is gone hold it";
    EXPECT_EQ(said.size(), 2u);
}
