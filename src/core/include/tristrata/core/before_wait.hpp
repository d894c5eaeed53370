#pragma once

#include <utility>

namespace tristrata::core {

/// What a caller lets go of before its thread waits for another thread or for a disk: Python's lock, which
/// every other thread of its program needs. Of one thread, while this lives; the innermost counts.
///
/// Threads   It is called on the thread that made it, at the first wait and never again.
class BeforeWait {
public:
    using LetGo = void (*)(void* context) noexcept;
    BeforeWait(LetGo let_go, void* context) noexcept
        : let_go_(let_go), context_(context), outer_(std::exchange(innermost, this)) {}
    ~BeforeWait() { innermost = outer_; }
    BeforeWait(const BeforeWait&) = delete;
    BeforeWait& operator=(const BeforeWait&) = delete;

    /// To be said by whoever is about to wait.
    static void say() noexcept {
        if (innermost == nullptr) return;
        if (const auto let_go = std::exchange(innermost->let_go_, nullptr)) let_go(innermost->context_);
    }

private:
    static inline thread_local BeforeWait* innermost = nullptr;
    LetGo let_go_;
    void* context_;
    BeforeWait* outer_;
};

}  // namespace tristrata::core
