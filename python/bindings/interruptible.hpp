#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/core/thread_start.hpp"
#include "without_gil.hpp"

#include <nanobind/nanobind.h>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace tristrata::python {

/// What call(task) returns, on a thread of its own and without the GIL; the caller looks for signals ten
/// times a second. A handler that raises (Ctrl-C) stops the call, and is what the caller gets. Where the
/// process may have no more threads, the call is the caller's own, and signals wait for its end.
template <class Call>
auto interruptible(core::Task task, Call&& call) {
    std::stop_source stop;
    task.stop = stop.get_token();
    std::optional<decltype(call(task))> result;
    std::exception_ptr thrown;
    std::mutex mutex;
    std::condition_variable finished;
    bool raised = false;
    const auto work = [&] {
        decltype(result) made;
        std::exception_ptr failure;
        try {
            made.emplace(call(task));
        } catch (...) {
            failure = std::current_exception();
        }
        const std::lock_guard lock(mutex);
        result = std::move(made);
        thrown = failure;
        finished.notify_one();
    };
    {
        WithoutGil gil;
        auto worker = core::start_thread<std::jthread>(work);
        if (!worker) work();
        while (worker) {
            {
                std::unique_lock lock(mutex);
                if (finished.wait_for(lock, std::chrono::milliseconds(100),
                                      [&] { return result.has_value() || thrown != nullptr; }))
                    break;
            }
            gil.take_back();
            raised = PyErr_CheckSignals() != 0;
            if (raised || WithoutGil::is_ending()) {
                stop.request_stop();
                break;
            }
            gil.let_go();
        }
        if (worker) worker->join();
    }
    if (raised) throw nanobind::python_error();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

}  // namespace tristrata::python
