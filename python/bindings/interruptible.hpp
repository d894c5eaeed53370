#pragma once

#include "tristrata/core/task.hpp"

#include <nanobind/nanobind.h>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace tristrata::python {

/// What call(task) returns, on a thread of its own and without the GIL; the caller looks for signals ten
/// times a second. A handler that raises (Ctrl-C) stops the call, and is what the caller gets.
template <class Call>
auto interruptible(core::Task task, Call&& call) {
    std::stop_source stop;
    task.stop = stop.get_token();
    std::optional<decltype(call(task))> result;
    std::mutex mutex;
    std::condition_variable finished;
    bool raised = false;
    {
        std::jthread worker;
        PyThreadState* state = PyEval_SaveThread();
        worker = std::jthread([&] {
            auto made = call(task);
            const std::lock_guard lock(mutex);
            result = std::move(made);
            finished.notify_one();
        });
        while (true) {
            {
                std::unique_lock lock(mutex);
                if (finished.wait_for(lock, std::chrono::milliseconds(100),
                                      [&] { return result.has_value(); }))
                    break;
            }
            PyEval_RestoreThread(state);
            raised = PyErr_CheckSignals() != 0;
            state = PyEval_SaveThread();
            if (raised) {
                stop.request_stop();
                break;
            }
        }
        worker.join();
        PyEval_RestoreThread(state);
    }
    if (raised) throw nanobind::python_error();
    return std::move(*result);
}

}  // namespace tristrata::python
