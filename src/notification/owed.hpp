#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/spool/file_system.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::notification {

/// Alerts that one receiver took and another one did not: each a file, named by when it was owed and to whom,
/// durable once add() has returned (docs/formats/spool.md). Several processes may share the folder: what two
/// of them send comes twice, under one id.
///
/// Threads   Any number of callers at once.
class Owed {
public:
    /// An empty folder keeps nothing: then add() is an error.
    Owed(spool::FileSystem& files, core::Clock& clock, std::string folder, std::size_t max)
        : files_(files), clock_(clock), folder_(std::move(folder)), max_(max) {}

    struct File {
        std::string path;
        std::string receiver;  ///< Receiver::key.
    };
    /// In the order in which they were owed; none where the folder is not there.
    [[nodiscard]] core::Result<std::vector<File>> list();
    /// Of who sends what is owed to this receiver, so that two processes do not bring it into another order;
    /// none where another holds it.
    [[nodiscard]] core::Result<std::unique_ptr<spool::Lock>> lock(std::string_view receiver);
    /// Nothing is added where the last that is owed to it of this alert says the same. Of one receiver no
    /// more than `max` are kept: an older word of the same alert gives way, else the oldest of all, so that
    /// the last word of what moved last is what is kept. Returns   How many gave way: the receiver never gets
    /// them.
    [[nodiscard]] core::Result<std::uint64_t> add(std::string_view receiver, const Alert& alert);
    /// not_found: another process sent and removed it meanwhile.
    [[nodiscard]] core::Result<Alert> read(const File& file);
    [[nodiscard]] core::Status remove(const File& file);
    /// Out of the way, for people.
    [[nodiscard]] core::Status set_aside(const File& file);

private:
    spool::FileSystem& files_;
    core::Clock& clock_;
    std::string folder_;
    std::size_t max_;
    std::mutex mutex_;
    std::int64_t last_ = 0;  ///< So that two of one microsecond keep their order.
};

}  // namespace tristrata::notification
