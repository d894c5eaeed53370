#include "figures.hpp"
#include "figures_sample.hpp"

#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>

using namespace tristrata;
using namespace tristrata::service;

namespace {

void expect_line(const std::string& text, const std::string& line) {
    EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line << "\nis not in\n" << text;
}

}  // namespace

TEST(Metrics, the_books_of_every_slot_and_class_are_there_and_add_up) {
    Figures figures = sample_figures();
    figures.bytes_free = 5'000'000;
    const std::string text = metrics_text(figures);
    expect_line(text, "tristrata_spool_disk_free_bytes 5000000");
    const std::string labels = "{slot=\"slot_0000\",class=\"kpi\"} ";
    expect_line(text, "tristrata_spool_emitted_rows_total" + labels + "100");
    expect_line(text, "tristrata_spool_stored_rows_total" + labels + "80");
    expect_line(text, "tristrata_spool_duplicate_rows_total" + labels + "7");
    expect_line(text, "tristrata_spool_dead_rows_total" + labels + "3");
    expect_line(text, "tristrata_spool_dropped_rows_total" + labels + "0");
    expect_line(text, "tristrata_spool_pending_rows" + labels + "10");
    expect_line(text, "tristrata_spool_oldest_pending_age_seconds" + labels + "60");
    expect_line(text, "tristrata_spool_bytes{slot=\"slot_0000\"} 8388608");
    expect_line(text, "tristrata_store_partition_horizon_seconds{store=\"kpi\"} 2592000");
    expect_line(text, "tristrata_relay_breaker_open{class=\"kpi\"} 0");
    expect_line(text, "tristrata_relay_parked_rows_total{class=\"kpi\"} 2");
    expect_line(text, "tristrata_build_info{version=\"1.2.3\"} 1");
    EXPECT_EQ(text.find("class=\"drift\""), std::string::npos)
        << "a class in which nothing was emitted is silent";
    EXPECT_EQ(text.find("horizon_seconds{store=\"drift\"}"), std::string::npos)
        << "what is not known is not said";
}

TEST(Metrics, a_destination_that_is_down_shows_its_breaker_and_the_kind_of_its_error) {
    Figures figures = sample_figures();
    figures.routes[0].held = figures.routes[0].last_error =
        core::Error{core::ErrorKind::unavailable, "db is away", "08006"};
    figures.routes[0].last_error_at = sample_time;
    const std::string text = metrics_text(figures);
    expect_line(text, "tristrata_relay_breaker_open{class=\"kpi\"} 1");
    expect_line(text, "tristrata_relay_last_error_info{class=\"kpi\",kind=\"unavailable\",code=\"08006\"} 1");
    expect_line(text, "tristrata_relay_last_error_timestamp_seconds{class=\"kpi\"} 1.7e+09");
    EXPECT_EQ(text.find("db is away"), std::string::npos) << "a sentence is no label";
}

TEST(Metrics, a_slot_that_cannot_be_read_has_no_figures_and_says_so) {
    Figures figures = sample_figures();
    figures.slots[0].unreadable = core::Error{core::ErrorKind::conflict, "newer", ""};
    const std::string text = metrics_text(figures);
    expect_line(text, "tristrata_spool_slot_readable{slot=\"slot_0000\"} 0");
    EXPECT_EQ(text.find("tristrata_spool_pending_rows"), std::string::npos);
}

TEST(Metrics, a_peer_that_is_not_told_again_has_a_series_and_one_family_holds_both_that_tell) {
    Figures figures = sample_figures();
    const RetellingFigures told{
        3, {{"http://am", 2, core::Error{core::ErrorKind::unavailable, "x", ""}}}, {}};
    figures.unconfirmed.emplace().retelling = told;
    figures.response.emplace().retelling = RetellingFigures{7, {}, {}};
    figures.response->switch_failures = 5;
    figures.response->digests = 2;
    figures.response->silencing = SilencingFigures{4, 3, {{"http://am", 6, std::nullopt}}, std::nullopt};
    figures.response->digest_failures = 3;
    const std::string text = metrics_text(figures);
    expect_line(text, "tristrata_alerts_told_again_total{alerts=\"incidents\"} 7");
    expect_line(text, "tristrata_alerts_told_again_total{alerts=\"unconfirmed\"} 3");
    expect_line(text, "tristrata_kill_switch_failures_total 5");
    expect_line(text, "tristrata_digests_total{outcome=\"made\"} 2");
    expect_line(text, "tristrata_silences_total{outcome=\"begun\"} 4");
    expect_line(text, "tristrata_silences_total{outcome=\"ended\"} 3");
    expect_line(text, "tristrata_silence_failures_total{receiver=\"http://am\"} 6");
    expect_line(text, "tristrata_digests_total{outcome=\"failed\"} 3");
    expect_line(text,
                "tristrata_alerts_tell_failures_total{alerts=\"unconfirmed\",receiver=\"http://am\"} 2");
}

TEST(Metrics, receivers_that_are_shown_alike_are_one_series_and_each_begins_at_0) {
    Figures figures = sample_figures();
    figures.response.emplace();
    figures.receivers.push_back({"http://am", 0, 0, 0, 0});
    figures.receivers.push_back({"http://hook", 5, 1, 0, 2});
    figures.receivers.push_back({"http://hook", 1, 2, 0, 3});
    const std::string text = metrics_text(figures);
    expect_line(text, "tristrata_alerts_refused_total{receiver=\"http://am\"} 0");
    expect_line(text, "tristrata_alerts_refused_total{receiver=\"http://hook\"} 3");
    expect_line(text, "tristrata_alerts_taken_total{receiver=\"http://hook\"} 6");
    expect_line(text, "tristrata_alerts_owed{receiver=\"http://hook\"} 5");
    expect_line(text, "tristrata_alerts_dropped_total{receiver=\"http://am\",reason=\"owed_full\"} 0");
    figures.receivers[2].dropped = 4;
    expect_line(metrics_text(figures),
                "tristrata_alerts_dropped_total{receiver=\"http://hook\",reason=\"owed_full\"} 4");
    expect_line(text, "tristrata_incidents_untold 0");
    figures.response->untold = {"one", "another"};
    expect_line(metrics_text(figures), "tristrata_incidents_untold 2");
}

TEST(Metrics, what_the_intake_refuses_is_counted_by_why) {
    Figures figures = sample_figures();
    figures.intake.emplace();
    figures.intake->refused["unauthorized"] = 4;
    figures.intake->taken.unreadable = 3;
    figures.intake->taken.other_version = 1;
    const std::string text = metrics_text(figures);
    expect_line(text, "tristrata_intake_refused_total{reason=\"unauthorized\"} 4");
    expect_line(text, "tristrata_intake_refused_total{reason=\"too_long\"} 0");
    expect_line(text, "tristrata_intake_refused_total{reason=\"too_slow\"} 0");
    expect_line(text, "tristrata_intake_refused_total{reason=\"no_webhook\"} 2");
    expect_line(text, "tristrata_intake_refused_total{reason=\"version\"} 1");
    expect_line(text, "tristrata_intake_unreadable_total 3");
}

TEST(Metrics, every_family_has_help_and_type_before_its_samples_and_comes_once) {
    Figures figures = sample_figures();
    figures.unconfirmed.emplace();
    figures.response.emplace().retelling.emplace();
    figures.intake.emplace();
    std::istringstream lines(metrics_text(figures));
    std::set<std::string> helped, typed;
    std::string current;
    const std::regex sample(R"(^([a-z_]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (-?[0-9.e+]+)$)");
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (line.starts_with("# HELP ")) {
            current = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(helped.insert(current).second) << line;
        } else if (line.starts_with("# TYPE ")) {
            EXPECT_TRUE(typed.insert(current).second) << line;
            EXPECT_TRUE(line == "# TYPE " + current + " counter" || line == "# TYPE " + current + " gauge")
                << line;
        } else {
            ASSERT_TRUE(std::regex_match(line, found, sample)) << line;
            EXPECT_EQ(found[1], current);
            EXPECT_TRUE(current.starts_with("tristrata_"));
        }
    }
    EXPECT_EQ(helped, typed);
    EXPECT_GE(helped.size(), 25u);
}
