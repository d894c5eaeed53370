#pragma once

#include <nanobind/nanobind.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

namespace tristrata::python {

/// The GIL let go of, until the end of the scope: it is taken back also where an exception ends it.
///
/// Exit      Once end_of_interpreter() has begun nobody lets go of it: a thread that did could not come back,
/// and
///           would be unwound through the C++ that called, which aborts. Those that did before are waited
///           for.
/// Threads   Of one thread. Each extension has its own count of them.
class WithoutGil {
public:
    enum class From : std::uint8_t { now, first_wait };
    explicit WithoutGil(From from = From::now) noexcept {
        if (from == From::now) let_go();
    }
    ~WithoutGil() { take_back(); }
    WithoutGil(const WithoutGil&) = delete;
    WithoutGil& operator=(const WithoutGil&) = delete;

    void let_go() noexcept {
        if (state_ != nullptr || is_ending()) return;
        away.fetch_add(1);
        state_ = PyEval_SaveThread();
    }
    void take_back() noexcept {
        if (state_ == nullptr) return;
        PyEval_RestoreThread(std::exchange(state_, nullptr));
        away.fetch_sub(1);
    }
    [[nodiscard]] bool is_let_go() const noexcept { return state_ != nullptr; }

    /// The thread on which the interpreter ends, once it does.
    [[nodiscard]] static std::thread::id ending_on() noexcept { return ending.load(); }
    [[nodiscard]] static bool is_ending() noexcept { return ending_on() != std::thread::id{}; }
    /// By atexit: waits for those who are away, until the deadline.
    static void end_of_interpreter(std::chrono::steady_clock::time_point deadline) noexcept {
        ending.store(std::this_thread::get_id());
        PyThreadState* const state = PyEval_SaveThread();
        while (away.load() > 0 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        PyEval_RestoreThread(state);
    }
    /// In a forked child, which has none of its parent's threads.
    static void forget_inherited() noexcept { away.store(0); }

private:
    static inline std::atomic<int> away{0};
    static inline std::atomic<std::thread::id> ending{};
    PyThreadState* state_ = nullptr;
};

/// How long the end waits for calls under way: an emit's own budget is five seconds.
inline constexpr std::chrono::seconds calls_wait{6};

}  // namespace tristrata::python
