#include "incident_backends.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;

namespace {

/// What is looked at is counted: all that was taken is forgotten, every metric was bad, and so a step takes
/// whatever it looks at.
class UntakenTest : public IncidentStoreTest {
protected:
    std::uint64_t looked_at_again() {
        for (const std::string& module : modules_)
            EXPECT_TRUE(backend_->run(fmt::format(
                "INSERT INTO response.signals (module, drift_type, metric, by_report, recent, heard_at) "
                "VALUES ('{}', 'latency_drift', 'latency_p99', FALSE, '[]', '{}') ON CONFLICT DO NOTHING",
                module, core::to_string(clock_.now()))));
        EXPECT_TRUE(backend_->run("DELETE FROM response.processed WHERE severity = 'info'"));
        return step().taken;
    }
    void good(const std::string& module, int count) {
        std::vector<drift::Event> events;
        for (int i = 0; i < count; ++i)
            events.push_back(event_at(start_ + core::Duration{++made_ * 1'000}, Severity::info, module));
        push(events);
        modules_.push_back(module);
    }
    /// Its row's number was given long before others that are there already.
    void commit_late(const drift::Event& event) {
        EXPECT_TRUE(backend_->run_drift(fmt::format(
            "INSERT INTO drift.events (id, event_id, module, drift_type, metric, severity, payload, "
            "detected_at) {} "
            "VALUES ({}, '{}', '{}', 'latency_drift', '{}', '{}', '{{}}', '{}')",
            GetParam() == "sqlite" ? "" : "OVERRIDING SYSTEM VALUE", --late_, core::to_string(event.event_id),
            event.module, event.metric, drift::name(event.severity), stored(event.detected_at))));
    }
    static std::string stored(core::Timestamp time) {
        const std::string whole =
            core::to_string(core::Timestamp{time.microseconds - time.microseconds % 1'000'000});
        return fmt::format("{}.{:06}Z", whole.substr(0, 19), time.microseconds % 1'000'000);
    }

    std::vector<std::string> modules_;
    int made_ = 0, late_ = 0;
};

}  // namespace

TEST_P(UntakenTest, what_concerns_nothing_is_looked_at_once_and_now_and_then) {
    push({event_at(start_, Severity::crit)});
    good("features", 20);
    good("quiet", 30);
    good("silent", 10);
    EXPECT_EQ(step().taken, 21u) << "of what was never bad nothing is taken";
    EXPECT_EQ(looked_at_again(), 60u) << "a row of a lower number may commit within a minute";
    clock_.advance(minute);
    (void)step();
    EXPECT_EQ(looked_at_again(), 0u);
    good("quiet", 3);
    EXPECT_EQ(step().taken, 3u);
    EXPECT_EQ(looked_at_again(), 3u);
    clock_.advance(minute);
    (void)step();
    EXPECT_EQ(looked_at_again(), 0u);
    clock_.advance(core::Duration{10 * minute.microseconds});
    EXPECT_EQ(looked_at_again(), 63u) << "every ten minutes all of it";
    // Another one led meanwhile, who took what this one did not see.
    ASSERT_TRUE(store_->resign("a"));
    EXPECT_TRUE(step("b").leader);
    ASSERT_TRUE(store_->resign("b"));
    EXPECT_EQ(looked_at_again(), 63u);
}

TEST_P(UntakenTest, more_than_a_step_takes_is_looked_at_until_all_of_it_is_taken) {
    push({event_at(start_, Severity::crit)});
    good("features", 25);
    StepOptions few = options();
    few.events_max = 10;
    std::uint64_t taken = 0;
    for (int i = 0; i < 4; ++i) {
        const auto done = store_->step(few, receiver_);
        ASSERT_TRUE(done) << done.error().message;
        taken += done->taken;
        EXPECT_EQ(done->more, i < 2) << i;
        clock_.advance({2 * minute.microseconds});
    }
    EXPECT_EQ(taken, 26u);
}

TEST_P(UntakenTest, what_is_bad_for_the_first_time_has_what_was_good_of_it_before) {
    good("quiet", 30);
    EXPECT_EQ(step().taken, 0u);
    for (int i = 0; i < 3; ++i) {
        clock_.advance({2 * minute.microseconds});
        EXPECT_EQ(step().taken, 0u);
    }
    push({event_at(clock_.now(), Severity::crit, "quiet")});
    EXPECT_EQ(step().taken, 31u);
    push({event_at(clock_.now(), Severity::crit, "quiet", "another")});
    EXPECT_EQ(step().taken, 1u);
}

TEST_P(UntakenTest, a_row_that_commits_behind_one_of_a_higher_number_is_taken) {
    push({event_at(start_, Severity::crit)});
    good("features", 5);
    EXPECT_EQ(step().taken, 6u);
    commit_late(event_at(start_ + minute, Severity::info));
    EXPECT_EQ(step().taken, 1u) << "within a minute";
    clock_.advance({2 * minute.microseconds});
    (void)step();
    (void)step();
    commit_late(event_at(start_ + core::Duration{minute.microseconds + 1}, Severity::info));
    commit_late(event_at(start_ + core::Duration{minute.microseconds + 2}, Severity::crit));
    EXPECT_EQ(step().taken, 2u) << "with what is bad, what is good and as late";
    clock_.advance({2 * minute.microseconds});
    (void)step();
    commit_late(event_at(start_ + core::Duration{minute.microseconds + 3}, Severity::info));
    clock_.advance({10 * minute.microseconds});
    EXPECT_EQ(step().taken, 1u) << "later still";
}

TEST_P(UntakenTest, what_was_good_before_the_first_bad_one_counts_where_one_before_comes_late) {
    policy_.fallback.open_crit = policy_.fallback.open_warn = {2, 3};
    const auto at = [&](int i) {
        return core::Timestamp{start_.microseconds - hour.microseconds + i * minute.microseconds};
    };
    for (const std::string module : {"together", "before"}) {
        push({event_at(at(3), Severity::info, module), event_at(at(5), Severity::info, module)});
        if (module == "before") (void)step();
        push({event_at(at(9), Severity::crit, module)});
        (void)step();
        push({event_at(at(1), Severity::crit, module)});
        EXPECT_EQ(step().opened, 0u) << module << ": crit, good, good, crit is 1 of any 3";
        EXPECT_EQ(store_->signals(module)->at(0).recent.size(), 4u);
        push({event_at(at(7), Severity::crit, module)});
        EXPECT_EQ(step().opened, 1u) << module;
    }
}

TEST_P(UntakenTest, of_what_was_good_before_the_first_bad_one_the_last_are_kept) {
    good("features", 60);
    push({event_at(start_ + minute, Severity::crit)});
    EXPECT_EQ(step().opened, 1u);
    const auto recent = store_->signals("features")->at(0).recent;
    ASSERT_EQ(recent.size(), evaluations_kept);
    EXPECT_EQ(recent.back().level, Severity::crit);
}

INSTANTIATE_TEST_SUITE_P(Backends, UntakenTest, ::testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return one.param; });
