#include "slot.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace tristrata::spool {
namespace {

constexpr std::string_view slot_prefix = "slot_";

std::string_view ending(SlotFile kind) {
    switch (kind) {
        case SlotFile::segment:
            return ".segment";
        case SlotFile::spare:
            return ".spare";
        case SlotFile::damaged:
            return ".damaged";
    }
    return "";
}

}  // namespace

core::Result<std::vector<std::string>> slot_folders(FileSystem& files, const std::string& root) {
    auto entries = files.list(root);
    if (!entries) return propagate(entries);
    std::vector<std::string> folders;
    for (const auto& entry : *entries)
        if (entry.name.starts_with(slot_prefix)) folders.push_back(root + "/" + entry.name);
    return folders;
}

std::string slot_folder(const std::string& root, std::size_t index) {
    return fmt::format("{}/{}{:04}", root, slot_prefix, index);
}

std::string slot_file(const std::string& folder, std::uint64_t number, SlotFile kind) {
    return fmt::format("{}/{:020}{}", folder, number, ending(kind));
}

std::uint64_t SlotFiles::bytes() const noexcept {
    std::uint64_t sum = 0;
    for (const auto* some : {&segments, &spares})
        for (const auto& file : *some) sum += file.bytes;
    return sum;
}

core::Result<SlotFiles> slot_files(FileSystem& files, const std::string& folder) {
    auto entries = files.list(folder);
    if (!entries) return propagate(entries);
    SlotFiles found;
    for (const auto& entry : *entries) {
        const std::string_view name = entry.name;
        std::uint64_t number = 0;
        const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (code != std::errc() || end != name.data() + 20) continue;
        const auto kind = name.substr(20);
        if (kind == ending(SlotFile::segment)) found.segments.push_back({number, entry.bytes});
        else if (kind == ending(SlotFile::spare)) found.spares.push_back({number, entry.bytes});
        else if (kind == ending(SlotFile::damaged)) found.damaged.push_back({number, entry.bytes});
    }
    for (auto* some : {&found.segments, &found.spares, &found.damaged})
        std::ranges::sort(*some, {}, &NumberedFile::number);
    return found;
}

std::string of_a_newer_version(std::uint32_t format, std::uint32_t known) {
    return fmt::format(
        "is of a newer version, format {}; this program reads format {} and left it untouched: "
        "drain it with the tristrata that wrote it, or a newer one",
        format, known);
}

core::Result<std::string> read_whole(FileSystem& files, const std::string& path) {
    auto file = files.open(path, FileSystem::Open::existing);
    if (!file) return propagate(file);
    std::string bytes;
    constexpr std::uint64_t step = 4U << 20U;
    while (true) {
        auto more = (*file)->read(bytes.size(), step);
        if (!more) return propagate(more);
        bytes += *more;
        if (more->size() < step) return bytes;
    }
}

core::Result<SegmentScan> read_segment_head(FileSystem& files, const std::string& folder,
                                            std::uint64_t number) {
    auto file = files.open(slot_file(folder, number, SlotFile::segment), FileSystem::Open::existing);
    if (!file) return propagate(file);
    auto bytes = (*file)->read(0, segment_head_bytes);
    if (!bytes) return propagate(bytes);
    return scan_head(*bytes);
}

core::Status keep_damaged(FileSystem& files, const std::string& folder, std::uint64_t number,
                          std::string_view bytes) {
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    for (const auto& kept : found->damaged)
        if (kept.number == number && kept.bytes == bytes.size()) return {};
    auto file = files.open(slot_file(folder, number, SlotFile::damaged), FileSystem::Open::create);
    if (!file) return propagate(file);
    if (auto written = (*file)->write(0, bytes); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
    return files.sync_folder(folder);
}

core::Result<std::uint64_t> remove_drained(FileSystem& files, const std::string& folder, const Ledger& ledger,
                                           std::uint64_t before, std::uint64_t bytes_max) {
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    std::uint64_t bytes = found->bytes(), removed = 0;
    for (std::size_t i = 0; i + 1 < found->segments.size() && bytes > bytes_max; ++i) {
        const auto& segment = found->segments[i];
        if (segment.number >= before) break;
        auto successor = read_segment_head(files, folder, found->segments[i + 1].number);
        if (!successor) return propagate(successor);
        if (successor->state != SegmentScan::State::sound) break;
        bool drained = true;
        for (std::size_t c = 0; c < class_count; ++c)
            drained = drained && successor->head.rows_before[c] <= ledger.classes[c].settled();
        if (!drained) break;
        if (auto gone = files.remove(slot_file(folder, segment.number, SlotFile::segment)); !gone)
            return propagate(gone);
        bytes -= segment.bytes;
        ++removed;
    }
    return removed;
}

}  // namespace tristrata::spool
