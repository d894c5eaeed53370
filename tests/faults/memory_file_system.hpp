#pragma once

#include "tristrata/spool/file_system.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tristrata::faults {

/// What happens at one operation that changes something.
enum class Fault : std::uint8_t {
    none,
    fail,         ///< The operation returns an error and does nothing.
    fail_midway,  ///< It returns an error after a part of it was done.
    power_loss,   ///< The machine stops in the middle of it.
    process_kill  ///< The process stops in the middle of it; the machine goes on.
};

/// A file system in memory. The model of what survives a loss of power: what was synced; of what was written
/// since, each sector of 512 bytes by itself, survives or not (so writes are lost, torn and reordered); of
/// names that were made, changed or removed since their folder was synced, each by itself. A sync that fails
/// forgets what it was to write, as Linux does: it can still be read, until the power goes.
///
/// Every operation that changes something has a number, from 1; `fault` happens at the one asked for. After a
/// stop every operation fails until restart(). The same seed gives the same faults.
class MemoryFileSystem final : public spool::FileSystem {
public:
    explicit MemoryFileSystem(std::uint64_t seed = 0) : draw_(seed) {}

    core::Result<std::unique_ptr<spool::File>> open(const std::string& path, Open how) override;
    core::Result<std::unique_ptr<spool::Lock>> lock(const std::string& path) override;
    core::Status rename(const std::string& from, const std::string& to) override;
    core::Status remove(const std::string& path) override;
    core::Status make_folder(const std::string& path) override;
    core::Status sync_folder(const std::string& path) override;
    core::Result<std::vector<spool::FolderEntry>> list(const std::string& path) override;
    core::Result<spool::FileSystemKind> kind(const std::string& path) override;
    core::Result<std::uint64_t> bytes_free(const std::string& path) override;
    core::Status require_writable(const std::string&) override { return {}; }
    core::Status require_own(const std::string&) override { return {}; }

    /// At the operation of this number, beside those asked for before.
    void fault_at(std::uint64_t operation, Fault fault);
    void no_more_faults();
    [[nodiscard]] std::uint64_t operations() const;
    [[nodiscard]] bool stopped() const;
    /// The machine or the process begins again; files and locks that were open are gone.
    void restart();

    /// Every sync says that it is done and does nothing: a spool whose fsync was left out.
    void forget_syncs() { forgets_syncs_ = true; }
    /// Room for so many bytes of files in all; preallocate and growing writes fail beyond.
    void bytes_max(std::uint64_t bytes) { bytes_max_ = bytes; }
    void kind(spool::FileSystemKind kind) { kind_ = kind; }
    /// Called before each sync, outside of every lock: to wait, or to hang.
    void before_sync(std::function<void()> what) { before_sync_ = std::move(what); }
    [[nodiscard]] std::uint64_t syncs() const;

    /// The bytes of a file as a reader sees them, and their damage.
    [[nodiscard]] std::string content(const std::string& path) const;
    void replace(const std::string& path, std::string bytes);

private:
    struct Write {
        std::uint64_t offset = 0;
        std::string bytes;
    };
    struct Node {
        std::string seen;             ///< The page cache.
        std::string durable;          ///< The disk.
        std::vector<Write> unsynced;  ///< In order.
    };
    using NodePointer = std::shared_ptr<Node>;
    struct NameChange {
        std::string folder;
        std::string removed;
        std::string added;
        NodePointer node;
    };
    class OpenFile;
    class HeldLock;

    /// Counts an operation; what befalls it.
    [[nodiscard]] Fault begin();
    [[nodiscard]] core::Status stop(Fault fault);
    [[nodiscard]] core::Status refuse(const char* what) const;
    [[nodiscard]] bool coin() { return (draw_() & 1U) == 0; }
    [[nodiscard]] std::uint64_t bytes_used() const;
    void put(Node& node, std::uint64_t offset, std::string_view bytes);
    void survive(Node& node);
    void settle(const NameChange& change);
    [[nodiscard]] core::Status change_name(NameChange change);

    mutable std::mutex mutex_;
    std::mt19937_64 draw_;
    std::map<std::string, NodePointer> seen_;     ///< Names as the running system sees them.
    std::map<std::string, NodePointer> durable_;  ///< Names on the disk.
    std::vector<NameChange> unsynced_;
    std::set<std::string> folders_;
    std::set<std::string> locks_;
    std::uint64_t epoch_ = 0;  ///< Of restarts: what was open before belongs to an earlier one.
    std::uint64_t operations_ = 0;
    std::map<std::uint64_t, Fault> faults_;  ///< By operation.
    Fault stopped_ = Fault::none;
    bool forgets_syncs_ = false;
    std::uint64_t bytes_max_ = UINT64_MAX;
    std::uint64_t syncs_ = 0;
    spool::FileSystemKind kind_ = spool::FileSystemKind::local;
    std::function<void()> before_sync_;
};

}  // namespace tristrata::faults
