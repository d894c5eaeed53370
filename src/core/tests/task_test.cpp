#include "tristrata/core/task.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <vector>

using namespace tristrata::core;

TEST(ParallelFor, visits_every_index_once_on_any_number_of_threads) {
    for (const unsigned threads : {0u, 1u, 2u, 7u}) {
        std::vector<std::atomic<int>> visits(500);
        ASSERT_TRUE(parallel_for(visits.size(), threads, {}, [&](std::size_t i) -> Status {
            ++visits[i];
            return {};
        }));
        for (const auto& count : visits) EXPECT_EQ(count, 1);
    }
}

TEST(ParallelFor, answers_with_the_error_of_the_lowest_failing_index) {
    for (int round = 0; round < 50; ++round) {
        const auto status = parallel_for(200, 4, {}, [](std::size_t i) -> Status {
            if (i == 20 || i == 21 || i == 150) return fail(ErrorKind::invalid_input, std::to_string(i));
            return {};
        });
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().message, "20");
    }
}

TEST(ParallelFor, nothing_to_do_is_done) {
    EXPECT_TRUE(
        parallel_for(0, 4, {}, [](std::size_t) -> Status { return fail(ErrorKind::internal, "never"); }));
}

TEST(ParallelFor, a_stop_is_an_error_and_no_silent_half) {
    std::stop_source stop;
    stop.request_stop();
    const auto status = parallel_for(10, 2, stop.get_token(), [](std::size_t) -> Status { return {}; });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::cancelled);
}

TEST(Task, a_deadline_that_has_passed_cancels) {
    ManualClock clock(Timestamp{100});
    Task task;
    task.clock = &clock;
    EXPECT_TRUE(task.check());
    task.deadline = Timestamp{100};
    ASSERT_FALSE(task.check());
    EXPECT_EQ(task.check().error().kind, ErrorKind::cancelled);
}
