#include "figures.hpp"
#include "figures_sample.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::service;

namespace {

core::Timestamp before(core::Duration span) { return {sample_time.microseconds - span.microseconds}; }

/// The one problem, which belongs to this check.
Finding only_problem(const Figures& figures, const std::string& check) {
    const Health health = assess(figures);
    EXPECT_EQ(health.problems.size(), 1u);
    if (health.problems.empty()) return {};
    EXPECT_EQ(health.problems[0].check, check);
    EXPECT_FALSE(health.problems[0].advice.empty());
    return health.problems[0];
}

}  // namespace

TEST(Health, what_goes_well_is_ok) {
    const Figures figures = sample_figures();
    const Health health = assess(figures);
    EXPECT_TRUE(health.ok());
    EXPECT_TRUE(health.notes.empty());
    EXPECT_EQ(health_json(figures, health),
              "{\n  \"status\": \"ok\",\n  \"version\": \"1.2.3\",\n  \"at\": \"2023-11-14T22:13:20Z\",\n"
              "  \"problems\": [],\n  \"notes\": []\n}\n");
}

TEST(Health, a_destination_that_is_down_is_a_problem_and_its_rows_are_said_to_be_safe) {
    Figures figures = sample_figures();
    figures.routes[0].held = core::Error{core::ErrorKind::unavailable, "the server is away", ""};
    figures.slots[0].classes[0].pending_since = before({backlog_age_max.microseconds + 1});
    const Finding found = only_problem(figures, "relay");
    EXPECT_EQ(found.what, "kpi records wait: the server is away");
    EXPECT_NE(found.advice.find("10 rows wait in the spool"), std::string::npos) << found.advice;
    figures.slots.clear();
    EXPECT_NE(only_problem(figures, "relay").advice.find("what comes waits in the spool"), std::string::npos);
}

TEST(Health, rows_that_wait_too_long_are_a_problem_on_the_edge_they_are_not) {
    Figures figures = sample_figures();
    figures.slots[0].classes[0].pending_since = before(backlog_age_max);
    EXPECT_TRUE(assess(figures).ok());
    figures.slots[0].classes[0].pending_since = before({backlog_age_max.microseconds + 1});
    figures.slots[0].classes[0].pending = 1;
    figures.routes[0].last_delivered_at = before(backlog_age_max);
    Finding found = only_problem(figures, "backlog");
    EXPECT_EQ(found.what, "1 row of class kpi is pending, the oldest since 2023-11-14T21:58:19.999999Z");
    EXPECT_NE(found.advice.find("slower than they come"), std::string::npos) << found.advice;
    figures.routes[0].last_delivered_at.reset();
    found = only_problem(figures, "backlog");
    EXPECT_NE(found.advice.find("another process drains that slot"), std::string::npos) << found.advice;
}

TEST(Health, partitions_that_end_within_a_week_are_a_problem_on_the_edge_they_are_not) {
    Figures figures = sample_figures();
    figures.stores[0].horizon = sample_time + horizon_min;
    EXPECT_TRUE(assess(figures).ok());
    figures.stores[0].horizon = core::Timestamp{figures.stores[0].horizon->microseconds - 1};
    (void)only_problem(figures, "partitions");
}

TEST(Health, partitions_that_could_not_be_looked_at_are_a_note_while_they_reach_far) {
    Figures figures = sample_figures();
    figures.stores[0].error = core::Error{core::ErrorKind::unavailable, "away", ""};
    const Health health = assess(figures);
    EXPECT_TRUE(health.ok());
    ASSERT_EQ(health.notes.size(), 1u);
    EXPECT_EQ(health.notes[0].check, "partitions");
}

TEST(Health, a_spool_that_cannot_be_read_is_a_problem_one_that_is_not_there_yet_a_note) {
    Figures figures = sample_figures();
    figures.slots.clear();
    figures.spool_error = core::Error{core::ErrorKind::storage, "cannot list /var/spool", "13"};
    (void)only_problem(figures, "spool");
    figures.spool_error->kind = core::ErrorKind::not_found;
    EXPECT_TRUE(assess(figures).ok());
    EXPECT_EQ(assess(figures).notes.size(), 1u);
    figures = sample_figures();
    figures.slots[0].unreadable = core::Error{core::ErrorKind::conflict, "of a newer program", ""};
    EXPECT_EQ(only_problem(figures, "spool").what, "of a newer program");
    figures = sample_figures();
    figures.sampled_at = before({sample_age_max.microseconds + 1});
    EXPECT_NE(only_problem(figures, "spool").what.find("does not answer"), std::string::npos);
}

TEST(Health, a_disk_without_room_for_a_segment_is_a_problem_on_the_edge_it_is_not) {
    Figures figures = sample_figures();
    figures.bytes_free = bytes_free_min;
    EXPECT_TRUE(assess(figures).ok());
    figures.bytes_free = bytes_free_min - 1;
    EXPECT_EQ(only_problem(figures, "spool").what,
              "4194303 bytes are free on the spool's disk, less than a segment of 4194304");
}

TEST(Health, dead_letters_damage_and_classes_that_nothing_carries_are_notes) {
    Figures figures = sample_figures();
    figures.slots[0].dead_letters = 1;
    figures.slots[0].damaged = 2;
    figures.slots[0].classes[spool::place(sink::RecordClass::alert)].pending = 1;
    const Health health = assess(figures);
    EXPECT_TRUE(health.ok());
    ASSERT_EQ(health.notes.size(), 3u);
    EXPECT_NE(health.notes[0].what.find("2 files"), std::string::npos);
    EXPECT_NE(health.notes[1].what.find("1 record "), std::string::npos);
    EXPECT_NE(health.notes[2].what.find("1 row of class alert"), std::string::npos);
}

TEST(Health, retention_that_fails_is_a_note_and_after_two_days_a_problem) {
    Figures figures = sample_figures();
    figures.retention.push_back({"kpi", before(retention_age_max), 0,
                                 core::Error{core::ErrorKind::unavailable, "the bucket is away", ""},
                                 before({3'000'000})});
    EXPECT_TRUE(assess(figures).ok());
    ASSERT_EQ(assess(figures).notes.size(), 1u);
    const std::string what =
        "kpi: the bucket is away (found at " + core::to_string(before({3'000'000})) + ", 3 s ago)";
    EXPECT_EQ(assess(figures).notes[0].what, what);
    figures.retention[0].done_at = before({retention_age_max.microseconds + 1});
    EXPECT_EQ(only_problem(figures, "retention").what, what);
}

TEST(Health, crit_that_went_out_from_the_spool_is_told_and_what_cannot_go_out_is_a_problem) {
    Figures figures = sample_figures();
    figures.unconfirmed.emplace();
    EXPECT_TRUE(assess(figures).notes.empty());
    figures.unconfirmed->lasting = 2;
    ASSERT_EQ(assess(figures).notes.size(), 1u);
    EXPECT_EQ(assess(figures).notes[0].what,
              "2 alerts of crit went out from the spool: no incident was made of it in time");
    EXPECT_TRUE(assess(figures).ok());
    figures.unconfirmed->error = core::Error{core::ErrorKind::storage, "the disk is full", ""};
    EXPECT_EQ(only_problem(figures, "unconfirmed").what,
              "crit that its store does not confirm cannot go out from the spool: the disk is full");
}

TEST(Health, a_peer_that_is_not_told_what_lasts_is_one_problem_whoever_tells_it) {
    Figures figures = sample_figures();
    figures.response.emplace().evaluated_at = sample_time;
    const RetellingFigures told{
        3, {{"http://am", 2, core::Error{core::ErrorKind::unavailable, "http://am is away", ""}}}, {}};
    figures.response->retelling = told;
    figures.unconfirmed.emplace().retelling = told;
    EXPECT_EQ(only_problem(figures, "alerts").what,
              "an Alertmanager is not told what lasts: http://am is away");
}

TEST(Health, a_kill_switch_that_cannot_be_asked_is_a_problem_of_its_own) {
    Figures figures = sample_figures();
    figures.response.emplace().evaluated_at = sample_time;
    EXPECT_TRUE(assess(figures).ok());
    figures.response->switch_error = core::Error{core::ErrorKind::unavailable, "its store is away", ""};
    EXPECT_EQ(only_problem(figures, "kill_switch").what,
              "the kill switch cannot be shown what is crit: its store is away");
}

TEST(Health, an_alertmanager_that_pages_what_was_acknowledged_is_a_problem_by_its_name) {
    Figures figures = sample_figures();
    figures.response.emplace().evaluated_at = sample_time;
    figures.response->silencing.emplace().peers.push_back(
        {"http://am", 2, core::Error{core::ErrorKind::unavailable, "http://am is away", ""}});
    EXPECT_EQ(only_problem(figures, "silences").what,
              "an Alertmanager pages what was acknowledged: http://am is away");
}

TEST(Health, a_digest_that_cannot_be_made_is_a_problem_of_its_own) {
    Figures figures = sample_figures();
    figures.response.emplace().evaluated_at = sample_time;
    figures.response->digest_error = core::Error{core::ErrorKind::storage, "no such table", ""};
    EXPECT_EQ(only_problem(figures, "digest").what, "the digest cannot be made: no such table");
}

TEST(Health, a_receiver_that_refuses_is_a_problem_where_nobody_was_told_and_a_note_where_others_were) {
    Figures figures = sample_figures();
    notification::ReceiverStatus hook{"http://hook", 0, 1, 0, 0};
    hook.refusal = {sample_time, {core::ErrorKind::refused, "http://hook answers 400", "400"}, false};
    figures.receivers = {{"http://am"}, hook};
    EXPECT_EQ(only_problem(figures, "alerts").what,
              "http://hook has refused an alert for good, at 2023-11-14T22:13:20Z, and taken none since: "
              "http://hook answers 400; nobody was told");
    figures.response.emplace().evaluated_at = sample_time;
    figures.response->retelling.emplace().taken_by = {"http://hook"};
    EXPECT_TRUE(assess(figures).ok()) << "it has taken what lasts when it was told again";
    figures.response.reset();
    figures.receivers[1].refusal->is_told = true;
    EXPECT_TRUE(assess(figures).ok());
    ASSERT_EQ(assess(figures).notes.size(), 1u);
    EXPECT_NE(assess(figures).notes[0].what.find("; others were told"), std::string::npos);
}

TEST(Health, what_waits_for_a_receiver_is_a_note_until_no_more_is_kept_for_it_and_it_misses_some) {
    Figures figures = sample_figures();
    figures.receivers = {{"http://hook"}};
    auto& hook = figures.receivers[0];
    hook.owed = 3;
    EXPECT_TRUE(assess(figures).ok());
    ASSERT_EQ(assess(figures).notes.size(), 1u);
    EXPECT_EQ(assess(figures).notes[0].what, "3 alerts wait for http://hook");
    hook.is_full = true;
    hook.held = core::Error{core::ErrorKind::unavailable, "http://hook is away", ""};
    EXPECT_EQ(only_problem(figures, "alerts").what,
              "3 alerts wait for http://hook, and no more are kept: of each further one it never gets the "
              "oldest: http://hook is away");
    hook.is_full = false;
    hook.held.reset();
    hook.dropped = 2;
    hook.dropped_at = sample_time;
    EXPECT_EQ(only_problem(figures, "alerts").what,
              "3 alerts wait for http://hook, and it never gets 2 others, the first given up at "
              "2023-11-14T22:13:20Z");
    hook.owed = 0;
    EXPECT_TRUE(assess(figures).ok()) << "it has what was kept for it";
}

TEST(Health, a_leader_without_the_kill_switch_that_this_one_names_is_a_problem_that_names_the_setting) {
    Figures figures = sample_figures();
    figures.response.emplace().evaluated_at = sample_time;
    figures.response->holder = "serve 7 on host without a kill switch";
    EXPECT_TRUE(assess(figures).ok());
    figures.response->is_unshown = true;
    EXPECT_EQ(only_problem(figures, "kill_switch").what,
              "nothing engages by itself: incidents are evaluated by serve 7 on host without a kill switch, "
              "and TRISTRATA_KILL_SWITCH_URL is set here");
}

TEST(Health, a_page_that_a_receiver_answers_and_does_not_take_is_a_problem_that_names_it) {
    Figures figures = sample_figures();
    figures.receivers = {{"http://hook"}};
    auto& hook = figures.receivers[0];
    hook.owed = 3;
    hook.untold = 1;
    hook.alone = "feature_drift of poison";
    hook.held = core::Error{core::ErrorKind::unavailable, "http://hook answers 500", ""};
    EXPECT_EQ(only_problem(figures, "alerts").what,
              "3 alerts wait for http://hook; 1 of them nobody has taken; it answers, and does not take "
              "feature_drift of poison: http://hook answers 500");
    hook.untold = 0;
    EXPECT_TRUE(assess(figures).ok()) << "others were told";
}

TEST(Health, crit_of_which_nobody_was_told_is_a_problem_with_the_first_of_them) {
    Figures figures = sample_figures();
    figures.response.emplace().evaluated_at = sample_time;
    figures.response->uncarried = 1;
    EXPECT_EQ(
        only_problem(figures, "alerts").what,
        "nobody is told of 1 crit incident: neither TRISTRATA_ALERTMANAGER_URL nor TRISTRATA_WEBHOOK_URL "
        "(webhook_url) is set");
    figures.response->uncarried = 0;
    figures.response->untold = {"0198c0de of features, http://hook answers 400; nobody was told"};
    EXPECT_EQ(
        only_problem(figures, "alerts").what,
        "nobody was told of 1 crit incident: 0198c0de of features, http://hook answers 400; nobody was told");
    figures.response->untold.emplace_back("another");
    EXPECT_NE(only_problem(figures, "alerts").what.find("2 crit incidents: 0198c0de"), std::string::npos);
}

TEST(Health, receivers_without_a_store_of_incidents_are_told_nothing_that_is_found) {
    Figures figures = sample_figures();
    figures.response.reset();
    figures.receivers = {{"http://127.0.0.1:9093"}};
    figures.checks.clear();
    figures.analysis.reset();
    EXPECT_TRUE(assess(figures).ok()) << "nothing is looked for here";
    EXPECT_TRUE(assess(figures).notes.empty());
    figures.analysis.emplace();
    const Health health = assess(figures);
    EXPECT_TRUE(health.ok()) << "another serve may evaluate, and a dead database is what they are for here";
    ASSERT_EQ(health.notes.size(), 1u);
    EXPECT_NE(health.notes[0].what.find("http://127.0.0.1:9093 takes alerts"), std::string::npos);
    EXPECT_NE(health.notes[0].advice.find("TRISTRATA_RESPONSE_URL"), std::string::npos);
}
