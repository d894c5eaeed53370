#include "kept_windows.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <string>
#include <vector>

namespace tristrata::service {
namespace {

TEST(KeptWindows, a_window_is_kept_once_what_was_found_in_it_is_on_the_disk_and_a_failure_is_said_once) {
    std::string root = (std::filesystem::temp_directory_path() / "kept_windows_XXXXXX").string();
    ASSERT_NE(::mkdtemp(root.data()), nullptr);
    std::vector<std::string> lines;
    auto log = std::make_shared<Log>(LogFormat::json, core::system_clock(),
                                     [&](std::string_view line) { lines.emplace_back(line); });
    core::Status flushed = core::fail(core::ErrorKind::storage, "the disk is full");
    const auto file = [&] { return WindowFile(spool::posix_file_system(), root, "analyzers"); };
    KeptWindows kept(file(), [&] { return flushed; }, log, "analyzer_windows");
    EXPECT_TRUE(kept.read().empty());
    const analyzer::LookedAt all{{"a", {1'700'000'000'000'000}}};
    EXPECT_FALSE(kept.keep(all));
    EXPECT_FALSE(kept.keep(all));
    EXPECT_EQ(lines.size(), 1u) << "once for a reason";
    EXPECT_TRUE(file().read()->empty()) << "not before what was found is there";
    EXPECT_TRUE(kept.held().empty());
    flushed = {};
    EXPECT_TRUE(kept.keep(all));
    EXPECT_EQ(*file().read(), all);
    flushed = core::fail(core::ErrorKind::storage, "the disk is full");
    EXPECT_TRUE(kept.keep(all)) << "nothing is new";
    EXPECT_FALSE(kept.keep({}));
    EXPECT_EQ(lines.size(), 2u) << "and anew where it had worked in between";
    const analyzer::LookedAt first{{"b", {1'700'000'000'000'000}}};
    EXPECT_TRUE(kept.begin(first)) << "of what begins nothing has to be there";
    EXPECT_EQ(*file().read(), first);
    std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace tristrata::service
