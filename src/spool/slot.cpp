#include "slot.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>

namespace tristrata::spool {
namespace {

constexpr std::string_view slot_prefix = "slot_";
/// No spool lives to see it; what has a higher one in its name is no file of ours.
constexpr std::uint64_t number_max = 1'000'000'000'000'000'000;

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

std::vector<std::string> slot_folders(const std::string& root, std::span<const FolderEntry> entries) {
    std::vector<std::string> folders;
    for (const auto& entry : entries)
        if (entry.name.starts_with(slot_prefix) && entry.is_folder)
            folders.push_back(root + "/" + entry.name);
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
        if (code != std::errc() || end != name.data() + 20 || number > number_max) continue;
        const auto kind = name.substr(20);
        const bool is_ours = kind == ending(SlotFile::segment) || kind == ending(SlotFile::spare) ||
                             kind == ending(SlotFile::damaged);
        if (is_ours && !entry.is_file) {
            found.strange.push_back({number, 0});
            found.strange_names.push_back(entry.name);
        } else if (kind == ending(SlotFile::segment)) found.segments.push_back({number, entry.bytes});
        else if (kind == ending(SlotFile::spare)) found.spares.push_back({number, entry.bytes});
        else if (kind == ending(SlotFile::damaged)) found.damaged.push_back({number, entry.bytes});
    }
    for (auto* some : {&found.segments, &found.spares, &found.damaged})
        std::ranges::sort(*some, {}, &NumberedFile::number);
    return found;
}

std::vector<std::string> of_strange_names(const std::string& folder, const SlotFiles& files) {
    std::vector<std::string> sentences;
    for (const auto& name : files.strange_names)
        sentences.push_back(fmt::format(
            "{}/{} has the name of a spool's file and is none: it is passed over; remove it", folder, name));
    return sentences;
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

core::Result<SegmentRead> read_segment(FileSystem& files, const std::string& path,
                                       std::optional<std::uint64_t> successor_first_sequence) {
    constexpr int reads_max = 32;
    std::vector<Hole> holes;
    for (int i = 0; i < reads_max; ++i) {
        auto bytes = read_whole(files, path);
        if (!bytes) return propagate(bytes);
        SegmentRead one;
        one.bytes = std::move(*bytes);
        one.found = scan(one.bytes, successor_first_sequence);
        if (one.found.holes.empty() || one.found.holes == holes) return one;
        holes = std::move(one.found.holes);
    }
    return fail(
        core::ErrorKind::unavailable,
        fmt::format("{} was read {} times and was never the same twice; look at its disk", path, reads_max));
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

core::Result<std::string> set_aside(FileSystem& files, const std::string& folder, std::uint64_t number) {
    const std::string kept = slot_file(folder, number, SlotFile::damaged);
    if (auto moved = files.rename(slot_file(folder, number, SlotFile::segment), kept); !moved)
        return propagate(moved);
    if (auto synced = files.sync_folder(folder); !synced) return propagate(synced);
    return fmt::format("{} has no readable head; it is kept there and its rows are lost to the relay", kept);
}

std::string of_missing_rows(const std::string& folder, sink::RecordClass record_class, std::uint64_t from_row,
                            std::uint64_t to_row, std::string_view appends) {
    return fmt::format("{} misses {} of class {} ({}; from row {} on): no segment holds them any more",
                       folder, core::plural(to_row - from_row, "row"), sink::name(record_class), appends,
                       from_row);
}

std::string of_torn_bytes(const SegmentScan& found) {
    return fmt::format(
        " ends in {} bytes at {} that are no record: a write that was cut off, or damage to what "
        "was emitted last",
        found.torn_bytes, found.end);
}

std::string of_damaged_end(const std::string& path, const SegmentScan& found, sink::RecordClass record_class,
                           std::uint64_t from_row, std::uint64_t to_row) {
    return fmt::format(
        "{} is damaged at its end: {} bytes at {} are no record where {} of class {} stood (from row "
        "{} on)",
        path, found.torn_bytes, found.end, core::plural(to_row - from_row, "row"), sink::name(record_class),
        from_row);
}

std::string appends_before(std::uint64_t sequence) {
    return sequence > 1 ? fmt::format("before append {}", sequence) : "the oldest appends";
}

std::string appends_from(std::uint64_t sequence) {
    return sequence > 1 ? fmt::format("append {} and later", sequence) : "the newest appends";
}

bool is_missing_between(const SlotFiles& files, std::uint64_t lower, std::uint64_t upper) {
    std::set<std::uint64_t> there;
    for (const auto* some : {&files.segments, &files.damaged})
        for (const auto& file : *some)
            if (file.number > lower && file.number < upper) there.insert(file.number);
    return upper - lower - 1 > there.size();
}

std::string take_missing(const SlotFiles& files, std::uint64_t number, const SegmentHead& successor,
                         SegmentScan& found) {
    if (found.torn_bytes > 0) return {};
    // Rows that lack where no append does were in a newest segment, whose number was given again.
    if (found.holes.empty()) return appends_before(successor.first_sequence);
    const Hole last = found.holes.back();
    if (successor.number <= number + 1 || last.first_sequence + last.frames != successor.first_sequence)
        return {};
    found.holes.pop_back();
    if (!is_missing_between(files, number, successor.number)) return {};
    if (last.frames == 1) return fmt::format("append {}", last.first_sequence);
    return fmt::format("appends {} to {}", last.first_sequence, successor.first_sequence - 1);
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
        if (!successor && successor.error().kind == core::ErrorKind::not_found) break;  // Set aside since.
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
