#include "tristrata/analyzer/rounds.hpp"

#include "fake_respondent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace tristrata::analyzer {
namespace {

using testing::FakeRespondent;
using ::testing::HasSubstr;
using testing::hour_us;
using testing::hourly;
using testing::minute_us;
using testing::QuickClock;
using ::testing::UnorderedElementsAre;

Definition of(const std::string& name, const std::string& store, const std::string& module = "m") {
    Definition one = hourly(name);
    one.place.store = store;
    one.module = module;
    return one;
}

core::Result<Answer> good(const Definition&, core::Timestamp from, core::Timestamp to) {
    return testing::regular(from, to);
}

/// Answers once it is let go, or a stop was asked for.
struct Gate {
    std::atomic<bool> open{false};
    core::Result<Answer> wait(core::Timestamp from, core::Timestamp to) const {
        while (!open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return testing::regular(from, to);
    }
};

TEST(Rounds, a_source_that_hangs_holds_up_no_other) {
    Gate gate;
    Respondents all;
    all[of("slow", "s").place] = std::make_unique<FakeRespondent>(
        [&](const Definition&, core::Timestamp a, core::Timestamp b) { return gate.wait(a, b); });
    all[of("quick", "q").place] = std::make_unique<FakeRespondent>(good);
    Rounds rounds({of("slow", "s"), of("slower", "s"), of("quick", "q"), of("quicker", "q")}, std::move(all));
    std::vector<std::string> order;
    rounds.once({500'000 * hour_us},
                [&](const Definition&, const Judgement& one) {
                    order.push_back(one.analyzer);
                    if (order.size() == 2)
                        gate.open = true;  // Were the others held up, nobody would open it.
                },
                {});
    ASSERT_EQ(order.size(), 4u);
    EXPECT_THAT((std::vector<std::string>{order[0], order[1]}), UnorderedElementsAre("quick", "quicker"));
}

TEST(Rounds, a_dead_source_is_told_once_a_module_and_not_asked_by_all) {
    std::atomic<int> asked{0};
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(
        [&](const Definition&, core::Timestamp, core::Timestamp) -> core::Result<Answer> {
            ++asked;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            return core::fail(core::ErrorKind::unavailable, "nobody there");
        });
    std::vector<Definition> many;
    for (int i = 0; i < 50; ++i)
        many.push_back(of("a" + std::to_string(i), "s", i % 2 == 0 ? "even" : "odd"));
    Rounds rounds(many, std::move(all));
    std::uint64_t told = 0, events = 0;
    rounds.once({500'000 * hour_us},
                [&](const Definition&, const Judgement& one) {
                    ++told;
                    events += one.events.size();
                    EXPECT_TRUE(one.failure.has_value());
                },
                {});
    EXPECT_EQ(told, 50u);
    EXPECT_LE(asked, 2);  // Two ask at once.
    EXPECT_GE(events, 2u);
    EXPECT_LE(events, 4u);
    EXPECT_EQ(rounds.figures().failed, 50u);
    EXPECT_GE(rounds.figures().not_asked, 48u);
}

TEST(Rounds, at_most_four_queries_of_sql_run_at_once) {
    std::atomic<int> now{0}, most{0};
    Respondents all;
    std::vector<Definition> many;
    for (int source = 0; source < 6; ++source) {
        const std::string store = "s" + std::to_string(source);
        all[of("x", store).place] = std::make_unique<FakeRespondent>(
            [&](const Definition&, core::Timestamp a, core::Timestamp b) -> core::Result<Answer> {
                const int running = ++now;
                int before = most;
                while (before < running && !most.compare_exchange_weak(before, running)) {
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                --now;
                return testing::regular(a, b);
            });
        for (int i = 0; i < 4; ++i) many.push_back(of(store + "_" + std::to_string(i), store));
    }
    Rounds rounds(many, std::move(all));
    rounds.once({500'000 * hour_us}, [](const Definition&, const Judgement&) {}, {});
    EXPECT_EQ(rounds.figures().judged, 24u);
    EXPECT_LE(most, 4);
    EXPECT_GE(most, 2);
}

TEST(Rounds, the_third_failure_in_a_row_is_the_third_also_where_each_is_anothers) {
    const auto failures = std::make_shared<Failures>();
    std::vector<double> sizes;
    for (std::int64_t hour = 0; hour < 4; ++hour) {
        Respondents all;
        all[of("a", "s").place] = std::make_unique<FakeRespondent>(
            [&](const Definition&, core::Timestamp from, core::Timestamp to) -> core::Result<Answer> {
                if (hour == 3) return testing::regular(from, to);
                return core::fail(core::ErrorKind::unavailable, "away");
            });
        Rounds rounds({of("a", "s")}, std::move(all), {}, failures);
        rounds.once({(500'000 + hour) * hour_us},
                    [&](const Definition&, const Judgement& one) {
                        for (const auto& event : one.events)
                            if (event.current_value) sizes.push_back(*event.current_value);
                    },
                    {});
    }
    EXPECT_EQ(sizes, (std::vector<double>{1, 2, 3}));
    EXPECT_EQ(failures->failed("a", {500'004 * hour_us}, {hour_us}), 1u) << "an answer ended the row";
}

TEST(Rounds, a_clock_that_is_not_ours_is_told) {
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(good, core::Duration{2 * hour_us});
    Rounds rounds({of("a", "s")}, std::move(all));
    std::vector<std::string> reasons;
    rounds.once({500'000 * hour_us},
                [&](const Definition&, const Judgement& one) { reasons.push_back(one.reason); }, {});
    ASSERT_EQ(reasons.size(), 2u);
    EXPECT_THAT(reasons.front(), HasSubstr("is 2 h ahead of this host's"));
}

TEST(Rounds, what_was_good_is_told_of_the_modules_and_types_that_were_asked_for) {
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(good);
    Definition other = of("other", "s");
    other.module = "other";
    Rounds rounds({of("a", "s"), other}, std::move(all), [](std::string_view module, drift::DriftType type) {
        return module == "other" && type == drift::DriftType::latency_drift;
    });
    std::map<std::string, std::size_t> told;
    rounds.once({500'000 * hour_us},
                [&](const Definition&, const Judgement& one) {
                    for (const auto& event : one.good) {
                        EXPECT_EQ(event.module, "other");
                        EXPECT_EQ(event.drift_type, drift::DriftType::latency_drift);
                    }
                    told[one.analyzer] = one.good.size();
                },
                {});
    EXPECT_EQ(told, (std::map<std::string, std::size_t>{{"a", 0}, {"other", 1}}));
}

TEST(Rounds, a_window_that_fell_into_an_outage_is_judged_behind_it) {
    QuickClock clock({500'000 * hour_us + hour_us / 2});
    const auto down = [](core::Timestamp to) { return to.microseconds >= 500'002 * hour_us; };
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(
        [&](const Definition&, core::Timestamp from, core::Timestamp to) -> core::Result<Answer> {
            if (down(to) && clock.now().microseconds < 500'005 * hour_us)
                return core::fail(core::ErrorKind::unavailable, "nobody there");
            return testing::regular(from, to);
        });
    Rounds rounds({of("a", "s")}, std::move(all));
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    std::vector<std::int64_t> judged;
    std::size_t failed = 0;
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            if (one.failure) ++failed;
            else judged.push_back(one.to.microseconds / hour_us);
            if (judged.size() == 8) stop.request_stop();
        },
        task);
    EXPECT_EQ(judged, (std::vector<std::int64_t>{500'000, 500'001, 500'002, 500'003, 500'004, 500'005,
                                                 500'006, 500'007}));
    EXPECT_EQ(failed, 3u);
    EXPECT_EQ(rounds.figures().passed_over, 0u);
}

constexpr std::int64_t ten_seconds_us = 10'000'000;

TEST(Rounds, a_window_whose_rows_are_on_their_way_is_judged_when_they_have_arrived) {
    QuickClock clock({500'000 * hour_us + hour_us / 2}, ten_seconds_us);
    // Away for three hours; the rows of that time come two minutes later.
    const core::Timestamp away{500'001 * hour_us + hour_us / 2}, back{500'004 * hour_us + hour_us / 4},
        arrived{back.microseconds + 2 * minute_us};
    std::uint64_t asked = 0;
    Respondents all;
    all[of("a", "kpi").place] = std::make_unique<FakeRespondent>(
        [&](const Definition&, core::Timestamp from, core::Timestamp to) -> core::Result<Answer> {
            if (away < clock.now() && clock.now() < back)
                return core::fail(core::ErrorKind::unavailable, "nobody there");
            ++asked;
            return testing::regular(from, std::min(to, clock.now() < arrived ? away : to));
        });
    const auto on_the_way = [&](const std::string& store,
                                core::Timestamp not_before) -> std::optional<core::Timestamp> {
        EXPECT_EQ(store, "kpi");
        EXPECT_LE(not_before, clock.now());
        return away < clock.now() && clock.now() < arrived ? std::optional(away) : std::nullopt;
    };
    Rounds rounds({of("a", "kpi")}, std::move(all), {}, {}, on_the_way);
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    std::vector<std::int64_t> judged;
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            if (one.failure) return;
            judged.push_back(one.to.microseconds / hour_us);
            EXPECT_TRUE(one.events.empty()) << one.reason;
            EXPECT_TRUE(one.notes.empty());
            if (judged.back() >= 500'002) {
                EXPECT_GE(clock.now(), arrived);
            }
            if (judged.size() == 6) stop.request_stop();
        },
        task);
    EXPECT_EQ(judged, (std::vector<std::int64_t>{500'000, 500'001, 500'002, 500'003, 500'004, 500'005}));
    EXPECT_LE(asked, 12u) << "not each second while they wait";
    EXPECT_EQ(rounds.figures().waiting, 0u);
    EXPECT_EQ(rounds.figures().passed_over, 0u);
}

TEST(Rounds, rows_that_stand_still_are_waited_for_no_longer_than_five_minutes) {
    QuickClock clock({500'000 * hour_us + hour_us / 2}, ten_seconds_us);
    Respondents all;
    all[of("a", "kpi").place] = std::make_unique<FakeRespondent>(good);
    const core::Timestamp since{499'000 * hour_us};
    Rounds rounds({of("a", "kpi")}, std::move(all), {}, {},
                  [&](const std::string&, core::Timestamp) { return std::optional(since); });
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    const core::Timestamp begun = clock.now();
    std::vector<core::Timestamp> at;
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            at.push_back(clock.now());
            ASSERT_EQ(one.notes.size(), 1u);
            EXPECT_THAT(one.notes[0], HasSubstr("have not moved for 5 min"));
            if (at.size() == 2) stop.request_stop();
        },
        task);
    ASSERT_EQ(at.size(), 2u);
    EXPECT_GE(at[0] - begun, core::Duration{5 * minute_us});
    EXPECT_LT(at[0] - begun, core::Duration{6 * minute_us});
    EXPECT_LT(at[1].microseconds, 500'001 * hour_us + minute_us) << "these are known to stand still";
}

TEST(Rounds, a_drift_store_that_is_away_holds_up_nobody_who_does_not_read_it) {
    QuickClock clock({500'000 * hour_us + hour_us / 2}, ten_seconds_us);
    Definition kpis = of("kpis", "analyzer"), events = of("events", "analyzer");
    kpis.query = "SELECT time, n FROM kpi.events";
    events.query = "SELECT time, n FROM drift.events";
    Respondents all;
    all[kpis.place] = std::make_unique<FakeRespondent>(good);
    // Rows of KPIs move all the time, those of drift not at all.
    Rounds rounds({kpis, events}, std::move(all), {}, {},
                  [&](const std::string& store, core::Timestamp) -> std::optional<core::Timestamp> {
                      if (store == "kpi") return clock.now();
                      return core::Timestamp{499'000 * hour_us};
                  });
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    const core::Timestamp begun = clock.now();
    std::map<std::string, core::Timestamp> first;
    rounds.run(
        [&](const Definition& definition, const Judgement& one) {
            EXPECT_EQ(one.notes.size(), definition.name == "events" ? 1u : 0u);
            first.emplace(definition.name, clock.now());
            if (first.size() == 2) stop.request_stop();
        },
        task);
    ASSERT_EQ(first.size(), 2u);
    EXPECT_LT(first["kpis"] - begun, core::Duration{minute_us});
    EXPECT_GE(first["events"] - begun, core::Duration{5 * minute_us});
    EXPECT_LT(first["events"] - begun, core::Duration{6 * minute_us});
}

TEST(Rounds, an_analyzer_that_was_never_looked_at_has_looked_up_to_its_latest_window) {
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(good);
    Rounds rounds({of("a", "s")}, std::move(all));
    EXPECT_TRUE(rounds.looked_at().empty());
    EXPECT_TRUE(rounds.resume({}, {500'010 * hour_us + hour_us / 2}).empty());
    EXPECT_EQ(rounds.looked_at(), (LookedAt{{"a", {500'009 * hour_us}}}));
}

TEST(Rounds, what_ended_while_nothing_ran_waits_for_its_rows_too) {
    QuickClock clock({500'010 * hour_us + hour_us / 2}, ten_seconds_us);
    const core::Timestamp arrived{clock.now().microseconds + minute_us};
    Respondents all;
    all[of("a", "kpi").place] = std::make_unique<FakeRespondent>(good);
    Rounds rounds({of("a", "kpi")}, std::move(all), {}, {}, [&](const std::string&, core::Timestamp) {
        return clock.now() < arrived ? std::optional(core::Timestamp{500'007 * hour_us + 1}) : std::nullopt;
    });
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    (void)rounds.resume({{"a", {500'006 * hour_us}}}, clock.now());
    std::map<std::int64_t, core::Timestamp> at;
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            at.emplace(one.to.microseconds / hour_us, clock.now());
            if (at.size() == 4) stop.request_stop();
        },
        task);
    EXPECT_LT(at.at(500'007), arrived) << "its rows are all there";
    for (const std::int64_t hour : {500'008, 500'009, 500'010}) EXPECT_GE(at.at(hour), arrived) << hour;
}

/// Runs until so many windows were told.
struct Ran {
    std::vector<std::int64_t> judged;  ///< Hours, by when they were told.
    std::vector<Gap> gaps;
    LookedAt left;
    RoundFigures figures;
};
/// `behind`: it was resumed so long before it runs.
Ran run_on(const LookedAt& before, QuickClock& clock, std::size_t windows,
           const FakeRespondent::Make& answer = good, core::Duration behind = {}) {
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(answer);
    Rounds rounds({of("a", "s")}, std::move(all));
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    Ran ran;
    ran.gaps = rounds.resume(before, {clock.now().microseconds - behind.microseconds});
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            if (!one.failure) ran.judged.push_back(one.to.microseconds / hour_us);
            if (ran.judged.size() == windows) stop.request_stop();
        },
        task);
    ran.left = rounds.looked_at();
    ran.figures = rounds.figures();
    return ran;
}

TEST(Rounds, windows_that_ended_while_nothing_ran_are_judged_behind_the_latest) {
    QuickClock clock({500'010 * hour_us + hour_us / 2});
    const Ran ran = run_on({{"a", {500'005 * hour_us}}, {"gone", {0}}}, clock, 5);
    EXPECT_EQ(ran.judged, (std::vector<std::int64_t>{500'010, 500'006, 500'007, 500'008, 500'009}));
    ASSERT_EQ(ran.gaps.size(), 1u);
    EXPECT_EQ(ran.gaps.front().analyzer, "a");
    EXPECT_EQ(ran.gaps.front().from.microseconds, 500'006 * hour_us);
    EXPECT_EQ(ran.gaps.front().owed, 4u);
    EXPECT_EQ(ran.gaps.front().skipped, 0u);
    EXPECT_EQ(ran.left, (LookedAt{{"a", {500'010 * hour_us}}}));
    EXPECT_EQ(ran.figures.behind, 0u);
}

TEST(Rounds, a_window_that_ends_before_its_source_is_asked_for_the_first_time_is_judged) {
    QuickClock clock({500'010 * hour_us + hour_us / 2});
    const Ran ran = run_on({{"a", {500'007 * hour_us}}}, clock, 3, good, {2 * hour_us});
    EXPECT_EQ(ran.judged, (std::vector<std::int64_t>{500'008, 500'009, 500'010}));
    EXPECT_EQ(ran.figures.passed_over, 0u);
    EXPECT_EQ(ran.left, (LookedAt{{"a", {500'010 * hour_us}}}));
}

TEST(Rounds, who_ends_before_it_has_caught_up_goes_on_where_it_was) {
    QuickClock clock({500'010 * hour_us + hour_us / 2});
    const Ran first = run_on({{"a", {500'005 * hour_us}}}, clock, 3);
    EXPECT_EQ(first.left, (LookedAt{{"a", {500'007 * hour_us}}}));
    EXPECT_EQ(first.figures.behind, 2u);
    QuickClock later({500'010 * hour_us + hour_us / 2});
    EXPECT_EQ(run_on(first.left, later, 3).judged, (std::vector<std::int64_t>{500'010, 500'008, 500'009}));
}

TEST(Rounds, of_a_long_outage_the_last_two_hundred_are_judged_and_the_others_counted) {
    QuickClock clock({500'300 * hour_us + hour_us / 2});
    const Ran ran = run_on({{"a", {500'000 * hour_us}}}, clock, 2);
    ASSERT_EQ(ran.gaps.size(), 1u);
    EXPECT_EQ(ran.gaps.front().owed, 200u);
    EXPECT_EQ(ran.gaps.front().skipped, 99u);
    EXPECT_EQ(ran.figures.skipped, 99u);
    EXPECT_EQ(ran.figures.passed_over, 0u);
    EXPECT_EQ(ran.judged, (std::vector<std::int64_t>{500'300, 500'100}));
}

TEST(Rounds, an_analyzer_that_is_new_or_of_a_clock_that_was_ahead_begins_with_its_latest_window) {
    for (const LookedAt& before : {LookedAt{}, LookedAt{{"a", {900'000 * hour_us}}}}) {
        QuickClock clock({500'010 * hour_us + hour_us / 2});
        const Ran ran = run_on(before, clock, 2);
        EXPECT_TRUE(ran.gaps.empty());
        EXPECT_EQ(ran.judged, (std::vector<std::int64_t>{500'010, 500'011}));
        EXPECT_EQ(ran.left, (LookedAt{{"a", {500'011 * hour_us}}}));
    }
}

TEST(Rounds, what_a_source_that_is_down_leaves_is_not_taken_for_looked_at) {
    QuickClock clock({500'010 * hour_us + hour_us / 2});
    std::atomic<int> asked{0};
    const auto down_at_first = [&](const Definition&, core::Timestamp from,
                                   core::Timestamp to) -> core::Result<Answer> {
        if (++asked == 2) return core::fail(core::ErrorKind::unavailable, "nobody there");
        return testing::regular(from, to);
    };
    const Ran ran = run_on({{"a", {500'008 * hour_us}}}, clock, 2, down_at_first);
    EXPECT_EQ(ran.judged, (std::vector<std::int64_t>{500'010, 500'009}));
}

TEST(Rounds, each_analyzer_has_its_own_time) {
    QuickClock clock({500'000 * hour_us + hour_us / 2});
    Respondents all;
    all[of("a", "s").place] = std::make_unique<FakeRespondent>(good);
    Definition rare = of("rare", "s");
    rare.every = {4 * hour_us};
    Rounds rounds({of("often", "s"), rare}, std::move(all));
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    std::map<std::string, std::vector<std::int64_t>> ends;
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            ends[one.analyzer].push_back(one.to.microseconds / hour_us);
            if (ends["often"].size() == 9) stop.request_stop();
        },
        task);
    ASSERT_GE(ends["often"].size(), 9u);
    EXPECT_EQ(ends["often"].front(), 500'000);
    EXPECT_EQ(ends["often"][8], 500'008);
    ASSERT_GE(ends["rare"].size(), 2u);
    EXPECT_EQ(ends["rare"][1], 500'004);
    EXPECT_EQ(rounds.figures().passed_over, 0u);
}

TEST(Rounds, those_that_hang_are_asked_one_at_a_time_and_hold_up_nobody) {
    QuickClock clock({500'000 * hour_us + hour_us / 2});
    std::atomic<int> asked{0}, at_once{0}, most{0};
    Respondents all;
    all[of("quick", "s").place] = std::make_unique<FakeRespondent>(
        [&](const Definition& one, core::Timestamp a, core::Timestamp b) -> core::Result<Answer> {
            if (one.name == "quick") return testing::regular(a, b);
            if (++asked > 2) {  // From the second time on it is known of both.
                most = std::max<int>(most, ++at_once);
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                --at_once;
            }
            return core::fail(core::ErrorKind::cancelled, "no answer in time");
        });
    Rounds rounds({of("hangs", "s"), of("hangs_too", "s"), of("quick", "s")}, std::move(all));
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    rounds.run(
        [&](const Definition&, const Judgement& one) {
            EXPECT_EQ(one.failure.has_value(), one.analyzer != "quick")
                << "each is told of itself: " << one.reason;
            if (asked > 9) stop.request_stop();
        },
        task);
    EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace tristrata::analyzer
