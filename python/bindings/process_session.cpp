#include "process_session.hpp"

#include "notices.hpp"
#include "tristrata/config/relative_paths.hpp"
#include "tristrata/spool/spool.hpp"

#include <pthread.h>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

struct Held {
    bool seldom_waits;
    session::Session session;
    std::atomic<int> uses = 0;
    Crowd crowd;

    explicit Held(config::Settings settings)
        : seldom_waits(settings.find("spool") != nullptr &&
                       settings.text("spool_level") == spool::name(spool::Level::async)),
          session(std::move(settings), core::system_clock(), keep_notice) {}
};

std::atomic<Held*> current{nullptr};
constexpr std::chrono::milliseconds near{
    20};  // Several of the 5 ms after which Python lets another thread run.
constexpr std::chrono::milliseconds slow{20};
constexpr std::chrono::milliseconds after_slow{200};

Held& opened() {
    if (Held* const now = current.load()) return *now;
    auto settings = value_or_raise(config::read_settings(config::process_environment(), std::nullopt, {}));
    std::error_code code;
    const auto folder = std::filesystem::current_path(code);
    if (!code) config::resolve_paths(settings, folder);  // The program may go elsewhere while it runs.
    if (settings.find("spool") == nullptr &&
        (settings.find("kpi_url") != nullptr || settings.find("drift_url") != nullptr))
        keep_notice(
            "there is no spool (TRISTRATA_SPOOL): each call writes to the store itself, and waits for it");
    // The GIL was not let go of in between.
    auto* const made = new Held(std::move(settings));
    current.store(made);
    return *made;
}

/// Of a session that nobody finds any more: false where it is still in use at the deadline.
bool is_left(const Held& held, std::chrono::steady_clock::time_point deadline) {
    while (held.uses.load() > 0) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

void end(Held* held, std::chrono::steady_clock::time_point deadline) {
    // One that hangs is left: the process is about to end, and what it spooled is on the disk.
    if (is_left(*held, deadline)) delete held;
}

void after_fork_in_child() {
    forget_inherited_notices();
    WithoutGil::forget_inherited();
    if (Held* const now = current.load()) now->uses.store(0);
}

}  // namespace

SessionUse::SessionUse() : held_(&opened()) { static_cast<Held*>(held_)->uses.fetch_add(1); }
SessionUse::~SessionUse() { leave(); }
void SessionUse::leave() noexcept {
    if (void* const held = std::exchange(held_, nullptr)) static_cast<Held*>(held)->uses.fetch_sub(1);
}
session::Session& SessionUse::session() const noexcept { return static_cast<Held*>(held_)->session; }
bool SessionUse::seldom_waits() const noexcept { return static_cast<Held*>(held_)->seldom_waits; }
Crowd& SessionUse::crowd() const noexcept { return static_cast<Held*>(held_)->crowd; }
void SessionUse::let_go(void* gil) noexcept { static_cast<WithoutGil*>(gil)->let_go(); }

bool Crowd::is_dense(Moment now) noexcept {
    const auto me = std::this_thread::get_id();
    if (last_ != me && last_ != std::thread::id{}) changed_at_ = now;
    last_ = me;
    return now - changed_at_ < near && now >= slow_until_.load(std::memory_order_relaxed);
}

void Crowd::ended(Moment begun, Moment now) noexcept {
    if (now - begun > slow) slow_until_.store(now + after_slow, std::memory_order_relaxed);
}

void flush_session() {
    if (current.load() == nullptr) return;
    SessionUse use;
    const core::Status flushed = use.without_gil([](auto& session) { return session.flush(); });
    use.leave();
    log_notices();
    if (!flushed) raise(flushed.error());
}

void close_session(bool at_exit) {
    const auto deadline = std::chrono::steady_clock::now() + calls_wait;
    if (at_exit) WithoutGil::end_of_interpreter(deadline);
    if (Held* const held = current.exchange(nullptr)) {
        const nb::gil_scoped_release without_gil;
        end(held, deadline);
    }
    log_notices();
}

bool may_run_python() noexcept {
    const auto thread = WithoutGil::ending_on();
    return thread == std::thread::id{} || thread == std::this_thread::get_id();
}

void watch_forks() {
    pthread_atfork(nullptr, nullptr, after_fork_in_child);
    // What handlers and destructors opened after close_session; the interpreter is gone by then.
    Py_AtExit([] {
        if (Held* const held = current.exchange(nullptr))
            end(held, std::chrono::steady_clock::now() + calls_wait);
    });
}

}  // namespace tristrata::python
