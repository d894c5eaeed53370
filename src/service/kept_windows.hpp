#pragma once

#include "tristrata/service/log.hpp"
#include "window_file.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tristrata::service {

/// Up to where windows were looked at, for who serves next: what is to be kept of a window is on the disk
/// before the file says that it was looked at.
///
/// Threads   One caller at a time.
class KeptWindows {
public:
    /// `flush`: returns once what was handed on is on the disk. `event`: of the log, for what fails, once for
    /// each reason.
    KeptWindows(WindowFile file, std::function<core::Status()> flush, std::shared_ptr<Log> log,
                std::string event)
        : file_(std::move(file)), flush_(std::move(flush)), log_(std::move(log)), event_(std::move(event)) {}

    /// What the one before kept; a file that cannot be read is said, and held() stays.
    const analyzer::LookedAt& read();
    [[nodiscard]] const analyzer::LookedAt& held() const noexcept { return held_; }
    [[nodiscard]] core::Status keep(analyzer::LookedAt now);
    /// The same where nothing was found since: there is nothing to wait for.
    [[nodiscard]] core::Status begin(analyzer::LookedAt now);

private:
    [[nodiscard]] core::Status write(core::Status kept, analyzer::LookedAt now);

    WindowFile file_;
    std::function<core::Status()> flush_;
    std::shared_ptr<Log> log_;
    std::string event_;
    analyzer::LookedAt held_;
    std::string said_;  ///< Why it could not be written the last time.
};

}  // namespace tristrata::service
