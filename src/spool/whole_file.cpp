#include "tristrata/spool/whole_file.hpp"

namespace tristrata::spool {

core::Status write_whole(FileSystem& files, const std::string& folder, const std::string& name,
                         std::string_view bytes) {
    const std::string path = folder + "/" + name, begun = path + ".new";
    // One that somebody died over may be longer.
    if (auto removed = files.remove(begun); !removed) return removed;
    auto file = files.open(begun, FileSystem::Open::create);
    if (!file) return propagate(file);
    if (auto written = (*file)->write(0, bytes); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
    if (auto named = files.rename(begun, path); !named) return named;
    return files.sync_folder(folder);
}

}  // namespace tristrata::spool
