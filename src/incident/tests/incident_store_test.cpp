#include "tristrata/incident/incident_store.hpp"

#include "connection.hpp"
#include "incident_backends.hpp"
#include "tristrata/incident/digest.hpp"
#include "tristrata/incident/wording.hpp"
#include "tristrata/store/probe.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <utility>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;

namespace {

/// Alerts as lines of a file that outlives whoever is killed.
class FileReceiver final : public sink::Sink {
public:
    explicit FileReceiver(const std::string& path)
        : file_(::open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600)) {}
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        for (const auto& record : records) {
            const auto alert = notification::decode(record).value();
            const std::string line = fmt::format("{} {} {}\n", alert.ends_at ? "resolved" : "firing",
                                                 alert.label("module"), alert.starts_at.microseconds);
            if (::write(file_, line.data(), line.size()) < 0)
                return core::fail(core::ErrorKind::storage, "not written");
        }
        return sink::Acknowledgement{sink::Durability::process, records.size(), 0, 0};
    }
    core::Status flush() override { return {}; }

private:
    int file_;
};

}  // namespace

TEST_P(IncidentStoreTest, a_step_takes_an_event_once_and_pages_once) {
    push({event_at(start_, Severity::crit), event_at(start_, Severity::warn, "other")});
    const auto first = step();
    EXPECT_TRUE(first.leader);
    EXPECT_EQ(first.taken, 2u);
    EXPECT_EQ(first.opened, 2u);
    EXPECT_EQ(first.appended, 1u);
    ASSERT_EQ(receiver_.alerts.size(), 1u);
    EXPECT_TRUE(notification::check(receiver_.alerts[0]));
    EXPECT_EQ(receiver_.alerts[0].label("alertname"), "drift_latency_drift");
    EXPECT_EQ(receiver_.alerts[0].annotation("runbook_url"), "docs/runbooks/drift_latency_drift.md#crit");
    EXPECT_EQ(receiver_.alerts[0].starts_at, start_);
    clock_.advance(minute);
    const auto second = step();
    EXPECT_EQ(second.taken, 0u);
    EXPECT_EQ(receiver_.alerts.size(), 1u);
    const auto all = store_->list({});
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 2u);
    const auto found = store_->find(core::to_string((*all)[0].incident_id).substr(0, 13));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (*all)[0]) << "what was read is what was written";
    EXPECT_EQ(found->findings[0].reference_version, "v3");
    EXPECT_EQ(store_->signals(found->module)->size(), 1u);
}

TEST_P(IncidentStoreTest, who_waits_is_told_for_whom_and_until_when) {
    EXPECT_FALSE(step("a").until);
    const auto waits = step("b");
    EXPECT_FALSE(waits.leader);
    EXPECT_EQ(waits.holder, "a");
    ASSERT_TRUE(waits.until);
    // The server's clock, where there is one.
    const core::Timestamp begun = GetParam() == "sqlite" ? clock_.now() : core::system_clock().now();
    EXPECT_LE(*waits.until, begun + options().lease + core::Duration{1'000'000});
    EXPECT_GE(*waits.until, begun + core::Duration{options().lease.microseconds - 10'000'000});
}

TEST_P(IncidentStoreTest, a_lease_that_is_further_away_than_any_can_be_is_none) {
    ASSERT_TRUE(step("a").leader);
    const bool is_file = GetParam() == "sqlite";
    const auto end_in = [&](core::Duration from_now) {
        const core::Timestamp base = is_file ? clock_.now() : core::system_clock().now();
        return backend_->run(
            fmt::format("UPDATE response.lease SET expires_at = '{}'", core::to_string(base + from_now)));
    };
    ASSERT_TRUE(end_in(core::Duration{45'000'000}));
    EXPECT_FALSE(step("b").leader) << "a clock that is a little ahead took it";
    ASSERT_TRUE(end_in(hour));
    EXPECT_TRUE(step("b").leader) << "a clock that was an hour ahead took it";
}

TEST_P(IncidentStoreTest, when_a_metric_recovered_is_kept_and_its_return_behind_the_cool_down_is_told) {
    push({event_at(start_, Severity::crit), event_at(start_, Severity::warn, "features", "other")});
    (void)step();
    for (int i = 1; i <= 3; ++i)
        push({event_at(start_ + core::Duration{i * minute.microseconds}, Severity::info)});
    clock_.advance(core::Duration{3 * minute.microseconds});
    (void)step();
    const auto kept = store_->list({});
    ASSERT_TRUE(kept) << kept.error().message;
    ASSERT_EQ(kept->size(), 1u);
    const auto finding = std::ranges::find(kept->front().findings, "latency_p99", &Finding::metric);
    ASSERT_NE(finding, kept->front().findings.end());
    EXPECT_EQ(finding->recovered_at, start_ + core::Duration{3 * minute.microseconds});
    clock_.advance(policy_.fallback.cool_down);
    push({event_at(clock_.now(), Severity::crit)});
    (void)step();
    ASSERT_EQ(receiver_.alerts.size(), 2u) << "the warn kept it open";
    EXPECT_EQ(receiver_.alerts.back().label("page"), "2");
}

TEST_P(IncidentStoreTest, what_commits_late_or_out_of_order_is_seen) {
    push({event_at(start_, Severity::crit)});
    (void)step();
    push({event_at({start_.microseconds - 13 * day.microseconds}, Severity::crit, "late"),
          event_at(start_ + hour, Severity::crit, "ahead")});
    const auto done = step();
    EXPECT_EQ(done.taken, 2u);
    ASSERT_EQ(receiver_.alerts.size(), 3u);
    EXPECT_NE(done.notices.front().find("ahead of this host's clock"), std::string::npos);
    // Where it is ahead by months, PostgreSQL has no partition for it.
    push({event_at(start_ + core::Duration{200 * day.microseconds}, Severity::crit, "far")});
    EXPECT_EQ(step().taken, 1u);
    EXPECT_EQ(receiver_.alerts.size(), 4u);
}

TEST_P(IncidentStoreTest, good_evaluations_close_it_and_the_alert_ends) {
    push(report_at(start_, {"age"}, {}, Severity::crit));
    (void)step();
    for (int i = 1; i <= 3; ++i) {
        clock_.advance(minute);
        push(report_at(clock_.now(), {}, {"age"}, Severity::crit));
        (void)step();
    }
    ASSERT_EQ(store_->list({})->at(0).phase, Phase::cooling);
    EXPECT_EQ(store_->open_alerts(clock_.now())->size(), 1u) << "it lasts until the cool-down is over";
    clock_.advance(policy_.fallback.cool_down);
    EXPECT_EQ(step().closed, 1u);
    EXPECT_TRUE(store_->list({})->empty());
    ASSERT_EQ(receiver_.alerts.size(), 2u);
    EXPECT_EQ(receiver_.alerts[1].labels, receiver_.alerts[0].labels);
    EXPECT_EQ(receiver_.alerts[1].starts_at, receiver_.alerts[0].starts_at);
    ASSERT_TRUE(receiver_.alerts[1].ends_at);
    EXPECT_EQ(*receiver_.alerts[1].ends_at, clock_.now());
    const auto again = store_->open_alerts(clock_.now());
    ASSERT_EQ(again->size(), 1u);
    EXPECT_EQ(again->at(0), receiver_.alerts[1]) << "for those that did not hear it";
    EXPECT_TRUE(store_->open_alerts(clock_.now() + hour)->empty());
    IncidentQuery closed;
    closed.closed = true;
    const auto history = store_->history(store_->list(closed)->at(0).incident_id);
    std::string kinds;
    for (const auto& one : *history) kinds += one.kind + " ";
    EXPECT_EQ(kinds, "opened paged cooling closed ");
}

TEST_P(IncidentStoreTest, a_page_that_was_not_handed_over_is_handed_over_by_the_next_step) {
    push({event_at(start_, Severity::crit)});
    receiver_.refuses = true;
    const auto refused = step();
    ASSERT_TRUE(refused.not_appended);
    EXPECT_EQ(refused.not_appended->message, "the spool is full");
    receiver_.refuses = false;
    clock_.advance(hour);
    EXPECT_EQ(step().appended, 1u);
    ASSERT_EQ(receiver_.alerts.size(), 1u);
    EXPECT_EQ(receiver_.alerts[0].starts_at, start_);
    EXPECT_EQ(store_->open_alerts(clock_.now())->at(0), receiver_.alerts[0]) << "re-sends are the same alert";
}

TEST_P(IncidentStoreTest, one_leads_and_the_next_takes_over_with_another_epoch) {
    const auto first = step("a");
    push({event_at(start_, Severity::crit)});
    const auto other = step("b");
    EXPECT_FALSE(other.leader);
    EXPECT_EQ(other.holder, "a");
    EXPECT_EQ(other.taken, 0u);
    EXPECT_EQ(step("a").epoch, first.epoch) << "who holds it goes on";
    ASSERT_TRUE(store_->resign("a"));
    clock_.advance(minute);
    const auto next = step("b");
    EXPECT_TRUE(next.leader);
    EXPECT_EQ(next.epoch, first.epoch + 1);
    EXPECT_FALSE(step("a").leader);
}

TEST_P(IncidentStoreTest, people_acknowledge_snooze_and_dismiss_and_the_history_keeps_it) {
    push({event_at(start_, Severity::crit)});
    (void)step();
    const std::string id = core::to_string(store_->list({})->at(0).incident_id);
    const auto acked = store_->acknowledge(id.substr(0, 8), "eve", "I look", clock_.now());
    ASSERT_TRUE(acked) << acked.error().message;
    EXPECT_EQ(acked->acked_by, "eve");
    EXPECT_EQ(store_->open_alerts(clock_.now())->at(0).annotation("acked_by"), "eve");
    const auto answered = store_->answered(clock_.now());
    ASSERT_EQ(answered->size(), 1u);
    EXPECT_EQ(answered->at(0).alert.labels, receiver_.alerts.at(0).labels);
    EXPECT_FALSE(answered->at(0).alert.ends_at);
    EXPECT_EQ(answered->at(0).who + ": " + answered->at(0).why, "eve: I look");
    ASSERT_FALSE(store_->snooze(id, clock_.now(), "eve", "", clock_.now()));
    ASSERT_TRUE(store_->snooze(id, clock_.now() + hour, "eve", "lunch", clock_.now()));
    const auto snoozed = store_->open_alerts(clock_.now());
    ASSERT_EQ(snoozed->size(), 1u);
    EXPECT_TRUE(snoozed->at(0).ends_at);
    EXPECT_TRUE(store_->answered(clock_.now())->at(0).alert.ends_at) << "its silence goes";
    ASSERT_TRUE(store_->dismiss(id, "eve", "a test of the exchange", clock_.now()));
    clock_.advance(minute);
    push({event_at(clock_.now(), Severity::crit)});
    (void)step();
    EXPECT_EQ(receiver_.alerts.size(), 2u) << "firing, and resolved once";
    EXPECT_EQ(store_->digest({start_, std::nullopt})->false_alarms, 1u);
    std::string told;
    const auto history = store_->history(store_->list({})->at(0).incident_id);
    for (const auto& one : *history) told += one.kind + (one.who.empty() ? "" : " by " + one.who) + "; ";
    EXPECT_EQ(told, "opened; paged; acked by eve; snoozed by eve; dismissed by eve; ");
    EXPECT_FALSE(store_->acknowledge("00000000", "eve", "", clock_.now()));
    EXPECT_EQ(store_->acknowledge("xyz", "eve", "", clock_.now()).error().kind, core::ErrorKind::usage);
}

TEST_P(IncidentStoreTest, a_mark_is_another_one_whoever_changed_something_and_the_same_where_nobody_did) {
    auto elsewhere = backend_->open();
    ASSERT_TRUE(elsewhere);
    std::string last = store_->mark().value();
    EXPECT_EQ(elsewhere->mark().value(), last);
    const auto is_another = [&] {
        const std::string now = store_->mark().value();
        return std::exchange(last, now) != now;
    };
    (void)step();
    EXPECT_FALSE(is_another()) << "a step without an event";
    push({event_at(start_, Severity::crit), event_at(start_, Severity::warn, "other")});
    EXPECT_FALSE(is_another()) << "an event that nobody took";
    (void)step();
    EXPECT_TRUE(is_another()) << "opened";
    clock_.advance(minute);
    (void)step();
    EXPECT_FALSE(is_another());
    push({event_at(clock_.now(), Severity::crit)});
    (void)step();
    EXPECT_TRUE(is_another()) << "bad once more";
    clock_.advance(minute);
    push({event_at(clock_.now(), Severity::info)});
    (void)step();
    EXPECT_TRUE(is_another()) << "good once";
    const std::string id = core::to_string(store_->list({})->at(0).incident_id);
    ASSERT_TRUE(elsewhere->acknowledge(id, "eve", "I look", clock_.now()));
    EXPECT_TRUE(is_another()) << "acknowledged by another process";
    ASSERT_TRUE(elsewhere->snooze(id, clock_.now() + minute, "eve", "lunch", clock_.now()));
    EXPECT_TRUE(is_another()) << "snoozed";
    clock_.advance(minute);
    (void)step();
    EXPECT_TRUE(is_another()) << "the snooze has ended";
    ASSERT_TRUE(elsewhere->dismiss(id, "eve", "a test", clock_.now()));
    EXPECT_TRUE(is_another()) << "dismissed";
    ASSERT_TRUE(
        elsewhere->silence({"feat*", std::nullopt, start_, start_ + hour, "ops", "a new disk"}, clock_));
    EXPECT_TRUE(is_another()) << "silenced";
    clock_.advance(policy_.fallback.dismissed);
    (void)step();
    EXPECT_TRUE(is_another()) << "closed";
    EXPECT_FALSE(is_another());
}

TEST(IncidentStoreOnSqlite, what_is_in_the_history_is_not_replaced_either) {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("replaced_{}.db", ::getpid());
    core::ManualClock clock{monday};
    auto database = database::Sqlite::open(path, "response", database::Access::write, true);
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(database::migrate(*database, "response", sqlite_migrations().first(3), clock));
    const auto transition = [](const char* verb, const char* row, int seq, const char* why) {
        return fmt::format(
            "{} INTO response.transitions (rowid, incident_id, seq, at, kind, who, why, epoch) "
            "VALUES ({}, 'i', {}, '2026', 'opened', 'w', '{}', 1)",
            verb, row, seq, why);
    };
    const auto word = [](const char* verb, const char* row, const char* id, const char* why) {
        return fmt::format(
            "{} INTO response.words (rowid, word_id, hypothesis, at, who, why) "
            "VALUES ({}, '{}', 'H1', '2026', 'w', '{}')",
            verb, row, id, why);
    };
    const auto kept = [&](const char* table) {
        auto rows = database->prepare(fmt::format("SELECT group_concat(why) FROM response.{}", table));
        EXPECT_TRUE(rows && rows->step());
        return rows->text(0);
    };
    ASSERT_TRUE(database->run("PRAGMA foreign_keys = OFF"));
    ASSERT_TRUE(database->run(transition("INSERT", "NULL", 1, "first")));
    ASSERT_TRUE(database->run(word("INSERT", "NULL", "a", "first")));
    ASSERT_TRUE(init_sqlite(path, clock)) << "a file of before";
    for (const char* verb : {"INSERT OR REPLACE", "REPLACE"}) {
        EXPECT_FALSE(database->run(transition(verb, "NULL", 1, "forged")));
        EXPECT_FALSE(database->run(transition(verb, "1", 2, "forged")));
        EXPECT_TRUE(database->run(word(verb, "NULL", "a", "forged"))) << "is left out";
        EXPECT_TRUE(database->run(word(verb, "1", "b", "forged"))) << "is left out";
    }
    EXPECT_EQ(kept("transitions"), "first");
    EXPECT_EQ(kept("words"), "first");
    EXPECT_TRUE(database->run(transition("INSERT", "NULL", 2, "second")));
    EXPECT_TRUE(database->run(word("INSERT", "NULL", "b", "second")));
    EXPECT_EQ(kept("transitions"), "first,second");
    EXPECT_EQ(kept("words"), "first,second");
    for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + part);
}

TEST_P(IncidentStoreTest, the_history_is_never_changed) {
    push({event_at(start_, Severity::crit)});
    (void)step();
    EXPECT_FALSE(backend_->run("UPDATE response.transitions SET why = 'nothing'"));
    EXPECT_FALSE(backend_->run("DELETE FROM response.transitions"));
    const auto twice =
        backend_->run("INSERT INTO response.transitions SELECT * FROM response.transitions WHERE seq = 1");
    EXPECT_FALSE(twice) << "(incident_id, seq) is taken";
}

TEST_P(IncidentStoreTest, a_maintenance_window_is_a_row) {
    push({event_at(start_, Severity::crit)});
    ASSERT_TRUE(store_->silence({"feat*", std::nullopt, start_, start_ + hour, "ops", "a new disk"}, clock_));
    EXPECT_EQ(step().withheld, 1u);
    EXPECT_TRUE(receiver_.alerts.empty());
    EXPECT_EQ(store_->silences(clock_.now())->size(), 1u);
    const auto digest = store_->digest({start_, std::nullopt});
    ASSERT_EQ(digest->incidents.size(), 1u);
    EXPECT_NE(to_text(*digest, policy_).find("held back: maintenance"), std::string::npos)
        << to_text(*digest, policy_);
    clock_.advance(hour);
    (void)step();
    EXPECT_EQ(receiver_.alerts.size(), 1u);
}

TEST_P(IncidentStoreTest, a_module_that_nobody_owns_is_said_once_and_goes_to_the_default) {
    owners_ = *config::Owners::parse(
        "[default]\nowner = \"platform\"\n[modules.\"known\"]\nowner = \"them\"\n", "owners.toml");
    push({event_at(start_, Severity::crit), event_at(start_, Severity::crit, "known")});
    const auto first = step();
    ASSERT_EQ(first.notices.size(), 1u);
    EXPECT_NE(first.notices[0].find("no entry of owners.toml names the module \"features\""),
              std::string::npos);
    push({event_at(start_, Severity::crit, "features", "m", drift::DriftType::data_drift)});
    EXPECT_TRUE(step().notices.empty());
    std::set<std::string> routes;
    for (const auto& alert : receiver_.alerts) routes.insert(std::string(alert.label("route")));
    EXPECT_EQ(routes, (std::set<std::string>{"platform", "them"}));
}

TEST_P(IncidentStoreTest, more_events_than_a_step_takes_are_taken_by_the_next_ones_crit_first) {
    std::vector<drift::Event> events;
    for (int i = 0; i < 25; ++i)
        events.push_back(
            event_at(start_, i == 24 ? Severity::crit : Severity::warn, "m" + std::to_string(i)));
    push(events);
    auto few = options();
    few.events_max = 10;
    auto done = store_->step(few, receiver_);
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->more);
    EXPECT_EQ(receiver_.alerts.size(), 1u);
    std::uint64_t taken = done->taken;
    while (done->more) {
        done = store_->step(few, receiver_);
        ASSERT_TRUE(done);
        taken += done->taken;
    }
    EXPECT_EQ(taken, 25u);
}

// Two programs step at once and are killed anywhere, again and again, while events come.
TEST_P(IncidentStoreTest, of_two_that_are_killed_at_any_moment_no_crit_is_lost_and_none_paged_twice) {
    const auto told =
        std::filesystem::temp_directory_path() / fmt::format("incident_told_{}_{}", ::getpid(), GetParam());
    std::filesystem::remove(told);
    const auto stepping = [&](const std::string& holder) {
        const pid_t child = ::fork();
        if (child != 0) return child;
        auto mine = backend_->open();
        FileReceiver receiver(told.string());
        StepOptions mine_options = options(holder);
        mine_options.clock = &core::system_clock();
        mine_options.lease = {20'000};
        while (mine) (void)mine->step(mine_options, receiver);
        ::_exit(1);
        return child;
    };
    std::mt19937 random(7);
    std::set<std::string> modules;
    for (int round = 0; round < 30; ++round) {
        const std::string module = "m" + std::to_string(round);
        modules.insert(module);
        push({event_at(core::system_clock().now(), Severity::crit, module)});
        const pid_t a = stepping("a" + std::to_string(round)), b = stepping("b" + std::to_string(round));
        std::this_thread::sleep_for(std::chrono::milliseconds(10 + random() % 120));
        for (const pid_t one : {a, b}) {
            ::kill(one, SIGKILL);
            ::waitpid(one, nullptr, 0);
        }
    }
    // Longer than the lease of whoever was killed last, by the clock that the next step is given.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    clock_.advance({core::system_clock().now().microseconds - clock_.now().microseconds});
    FileReceiver last(told.string());
    auto done = store_->step(options("last"), last);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(done->leader);
    std::map<std::string, std::set<std::string>> starts;
    std::ifstream lines(told);
    for (std::string kind, module, start; lines >> kind >> module >> start;) {
        EXPECT_EQ(kind, "firing");
        starts[module].insert(start);
    }
    for (const auto& module : modules) {
        EXPECT_EQ(starts[module].size(), 1u) << module << ": an alert, and in effect not two";
        IncidentQuery query;
        query.module = module;
        const auto incidents = store_->list(query);
        ASSERT_EQ(incidents->size(), 1u);
        const auto history = store_->history(incidents->at(0).incident_id);
        ASSERT_EQ(history->size(), 2u) << "opened, paged";
        EXPECT_EQ(history->at(1).seq, 2);
    }
    std::filesystem::remove(told);
}

INSTANTIATE_TEST_SUITE_P(Backends, IncidentStoreTest, ::testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return one.param; });

TEST(IncidentStore, a_store_that_was_not_initialised_says_the_command) {
    const auto missing = IncidentStore::open_sqlite("/tmp/no/such/response.db", "/tmp/no/such/drift.db");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, core::ErrorKind::configuration);
}

TEST(IncidentRights, of_the_role_are_what_it_needs_and_nothing_more) {
    PostgresBackend backend;
    const auto found = [&] {
        return store::probe_postgres(backend.answering(), store::Purpose::responder).value();
    };
    EXPECT_THAT(found().missing, ::testing::IsEmpty());
    EXPECT_THAT(found().excess, ::testing::IsEmpty());
    ASSERT_TRUE(backend.run("REVOKE INSERT ON response.pages FROM responder"));
    ASSERT_TRUE(backend.run("GRANT INSERT ON drift.events TO answering"));
    EXPECT_THAT(found().missing, ::testing::ElementsAre("INSERT on response.pages"));
    EXPECT_THAT(found().excess, ::testing::ElementsAre("INSERT on drift.events"));
}
