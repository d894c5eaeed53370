#include "tristrata/core/thread_start.hpp"

#include <fmt/format.h>

namespace tristrata::core {

Error no_thread(const std::system_error& error) {
    return {ErrorKind::unavailable,
            fmt::format(
                "no thread can be started ({}): let this process have some more, by the container's limit "
                "of pids or ulimit -u",
                error.code().message()),
            std::to_string(error.code().value())};
}

}  // namespace tristrata::core
