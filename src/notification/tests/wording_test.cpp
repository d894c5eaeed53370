#include "tristrata/notification/wording.hpp"

#include "example_alert.hpp"
#include "tristrata/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::HasSubstr;

namespace {

core::Result<Wording> wording_of(const std::string& toml) {
    const auto file = std::filesystem::temp_directory_path() / ("wording_test_" + std::to_string(::getpid()));
    std::ofstream(file) << toml;
    auto settings = config::read_settings({}, file, {});
    std::filesystem::remove(file);
    if (!settings) return tl::unexpected(settings.error());
    return Wording::of(*settings);
}

Alert alert() { return example_alert("features", {1'679'443'200'000'000}); }

void refused(const std::string& toml, const char* words) {
    const auto found = wording_of(toml);
    ASSERT_FALSE(found) << toml;
    EXPECT_EQ(found.error().kind, core::ErrorKind::configuration);
    EXPECT_THAT(found.error().message, HasSubstr(words));
}

}  // namespace

TEST(Wording, the_built_in_one) {
    const auto wording = wording_of("");
    ASSERT_TRUE(wording) << wording.error().message;
    EXPECT_EQ(wording->title(alert()), "[crit] features: dispersion is 1.000291");
    EXPECT_EQ(wording->text(alert()),
              "größer, \"quoted\"\nRunbook: https://docs.internal/runbooks/drift_feature_drift_crit");
}

TEST(Wording, placeholders_are_labels_annotations_and_times) {
    const auto wording = wording_of(
        "[notification]\ntitle = \"{status} {starts_at} {ends_at}|{owner}|{{x}}\"\n"
        "text = \"{generator_url} {incident_id}\"\n");
    ASSERT_TRUE(wording) << wording.error().message;
    Alert one = alert();
    EXPECT_EQ(wording->title(one), "firing 2023-03-22T00:00:00Z ||{x}") << "what there is not is empty";
    one.ends_at = core::Timestamp{1'679'443'201'000'000};
    one.annotations["owner"] = "ml-team {module}";
    EXPECT_EQ(wording->title(one), "resolved 2023-03-22T00:00:00Z 2023-03-22T00:00:01Z|ml-team {module}|{x}")
        << "a value is no template";
    EXPECT_EQ(wording->text(one), "https://grafana.internal/d/drift incident_features");
}

TEST(Wording, what_an_alert_says_stays_in_the_line_of_a_title_and_in_the_lines_of_a_text) {
    const auto wording = wording_of("");
    ASSERT_TRUE(wording) << wording.error().message;
    Alert one = alert();
    one.labels["module"] = "tra\nder\u202E";
    one.annotations["description"] = "one\x1b[2J\ntwo\u2069";
    one.annotations["runbook_url"] = "https://x";
    EXPECT_EQ(wording->title(one), "[crit] tra\u2424der\uFFFD: dispersion is 1.000291");
    EXPECT_EQ(wording->text(one), "one\uFFFD[2J\ntwo\uFFFD\nRunbook: https://x");
    const auto named = wording_of("[notification]\ntext = \"{module} / {summary}\\n{description}\"\n");
    ASSERT_TRUE(named) << named.error().message;
    one.annotations["summary"] = "a\nb";
    EXPECT_EQ(named->text(one), "tra\u2424der\uFFFD / a\u2424b\none\uFFFD[2J\ntwo\uFFFD");
}

TEST(Wording, every_placeholder_is_known_by_name) {
    std::string all;
    for (const auto& name : placeholders()) all += "{" + name + "}";
    EXPECT_TRUE(wording_of("[notification]\ntitle = \"" + all + "\"\n"));
    EXPECT_TRUE(std::ranges::is_sorted(placeholders()));
}

TEST(Wording, a_wrong_placeholder_names_its_place_and_the_nearest) {
    refused("[notification]\ntitle = \"{modul}\"\n", "did you mean {module}?");
    refused("[notification]\ntitle = \"{modul}\"\n", ":2:");
    refused("[notification]\ntext = \"{}\"\n", "expected one of alertname");
    refused("[notification]\ntext = \"{module\"\n", "has no partner");
    refused("[notification]\ntext = \"50 }\"\n", "has no partner");
    refused("[notification]\ntitel = \"x\"\n", "title");
}
