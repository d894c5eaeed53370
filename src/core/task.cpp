#include "tristrata/core/task.hpp"

#include "tristrata/core/thread_start.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace tristrata::core {

Status Task::check() const {
    if (stop.stop_requested())
        return fail(ErrorKind::cancelled, "stopped before it was done, as was asked for");
    if (deadline && clock->steady_now() >= *deadline)
        return fail(ErrorKind::cancelled, "stopped before it was done: the deadline has passed");
    return {};
}

Status parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                    const std::function<Status(std::size_t)>& body) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    std::mutex guard;
    std::size_t failed_index = count;
    Status outcome;
    const auto work = [&] {
        // Indices are handed out in order, so every index below a failing one was begun and will be judged.
        while (!failed.load(std::memory_order_relaxed)) {
            const std::size_t index = next.fetch_add(1);
            if (index >= count) return;
            Status status =
                stop.stop_requested()
                    ? Status(fail(ErrorKind::cancelled, "stopped before it was done, as was asked for"))
                    : body(index);
            if (status) continue;
            const std::lock_guard lock(guard);
            failed = true;
            if (index < failed_index) {
                failed_index = index;
                outcome = std::move(status);
            }
        }
    };
    const auto wanted = std::min<std::size_t>(std::max(1u, threads), std::max<std::size_t>(1, count));
    std::vector<std::jthread> workers;
    for (std::size_t i = 1; i < wanted; ++i) {
        auto worker = start_thread<std::jthread>(work);
        if (!worker) break;  // The others do it.
        workers.push_back(std::move(*worker));
    }
    work();
    workers.clear();
    return outcome;
}

}  // namespace tristrata::core
