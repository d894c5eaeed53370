#include "retry.hpp"

#include "s3_error.hpp"

#include "tristrata/core/clock.hpp"

#include <algorithm>

namespace tristrata::objects {
namespace {

constexpr std::int64_t repetitions_max = 8;
constexpr std::int64_t first_wait_ms = 100;
constexpr std::int64_t wait_ms_max = 5000;

std::atomic<bool> leaving = false;

std::int64_t now_us() noexcept { return core::system_clock().steady_now().microseconds; }

}  // namespace

void Retry::begin() noexcept { until_us_ = now_us() + budget_us_; }

bool Retry::again(std::int64_t attempted) noexcept {
    if (leaving || attempted >= repetitions_max || now_us() + 1000 * wait_ms(attempted) >= until_us_)
        return false;
    ++repeated_;
    return true;
}

std::int64_t Retry::wait_ms(std::int64_t attempted) noexcept {
    const std::int64_t doubled = std::min<std::int64_t>(std::max<std::int64_t>(attempted, 0), 10);
    return std::min(first_wait_ms << doubled, wait_ms_max);
}

bool Retry::ShouldRetry(const AWSErrorDetail& error, int64_t attempted) {
    return error.should_retry && !is_lasting(error.message) && again(attempted);
}

int64_t Retry::CalculateDelayBeforeNextRetry(const AWSErrorDetail&, int64_t attempted) {
    return wait_ms(attempted);
}

void Retry::leave() noexcept { leaving = true; }

}  // namespace tristrata::objects
