#include "kept_file.hpp"

namespace tristrata::notification {

core::Status keep_file(spool::FileSystem& files, const std::string& folder, const std::string& name,
                       std::string_view bytes) {
    if (auto made = files.make_folder(folder); !made) return made;
    const std::string path = folder + "/" + name, begun = path + ".new";
    auto file = files.open(begun, spool::FileSystem::Open::create);
    if (!file) return propagate(file);
    if (auto written = (*file)->write(0, bytes); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
    if (auto named = files.rename(begun, path); !named) return named;
    return files.sync_folder(folder);
}

core::Result<std::string> read_kept_file(spool::FileSystem& files, const std::string& path) {
    constexpr std::uint64_t bytes_max = 64U << 20U;
    auto opened = files.open(path, spool::FileSystem::Open::existing);
    if (!opened) return propagate(opened);
    return (*opened)->read(0, bytes_max);
}

}  // namespace tristrata::notification
