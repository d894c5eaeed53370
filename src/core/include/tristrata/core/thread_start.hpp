#pragma once

#include "tristrata/core/result.hpp"

#include <system_error>
#include <thread>
#include <utility>

namespace tristrata::core {

/// What is said where the system gives no thread.
[[nodiscard]] Error no_thread(const std::system_error& error);

/// A thread of this kind (std::thread, std::jthread) that does the work.
///
/// Errors    unavailable: the process may have no more threads (a container's limit of pids, ulimit -u).
template <class Thread, class Work>
[[nodiscard]] Result<Thread> start_thread(Work&& work) {
    try {
        return Thread(std::forward<Work>(work));
    } catch (const std::system_error& error) {
        return tl::unexpected<Error>(no_thread(error));
    }
}

}  // namespace tristrata::core
