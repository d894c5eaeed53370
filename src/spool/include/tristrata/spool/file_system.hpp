#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::spool {

/// An open file. Destroying it closes it, and syncs nothing.
///
/// Errors    storage, with errno as the foreign code.
class File {
public:
    virtual ~File() = default;
    /// Up to so many bytes from an offset; fewer where the file ends.
    [[nodiscard]] virtual core::Result<std::string> read(std::uint64_t offset, std::uint64_t bytes_max) = 0;
    /// All of the bytes, or an error after which any part of them may be there.
    [[nodiscard]] virtual core::Status write(std::uint64_t offset, std::string_view bytes) = 0;
    /// fdatasync. After an error it says nothing more about what was written before (Linux forgets the
    /// error).
    [[nodiscard]] virtual core::Status sync() = 0;
    /// The file has at least so many bytes, zeros where nothing was written, and the disk has room for them.
    [[nodiscard]] virtual core::Status preallocate(std::uint64_t bytes) = 0;
    /// Whether it can still be opened by a name: where somebody removed the last one, what is written goes
    /// with the file, synced or not. Costs one look at what the kernel holds in memory.
    [[nodiscard]] virtual bool has_name() = 0;
};

/// Held until it is destroyed, and by one process only. Not inherited: a forked child holds none.
class Lock {
public:
    virtual ~Lock() = default;
};

struct FolderEntry {
    std::string name;
    std::uint64_t bytes = 0;
    bool is_file = true;
    bool is_folder = false;
};

/// What a folder's file system promises.
enum class FileSystemKind : std::uint8_t {
    local,     ///< A disk.
    overlay,   ///< A container's own layer: as durable as the disk below, gone with the container.
    memory,    ///< tmpfs: survives the process, not the power.
    network,   ///< NFS, SMB, 9p: locks and syncs are another machine's.
    userspace  ///< FUSE: what a sync does is unknown.
};
[[nodiscard]] std::string_view name(FileSystemKind kind) noexcept;

/// What the spool needs of a file system, and no more: tests give one that loses, tears and fails.
class FileSystem {
public:
    enum class Open : std::uint8_t { existing, create };

    virtual ~FileSystem() = default;
    /// not_found where it is not there and not to be created. A new file is private to its user; its name is
    /// not durable before sync_folder().
    [[nodiscard]] virtual core::Result<std::unique_ptr<File>> open(const std::string& path, Open how) = 0;
    /// flock on a file that is made where it is missing; no lock where another holds it.
    [[nodiscard]] virtual core::Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
    /// Replaces what has the second name.
    [[nodiscard]] virtual core::Status rename(const std::string& from, const std::string& to) = 0;
    /// A file that is not there is removed already.
    [[nodiscard]] virtual core::Status remove(const std::string& path) = 0;
    /// Like mkdir -p; what is there stays.
    [[nodiscard]] virtual core::Status make_folder(const std::string& path) = 0;
    /// The names in the folder are durable.
    [[nodiscard]] virtual core::Status sync_folder(const std::string& path) = 0;
    /// Files and folders in it, by name; not_found where it is not there.
    [[nodiscard]] virtual core::Result<std::vector<FolderEntry>> list(const std::string& path) = 0;
    [[nodiscard]] virtual core::Result<FileSystemKind> kind(const std::string& path) = 0;
    /// Bytes that this user may still write there.
    [[nodiscard]] virtual core::Result<std::uint64_t> bytes_free(const std::string& path) = 0;
    /// An error where this user may not make files in the folder, with whose it is.
    [[nodiscard]] virtual core::Status require_writable(const std::string& path) = 0;
    /// An error where this user is root and the folder another user's: what is made there its owner could not
    /// write.
    [[nodiscard]] virtual core::Status require_own(const std::string& path) = 0;
};

/// The operating system's.
[[nodiscard]] FileSystem& posix_file_system() noexcept;

}  // namespace tristrata::spool
