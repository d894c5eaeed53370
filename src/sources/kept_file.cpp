#include "kept_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;

tl::unexpected<core::Error> not_kept(int error) {
    std::error_code ignored;
    return fail(
        ErrorKind::storage,
        fmt::format("what was read could not be kept in {}: {}; free some of it, or name another folder "
                    "with TMPDIR",
                    std::filesystem::temp_directory_path(ignored).string(), std::strerror(error)),
        std::to_string(error));
}

}  // namespace

core::Result<KeptFile> KeptFile::make() {
    std::error_code code;
    const auto folder = std::filesystem::temp_directory_path(code);
    if (code) return not_kept(code.value());
    int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) {  // Not every file system has nameless files: take the name away at once.
        std::string path = (folder / "tristrata-XXXXXX").string();
        descriptor = ::mkostemp(path.data(), O_CLOEXEC);
        if (descriptor < 0) return not_kept(errno);
        ::unlink(path.c_str());
    }
    return KeptFile(descriptor);
}

KeptFile::KeptFile(int descriptor)
    : descriptor_(descriptor), path_(fmt::format("/proc/self/fd/{}", descriptor)) {}
KeptFile::KeptFile(KeptFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
KeptFile& KeptFile::operator=(KeptFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    return *this;
}
KeptFile::~KeptFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

core::Status KeptFile::write(const void* bytes, std::size_t size) {
    const auto* at = static_cast<const char*>(bytes);
    while (size > 0) {
        const auto written = ::write(descriptor_, at, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return not_kept(errno);
        at += written;
        size -= static_cast<std::size_t>(written);
    }
    return {};
}

core::Status KeptFile::copy_from(int descriptor) {
    std::vector<char> block(1u << 20u);
    while (true) {
        const auto read = ::read(descriptor, block.data(), block.size());
        if (read < 0 && errno == EINTR) continue;
        if (read < 0)
            return fail(ErrorKind::invalid_input,
                        fmt::format("standard input cannot be read: {}", std::strerror(errno)),
                        std::to_string(errno));
        if (read == 0) return {};
        if (auto status = write(block.data(), static_cast<std::size_t>(read)); !status) return status;
    }
}

}  // namespace tristrata::sources
