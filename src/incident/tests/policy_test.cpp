#include "tristrata/incident/policy.hpp"

#include "tristrata/config/settings.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <fstream>
#include <sstream>

using namespace tristrata;
using incident::read_policy;

namespace {

core::Result<incident::Policy> policy_from(std::string_view text) {
    auto document = config::parse_document(text, "tristrata.toml");
    auto root = document->root();
    return read_policy(*root.apart("incident"));
}
std::string refusal_of(std::string_view text) {
    const auto policy = policy_from(text);
    return policy ? "" : policy.error().message;
}

}  // namespace

TEST(Policy, the_first_rule_that_fits_counts_and_what_it_leaves_out_is_the_tables) {
    const auto policy = policy_from(
        "[incident]\nclose = 5\ncool_down = \"2h\"\n"
        "[[incident.rule]]\nmodule = \"train.*\"\ndrift_type = \"latency_drift\"\n"
        "open_crit = {count = 2, of = 3}\npages_per_week = 1\n"
        "[[incident.rule]]\nmodule = \"train.*\"\nclose = 1\n");
    ASSERT_TRUE(policy) << policy.error().message;
    const auto& latency = policy->rule_of("train.lstm", drift::DriftType::latency_drift);
    EXPECT_EQ(latency.open_crit, (incident::Evidence{2, 3}));
    EXPECT_EQ(latency.close, 5u);
    EXPECT_EQ(latency.pages_per_week, 1u);
    EXPECT_EQ(latency.cool_down.microseconds, 7'200'000'000);
    EXPECT_EQ(policy->rule_of("train.lstm", drift::DriftType::data_drift).close, 1u);
    EXPECT_EQ(policy->rule_of("features", drift::DriftType::data_drift).close, 5u);
}

TEST(Policy, warn_above_crit_is_refused) {
    EXPECT_NE(refusal_of("[incident]\nopen_warn = {count = 3, of = 3}\nopen_crit = {count = 1, of = 3}\n")
                  .find(":2:13: warn needs 3 of 3 evaluations and crit only 1 of 3; warn stands above crit"),
              std::string::npos);
    EXPECT_NE(refusal_of("[incident]\nopen_warn = {count = 2, of = 3}\nopen_crit = {count = 2, of = "
                         "3}\n[[incident.rule]]\nmodule = \"a\"\n"
                         "open_crit = {count = 1, of = 1}\n")
                  .find(":6:13: warn needs"),
              std::string::npos)
        << "of a rule that names crit alone";
    EXPECT_NE(refusal_of("[incident.open_crit]\ncount = 1\nof = 3\n[incident.open_warn]\ncount = 3\nof = 3\n")
                  .find(":4:1: warn needs"),
              std::string::npos)
        << "where the table of both has no place but theirs";
    EXPECT_NE(refusal_of("[incident.open_warn]\ncount = 3\nof = 3\n[incident.open_crit]\ncount = 1\nof = 3\n")
                  .find(":1:1: warn needs"),
              std::string::npos);
    EXPECT_EQ(refusal_of("[incident]\nopen_warn = {count = 1, of = 3}\nopen_crit = {count = 3, of = 3}\n"),
              "");
}

TEST(Policy, what_no_data_could_reach_is_refused) {
    EXPECT_NE(refusal_of("[incident]\nopen_crit = {count = 4, of = 3}\n").find("which no data could reach"),
              std::string::npos);
    EXPECT_NE(refusal_of("[incident]\nclose = 49\n").find("expected 1 to 48"), std::string::npos);
    EXPECT_NE(refusal_of("[incident]\npage_share = 1.01\n").find("expected a share of the columns, 0 to 1"),
              std::string::npos);
    EXPECT_EQ(refusal_of("[incident]\npage_share = 1\n"), "");
    EXPECT_NE(refusal_of("[incident]\nclose = 0\n").find("expected 1 to 48"), std::string::npos);
}

TEST(Policy, what_is_misspelt_stands_with_its_place) {
    EXPECT_EQ(refusal_of("[incident]\ncool_donw = \"2h\"\n"),
              "tristrata.toml:2:13: unknown key \"cool_donw\"; did you mean \"cool_down\"?");
    EXPECT_NE(refusal_of("[incident]\ncool_down = \"2 hours\"\n").find("tristrata.toml:2:13"),
              std::string::npos);
    EXPECT_NE(refusal_of("[[incident.rule]]\ndrift_type = \"latency\"\n").find("latency_drift"),
              std::string::npos);
    EXPECT_NE(refusal_of("[incident.links]\nlogs = \"https://g/{runid}\"\n").find("\"runid\" in braces"),
              std::string::npos);
    EXPECT_NE(
        refusal_of("[[incident.maintenance]]\nmodule = \"a\"\nfrom = \"2026-01-02\"\nto = \"2026-01-01\"\n")
            .find("the window ends"),
        std::string::npos);
    EXPECT_NE(refusal_of("[incident.inhibit]\nupstream = {\"train.*.x\" = [\"features\"]}\n")
                  .find("tristrata.toml:2:"),
              std::string::npos);
    EXPECT_NE(refusal_of("[incident.inhibit]\nupstream = {\"train.*\" = [\"features\", \"\"]}\n")
                  .find("expected its name, or the beginning of several"),
              std::string::npos);
    EXPECT_NE(refusal_of("[incident.inhibit]\nby = [\"rows\"]\n").find("tristrata.toml:2:6"),
              std::string::npos);
}

TEST(Policy, a_module_that_fits_none_is_refused_in_rules_and_in_maintenance) {
    for (const std::string module : {"", "\u00A0", "train.*.x", "*x", "**"})
        for (const std::string table : {"rule", "maintenance"}) {
            const std::string said =
                refusal_of("[[incident." + table + "]]\nmodule = \"" + module + "\"\n" +
                           (table == "rule" ? "" : "from = \"2026-01-01\"\nto = \"2026-01-02\"\n"));
            EXPECT_TRUE(said.starts_with("tristrata.toml:2:10: \"" + module + "\" is no module; expected"))
                << said;
        }
}

TEST(Policy, a_budget_that_silences_a_module_for_ever_is_refused) {
    const auto none = policy_from("[incident]\npages_per_week = 0\n");
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("pages_per_week is 0; expected 1 to 10000"), std::string::npos)
        << none.error().message;
}

TEST(Policy, the_pages_table_says_what_is_built_in) {
    std::ifstream file(std::string(TRISTRATA_SOURCE) + "/docs/incidents.md");
    std::stringstream page;
    page << file.rdbuf();
    const std::string text = page.str();
    const auto from = text.find("```toml\n") + 8;
    const auto policy = policy_from(text.substr(from, text.find("```", from) - from));
    ASSERT_TRUE(policy) << policy.error().message;
    const incident::Rule said = policy->fallback, built_in;
    EXPECT_EQ(said.open_warn, built_in.open_warn);
    EXPECT_EQ(said.open_crit, built_in.open_crit);
    EXPECT_EQ(said.close, built_in.close);
    EXPECT_EQ(said.cool_down, built_in.cool_down);
    EXPECT_EQ(said.quiet, built_in.quiet);
    EXPECT_EQ(said.dismissed, built_in.dismissed);
    EXPECT_EQ(said.pages_per_week, built_in.pages_per_week);
    EXPECT_EQ(said.page_share, built_in.page_share);
    EXPECT_EQ(policy->inhibition.by, incident::Inhibition{}.by);
    EXPECT_EQ(policy->links.size(), 1u);
    EXPECT_EQ(policy->maintenance.size(), 1u);
}

TEST(Policy, a_pattern_fits_what_begins_so) {
    EXPECT_TRUE(incident::fits("train.*", "train.lstm"));
    EXPECT_FALSE(incident::fits("train.*", "train"));
    EXPECT_TRUE(incident::fits("train", "train"));
    EXPECT_FALSE(incident::fits("train", "train.lstm"));
    EXPECT_TRUE(incident::fits("*", "anything"));
}

TEST(Policy, a_digest_has_a_time_of_day_and_a_zone) {
    const auto policy =
        policy_from("[incident.digest]\nat = \"08:00\"\nzone = \"Europe/Berlin\"\nempty = true\n");
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(policy->digest,
              (incident::DigestSchedule{core::Duration{8 * 3'600'000'000}, "Europe/Berlin", true}));
    EXPECT_EQ(policy_from("[incident.digest]\nat = \"23:59:59\"\n")->digest,
              (incident::DigestSchedule{core::Duration{86'399'000'000}, "UTC", false}));
    EXPECT_FALSE(policy_from("[incident]\n")->digest);
    for (const char* wrong : {"\"24:00\"", "\"8:00\"", "\"08:00Z\"", "\"\"", "\"08:00:00.5\"", "\"noon\""})
        EXPECT_NE(refusal_of(fmt::format("[incident.digest]\nat = {}\n", wrong)).find("a time of a day"),
                  std::string::npos)
            << wrong;
    EXPECT_NE(refusal_of("[incident.digest]\nzone = \"UTC\"\n").find("is sent at no time"),
              std::string::npos);
    EXPECT_NE(
        refusal_of("[incident.digest]\nat = \"08:00\"\nzone = \"Europe/Berln\"\n")
            .find("tristrata.toml:3:8: there is no time zone \"Europe/Berln\"; did you mean Europe/Berlin?"),
        std::string::npos)
        << refusal_of("[incident.digest]\nat = \"08:00\"\nzone = \"Europe/Berln\"\n");
    EXPECT_NE(refusal_of("[incident.digest]\nat = \"08:00\"\ndays = 1\n").find("days"), std::string::npos);
}
