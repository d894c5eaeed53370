#include "folder_store.hpp"

#include "content_store.hpp"
#include "key.hpp"
#include "local_file.hpp"

#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/spool/file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <span>

namespace tristrata::objects {
namespace {

using core::ErrorKind;
using core::fail;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

ObjectInfo info_of(std::string key, const struct stat& facts) {
    const auto seconds = static_cast<std::int64_t>(facts.st_mtim.tv_sec);
    return {std::move(key),
            static_cast<std::uint64_t>(facts.st_size),
            {seconds * 1'000'000 + facts.st_mtim.tv_nsec / 1000}};
}

core::Status sync_descriptor(int descriptor, const std::string& path) {
    if (::fsync(descriptor) != 0) return refused_by_system("sync", path, errno);
    return {};
}

/// Names a file only where nothing has the name; EEXIST where something has.
int name_new(int from, const char* old_name, int to, const char* new_name) {
    if (::renameat2(from, old_name, to, new_name, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // A file system without that call: a second link is refused in the same way.
    if (::linkat(from, old_name, to, new_name, 0) != 0) return errno;
    return ::unlinkat(from, old_name, 0) == 0 ? 0 : errno;
}

/// Gone again unless it was named.
class TemporaryName {
public:
    TemporaryName(int folder, std::string name) : folder_(folder), name_(std::move(name)) {}
    ~TemporaryName() {
        if (!named_) ::unlinkat(folder_, name_.c_str(), 0);
    }
    TemporaryName(const TemporaryName&) = delete;
    TemporaryName& operator=(const TemporaryName&) = delete;
    [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }
    void named() noexcept { named_ = true; }

private:
    int folder_;
    std::string name_;
    bool named_ = false;
};

/// The folder that a setting names, whose own name may be a link. not_found: it is not there.
class Root {
public:
    Root(std::string path, std::string origin) : path_(std::move(path)), origin_(std::move(origin)) {}

    /// A descriptor of its own for the caller.
    core::Result<Descriptor> open() {
        if (auto there = find({}); !there) return propagate(there);
        Descriptor here(::openat(folder_.number(), ".", folder_flags));
        if (!here.valid()) return refused_by_system("open", path_, errno);
        return here;
    }
    core::Status make() {
        std::error_code code;
        auto there = find({});
        if (there || there.error().kind != ErrorKind::not_found) return there;
        std::filesystem::create_directories(path_, code);
        there = find(code);
        if (!there) there.error().kind = ErrorKind::configuration;
        return there;
    }

private:
    core::Status find(std::error_code made) {
        const std::scoped_lock lock(mutex_);
        if (folder_.valid()) return {};
        folder_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (folder_.valid()) return {};
        const int code = errno;
        return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::configuration,
                    fmt::format("{} names {}, which is no folder and cannot be made one: {}; name a folder "
                                "that this process can write",
                                origin_, path_, made ? made.message() : std::strerror(code)),
                    std::to_string(code));
    }

    std::string path_;
    std::string origin_;
    std::mutex mutex_;
    Descriptor folder_;
};

class FolderStore final : public ContentStore {
public:
    FolderStore(const Location& location, const std::string& origin)
        : root_(location.folder, origin), path_(location.folder), url_(location.text) {}

    /// What can be found out without a change: a folder that is not there can perhaps be made.
    core::Status check() {
        auto there = root_.open();
        if (!there && there.error().kind != ErrorKind::not_found) return propagate(there);
        return {};
    }

    core::Result<std::string> get(const std::string& key) override {
        auto file = open_file(key);
        if (!file) return propagate(file);
        struct stat facts{};
        if (::fstat(file->number(), &facts) != 0) return refused_by_system("examine", shown(key), errno);
        return read_some(file->number(), static_cast<std::size_t>(facts.st_size), shown(key));
    }
    core::Status fetch_file(const std::string& key, const std::string& path) override {
        auto file = open_file(key);
        if (!file) return propagate(file);
        auto target = IncomingFile::create(path);
        if (!target) return propagate(target);
        for (;;) {
            auto chunk = read_some(file->number(), chunk_bytes, shown(key));
            if (!chunk) return propagate(chunk);
            if (chunk->empty()) return target->keep();
            if (auto written = target->write(*chunk); !written) return written;
        }
    }
    core::Result<std::optional<ObjectInfo>> stat(const std::string& key) override {
        auto file = open_file(key);
        if (!file && file.error().kind == ErrorKind::not_found) return std::nullopt;
        if (!file) return propagate(file);
        struct stat facts{};
        if (::fstat(file->number(), &facts) != 0) return refused_by_system("examine", shown(key), errno);
        return info_of(key, facts);
    }
    core::Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
        auto segments = segments_of_prefix(prefix);
        if (!segments) return propagate(segments);
        std::vector<ObjectInfo> found;
        auto folder = walk(*segments);
        if (!folder && folder.error().kind == ErrorKind::not_found) return found;
        if (!folder) return propagate(folder);
        std::string before;
        for (const auto& segment : *segments) before += segment + '/';
        if (auto status = collect(std::move(*folder), before, found); !status) return propagate(status);
        std::ranges::sort(found, {}, &ObjectInfo::key);
        return found;
    }
    core::Status remove(const std::string& key) override {
        auto segments = segments_of_key(key);
        if (!segments) return propagate(segments);
        auto folder = walk(std::span(*segments).first(segments->size() - 1));
        if (!folder && folder.error().kind == ErrorKind::not_found) return {};
        if (!folder) return propagate(folder);
        if (auto own = spool::posix_file_system().require_own(path_); !own) return own;
        if (::unlinkat(folder->number(), segments->back().c_str(), 0) != 0) {
            if (errno == ENOENT) return {};
            if (errno == EISDIR) return {};  // A folder of keys: no object has this one.
            return refused_by_system("remove", shown(key), errno);
        }
        return sync_descriptor(folder->number(), shown(key));
    }
    std::string where() const override { return url_; }

private:
    [[nodiscard]] std::string shown(const std::string& key) const { return path_ + "/" + key; }

    /// The folder of these segments.
    core::Result<Descriptor> walk(std::span<const std::string> segments) {
        auto here = root_.open();
        if (!here) return propagate(here);
        std::string path = path_;
        for (const auto& segment : segments) {
            path += "/" + segment;
            Descriptor next(::openat(here->number(), segment.c_str(), folder_flags));
            // A file where a folder would be: nothing can be below it.
            if (!next.valid()) return refused_by_system("open", path, errno == ENOTDIR ? ENOENT : errno);
            *here = std::move(next);
        }
        return here;
    }

    /// The same, made where it is missing; each name is durable.
    core::Result<Descriptor> make(std::span<const std::string> segments) {
        if (auto made = root_.make(); !made) return propagate(made);
        // Folders that root makes would shut their owner out.
        if (auto own = spool::posix_file_system().require_own(path_); !own) return propagate(own);
        auto here = root_.open();
        if (!here) return propagate(here);
        std::string path = path_;
        for (const auto& segment : segments) {
            path += "/" + segment;
            const bool made = ::mkdirat(here->number(), segment.c_str(), 0700) == 0;
            if (!made && errno != EEXIST) return refused_by_system("make", path, errno);
            // Also where another made it: its sync may not have happened.
            if (auto status = sync_descriptor(here->number(), path); !status) return propagate(status);
            Descriptor next(::openat(here->number(), segment.c_str(), folder_flags));
            if (!next.valid() && errno == ENOTDIR)
                return fail(ErrorKind::conflict,
                            fmt::format("{} is an object, and no folder of keys: no key can begin so", path));
            if (!next.valid()) return refused_by_system("open", path, errno);
            *here = std::move(next);
        }
        return here;
    }

    core::Result<Descriptor> open_file(const std::string& key) {
        auto segments = segments_of_key(key);
        if (!segments) return propagate(segments);
        const auto missing = [&] {
            return fail(ErrorKind::not_found,
                        fmt::format("there is no object {} in {}", core::quoted(key), where()));
        };
        auto folder = walk(std::span(*segments).first(segments->size() - 1));
        if (!folder && folder.error().kind == ErrorKind::not_found) return missing();
        if (!folder) return propagate(folder);
        Descriptor file(::openat(folder->number(), segments->back().c_str(),
                                 O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!file.valid() && errno == ENOENT) return missing();
        if (!file.valid()) return refused_by_system("open", shown(key), errno);
        struct stat facts{};
        if (::fstat(file.number(), &facts) != 0) return refused_by_system("examine", shown(key), errno);
        if (!S_ISREG(facts.st_mode)) return missing();
        return file;
    }

    core::Result<Put> put(const std::string& key, Content& content) override {
        auto segments = segments_of_key(key);
        if (!segments) return propagate(segments);
        auto folder = make(std::span(*segments).first(segments->size() - 1));
        if (!folder) return propagate(folder);
        const std::string incoming_name(incoming);
        auto waiting = make(std::span(&incoming_name, 1));
        if (!waiting) return propagate(waiting);
        const std::string id = core::to_string(core::uuid_v7(core::system_clock()));
        const std::string path = fmt::format("{}/{}/{}", path_, incoming, id);
        Descriptor file(
            ::openat(waiting->number(), id.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.valid()) return refused_by_system("write", path, errno);
        TemporaryName temporary(waiting->number(), id);
        if (auto status = content.rewind(); !status) return propagate(status);
        for (;;) {
            auto chunk = content.next();
            if (!chunk) return propagate(chunk);
            if (chunk->empty()) break;
            if (auto status = write_all(file.number(), *chunk, path); !status) return propagate(status);
        }
        if (auto status = sync_descriptor(file.number(), path); !status) return propagate(status);
        const char* const name = segments->back().c_str();
        const int code = name_new(waiting->number(), temporary.name(), folder->number(), name);
        if (code == EEXIST) return compared(key, content, folder->number());
        if (code != 0) return refused_by_system("name", shown(key), code);
        temporary.named();
        if (auto status = sync_descriptor(folder->number(), shown(key)); !status) return propagate(status);
        return Put::stored;
    }

    /// What stands under the key is durable and the same, or a conflict.
    core::Result<Put> compared(const std::string& key, Content& content, int folder) {
        auto file = open_file(key);
        if (!file && file.error().kind == ErrorKind::not_found)
            return fail(ErrorKind::conflict,
                        fmt::format("{} is a folder of keys, and can be no object", shown(key)));
        if (!file) return propagate(file);
        const auto other = [&] {
            return fail(ErrorKind::conflict,
                        fmt::format("{} is there with other bytes, and an object is written once; it was "
                                    "left as it is",
                                    shown(key)));
        };
        if (auto status = content.rewind(); !status) return propagate(status);
        for (;;) {
            auto chunk = content.next();
            if (!chunk) return propagate(chunk);
            auto there = read_some(file->number(), std::max<std::size_t>(chunk->size(), 1), shown(key));
            if (!there) return propagate(there);
            if (*there != *chunk) return other();
            if (chunk->empty()) break;
        }
        if (auto status = sync_descriptor(file->number(), shown(key)); !status) return propagate(status);
        if (auto status = sync_descriptor(folder, shown(key)); !status) return propagate(status);
        return Put::already_there;
    }

    core::Status collect(Descriptor folder, const std::string& before, std::vector<ObjectInfo>& found) const {
        const int number = ::dup(folder.number());
        DIR* const open = number < 0 ? nullptr : ::fdopendir(number);
        if (open == nullptr) return refused_by_system("list", shown(before), errno);
        const std::unique_ptr<DIR, int (*)(DIR*)> entries(open, &::closedir);
        errno = 0;
        while (const dirent* entry = ::readdir(entries.get())) {
            const std::string name = entry->d_name;
            if (name == "." || name == ".." || (before.empty() && name == incoming)) continue;
            struct stat facts{};
            if (::fstatat(folder.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
                if (errno == ENOENT) continue;  // Removed since.
                return refused_by_system("examine", shown(before + name), errno);
            }
            if (S_ISREG(facts.st_mode)) {
                found.push_back(info_of(before + name, facts));
            } else if (S_ISDIR(facts.st_mode)) {
                Descriptor below(::openat(folder.number(), name.c_str(), folder_flags));
                if (!below.valid()) return refused_by_system("open", shown(before + name), errno);
                if (auto status = collect(std::move(below), before + name + "/", found); !status)
                    return status;
            }
            errno = 0;
        }
        if (errno != 0) return refused_by_system("list", shown(before), errno);
        return {};
    }

    Root root_;
    std::string path_;
    std::string url_;
};

}  // namespace

core::Result<std::unique_ptr<ObjectStore>> open_folder(const Location& location, const std::string& origin) {
    auto store = std::make_unique<FolderStore>(location, origin);
    if (auto status = store->check(); !status) return propagate(status);
    return store;
}

}  // namespace tristrata::objects
