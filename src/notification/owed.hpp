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

/// Alerts that a receiver did not take: each a file, named by when it was owed and to whom, and whether
/// somebody was told, durable once add() has returned (docs/formats/spool.md). Several processes may share
/// the folder: what two of them send comes twice, under one id.
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
        std::string id;        ///< message_id().
        bool is_told = true;   ///< Somebody took it, or it is of a kind that tells nobody of anything new.
    };
    /// In the order in which they were owed; none where the folder is not there.
    [[nodiscard]] core::Result<std::vector<File>> list();
    /// Of who sends what is owed to this receiver, so that two processes do not bring it into another order;
    /// none where another holds it.
    [[nodiscard]] core::Result<std::unique_ptr<spool::Lock>> lock(std::string_view receiver);
    /// Nothing is added where the last that is owed to it of this alert says the same. Of one receiver no
    /// more than `max` are kept: an older word of the same alert gives way, else the oldest of all, so that
    /// the last word of what moved last is what is kept; what nobody was told of gives way to no other alert.
    /// Returns   How many gave way, perhaps this one: the receiver never gets them; limit_exceeded where
    /// nobody
    ///           was told of any.
    [[nodiscard]] core::Result<std::uint64_t> add(std::string_view receiver, const Alert& alert,
                                                  bool is_told = true);
    /// Somebody took it: so it is known of each other one to whom it is owed. Returns   How many those are.
    [[nodiscard]] core::Result<std::size_t> told(const File& file);
    /// To how many others it is owed.
    [[nodiscard]] core::Result<std::size_t> others(const File& file);
    /// not_found: another process sent and removed it meanwhile.
    [[nodiscard]] core::Result<Alert> read(const File& file);
    [[nodiscard]] core::Status remove(const File& file);
    /// Out of the way, for people: the name then ends with what it is.
    [[nodiscard]] core::Status set_aside(const File& file, std::string_view what);

private:
    spool::FileSystem& files_;
    core::Clock& clock_;
    std::string folder_;
    std::size_t max_;
    std::mutex mutex_;
    std::int64_t last_ = 0;  ///< So that two of one microsecond keep their order.
};

}  // namespace tristrata::notification
