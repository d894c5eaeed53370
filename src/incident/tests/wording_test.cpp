#include "tristrata/incident/wording.hpp"

#include "events.hpp"
#include "tristrata/incident/apply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::incident {
namespace {

using ::testing::HasSubstr;

/// What a crit event of this metric and payload becomes.
Incident incident_of(const std::string& metric, const std::string& payload) {
    drift::Event event = event_at(monday, drift::Severity::crit, "features", metric);
    event.payload = payload;
    State state;
    (void)apply(Policy{}, config::Owners(), state, std::span(&event, 1), monday);
    EXPECT_EQ(state.incidents.size(), 1u);
    return state.incidents.empty() ? Incident{} : state.incidents.front();
}

TEST(Wording, a_page_says_what_the_numbers_of_a_metric_are) {
    const auto said = [](const std::string& metric, const std::string& payload) {
        const Incident one = incident_of(metric, payload);
        const auto alert = alert_of(one, Page::Kind::firing, monday);
        EXPECT_EQ(alert.annotations.at("summary"), summary_of(one));
        EXPECT_EQ(
            alert.annotations.at("description").substr(0, alert.annotations.at("description").find(" (")),
            summary_of(one).substr(summary_of(one).find("): ") + 3));
        return summary_of(one);
    };
    // A column of a report is called after the test, and its numbers are medians.
    EXPECT_THAT(said("psi_age", R"({"name":"age","kind":"numeric"})"),
                HasSubstr("psi_age: median 120 → 480"));
    EXPECT_THAT(said("psi_country", R"({"name":"country","kind":"categorical"})"),
                HasSubstr("psi_country: share of mode 120 → 480"));
    EXPECT_THAT(said("p99", R"({"analyzer":"p99","finding":"distribution","measured":"maximum"})"),
                HasSubstr("p99: maximum 120 → 480"));
    EXPECT_THAT(said("range_score", R"({"finding":"range","signal":"range"})"),
                HasSubstr("range_score: share 120 → 480"));
    EXPECT_THAT(said("own", "{}"), HasSubstr("): own 120 → 480"));
}

TEST(Wording, of_more_metrics_than_are_kept_no_number_is_made_up) {
    State state;
    for (int report = 0; report < 3; ++report) {
        std::vector<drift::Event> events;
        for (int column = 0; column < 150; ++column)
            events.push_back(event_at(monday + core::Duration{report * 60'000'000LL}, drift::Severity::crit,
                                      "wide", fmt::format("psi_c{}", column)));
        (void)apply(Policy{}, config::Owners(), state, events,
                    monday + core::Duration{report * 60'000'000LL});
    }
    ASSERT_EQ(state.incidents.size(), 1u);
    EXPECT_THAT(summary_of(state.incidents.front()),
                ::testing::StartsWith("more than 100 metrics of wide moved (latency_drift, crit): "));
    EXPECT_EQ(summary_of(incident_of("psi_age", "{}")).find("more than"), std::string::npos);
}

TEST(Wording, a_page_says_where_another_tool_shows_what_it_found) {
    const auto source = [](const std::string& url) {
        return source_url_of(incident_of(
            "late", R"({"received":true,"reason":"fills are late","generator_url":")" + url + "\"}"));
    };
    const Incident one =
        incident_of("late", R"({"reason":"fills are late","generator_url":"https://grafana/alerting/1"})");
    const auto alert = alert_of(one, Page::Kind::firing, monday);
    EXPECT_EQ(alert.generator_url, "https://grafana/alerting/1");
    EXPECT_THAT(alert.annotations.at("description"),
                HasSubstr("late 120 → 480 (crit, 1 time): fills are late\n"));
    EXPECT_THAT(alert.annotations.at("description"), HasSubstr("Source: https://grafana/alerting/1\n"));
    EXPECT_EQ(source("http://p:9090/graph?g0=1"), "http://p:9090/graph?g0=1");
    EXPECT_EQ(source("javascript:alert(1)"), "");
    EXPECT_EQ(source("https://x\\n1"), "") << "one line";
    EXPECT_EQ(source("https://" + std::string(1992, 'x')).size(), 2000u);
    EXPECT_EQ(source("https://" + std::string(1993, 'x')), "");
    EXPECT_EQ(alert_of(incident_of("own", "{}"), Page::Kind::firing, monday).generator_url, "");
}

TEST(Wording, of_an_analyzer_window_and_reference_are_said_and_since_is_where_the_first_bad_window_begins) {
    std::vector<drift::Event> events(2, event_at(monday, drift::Severity::crit, "features", "p99"));
    const auto payload = [](core::Timestamp to) {
        return fmt::format(R"({{"analyzer":"p99","finding":"distribution","reason":"it rose",)"
                           R"("window":{{"from":"{}","to":"{}","rows":60}},)"
                           R"("reference":{{"from":"2026-01-01T00:00:00Z","windows":266,"rows":5245}}}})",
                           core::to_string(to + core::Duration{-600'000'000}), core::to_string(to));
    };
    events[1] = event_at(monday + core::Duration{600'000'000}, drift::Severity::crit, "features", "p99");
    for (auto& event : events) event.payload = payload(event.detected_at);
    State state;
    (void)apply(Policy{}, config::Owners(), state, events, events[1].detected_at);
    ASSERT_EQ(state.incidents.size(), 1u);
    const Incident& one = state.incidents.front();
    const core::Timestamp begins = monday + core::Duration{-600'000'000};
    EXPECT_EQ(since_of(one), begins);
    EXPECT_EQ(since_of(one.findings.front()), begins);
    EXPECT_EQ(compared_with(one.findings.front()), "266 windows");
    const std::string said =
        fmt::format("window {} to {}, against 266 windows of 5,245 rows since 2026-01-01T00:00:00Z",
                    core::to_string(monday), core::to_string(events[1].detected_at));
    EXPECT_EQ(looked_at(one.findings.front()), said);
    EXPECT_THAT(alert_of(one, Page::Kind::firing, monday).annotations.at("description"),
                HasSubstr("2 times): it rose (" + said + ")\n"));
    // What says nothing of a window is as it was.
    const Incident own = incident_of("own", "{}");
    EXPECT_EQ(since_of(own), monday);
    EXPECT_EQ(looked_at(own.findings.front()), "");
    EXPECT_EQ(compared_with(own.findings.front()), "-");
}

TEST(Wording, foreign_texts_stay_in_their_line_of_a_page) {
    Incident one = incident_of("late\nall well\u202E", R"({"reason":"fills\u001b[2J are\nlate\u202e"})");
    one.module = "tra\nder";
    one.refusal = Refusal{monday, false, "answers\n400"};
    EXPECT_EQ(summary_of(one),
              "1 metric of tra\u2424der moved (latency_drift, crit): late\u2424all well\uFFFD 120 → 480");
    EXPECT_EQ(alert_of(one, Page::Kind::firing, monday).annotations.at("description"),
              "late\u2424all well\uFFFD 120 → 480 (crit, 1 time): fills\uFFFD[2J are\u2424late\uFFFD\n");
    EXPECT_THAT(alert_of(one, Page::Kind::budget, monday).annotations.at("summary"),
                HasSubstr("tra\u2424der paged as often"));
    EXPECT_THAT(page_of(one), HasSubstr("not told: answers\u2424400 ("));
}

TEST(Wording, runbooks_that_are_no_url_are_told) {
    EXPECT_EQ(runbooks_without_url(config::Owners()), std::optional<std::string>("docs/runbooks"));
    const auto place = [](const std::string& of_default, const std::string& of_module) {
        const auto owners =
            config::Owners::parse("[default]\nowner = \"ops\"\nrunbooks = \"" + of_default +
                                      "\"\n[modules.\"m\"]\nrunbooks = \"" + of_module + "\"\n",
                                  "owners.toml");
        EXPECT_TRUE(owners) << owners.error().message;
        return runbooks_without_url(*owners);
    };
    EXPECT_EQ(place("https://x/r", "http://y"), std::nullopt);
    EXPECT_EQ(place("https://x/r", "/srv/r"), std::optional<std::string>("/srv/r"));
    EXPECT_EQ(place("ftp://x", "https://x"), std::optional<std::string>("ftp://x"));
}

}  // namespace
}  // namespace tristrata::incident
