#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/spool/file_system.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tristrata::notification {

/// What receivers answered to an alert that one of them refused for good, now or before.
struct Reception {
    core::Timestamp at;
    Alert alert;
    std::vector<std::string> taken_by;  ///< As they may be shown; empty also where others took it before.
    std::vector<std::string> refused;   ///< A sentence each: who refused it, and with what words.
    bool is_told = false;               ///< Somebody has taken it, now or before.
    bool operator==(const Reception&) const = default;
};

/// Receptions that whoever keeps incidents has not noted yet: each a file, named by its time, durable once
/// add() has returned (docs/formats/spool.md). Several processes may share the folder.
class Receptions {
public:
    static constexpr std::size_t kept_max = 10'000;

    /// The file system outlives this. An empty folder keeps nothing.
    Receptions(spool::FileSystem& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

    /// unavailable: as many as can be kept wait there.
    [[nodiscard]] core::Status add(const Reception& reception) const;
    struct Kept {
        std::string path;
        Reception reception;
    };
    /// The oldest first; none where the folder is not there. One that cannot be read is renamed out of the
    /// way, for people.
    [[nodiscard]] core::Result<std::vector<Kept>> list() const;
    [[nodiscard]] core::Status remove(const Kept& kept) const;

private:
    spool::FileSystem& files_;
    std::string folder_;
};

/// Their folder, in a spool's root.
[[nodiscard]] std::string receptions_folder(const std::string& spool_root);

}  // namespace tristrata::notification
