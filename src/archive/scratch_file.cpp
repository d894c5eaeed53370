#include "scratch_file.hpp"

#include "tristrata/core/identifier.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace tristrata::archive {

using core::ErrorKind;
using core::fail;

namespace {

constexpr std::string_view beginning = "tristrata-archive-";

/// Those of runs that were killed: nobody has written to them for a day.
void remove_abandoned(const std::filesystem::path& folder) {
    const auto before = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
    std::error_code code;
    std::filesystem::directory_iterator entries(folder, code);
    for (const auto end = std::filesystem::directory_iterator(); !code && entries != end;
         entries.increment(code)) {
        std::error_code of_entry;
        if (!entries->path().filename().native().starts_with(beginning)) continue;
        if (entries->last_write_time(of_entry) < before && !of_entry)
            std::filesystem::remove(entries->path(), of_entry);  // Another user's stays.
    }
}

}  // namespace

core::Result<ScratchFile> ScratchFile::make(const std::string& folder) {
    std::error_code code;
    const auto where =
        folder.empty() ? std::filesystem::temp_directory_path(code) : std::filesystem::path(folder);
    std::string path = (where / fmt::format("{}XXXXXX", beginning)).string();
    remove_abandoned(where);
    const int file = code ? -1 : ::mkostemp(path.data(), O_CLOEXEC);
    if (file < 0)
        return fail(ErrorKind::storage,
                    fmt::format("no file can be made in {} ({}); a day's rows are put there before they are "
                                "sent: TMPDIR names another folder",
                                where.string(), std::strerror(code ? code.value() : errno)));
    ::close(file);
    return ScratchFile(std::move(path));
}

ScratchFile::~ScratchFile() {
    if (!path_.empty()) std::remove(path_.c_str());
}

core::Result<ScratchFile::Content> ScratchFile::content() const {
    std::ifstream file(path_, std::ios::binary);
    core::Sha256 sha256;
    Content content;
    std::array<char, 1 << 16> buffer;
    while (file) {
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        const auto count = static_cast<std::size_t>(file.gcount());
        sha256.update(std::string_view(buffer.data(), count));
        content.bytes += count;
    }
    if (!file.eof()) return fail(ErrorKind::storage, fmt::format("{} cannot be read back", path_));
    content.sha256 = sha256.finish();
    return content;
}

}  // namespace tristrata::archive
