#include "tristrata/kill_switch/reader.hpp"

#include "state_sources.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/spool/fork_generation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <ctime>

namespace tristrata::kill_switch {
namespace {

class BootClock final : public core::Clock {
public:
    core::Timestamp now() noexcept override { return core::system_clock().now(); }
    core::Timestamp steady_now() noexcept override {
        timespec time{};
        (void)clock_gettime(CLOCK_BOOTTIME, &time);
        return {std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000};
    }
    bool sleep_for(core::Duration duration, std::stop_token stop) override {
        return core::system_clock().sleep_for(duration, std::move(stop));
    }
};

constexpr std::int64_t never = -1;

bool is_among(const std::vector<Scope>& scopes, const Scope& wanted) {
    return std::ranges::any_of(scopes, [&](const Scope& one) { return is_same(one, wanted); });
}

}  // namespace

core::Clock& boot_clock() noexcept {
    static BootClock clock;
    return clock;
}

std::string_view name(Reading reading) noexcept {
    switch (reading) {
        case Reading::clear:
            return "clear";
        case Reading::engaged:
            return "engaged";
        case Reading::unread:
            return "unread";
        case Reading::stale:
            return "stale";
        case Reading::unreachable:
            return "unreachable";
        case Reading::environment:
            return "environment";
    }
    return "unknown";
}

StateSource state_source(const Place& place) {
    return place.backend == config::Backend::sqlite ? sqlite_state_source(place.path)
                                                    : postgres_state_source(place.url);
}

/// What all scopes share: when the last answer was asked for, and whether too many polls failed since.
struct Watch::Shared {
    Shared(core::Clock& steady, core::Duration oldest) : clock(steady), age_max(oldest.microseconds) {}
    core::Clock& clock;
    std::int64_t age_max;
    std::atomic<std::int64_t> asked_at = never;
    std::atomic<bool> unreachable = false;
};

/// One scope. Written before `asked_at`, so that who sees a new time sees the state that belongs to it.
struct Watch::Cell {
    std::atomic<bool> engaged = false;
    bool at_boot = false;
};

Reading Watch::reading() const noexcept {
    if (shared_ == nullptr) return Reading::unread;
    for (const auto& cell : cells_)
        if (cell->at_boot) return Reading::environment;
    const std::int64_t asked_at = shared_->asked_at.load(std::memory_order_acquire);
    if (asked_at == never) return Reading::unread;
    for (const auto& cell : cells_)
        if (cell->engaged.load(std::memory_order_relaxed)) return Reading::engaged;
    if (shared_->unreachable.load(std::memory_order_relaxed)) return Reading::unreachable;
    const std::int64_t age = shared_->clock.steady_now().microseconds - asked_at;
    // A clock that went back knows no age.
    return age < 0 || age > shared_->age_max ? Reading::stale : Reading::clear;
}

Reader::Reader(StateSource source, core::Clock& clock, ReaderOptions options)
    : source_(std::move(source)),
      clock_(clock),
      options_(std::move(options)),
      shared_(std::make_shared<Watch::Shared>(clock, options_.age_max)) {}

Reader::~Reader() { stop(); }

Watch Reader::watch(std::span<const Scope> scopes) {
    std::vector<Scope> all(scopes.begin(), scopes.end());
    all.push_back({Scope::Kind::global, {}});
    Watch watch;
    watch.shared_ = shared_;
    const std::lock_guard lock(mutex_);
    for (const Scope& scope : all) {
        const auto found =
            std::ranges::find_if(cells_, [&](const auto& one) { return is_same(one.first, scope); });
        if (found != cells_.end()) {
            watch.cells_.push_back(found->second);
            continue;
        }
        auto cell = std::make_shared<Watch::Cell>();
        cell->engaged = is_among(engaged_, scope);
        cell->at_boot = is_among(options_.engaged_at_boot, scope);
        cells_.emplace_back(scope, cell);
        watch.cells_.push_back(std::move(cell));
    }
    return watch;
}

core::Status Reader::poll() {
    const std::int64_t asked_at = clock_.steady_now().microseconds;
    auto engaged = source_();
    const std::lock_guard lock(mutex_);
    if (!engaged) {
        if (++failures_ >= options_.failures_max) {
            shared_->unreachable = true;
            if (!std::exchange(told_, true) && options_.notice)
                options_.notice(fmt::format("the kill switch cannot be read, and reads as engaged: {}",
                                            engaged.error().message));
        }
        return propagate(engaged);
    }
    failures_ = 0;
    engaged_ = std::move(*engaged);
    for (const auto& [scope, cell] : cells_)
        cell->engaged.store(is_among(engaged_, scope), std::memory_order_relaxed);
    shared_->unreachable = false;
    shared_->asked_at.store(asked_at, std::memory_order_release);
    if (std::exchange(told_, false) && options_.notice) options_.notice("the kill switch can be read again");
    return {};
}

void Reader::start() {
    if (thread_) return;
    generation_ = spool::fork_generation();
    thread_ = std::make_unique<std::jthread>([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            (void)poll();
            if (!clock_.sleep_for(options_.poll, stop)) return;
        }
    });
}

void Reader::stop() {
    if (!thread_) return;
    if (generation_ != spool::fork_generation()) {
        // The parent's: there is nothing here to wait for.
        [[maybe_unused]] const auto* left = thread_.release();
        return;
    }
    thread_->request_stop();
    thread_->join();
    thread_.reset();
}

}  // namespace tristrata::kill_switch
