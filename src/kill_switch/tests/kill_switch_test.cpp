#include "requests.hpp"
#include "schema_text.hpp"
#include "tristrata/database/sqlite.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::kill_switch;
using core::ErrorKind;

namespace {

constexpr core::Duration hour{3'600'000'000};

/// On SQLite, where time is what the test says.
class KillSwitchTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("tristrata_kill_switch_" + core::to_string(core::uuid_v7(core::system_clock())));
        std::filesystem::create_directories(folder_);
        place_.path = (folder_ / "switch.db").string();
        ASSERT_EQ(init(place_, std::nullopt, "", clock_).value(), 2);
        ASSERT_EQ(init(place_, std::nullopt, "", clock_).value(), 0) << "it is there";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<KillSwitch> open(Policy policy = {}) {
        auto opened = KillSwitch::open(place_, std::move(policy), clock_);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    Outcome engage(KillSwitch& at, const EngageRequest& request) {
        auto outcome = at.engage(request);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return *outcome;
    }

    std::filesystem::path folder_;
    Place place_;
    core::ManualClock clock_{noon};
};

}  // namespace

TEST_F(KillSwitchTest, an_episode_engages_once_and_a_disengaged_one_does_not_block_the_next) {
    auto at = open();
    auto request = request_of("crypto:BTCUSDT", "i1", Source::cli, noon);
    EXPECT_EQ(engage(*at, request).decision, Decision::engaged);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(engage(*at, request).decision, Decision::repeated);
    EXPECT_EQ(at->history(std::nullopt, 10)->size(), 1U) << "N deliveries are one transition";
    auto second = request_of("crypto:BTCUSDT", "i2", Source::cli, noon);
    EXPECT_EQ(engage(*at, second).decision, Decision::joined);
    clock_.advance(hour);
    const auto off = at->disengage(disengage_of("crypto:BTCUSDT", clock_.now()), nullptr);
    ASSERT_TRUE(off) << off.error().message;
    EXPECT_EQ(off->decision, Decision::disengaged);
    EXPECT_EQ(engage(*at, request).decision, Decision::repeated) << "the episode that a person looked at";
    auto by_itself = request_of("crypto:BTCUSDT", "i2", Source::incident, noon);
    EXPECT_EQ(engage(*at, by_itself).decision, Decision::repeated) << "and what had joined it";
    request.episode = 2;
    EXPECT_EQ(engage(*at, request).decision, Decision::engaged);
    const auto history = at->history(parse_scope("crypto:BTCUSDT").value(), 10);
    ASSERT_EQ(history->size(), 3U);
    EXPECT_EQ(history->front().version, 3);
    EXPECT_EQ(history->at(1).ticket, "OPS-71");
    EXPECT_EQ(at->overview()->states.size(), 1U);
}

TEST_F(KillSwitchTest, a_scope_in_other_letters_is_the_one_that_is_known) {
    Policy policy;
    policy.scopes.emplace("candles.eth", *parse_scope("crypto:ETHUSDT"));
    auto at = open(policy);
    engage(*at, request_of("crypto:BTCUSDT", "i1", Source::cli, noon));
    const auto joined = engage(*at, request_of("crypto:btcusdt", "i2", Source::cli, noon));
    EXPECT_EQ(joined.decision, Decision::joined);
    EXPECT_EQ(to_string(joined.scope), "crypto:BTCUSDT");
    const auto off = at->disengage(disengage_of("crypto:BtcUsdt", clock_.now() + hour), nullptr);
    EXPECT_FALSE(off) << "the dwell is not over";
    clock_.advance(hour);
    ASSERT_TRUE(at->disengage(disengage_of("crypto:BtcUsdt", clock_.now()), nullptr));
    EXPECT_FALSE(at->overview()->states.front().engaged);
    EXPECT_EQ(at->history(*parse_scope("crypto:btcUSDT"), 10)->size(), 2U);
    EXPECT_EQ(at->history(*parse_scope("strategy:BTCUSDT"), 10)->size(), 0U);
    EXPECT_EQ(to_string(engage(*at, request_of("crypto:ethusdt", "i3", Source::cli, noon)).scope),
              "crypto:ETHUSDT")
        << "as the policy spells it";
    const auto unknown = request_of("crypto:solusdt", "i4", Source::cli, noon);
    EXPECT_EQ(to_string(engage(*at, unknown).scope), "crypto:solusdt");
    EXPECT_EQ(engage(*at, unknown).decision, Decision::repeated);
    EXPECT_EQ(at->overview()->states.size(), 3U);
    EXPECT_FALSE(is_same(*parse_scope("crypto:a"), *parse_scope("strategy:a")));
}

TEST_F(KillSwitchTest, blanks_are_no_who_why_or_ticket_by_sql_either_and_older_rows_of_them_stay) {
    place_.path = (folder_ / "old.db").string();
    auto database = database::Sqlite::open(place_.path, "kill_switch", database::Access::write, true);
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(database::migrate(*database, "kill_switch", sqlite_migrations().first(1), clock_));
    const auto begun = [](const char* scope, const char* who) {
        return fmt::format(
            "INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, why, "
            "changed_at) VALUES ('{}', 1, 1, 'i', 1, 'cli', '{}', 'y', '2023-11-14T22:13:20.000000Z')",
            scope, who);
    };
    ASSERT_TRUE(database->run(begun("crypto:OLD", " ")));
    EXPECT_EQ(init(place_, std::nullopt, "", clock_).value(), 1);
    auto at = open();
    EXPECT_EQ(at->overview()->states.front().who, " ") << "what was written is not changed";
    clock_.advance(hour);
    for (const char* blank : {"", "  ", "\t\n\r\v\f"}) {
        EXPECT_FALSE(database->run(begun("global", blank))) << "a beginning";
        for (const int what : {0, 1, 2})
            EXPECT_FALSE(database->run(
                fmt::format("UPDATE kill_switch.state SET engaged = 0, version = 2, who = '{}', why = '{}', "
                            "ticket = '{}'",
                            what == 0 ? blank : "w", what == 1 ? blank : "y", what == 2 ? blank : "t")))
                << what;
    }
    const auto off = at->disengage(disengage_of("crypto:OLD", clock_.now()), nullptr);
    ASSERT_TRUE(off) << off.error().message;
    EXPECT_TRUE(database->run(begun("global", "w")));
}

TEST_F(KillSwitchTest, who_disengages_is_a_person_with_a_ticket_after_the_dwell) {
    auto at = open();
    engage(*at, request_of("global", "i1", Source::cli, noon));
    const auto refused = [&](const DisengageRequest& request, ErrorKind kind, const char* word) {
        const auto outcome = at->disengage(request, nullptr);
        ASSERT_FALSE(outcome) << word;
        EXPECT_EQ(outcome.error().kind, kind) << outcome.error().message;
        EXPECT_NE(outcome.error().message.find(word), std::string::npos) << outcome.error().message;
    };
    auto request = disengage_of("global", noon);
    refused(request, ErrorKind::refused, "stays engaged");
    clock_.advance(hour);
    for (const Source source :
         {Source::analyzer, Source::incident, Source::webhook, Source::system, Source::environment}) {
        auto machine = request;
        machine.source = source;
        refused(machine, ErrorKind::refused, "a person does");
    }
    auto nameless = request;
    nameless.ticket.clear();
    refused(nameless, ErrorKind::refused, "ticket");
    for (const char* blank : {" ", "\t\r\n", "\u00A0", "\u3000", "\u200B", "\x01"}) {
        nameless.ticket = blank;
        refused(nameless, ErrorKind::refused, "no ticket is given");
        auto silent = request;
        silent.why = blank;
        refused(silent, ErrorKind::refused, "no why is given");
        auto nobody = request;
        nobody.who = blank;
        refused(nobody, ErrorKind::refused, "no who is given");
        auto empty = request;
        empty.override_text = blank;
        refused(empty, ErrorKind::refused, "the override says nothing");
        auto unexplained = request_of("global", "i2", Source::cli, noon);
        unexplained.why = blank;
        EXPECT_FALSE(at->engage(unexplained));
    }
    auto open_still = request;
    open_still.open_crit_incidents = {"i1", "i9"};
    refused(open_still, ErrorKind::refused, "i1, i9");
    auto other = request;
    other.expected_version = 7;
    refused(other, ErrorKind::conflict, "version 1, not 7");
    EXPECT_TRUE(at->overview()->states.front().engaged);
    open_still.override_text = "the incidents are about the feed that was replaced";
    open_still.expected_version = 1;
    const auto off = at->disengage(open_still, nullptr);
    ASSERT_TRUE(off) << off.error().message;
    EXPECT_EQ(off->state->override_text, open_still.override_text);
    refused(request, ErrorKind::not_found, "not engaged");
    std::size_t refusals = 0;
    const auto evaluations = at->evaluations(100);
    for (const auto& one : *evaluations)
        if (one.decision == Decision::disengage_refused) ++refusals;
    EXPECT_EQ(refusals, 33U) << "every attempt is kept";
}

TEST_F(KillSwitchTest, an_open_incident_of_the_scope_holds_it_whoever_disengages_and_names_it_or_not) {
    Policy quick;
    quick.minimum_dwell = {1};
    auto at = open(quick);
    engage(*at, request_of("crypto:A", "i0", Source::cli, clock_.now()));
    engage(*at, request_of("crypto:A", "before", Source::cli, clock_.now()));
    clock_.advance(hour);
    ASSERT_TRUE(at->disengage(disengage_of("crypto:A", clock_.now()), nullptr));
    clock_.advance(hour);
    engage(*at, request_of("crypto:A", "i1", Source::cli, clock_.now()));
    EXPECT_EQ(engage(*at, request_of("crypto:a", "i2", Source::cli, clock_.now())).decision,
              Decision::joined);
    clock_.advance(hour);
    std::vector<std::string> asked;
    std::string open_now = "i1";
    const CritOpen crit_open = [&](const std::string& incident) -> core::Result<bool> {
        asked.push_back(incident);
        if (open_now == "unreachable") return core::fail(ErrorKind::unavailable, "no answer");
        return incident == open_now;
    };
    auto request = disengage_of("crypto:a", clock_.now());
    for (const char* incident : {"i1", "i2"}) {
        asked.clear();
        open_now = incident;
        const auto held = at->disengage(request, crit_open);
        ASSERT_FALSE(held);
        EXPECT_EQ(held.error().kind, ErrorKind::refused);
        EXPECT_NE(held.error().message.find(fmt::format("\"{}\"", incident)), std::string::npos)
            << held.error().message;
        EXPECT_EQ(asked, (std::vector<std::string>{"i1", "i2"})) << "not who joined the one before";
        EXPECT_EQ(at->evaluations(1)->front().decision, Decision::disengage_refused);
        EXPECT_EQ(at->evaluations(1)->front().reason, held.error().message);
        clock_.advance(core::Duration{1'000'000});
    }
    open_now = "unreachable";
    const auto unknown = at->disengage(request, crit_open);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::unavailable);
    EXPECT_NE(
        unknown.error().message.find("whether the incident i1 is open is not known: no answer; --override"),
        std::string::npos)
        << unknown.error().message;
    EXPECT_EQ(at->evaluations(1)->front().reason, unknown.error().message) << "every attempt is kept";
    EXPECT_TRUE(at->overview()->states.front().engaged);
    asked.clear();
    auto overridden = request;
    overridden.override_text = "it is about the feed that was replaced";
    ASSERT_TRUE(at->disengage(overridden, crit_open));
    EXPECT_TRUE(asked.empty());
    clock_.advance(hour);
    engage(*at, request_of("crypto:A", "i3", Source::cli, clock_.now()));
    clock_.advance(hour);
    open_now = "i9";
    request.asked_at = clock_.now();
    EXPECT_TRUE(at->disengage(request, crit_open)) << "none of the scope's own is open";
    clock_.advance(hour);
    engage(*at, request_of("crypto:A", "i4", Source::cli, clock_.now()));
    clock_.advance(hour);
    // Who engages again while the store of incidents is asked was not asked for.
    const auto late = at->disengage(request, [&](const std::string&) -> core::Result<bool> {
        EXPECT_TRUE(open(quick)->disengage(disengage_of("crypto:A", clock_.now()), nullptr));
        EXPECT_EQ(engage(*open(quick), request_of("crypto:A", "i5", Source::cli, clock_.now())).decision,
                  Decision::engaged);
        return false;
    });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::conflict) << late.error().message;
}

TEST_F(KillSwitchTest, what_joined_an_ended_engagement_holds_the_next_and_a_person_may_engage_by_it) {
    Policy quick;
    quick.minimum_dwell = {1};
    auto at = open(quick);
    const auto by = [&](const std::string& incident) {
        clock_.advance(hour);
        return engage(*at, request_of("crypto:A", incident, Source::cli, clock_.now())).decision;
    };
    const auto disengage = [&](const std::string& text) {
        clock_.advance(hour);
        auto request = disengage_of("crypto:A", clock_.now());
        request.override_text = text;
        return at->disengage(request,
                             [](const std::string& id) -> core::Result<bool> { return id == "open"; });
    };
    EXPECT_EQ(by("i1"), Decision::engaged);
    EXPECT_EQ(by("open"), Decision::joined);
    EXPECT_FALSE(disengage(""));
    ASSERT_TRUE(disengage("seen"));
    EXPECT_EQ(by("i2"), Decision::engaged);
    EXPECT_EQ(by("open"), Decision::joined) << "again";
    EXPECT_EQ(by("open"), Decision::repeated);
    EXPECT_FALSE(disengage("")) << "it holds this one, too";
    ASSERT_TRUE(disengage("seen"));
    EXPECT_EQ(by("open"), Decision::engaged) << "it never had, and a person says so";
    EXPECT_FALSE(disengage(""));
    ASSERT_TRUE(disengage("seen"));
    const auto twice = engage(*at, request_of("crypto:A", "open", Source::cli, clock_.now()));
    EXPECT_EQ(twice.decision, Decision::repeated);
    EXPECT_NE(twice.reason.find("give another --episode, or no --incident"), std::string::npos);
    EXPECT_EQ(by("i3"), Decision::engaged);
    EXPECT_EQ(by("open"), Decision::joined) << "although it had engaged once";
    EXPECT_FALSE(disengage(""));
}

TEST_F(KillSwitchTest, sqlite_stays_in_shadow_whatever_the_setting_and_the_days_say) {
    Policy policy;
    policy.mode = Mode::enforcing;
    auto at = open(policy);
    for (int day = 0; day < 9; ++day) {
        ASSERT_TRUE(at->nothing_open(clock_.now()));
        ASSERT_FALSE(at->nothing_open(clock_.now())->fresh) << "one row a day";
        clock_.advance(core::Duration{86'400'000'000});
    }
    const auto overview = at->overview();
    EXPECT_EQ(overview->shadow_days, 9);
    EXPECT_EQ(overview->mode, Mode::shadow);
    EXPECT_NE(overview->mode_reason.find("SQLite"), std::string::npos);
    const auto request = request_of("crypto:X", "i1", Source::incident, clock_.now());
    EXPECT_EQ(engage(*at, request).decision, Decision::would_engage);
    EXPECT_FALSE(engage(*at, request).fresh) << "the same again is no second row";
    EXPECT_EQ(at->overview()->would_engage, 1U);
    EXPECT_TRUE(at->overview()->states.empty());
}

TEST_F(KillSwitchTest, losing_telemetry_holds_ignores_or_engages_as_the_policy_says_and_is_never_silent) {
    for (const auto& [action, decision] :
         {std::pair{Policy::TelemetryLost::hold, Decision::held},
          std::pair{Policy::TelemetryLost::ignore, Decision::ignored},
          std::pair{Policy::TelemetryLost::engage, Decision::would_engage}}) {
        Policy policy;
        policy.telemetry_lost = action;
        auto at = open(policy);
        const auto outcome = at->telemetry_lost("the drift store does not answer", clock_.now());
        ASSERT_TRUE(outcome) << outcome.error().message;
        EXPECT_EQ(outcome->decision, decision);
        EXPECT_TRUE(outcome->fresh);
        const auto event = event_of(*outcome);
        ASSERT_EQ(event.has_value(), action != Policy::TelemetryLost::ignore);
        if (!event) continue;
        EXPECT_EQ(event->severity, drift::Severity::crit) << "it pages";
        EXPECT_NE(event->payload.find("the drift store does not answer"), std::string::npos)
            << event->payload;
    }
    EXPECT_TRUE(open()->overview()->states.empty());
}

TEST_F(KillSwitchTest, a_transition_is_a_drift_event_that_is_the_same_however_often_it_is_told) {
    auto at = open();
    const auto request = request_of("crypto:BTCUSDT", "i1", Source::cli, noon);
    const auto first = event_of(engage(*at, request)), again = event_of(engage(*at, request));
    ASSERT_TRUE(first);
    ASSERT_TRUE(again) << "the process may have died between the commit and the telling";
    EXPECT_EQ(first->event_id, again->event_id);
    EXPECT_EQ(first->time, again->time);
    EXPECT_EQ(first->severity, again->severity);
    EXPECT_EQ(first->drift_type, drift::DriftType::business_kpi_drift);
    EXPECT_EQ(first->metric, "engaged:crypto:BTCUSDT");
    EXPECT_EQ(first->current_value, 1.0);
    EXPECT_EQ(first->severity, drift::Severity::warn)
        << "crit would engage the switch for what it said of itself";
    EXPECT_NE(first->payload.find("exits (take profit"), std::string::npos) << "says what it stops";
    clock_.advance(hour);
    const auto off = event_of(*at->disengage(disengage_of("crypto:BTCUSDT", clock_.now()), nullptr));
    EXPECT_EQ(off->current_value, 0.0);
    EXPECT_EQ(off->severity, drift::Severity::info);
    EXPECT_FALSE(event_of(*at->nothing_open(clock_.now())));
}

TEST_F(KillSwitchTest, one_decision_is_one_event_however_often_it_is_shown_and_from_whichever_process) {
    for (const bool enough : {true, false}) {
        const auto request_at = [&](core::Timestamp at) {
            auto request = request_of("crypto:X", enough ? "i1" : "i2", Source::incident, at);
            if (!enough)
                request.evidence->rows = static_cast<std::uint64_t>(at.microseconds / hour.microseconds % 29);
            return request;
        };
        const auto first = event_of(engage(*open(), request_at(clock_.now())));
        ASSERT_TRUE(first);
        EXPECT_EQ(first->time, clock_.now());
        for (int i = 0; i < 3; ++i) {
            clock_.advance(hour);
            const Outcome outcome = engage(*open(), request_at(clock_.now()));  // As a restarted one.
            EXPECT_FALSE(outcome.fresh);
            const auto again = event_of(outcome);
            ASSERT_TRUE(again) << "the process may have died between the commit and the telling";
            EXPECT_EQ(again->event_id, first->event_id);
            EXPECT_EQ(again->time, first->time);
            EXPECT_EQ(again->payload, first->payload);
        }
    }
    const auto by_hand = request_of("crypto:X", "i3", Source::cli, clock_.now());
    const auto engaged = event_of(engage(*open(), by_hand));
    clock_.advance(hour);
    auto later = by_hand;
    later.asked_at = clock_.now();
    const auto repeated = event_of(engage(*open(), later));
    EXPECT_EQ(repeated->time, engaged->time);
    EXPECT_EQ(repeated->payload, engaged->payload);
    const auto held = event_of(*open()->telemetry_lost("the drift store does not answer", clock_.now()));
    clock_.advance(core::Duration{1'000'000});
    const auto still = event_of(*open()->telemetry_lost("it does not answer still", clock_.now()));
    EXPECT_EQ(still->event_id, held->event_id);
    EXPECT_EQ(still->time, held->time);
    EXPECT_EQ(still->payload, held->payload);
}

TEST_F(KillSwitchTest, history_and_evaluations_are_append_only) {
    engage(*open(), request_of("global", "i1", Source::cli, noon));
    auto database = database::Sqlite::open(place_.path, "kill_switch", database::Access::write, false);
    ASSERT_TRUE(database);
    for (const char* sql :
         {"UPDATE kill_switch.history SET who = 'x'", "DELETE FROM kill_switch.history",
          "UPDATE kill_switch.evaluations SET who = 'x'", "DELETE FROM kill_switch.evaluations",
          "DELETE FROM kill_switch.state", "UPDATE kill_switch.state SET version = 9",
          "UPDATE kill_switch.state SET engaged = 0, version = 2"})
        EXPECT_FALSE(database->run(sql)) << sql;
    EXPECT_TRUE(open()->overview()->states.front().engaged);
}

TEST_F(KillSwitchTest, what_is_there_is_not_replaced_either) {
    auto at = open();
    engage(*at, request_of("global", "i1", Source::cli, noon));
    engage(*at, request_of("crypto:A", "i1", Source::cli, noon));
    clock_.advance(hour);
    ASSERT_TRUE(at->disengage(disengage_of("global", clock_.now()), nullptr));
    auto database = database::Sqlite::open(place_.path, "kill_switch", database::Access::write, false);
    ASSERT_TRUE(database);
    const std::string columns = "scope, engaged, version, incident, episode, source, who, why, changed_at";
    const std::string row = "'cli', 'mallory', 'y', '2023-11-14T22:13:20.000000Z')";
    const std::string evaluation =
        "mode, decision, reason, scope, incident, episode, source, 'mallory', why, evidence, "
        "evidence_sha256, "
        "program_version, asked_at, recorded_at FROM kill_switch.evaluations";
    for (const std::string& sql :
         {"INTO kill_switch.history (" + columns + ") VALUES ('global', 0, 2, 'i1', 1, " + row,
          "INTO kill_switch.history (" + columns + ") VALUES ('global', 1, 9, 'i1', 1, " + row,
          "INTO kill_switch.history (rowid, " + columns + ") VALUES (1, 'drill', 1, 9, 'i9', 1, " + row,
          "INTO kill_switch.state (" + columns + ") VALUES ('global', 1, 1, 'i9', 1, " + row,
          "INTO kill_switch.state (rowid, " + columns + ") VALUES (1, 'drill', 1, 1, 'i9', 1, " + row})
        EXPECT_FALSE(database->run("INSERT OR REPLACE " + sql)) << sql;
    for (const char* change : {"incident = 'i1'", "incident = 'i9', rowid = 2"})
        EXPECT_FALSE(
            database->run(fmt::format("UPDATE OR REPLACE kill_switch.state SET engaged = 1, version = 3, "
                                      "{} WHERE scope = 'global'",
                                      change)))
            << change;
    (void)database->run("INSERT OR REPLACE INTO kill_switch.evaluations SELECT evaluation_id, " + evaluation);
    const auto history = at->history(std::nullopt, 10);
    ASSERT_EQ(history->size(), 3U);
    for (const auto& one : *history) EXPECT_NE(one.who, "mallory");
    const auto evaluations = at->evaluations(10);
    ASSERT_TRUE(evaluations);
    for (const auto& one : *evaluations) EXPECT_NE(one.who, "mallory");
    auto again = request_of("global", "i2", Source::cli, clock_.now());
    EXPECT_EQ(engage(*at, again).decision, Decision::engaged);
    EXPECT_EQ(engage(*at, again).decision, Decision::repeated);
}

TEST_F(KillSwitchTest, a_file_without_tables_names_the_command) {
    Place other = place_;
    other.path = (folder_ / "none.db").string();
    const auto none = KillSwitch::open(other, {}, clock_);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("tristrata kill-switch init"), std::string::npos)
        << none.error().message;
}
