#include "local_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tristrata::objects {
namespace {

constexpr std::string_view part_suffix = ".part";

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

tl::unexpected<core::Error> refused_by_system(std::string_view what, const std::string& path, int code) {
    std::string advice;
    if (code == EACCES || code == EPERM) advice = "; it must belong to the user of this process";
    else if (code == EROFS) advice = "; the file system is read-only";
    else if (code == EFBIG) advice = "; the file size limit is reached (ulimit -f)";
    else if (code == ENOSPC || code == EDQUOT) advice = "; make room on its disk";
    else if (code == ELOOP) advice = "; a symbolic link below the folder is not followed";
    const auto kind = code == ENOENT ? core::ErrorKind::not_found : core::ErrorKind::storage;
    return core::fail(kind, fmt::format("cannot {} {}: {}{}", what, path, std::strerror(code), advice),
                      std::to_string(code));
}

core::Status write_all(int descriptor, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const auto put = ::write(descriptor, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return refused_by_system("write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

core::Result<std::string> read_some(int descriptor, std::size_t bytes_max, const std::string& path) {
    std::string bytes(bytes_max, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto got = ::read(descriptor, bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refused_by_system("read", path, errno);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

core::Status ContentOfBytes::rewind() {
    left_ = all_;
    return {};
}

core::Result<std::string_view> ContentOfBytes::next() {
    const auto chunk = left_.substr(0, chunk_bytes);
    left_.remove_prefix(chunk.size());
    return chunk;
}

core::Result<ContentOfFile> ContentOfFile::open(const std::string& path) {
    ContentOfFile content;
    content.file_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!content.file_.valid()) return refused_by_system("open", path, errno);
    struct stat facts{};
    if (::fstat(content.file_.number(), &facts) != 0) return refused_by_system("examine", path, errno);
    if (!S_ISREG(facts.st_mode))
        return core::fail(core::ErrorKind::usage, fmt::format("{} is no file that can be stored", path));
    content.path_ = path;
    content.bytes_ = static_cast<std::uint64_t>(facts.st_size);
    return content;
}

core::Status ContentOfFile::rewind() {
    if (::lseek(file_.number(), 0, SEEK_SET) < 0) return refused_by_system("read", path_, errno);
    return {};
}

core::Result<std::string_view> ContentOfFile::next() {
    auto chunk = read_some(file_.number(), chunk_bytes, path_);
    if (!chunk) return propagate(chunk);
    chunk_ = std::move(*chunk);
    return std::string_view(chunk_);
}

core::Result<IncomingFile> IncomingFile::create(const std::string& path) {
    const std::string part = path + std::string(part_suffix);
    Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.valid()) return refused_by_system("write", part, errno);
    return IncomingFile(std::move(file), path);
}

IncomingFile::~IncomingFile() {
    if (file_.valid()) ::unlink((path_ + std::string(part_suffix)).c_str());
}

core::Status IncomingFile::write(std::string_view bytes) {
    return write_all(file_.number(), bytes, path_ + std::string(part_suffix));
}

core::Status IncomingFile::keep() {
    const std::string part = path_ + std::string(part_suffix);
    if (::fsync(file_.number()) != 0) return refused_by_system("sync", part, errno);
    if (::rename(part.c_str(), path_.c_str()) != 0) return refused_by_system("name", path_, errno);
    file_ = Descriptor();
    const std::string folder = folder_of(path_);
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid() || ::fsync(opened.number()) != 0) return refused_by_system("sync", folder, errno);
    return {};
}

}  // namespace tristrata::objects
