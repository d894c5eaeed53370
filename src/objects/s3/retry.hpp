#pragma once

#include <arrow/filesystem/s3fs.h>
#include <atomic>
#include <cstdint>

namespace tristrata::objects {

/// Repeats what a server may answer differently next time until the budget has run out, or eight times: each
/// after a wait that doubles from 0.1 to 5 seconds. Arrow's own strategy goes on for minutes.
///
/// Threads   Any number of requests at once share the budget: each begins it anew.
class Retry final : public arrow::fs::S3RetryStrategy {
public:
    explicit Retry(std::int64_t budget_us) : budget_us_(budget_us) {}
    /// A request begins, or has come further.
    void begin() noexcept;
    /// Whether what was sent `attempted` times again already may be once more; counts it then.
    [[nodiscard]] bool again(std::int64_t attempted) noexcept;
    /// So many were sent again by a library, without asking.
    void note(std::uint64_t times) noexcept { repeated_ += times; }
    /// How long to wait before that.
    [[nodiscard]] static std::int64_t wait_ms(std::int64_t attempted) noexcept;
    bool ShouldRetry(const AWSErrorDetail& error, int64_t attempted) override;
    int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail& error, int64_t attempted) override;
    /// How often something was.
    [[nodiscard]] std::uint64_t repeated() const noexcept { return repeated_; }

    /// The process ends: nothing is repeated any more.
    static void leave() noexcept;

private:
    std::int64_t budget_us_;
    std::atomic<std::int64_t> until_us_ = 0;  ///< On the steady clock.
    std::atomic<std::uint64_t> repeated_ = 0;
};

}  // namespace tristrata::objects
