#pragma once

#include "failure.hpp"
#include "tristrata/core/before_wait.hpp"
#include "tristrata/session/session.hpp"
#include "without_gil.hpp"

#include <nanobind/nanobind.h>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace tristrata::python {

/// Whether calls come thick and from several threads, so that each would wait in turn for the GIL that it let
/// go of, several times as long as an append takes. Not after a call that took long: a disk that hangs then
/// holds one thread, and not all.
class Crowd {
public:
    using Moment = std::chrono::steady_clock::time_point;
    /// Of a call that begins; with the GIL.
    [[nodiscard]] bool is_dense(Moment now) noexcept;
    /// Of a call that ended; by any thread.
    void ended(Moment begun, Moment now) noexcept;

private:
    std::thread::id last_;
    Moment changed_at_{};  ///< When a call came from another thread than the one before.
    std::atomic<Moment> slow_until_{};
};

/// The session of this process, opened at the first use: settings from the environment and from
/// tristrata.toml in the working directory. An error is not kept: the next use tries again.
///
/// Exit      close_session() runs by atexit: no thread of Python is inside the session afterwards, and calls
///           that come later (from other handlers, or destructors) keep the GIL. A thread that let go of it
///           there could not come back once the interpreter ends.
/// Fork      A child goes on with the session that it inherited, which opens everything anew; uses of its
///           parent's threads are forgotten.
/// Threads   Each call with the GIL.
class SessionUse {
public:
    /// Takes part in the session; raises where the settings are wrong.
    SessionUse();
    ~SessionUse();
    SessionUse(const SessionUse&) = delete;
    SessionUse& operator=(const SessionUse&) = delete;

    /// What the call returns, without the GIL meanwhile.
    template <class Call>
    auto without_gil(Call&& call) {
        const WithoutGil gil;
        return std::forward<Call>(call)(session());
    }
    /// The same; in a Crowd without the GIL only from where the call would wait (core::BeforeWait), of a
    /// spool at level async. At the others every call waits.
    template <class Call>
    auto without_gil_in_turn(Call&& call) {
        if (!seldom_waits()) return without_gil(std::forward<Call>(call));
        const auto begun = std::chrono::steady_clock::now();
        const bool dense = crowd().is_dense(begun);
        WithoutGil gil(dense ? WithoutGil::From::first_wait : WithoutGil::From::now);
        const core::BeforeWait waiting(let_go, &gil);
        auto result = std::forward<Call>(call)(session());
        // What it waited for without the GIL held up nobody.
        if (!dense || !gil.is_let_go()) crowd().ended(begun, std::chrono::steady_clock::now());
        return result;
    }
    [[nodiscard]] session::Session& session() const noexcept;
    /// Before code of Python runs that may close the session, such as a handler of notices: its end would
    /// wait for this use. The session is not to be used behind it.
    void leave() noexcept;

private:
    [[nodiscard]] bool seldom_waits() const noexcept;
    static void let_go(void* gil) noexcept;
    [[nodiscard]] Crowd& crowd() const noexcept;
    void* held_;
};

/// Everything emitted is at least on disk; raises where it is not. Nothing where no session is open.
void flush_session();
/// Lets what is spooled go out for up to two seconds; the next call opens a session anew.
void close_session(bool exiting);
/// Whether code of Python may run on this thread. Not once the interpreter ends on another one: whoever lets
/// go of the GIL then never gets it back, and the thread is unwound through the C++ that called, which
/// aborts.
[[nodiscard]] bool may_run_python() noexcept;
/// To be called once, when the module is made.
void watch_forks();

}  // namespace tristrata::python
