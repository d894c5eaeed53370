#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/core/thread_start.hpp"
#include "without_gil.hpp"

#include <nanobind/nanobind.h>
#include <chrono>
#include <future>
#include <stop_token>
#include <thread>

namespace tristrata::python {

/// What call(task) returns, on a thread of its own and without the GIL; the caller looks for signals ten
/// times a second. A handler that raises (Ctrl-C) stops the call, and is what the caller gets. Where the
/// process may have no more threads, the call is the caller's own, and signals wait for its end.
template <class Call>
auto interruptible(core::Task task, Call&& call) {
    std::stop_source stop;
    task.stop = stop.get_token();
    std::packaged_task<decltype(call(task))()> work([&] { return call(task); });
    auto finished = work.get_future();
    bool raised = false;
    {
        WithoutGil gil;
        auto worker = core::start_thread<std::jthread>([&] { work(); });
        if (!worker) work();
        while (finished.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
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
    return finished.get();
}

}  // namespace tristrata::python
