#pragma once

#include <csignal>
#include <ctime>

namespace tristrata::core {

/// A connection that the server resets while it is written to may raise SIGPIPE, which ends a process that
/// has not asked for it: held back for this thread while this stands, and taken away again.
class NoBrokenPipe {
public:
    NoBrokenPipe() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoBrokenPipe() {
        if (::sigismember(&before_, SIGPIPE) == 1) return;
        const timespec at_once{};
        while (::sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoBrokenPipe(const NoBrokenPipe&) = delete;
    NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

private:
    sigset_t pipe_{}, before_{};
};

}  // namespace tristrata::core
