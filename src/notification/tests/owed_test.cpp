#include "owed.hpp"

#include "example_alert.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::ElementsAre;

namespace {

/// What is owed to this receiver, in its order.
std::vector<std::string> waiting(Owed& owed, const std::string& receiver) {
    std::vector<std::string> all;
    const auto files = owed.list();
    EXPECT_TRUE(files);
    for (const auto& file : *files) {
        const auto alert = owed.read(file);
        EXPECT_TRUE(alert);
        if (file.receiver == receiver)
            all.push_back(alert->labels.at("module") + (alert->ends_at ? " resolved" : " firing"));
    }
    return all;
}

}  // namespace

// A serve that is killed each second, beside a webhook that is dead, tells again what the store has not
// confirmed.
TEST(Owed, what_waits_already_is_owed_once_and_again_behind_what_took_it_back) {
    const std::string folder =
        std::filesystem::temp_directory_path() / ("owed_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    Owed owed(spool::posix_file_system(), core::system_clock(), folder, 100);
    const Alert one = example_alert("one", core::system_clock().now());
    Alert resolved = one;
    resolved.ends_at = core::system_clock().now();
    for (int again = 0; again < 3; ++again) {
        ASSERT_TRUE(owed.add("hook", one));
        ASSERT_TRUE(owed.add("hook", example_alert("two", one.starts_at)));
    }
    ASSERT_TRUE(owed.add("peer", one));
    EXPECT_THAT(waiting(owed, "hook"), ElementsAre("one firing", "two firing"));
    EXPECT_THAT(waiting(owed, "peer"), ElementsAre("one firing")) << "each receiver is owed its own";
    for (int again = 0; again < 2; ++again) ASSERT_TRUE(owed.add("hook", resolved));
    ASSERT_TRUE(owed.add("hook", one));
    ASSERT_TRUE(owed.add("hook", one));
    EXPECT_THAT(waiting(owed, "hook"), ElementsAre("one firing", "two firing", "one resolved", "one firing"))
        << "the last word counts";
    std::filesystem::remove_all(folder);
}

TEST(Owed, of_one_receiver_the_oldest_gives_way_and_an_older_word_of_the_same_alert_before_it) {
    const std::string folder =
        std::filesystem::temp_directory_path() / ("owed_full_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    Owed owed(spool::posix_file_system(), core::system_clock(), folder, 3);
    const core::Timestamp began = core::system_clock().now();
    for (const char* module : {"one", "two", "three"}) {
        ASSERT_EQ(owed.add("dead", example_alert(module, began)), std::uint64_t{0});
        ASSERT_EQ(owed.add("unnamed", example_alert(module, began)), std::uint64_t{0});
    }
    Alert resolved = example_alert("two", began);
    resolved.ends_at = began;
    EXPECT_EQ(owed.add("dead", resolved), std::uint64_t{1});
    EXPECT_THAT(waiting(owed, "dead"), ElementsAre("one firing", "three firing", "two resolved"));
    EXPECT_EQ(owed.add("dead", example_alert("four", began)), std::uint64_t{1});
    EXPECT_EQ(owed.add("dead", example_alert("four", began)), std::uint64_t{0}) << "it waits already";
    EXPECT_THAT(waiting(owed, "dead"), ElementsAre("three firing", "two resolved", "four firing"));
    EXPECT_THAT(waiting(owed, "unnamed"), ElementsAre("one firing", "two firing", "three firing"));
    EXPECT_EQ(owed.add("alive", example_alert("one", began)), std::uint64_t{0});
    std::filesystem::remove_all(folder);
}
