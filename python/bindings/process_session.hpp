#pragma once

#include "failure.hpp"
#include "tristrata/core/before_wait.hpp"
#include "tristrata/session/session.hpp"

#include <nanobind/nanobind.h>
#include <utility>

namespace tristrata::python {

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
        PyThreadState* const state = may_let_go() ? PyEval_SaveThread() : nullptr;
        auto result = std::forward<Call>(call)(session());
        if (state != nullptr) PyEval_RestoreThread(state);
        return result;
    }
    /// What the call returns, without the GIL from where it would wait (core::BeforeWait): each return of it
    /// costs a turn among all threads, several times what an append to the page cache does. Of a spool at
    /// level async; at the others every call waits, and it is as without_gil().
    template <class Call>
    auto without_gil_while_it_waits(Call&& call) {
        if (!seldom_waits()) return without_gil(std::forward<Call>(call));
        PyThreadState* state = nullptr;
        auto result = [&] {
            const core::BeforeWait waiting(let_go, &state);
            return std::forward<Call>(call)(session());
        }();
        if (state != nullptr) PyEval_RestoreThread(state);
        return result;
    }
    [[nodiscard]] session::Session& session() const noexcept;

private:
    [[nodiscard]] bool seldom_waits() const noexcept;
    static void let_go(void* state) noexcept;
    [[nodiscard]] static bool may_let_go() noexcept;
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
