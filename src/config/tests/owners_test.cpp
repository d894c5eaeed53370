#include "tristrata/config/owners.hpp"

#include "tristrata/config/settings.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace tristrata;
using config::Owners;

namespace {

constexpr std::string_view example =
    "[default]\nowner = \"platform\"\nroute = \"night\"\nrunbooks = \"https://wiki/runbooks/\"\n"
    "[modules.\"train.*\"]\nowner = \"models\"\n"
    "[modules.\"train.lstm.*\"]\nowner = \"sequences\"\nroute = \"seq\"\n"
    "[modules.\"train.lstm\"]\nrunbooks = \"/srv/lstm\"\n";

std::string refusal_of(std::string_view text) {
    const auto owners = Owners::parse(text, "owners.toml");
    return owners ? "" : owners.error().message;
}

}  // namespace

TEST(Owners, a_name_counts_before_a_pattern_and_the_longer_pattern_before_the_shorter) {
    const auto owners = Owners::parse(example, "owners.toml");
    ASSERT_TRUE(owners) << owners.error().message;
    EXPECT_EQ(owners->of_module("train.gbm").owner, "models");
    EXPECT_EQ(owners->of_module("train.lstm.v2").owner, "sequences");
    EXPECT_EQ(owners->of_module("train.lstm").owner, "platform");
    EXPECT_EQ(owners->of_module("train.lstm").runbooks, "/srv/lstm");
    EXPECT_EQ(owners->of_module("train").pattern, "");
    EXPECT_TRUE(owners->of_module("train").is_default());
    EXPECT_EQ(owners->of_module("train").owner, "platform");
}

TEST(Owners, what_an_entry_leaves_out_is_the_defaults_but_another_owner_has_a_route_of_its_own) {
    const auto owners = Owners::parse(example, "owners.toml");
    EXPECT_EQ(owners->of_module("train.gbm").route, "models");
    EXPECT_EQ(owners->of_module("train.gbm").runbooks, "https://wiki/runbooks");
    EXPECT_EQ(owners->of_module("train.lstm").route, "night");
    EXPECT_EQ(owners->of_module("elsewhere").route, "night");
}

TEST(Owners, without_a_file_a_module_is_unowned_and_has_runbooks) {
    const auto owners = Owners::of(config::Settings());
    ASSERT_TRUE(owners);
    EXPECT_EQ(owners->of_module("anything").owner, "unowned");
    EXPECT_TRUE(owners->of_module("anything").is_default());
    EXPECT_EQ(owners->of_module("anything").runbooks, "docs/runbooks");
}

TEST(Owners, a_file_that_is_not_there_is_said_with_the_setting_that_names_it) {
    config::Settings settings;
    settings.set("owners", {core::Secret("/no/such/owners.toml"), "TRISTRATA_OWNERS"});
    const auto owners = Owners::of(settings);
    ASSERT_FALSE(owners);
    EXPECT_EQ(owners.error().message.find("TRISTRATA_OWNERS names /no/such/owners.toml: no such file"), 0u);
}

TEST(Owners, a_file_without_a_default_is_refused) {
    EXPECT_NE(refusal_of("[modules.\"a\"]\nowner = \"x\"\n").find("there is no [default]"),
              std::string::npos);
    EXPECT_NE(refusal_of("[default]\nroute = \"x\"\n").find("names no owner"), std::string::npos);
    EXPECT_NE(refusal_of("").find("there is no [default]"), std::string::npos);
}

TEST(Owners, what_is_misspelt_stands_with_its_place) {
    EXPECT_EQ(refusal_of("[default]\nowner = \"x\"\n[modules.\"a\"]\nonwer = \"y\"\n"),
              "owners.toml:4:9: unknown key \"onwer\"; did you mean \"owner\"?");
    EXPECT_EQ(refusal_of("[default]\nowner = \"x\"\n[modules.\"a*b\"]\n").substr(0, 35),
              "owners.toml:3:1: \"a*b\" is no module");
    EXPECT_NE(refusal_of("[default]\nowner = \"x\\ny\"\n").find("expected one line"), std::string::npos);
    for (const char* blank : {"", " ", "\u00A0"})
        EXPECT_NE(refusal_of(fmt::format("[default]\nowner = \"{}\"\n", blank)).find("not of blanks alone"),
                  std::string::npos);
    EXPECT_NE(
        refusal_of("[default]\nowner = \"x\"\n[modules.\"a\"]\nowner = \" \"\n").find("owners.toml:4:9:"),
        std::string::npos);
    EXPECT_NE(refusal_of("[default]\nowner = \"x\"\n[modules.\" \"]\n").find("is no module"),
              std::string::npos);
    EXPECT_NE(refusal_of("[default]\nowner = 3\n").find("expected a string"), std::string::npos);
}
