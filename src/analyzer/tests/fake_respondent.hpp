#pragma once

#include "tristrata/analyzer/answer.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <thread>
#include <utility>

namespace tristrata::analyzer::testing {

/// Answers with what a function makes of the span.
class FakeRespondent final : public Respondent {
public:
    using Make = std::function<core::Result<Answer>(const Definition&, core::Timestamp, core::Timestamp)>;
    explicit FakeRespondent(Make make, core::Duration ahead = {}) : make_(std::move(make)), ahead_(ahead) {}
    core::Result<Answer> ask(const Definition& definition, core::Timestamp from, core::Timestamp to,
                             const core::Task&) override {
        return make_(definition, from, to);
    }
    core::Result<core::Duration> ahead(const core::Task&) override { return ahead_; }
    [[nodiscard]] unsigned at_once() const noexcept override { return 2; }

private:
    Make make_;
    core::Duration ahead_;
};

constexpr std::int64_t minute_us = 60'000'000, hour_us = 60 * minute_us;

/// An analyzer of hours.
inline Definition hourly(const std::string& name = "a") {
    Definition one;
    one.name = name;
    one.place.store = "kpi";
    one.query = "SELECT time, value FROM t";
    one.query_sha256 = core::sha256(one.query);
    one.window = one.every = {hour_us};
    one.step = {hour_us / 12};
    one.reference_windows = 48;
    one.reference_min = 20;
    one.timeout = {1'000'000};
    one.rows_max = 1'000'000;
    one.series_max = 1000;
    one.drift_type = drift::DriftType::latency_drift;
    one.module = "m";
    one.metric = name;
    return one;
}

/// Twelve rows an hour about 100, from hash to hash; `value` may change them.
inline Answer regular(core::Timestamp from, core::Timestamp to,
                      const std::function<double(std::int64_t, double)>& value = {}) {
    Answer answer;
    answer.numbers.push_back({"value", {}});
    for (std::int64_t t = from.microseconds; t < to.microseconds; t += hour_us / 12) {
        const auto step = static_cast<std::uint64_t>(t / (hour_us / 12));
        std::uint64_t x = step * 0x9E3779B97F4A7C15ULL + 0x1234567ULL;
        x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
        const double usual = 100.0 + static_cast<double>((x ^ (x >> 31U)) % 1000) / 100.0;
        answer.times.push_back(t);
        answer.numbers.front().values.push_back(value ? value(t, usual) : usual);
    }
    return answer;
}

/// A clock whose sleeps are short in truth and an hour's twelfth in its own time.
class QuickClock final : public core::Clock {
public:
    explicit QuickClock(core::Timestamp start, std::int64_t step = hour_us / 12)
        : now_(start.microseconds), step_(step) {}
    core::Timestamp now() noexcept override { return {now_}; }
    core::Timestamp steady_now() noexcept override { return {now_}; }
    bool sleep_for(core::Duration, std::stop_token) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        now_ += step_;
        return true;
    }

private:
    std::atomic<std::int64_t> now_;
    const std::int64_t step_;
};

}  // namespace tristrata::analyzer::testing
