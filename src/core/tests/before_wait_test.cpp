#include "tristrata/core/before_wait.hpp"

#include <gtest/gtest.h>
#include <thread>

using tristrata::core::BeforeWait;

namespace {

void count(void* calls) noexcept { ++*static_cast<int*>(calls); }

}  // namespace

TEST(BeforeWait, calls_once_at_the_first_wait) {
    int calls = 0;
    BeforeWait::say();
    const BeforeWait mine(count, &calls);
    EXPECT_EQ(calls, 0);
    BeforeWait::say();
    BeforeWait::say();
    EXPECT_EQ(calls, 1);
}

TEST(BeforeWait, is_of_its_thread_and_its_scope) {
    int outer_calls = 0, inner_calls = 0;
    const BeforeWait outer(count, &outer_calls);
    std::thread([] { BeforeWait::say(); }).join();
    EXPECT_EQ(outer_calls, 0);
    {
        const BeforeWait inner(count, &inner_calls);
        BeforeWait::say();
    }
    EXPECT_EQ(inner_calls, 1);
    EXPECT_EQ(outer_calls, 0);
    BeforeWait::say();
    EXPECT_EQ(outer_calls, 1);
}
