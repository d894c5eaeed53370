#include "fake_respondent.hpp"
#include "tristrata/analyzer/rounds.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <map>

// Windows whose query was refused or cut, as by a lock or while a table is being renamed.
namespace tristrata::analyzer {
namespace {

using testing::FakeRespondent;
using testing::hour_us;
using testing::hourly;
using testing::minute_us;
using testing::QuickClock;

/// What came of windows while `refuses` said so of one, until `count` of them were judged.
struct Came {
    std::vector<std::int64_t> judged;  ///< Their ends, in hours.
    std::vector<std::int64_t> at;      ///< When, in minutes.
    std::size_t failed = 0;
    LookedAt looked_at;
};

Came run(const std::function<bool(core::Timestamp to, core::Timestamp now)>& refuses, std::size_t count,
         core::ErrorKind kind = core::ErrorKind::invalid_input, std::size_t failed_max = 100) {
    QuickClock clock({500'000 * hour_us + minute_us}, minute_us);
    Came came;
    Respondents all;
    const Definition one = hourly("a");
    all[one.place] = std::make_unique<FakeRespondent>(
        [&](const Definition&, core::Timestamp from, core::Timestamp to) -> core::Result<Answer> {
            if (refuses(to, clock.now())) return core::fail(kind, "relation \"events\" does not exist");
            return testing::regular(from, to);
        });
    Rounds rounds({one}, std::move(all));
    std::stop_source stop;
    core::Task task;
    task.clock = &clock;
    task.stop = stop.get_token();
    rounds.run(
        [&](const Definition&, const Judgement& said) {
            if (said.failure) ++came.failed;
            else {
                came.judged.push_back(said.to.microseconds / hour_us - 500'000);
                came.at.push_back((clock.now().microseconds - 500'000 * hour_us) / minute_us);
            }
            if (came.judged.size() == count || came.failed == failed_max) stop.request_stop();
        },
        task);
    came.looked_at = rounds.looked_at();
    return came;
}

TEST(RefusedWindow, is_asked_for_again_within_minutes_and_judged) {
    for (const auto kind : {core::ErrorKind::invalid_input, core::ErrorKind::cancelled}) {
        const Came came = run(
            [](core::Timestamp to, core::Timestamp now) {
                return to.microseconds == 500'001 * hour_us &&
                       now.microseconds < 500'001 * hour_us + 3 * minute_us;
            },
            3, kind);
        EXPECT_EQ(came.judged, (std::vector<std::int64_t>{0, 1, 2}));
        EXPECT_LT(came.at[1], 70) << "not an hour later";
        EXPECT_GE(came.failed, 1u);
    }
}

TEST(RefusedWindow, of_more_than_one_are_judged_behind_the_first_that_has_an_answer) {
    const Came came = run(
        [](core::Timestamp, core::Timestamp now) {
            return now.microseconds > 500'000 * hour_us + 30 * minute_us &&
                   now.microseconds < 500'003 * hour_us + 30 * minute_us;
        },
        5);
    EXPECT_EQ(came.judged, (std::vector<std::int64_t>{0, 4, 1, 2, 3}));
}

TEST(RefusedWindow, that_is_refused_again_holds_up_no_other_and_is_given_up) {
    const Came came =
        run([](core::Timestamp to, core::Timestamp) { return to.microseconds == 500'001 * hour_us; }, 4);
    EXPECT_EQ(came.judged, (std::vector<std::int64_t>{0, 2, 3, 4}));
    EXPECT_EQ(came.failed, 7u) << "once, five times again, and once behind the next";
    EXPECT_EQ(came.looked_at.at("a").microseconds, 500'004 * hour_us);
}

TEST(RefusedWindow, that_is_refused_behind_another_waits_for_the_next_that_has_an_answer) {
    // A lock that flickers: each window is refused once more when it is looked at again.
    std::map<std::int64_t, int> asked;
    const Came came = run(
        [&](core::Timestamp to, core::Timestamp) {
            const std::int64_t hour = to.microseconds / hour_us - 500'000;
            return hour == 1 && ++asked[hour] <= 6;
        },
        4);
    EXPECT_EQ(came.judged.size(), 4u);
    EXPECT_NE(std::ranges::find(came.judged, 1), came.judged.end()) << "found in the end";
}

TEST(RefusedWindow, waits_for_who_runs_next_where_none_was_answered_since) {
    const Came came =
        run([](core::Timestamp to, core::Timestamp) { return to.microseconds == 500'002 * hour_us; }, 9,
            core::ErrorKind::invalid_input, 6);
    EXPECT_EQ(came.judged, (std::vector<std::int64_t>{0, 1}));
    EXPECT_EQ(came.looked_at.at("a").microseconds, 500'001 * hour_us);
}

}  // namespace
}  // namespace tristrata::analyzer
