#include "watched_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::service {

using ::testing::HasSubstr;

TEST(WatchedFile, is_null_where_it_is_not_set_and_an_error_where_what_it_finds_has_no_store) {
    config::Settings settings;
    const auto none = watched_file(settings, "checks", {"drift_url", "kpi_url"});
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, nullptr);
    settings.set("checks", {core::Secret("checks.toml"), "TRISTRATA_CHECKS"});
    settings.set("drift_url", {core::Secret("sqlite:///drift.db"), "TRISTRATA_DRIFT_URL"});
    const auto without = watched_file(settings, "checks", {"drift_url", "kpi_url"});
    ASSERT_FALSE(without);
    EXPECT_THAT(without.error().message, HasSubstr("TRISTRATA_CHECKS names checks"));
    EXPECT_THAT(without.error().message, HasSubstr("TRISTRATA_KPI_URL"));
    const auto found = watched_file(settings, "checks", {"drift_url"});
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->value.reveal(), "checks.toml");
}

TEST(WatchedFile, a_file_that_is_not_there_is_said_with_the_setting_that_names_it) {
    const core::Error wrong{core::ErrorKind::configuration, "x.toml: it is wrong", {}};
    EXPECT_EQ(named_by({core::Secret("/no/such/x.toml"), "TRISTRATA_CHECKS"}, wrong).message,
              "TRISTRATA_CHECKS names x.toml: it is wrong");
    EXPECT_EQ(named_by({core::Secret("/dev/null"), "TRISTRATA_CHECKS"}, wrong).message, wrong.message);
}

}  // namespace tristrata::service
