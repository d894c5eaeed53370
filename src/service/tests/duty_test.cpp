#include "duty.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

using namespace tristrata;
using namespace tristrata::service;

namespace {

core::Timestamp in(std::int64_t milliseconds) {
    return core::system_clock().steady_now() + core::Duration{milliseconds * 1000};
}

}  // namespace

TEST(DutyThread, a_duty_is_done_at_once_then_every_so_often_and_sooner_after_a_failure) {
    const auto count = std::make_shared<std::atomic<int>>(0);
    DutyThread slow(core::system_clock(),
                    {"slow", {3'600'000'000}, {1'000}, [count](const std::stop_token&) {
                         return ++*count < 3 ? core::Status(core::fail(core::ErrorKind::internal, ""))
                                             : core::Status();
                     }});
    for (int i = 0; i < 2000 && *count < 3; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(*count, 3) << "two failures were tried again at once, the third time holds for an hour";
    EXPECT_TRUE(slow.stop(in(5000))) << "a stop ends the wait";
    EXPECT_TRUE(slow.stop(in(0))) << "twice is harmless";
}

TEST(DutyThread, a_duty_that_hangs_is_left_behind) {
    const auto release = std::make_shared<std::promise<void>>();
    const auto begun = std::make_shared<std::atomic<bool>>(false);
    const auto ended = std::make_shared<std::atomic<bool>>(false);
    auto hanging = std::make_unique<DutyThread>(
        core::system_clock(),
        Duty{"hanging", {1'000}, {1'000}, [begun, ended, wait = release->get_future().share()](const auto&) {
                 *begun = true;
                 wait.wait();
                 *ended = true;
                 return core::Status();
             }});
    while (!*begun) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_FALSE(hanging->stop(in(20)));
    hanging.reset();
    EXPECT_FALSE(*ended);
    release->set_value();
    for (int i = 0; i < 2000 && !*ended; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(*ended);
}
