#include "tristrata/drift/severity.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace tristrata::drift;

TEST(SeverityPolicy, thresholds_hold_on_the_edge) {
    const auto policy = SeverityPolicy::defaults();
    EXPECT_EQ(policy.of_distribution(0.1999, 0.1), Severity::info);
    EXPECT_EQ(policy.of_distribution(0.2, 0.1), Severity::warn);
    EXPECT_EQ(policy.of_distribution(0.5, 0.2), Severity::crit);
    EXPECT_EQ(policy.of_distribution(0.5, 0.1999), Severity::warn) << "the interval must stand above warn";
    EXPECT_EQ(policy.of_distribution(9.0, std::nullopt), Severity::warn);
    EXPECT_EQ(policy.of_distribution(std::nullopt, std::nullopt), Severity::info);
    EXPECT_EQ(policy.of_signal(SignalKind::missing_share, 0.2), Severity::crit);
    EXPECT_EQ(policy.of_signal(SignalKind::column_added, 1.0), Severity::info);
    EXPECT_EQ(policy.of_event(DriftType::latency_drift, 100, 120), Severity::warn);
    EXPECT_FALSE(policy.of_event(DriftType::latency_drift, 0, 120));
}

TEST(SeverityPolicy, an_override_needs_a_known_subject_a_rationale_and_an_order) {
    auto policy = SeverityPolicy::defaults();
    EXPECT_NE(policy.override_with({"distributoin", 0.1, 0.2, "x"})
                  .error()
                  .message.find("did you mean \"distribution\"?"),
              std::string::npos);
    for (const char* blank : {"", " ", "\u00A0"})
        EXPECT_NE(policy.override_with({"distribution", 0.1, 0.2, blank}).error().message.find("rationale"),
                  std::string::npos);
    EXPECT_FALSE(policy.override_with({"distribution", 0.3, 0.2, "x"}));
    ASSERT_TRUE(policy.override_with({"distribution", 0.1, 0.15, "calm market"}));
    EXPECT_EQ(policy.of_distribution(0.12, 0.0), Severity::warn);
}

TEST(SeverityPolicy, its_page_shows_every_row_as_it_is) {
    const auto page = std::filesystem::path(TRISTRATA_SOURCE) / "docs/severity.md";
    std::ifstream stream(page);
    ASSERT_TRUE(stream) << page;
    std::set<std::string> shown;
    for (std::string line; std::getline(stream, line);)
        if (line.starts_with("| `")) {
            // Subject and thresholds; what the size means is the page's own words.
            const auto first = line.find(" | "), second = line.find(" | ", first + 3);
            shown.insert(line.substr(0, first) + line.substr(second));
        }
    const auto threshold = [](double value) {
        std::ostringstream text;
        if (value > 1e300) text << "never";
        else text << value;
        return text.str();
    };
    std::set<std::string> expected;
    const auto policy = SeverityPolicy::defaults();
    for (const auto& row : policy.rows())
        expected.insert("| `" + row.subject + "` | " + threshold(row.warn) + " | " + threshold(row.crit) +
                        " |");
    EXPECT_EQ(shown, expected);
}
