#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/fork_generation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tristrata::spool {
namespace {

using core::ErrorKind;
using core::fail;

/// Whose the nearest folder above is that can be asked: "; it is user 0's and this is user 1000; …".
std::string whose(std::filesystem::path path) {
    constexpr std::string_view needed = "the folder must belong to the user that emits";
    struct stat facts{};
    while (::stat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        if (path == path.parent_path()) return fmt::format("; {}", needed);
        path = path.parent_path();
    }
    if (facts.st_uid == ::geteuid())
        return fmt::format("; {} is this user's and may not be changed", path.string());
    return fmt::format("; {} is user {}'s and this is user {}: {}", path.string(), facts.st_uid, ::geteuid(),
                       needed);
}

tl::unexpected<core::Error> refused_by_system(std::string_view what, const std::string& path, int code) {
    std::string advice;
    if (code == EACCES || code == EPERM) advice = whose(path);
    else if (code == EROFS) advice = "; the spool needs a file system that can be written";
    else if (code == EFBIG) advice = "; the file size limit is reached (ulimit -f)";
    else if (code == ENOSPC || code == EDQUOT) advice = "; make room on its disk, or let the relay drain it";
    const auto kind = code == ENOENT ? ErrorKind::not_found : ErrorKind::storage;
    return fail(kind, fmt::format("cannot {} {}: {}{}", what, path, std::strerror(code), advice),
                std::to_string(code));
}

/// How root does something as the user who owns a folder.
std::string as_owner(uid_t owner) {
    std::string names(4096, '\0');
    struct passwd entry{};
    struct passwd* found = nullptr;
    if (::getpwuid_r(owner, &entry, names.data(), names.size(), &found) == 0 && found != nullptr)
        return fmt::format("run it as its owner: runuser -u {} -- …", found->pw_name);
    return fmt::format("run it as its owner: setpriv --reuid={} --clear-groups …", owner);
}

/// A descriptor that a forked child closes.
class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number), ticket_(remember_descriptor(number)) {}
    ~Descriptor() {
        if (forget_descriptor(ticket_, number_)) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const noexcept { return number_; }

private:
    int number_;
    int ticket_;
};

class PosixFile final : public File {
public:
    PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

    core::Result<std::string> read(std::uint64_t offset, std::uint64_t bytes_max) override {
        std::string bytes(bytes_max, '\0');
        std::size_t done = 0;
        while (done < bytes.size()) {
            const auto got = ::pread(descriptor_.number(), bytes.data() + done, bytes.size() - done,
                                     static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return refused_by_system("read", path_, errno);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        bytes.resize(done);
        return bytes;
    }
    core::Status write(std::uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto put =
                ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return refused_by_system("write", path_, errno);
            bytes.remove_prefix(static_cast<std::size_t>(put));
            offset += static_cast<std::uint64_t>(put);
        }
        return {};
    }
    core::Status sync() override {
        if (::fdatasync(descriptor_.number()) != 0) return refused_by_system("sync", path_, errno);
        return {};
    }
    core::Status preallocate(std::uint64_t bytes) override {
        const int code = ::posix_fallocate(descriptor_.number(), 0, static_cast<off_t>(bytes));
        if (code != 0) return refused_by_system("make room for", path_, code);
        return {};
    }
    bool has_name() override {
        struct stat facts{};
        return ::fstat(descriptor_.number(), &facts) != 0 || facts.st_nlink > 0;
    }

private:
    Descriptor descriptor_;
    std::string path_;
};

class PosixLock final : public Lock {
public:
    explicit PosixLock(int descriptor) : descriptor_(descriptor) {}

private:
    Descriptor descriptor_;
};

class PosixFileSystem final : public FileSystem {
public:
    core::Result<std::unique_ptr<File>> open(const std::string& path, Open how) override {
        const int flags = O_RDWR | O_CLOEXEC | (how == Open::create ? O_CREAT : 0);
        const int descriptor = ::open(path.c_str(), flags, 0600);
        if (descriptor < 0) return refused_by_system("open", path, errno);
        return std::make_unique<PosixFile>(descriptor, path);
    }
    core::Result<std::unique_ptr<Lock>> lock(const std::string& path) override {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_CREAT, 0600);
        if (descriptor < 0) return refused_by_system("open", path, errno);
        auto lock = std::make_unique<PosixLock>(descriptor);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
        if (errno == EWOULDBLOCK) return std::unique_ptr<Lock>();
        return refused_by_system("lock", path, errno);
    }
    core::Status rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return refused_by_system("rename", from, errno);
        return {};
    }
    core::Status remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) return refused_by_system("remove", path, errno);
        return {};
    }
    core::Status make_folder(const std::string& path) override {
        std::filesystem::path whole;
        for (const auto& part : std::filesystem::path(path)) {
            whole /= part;
            if (::mkdir(whole.c_str(), 0700) == 0 || errno == EEXIST) continue;
            const int refusal =
                errno;  // A folder that is there may refuse for another reason, such as EROFS.
            std::error_code code;
            if (std::filesystem::is_directory(whole, code)) continue;
            auto refused = refused_by_system("make", whole, refusal);
            refused.value().kind = ErrorKind::storage;  // What was to be made cannot be "not found".
            return refused;
        }
        std::error_code code;
        if (!std::filesystem::is_directory(path, code))
            return fail(ErrorKind::configuration, fmt::format("{} is no folder; name another one", path));
        return {};
    }
    core::Status sync_folder(const std::string& path) override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return refused_by_system("open", path, errno);
        const int code = ::fsync(descriptor) == 0 ? 0 : errno;
        ::close(descriptor);
        if (code != 0) return refused_by_system("sync", path, code);
        return {};
    }
    core::Result<std::vector<FolderEntry>> list(const std::string& path) override {
        std::vector<FolderEntry> entries;
        std::error_code code;
        std::filesystem::directory_iterator found(path, code);
        if (code) return refused_by_system("list", path, code.value());
        for (; found != std::filesystem::directory_iterator(); found.increment(code)) {
            std::error_code none;  // Removed since: its size is of no account.
            const auto type = found->status(none).type();
            const bool is_file = none || type == std::filesystem::file_type::regular ||
                                 type == std::filesystem::file_type::not_found;
            const auto bytes = is_file && !none ? found->file_size(none) : 0;
            entries.push_back({found->path().filename().string(), none ? 0 : bytes, is_file,
                               type == std::filesystem::file_type::directory});
        }
        if (code) return refused_by_system("list", path, code.value());  // A failed increment ends the loop.
        std::ranges::sort(entries, {}, &FolderEntry::name);
        return entries;
    }
    core::Result<std::uint64_t> bytes_free(const std::string& path) override {
        struct statvfs facts{};
        if (::statvfs(path.c_str(), &facts) != 0) return refused_by_system("examine", path, errno);
        return std::uint64_t{facts.f_bavail} * facts.f_frsize;
    }
    core::Status require_writable(const std::string& path) override {
        if (::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
            return refused_by_system("write to", path, errno);
        return {};
    }
    core::Status require_own(const std::string& path) override {
        struct stat facts{};
        if (::stat(path.c_str(), &facts) != 0) return refused_by_system("examine", path, errno);
        if (::geteuid() != 0 || facts.st_uid == 0) return {};
        return fail(
            ErrorKind::storage,
            fmt::format("{} is user {}'s and this is user 0: what root makes there, its owner cannot write; "
                        "{}",
                        path, facts.st_uid, as_owner(facts.st_uid)));
    }
    core::Result<FileSystemKind> kind(const std::string& path) override {
        struct statfs facts{};
        if (::statfs(path.c_str(), &facts) != 0) return refused_by_system("examine", path, errno);
        constexpr std::uint32_t cifs = 0xFF534D42, smb2 = 0xFE534D42, ramfs = 0x858458F6;
        switch (static_cast<std::uint32_t>(facts.f_type)) {
            case NFS_SUPER_MAGIC:
            case SMB_SUPER_MAGIC:
            case V9FS_MAGIC:
            case AFS_SUPER_MAGIC:
            case cifs:
            case smb2:
                return FileSystemKind::network;
            case FUSE_SUPER_MAGIC:
                return FileSystemKind::userspace;
            case OVERLAYFS_SUPER_MAGIC:
                return FileSystemKind::overlay;
            case TMPFS_MAGIC:
            case ramfs:
                return FileSystemKind::memory;
            default:
                return FileSystemKind::local;
        }
    }
};

}  // namespace

std::string_view name(FileSystemKind kind) noexcept {
    switch (kind) {
        case FileSystemKind::local:
            return "local";
        case FileSystemKind::overlay:
            return "overlay";
        case FileSystemKind::memory:
            return "memory";
        case FileSystemKind::network:
            return "network";
        case FileSystemKind::userspace:
            return "userspace";
    }
    return "unknown";
}

FileSystem& posix_file_system() noexcept {
    static PosixFileSystem system;
    return system;
}

}  // namespace tristrata::spool
