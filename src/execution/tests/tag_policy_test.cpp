#include "tristrata/execution/tag_policy.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/execution/tag_uses.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace tristrata::execution;

namespace {

class TagFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("tag_policy_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "code");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }
    std::filesystem::path folder_;
};

}  // namespace

TEST_F(TagFiles, the_file_replaces_the_whitelist) {
    const auto policy = TagPolicy::read(write("tags.toml", "[tags]\nregion = \"where it runs\"\n"));
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_TRUE(policy->check_key("region"));
    EXPECT_FALSE(policy->check_key("crypto"));
}

TEST_F(TagFiles, a_denied_key_cannot_be_whitelisted) {
    EXPECT_FALSE(TagPolicy::read(write("tags.toml", "[tags]\nwallet-address = \"x\"\n")));
}

TEST_F(TagFiles, patterns_of_sensitive_values_are_data) {
    const auto patterns = tristrata::config::SensitivePatterns::read(
        write("sensitive.toml", "[patterns]\nticket = \"TICKET-[0-9]+\"\n"));
    ASSERT_TRUE(patterns) << patterns.error().message;
    const auto policy = TagPolicy::read("", *patterns);
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(policy->redacted("TICKET-7"), "[redacted]");
    EXPECT_EQ(policy->redacted("BTCUSDC"), "BTCUSDC");
    EXPECT_FALSE(
        tristrata::config::SensitivePatterns::read(write("sensitive.toml", "[patterns]\nbad = \"(\"\n")));
}

TEST_F(TagFiles, keys_without_a_reason_or_a_use_are_found) {
    const auto policy =
        TagPolicy::read(write("tags.toml", "[tags]\nused = \"why\"\nsilent = \"\"\nidle = \"why\"\n"));
    write("code/a.py", "emit(tags={'used': 1, 'silent': 2, 'idle_too': 3})");
    const auto findings = check_uses(*policy, folder_ / "code");
    ASSERT_TRUE(findings);
    ASSERT_EQ(findings->size(), 2u);
    EXPECT_EQ((*findings)[0].key, "silent");
    EXPECT_EQ((*findings)[0].problem, "has no reason");
    EXPECT_EQ((*findings)[1].key, "idle") << "a longer word is no use";
    EXPECT_FALSE(check_uses(*policy, folder_ / "none"));
}
