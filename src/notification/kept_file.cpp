#include "kept_file.hpp"

namespace tristrata::notification {

core::Result<std::string> read_kept_file(spool::FileSystem& files, const std::string& path) {
    constexpr std::uint64_t bytes_max = 64U << 20U;
    auto opened = files.open(path, spool::FileSystem::Open::existing);
    if (!opened) return propagate(opened);
    return (*opened)->read(0, bytes_max);
}

}  // namespace tristrata::notification
