#include "tristrata/spool/inspection.hpp"

#include "ledger_page.hpp"
#include "slot.hpp"
#include "slot_reading.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace tristrata::spool {
namespace {

using core::ErrorKind;
using core::fail;

/// When a row of a class was appended that is not in front of the segments; no later than it was.
std::optional<core::Timestamp> appended_at(const SlotReading& reading, std::size_t c, std::uint64_t row,
                                           std::map<std::size_t, SlotReading::Segment>& read) {
    std::optional<std::size_t> holder;
    for (std::size_t i = 0; i < reading.heads.size(); ++i)
        if (reading.heads[i].state == SegmentScan::State::sound &&
            (!holder || reading.heads[i].head.rows_before[c] <= row))
            holder = i;
    if (!holder) return std::nullopt;
    const core::Timestamp begun = reading.heads[*holder].head.created_at;
    if (!read.contains(*holder)) {
        auto segment = reading.read(*holder);
        if (!segment) return begun;
        read.emplace(*holder, std::move(*segment));
    }
    for (const Frame& frame : read.at(*holder).found.frames)
        for (const StoredRecord& record : frame.records)
            if (place(record.record_class) == c && record.first_row + record.rows > row)
                return begun + record.since_begun;
    return begun;
}

/// Whether somebody holds this lock. One that is not there is not made: root who looks would own it.
core::Result<bool> is_held(FileSystem& files, const std::string& path) {
    auto there = files.open(path, FileSystem::Open::existing);
    if (!there && there.error().kind == ErrorKind::not_found) return false;
    if (!there) return propagate(there);
    auto lock = files.lock(path);
    if (!lock) return propagate(lock);
    return *lock == nullptr;
}

core::Status examine(FileSystem& files, SlotStatus& slot) {
    for (const auto& [name, held] :
         {std::pair{"/writer.lock", &slot.has_writer}, std::pair{"/drain.lock", &slot.has_drain}}) {
        auto found = is_held(files, slot.folder + name);
        if (!found) return propagate(found);
        *held = *found;
    }
    if (auto dead = files.list(slot.folder + "/dead"))
        for (const auto& entry : *dead) slot.dead_letters += entry.name.ends_with(".record");
    SlotReading reading{files, slot.folder, {}, {}};
    if (auto opened = reading.open(); !opened) return opened;
    slot.segments = reading.there.segments.size();
    slot.bytes = reading.there.bytes();
    slot.damaged = reading.there.damaged.size();
    auto ledger = read_ledger(files, slot.folder);
    if (!ledger && ledger.error().kind == ErrorKind::not_found && slot.segments == 0) return {};
    if (!ledger) return propagate(ledger);
    slot.spool_id = ledger->spool_id;
    RowCounts emitted{};
    std::map<std::size_t, SlotReading::Segment> read;
    for (std::size_t i = reading.heads.size(); i-- > 0;) {
        if (reading.heads[i].state == SegmentScan::State::unknown_format)
            return fail(
                ErrorKind::conflict,
                fmt::format("{} {}",
                            slot_file(slot.folder, reading.there.segments[i].number, SlotFile::segment),
                            of_a_newer_version(reading.heads[i].format, segment_format)));
        if (reading.heads[i].state != SegmentScan::State::sound) continue;
        auto newest = reading.read(i);
        if (!newest) return propagate(newest);
        emitted = rows_after(newest->found);
        read.emplace(i, std::move(*newest));
        break;
    }
    for (std::size_t c = 0; c < class_count; ++c) {
        ClassStatus& one = slot.classes[c];
        one.ledger = ledger->classes[c];
        one.emitted = std::max({emitted[c], one.ledger.settled(), one.ledger.seen});
        const std::uint64_t waiting = one.emitted - one.ledger.settled();
        one.pending = waiting + one.ledger.parked;
        if (waiting == 0) continue;
        one.pending_since = appended_at(reading, c, one.ledger.settled(), read);
    }
    return {};
}

/// Rows from one count to another that nothing settled yet and no segment holds.
void find_missing(const std::string& folder, const RowCounts& from, const RowCounts& to, const Ledger& ledger,
                  std::string_view appends, CheckResult& result) {
    for (std::size_t c = 0; c < class_count; ++c)
        if (const std::uint64_t first = std::max(from[c], ledger.classes[c].settled()); first < to[c])
            result.findings.push_back(
                of_missing_rows(folder, static_cast<sink::RecordClass>(c), first, to[c], appends) +
                "; a drain counts them as dead");
}

/// The same where the end of a segment is no record.
void find_at_end(const std::string& path, const SegmentScan& found, const RowCounts& to, const Ledger& ledger,
                 CheckResult& result) {
    const RowCounts from = rows_after(found);
    for (std::size_t c = 0; c < class_count; ++c)
        if (const std::uint64_t first = std::max(from[c], ledger.classes[c].settled()); first < to[c])
            result.findings.push_back(
                of_damaged_end(path, found, static_cast<sink::RecordClass>(c), first, to[c]) +
                "; a drain keeps a copy and counts them as dead");
}

void check_slot(FileSystem& files, const std::string& folder, CheckResult& result) {
    // What had been seen before the segments are looked at is in them, whatever a writer does meanwhile; what
    // was settled until after that may have gone.
    const auto ledger_before = read_ledger(files, folder);
    SlotReading reading{files, folder, {}, {}};
    if (auto opened = reading.open(); !opened) {
        result.findings.push_back(opened.error().message);
        return;
    }
    for (const auto& damaged : reading.there.damaged)
        result.findings.push_back(fmt::format("{} was found damaged before and is kept",
                                              slot_file(folder, damaged.number, SlotFile::damaged)));
    const bool has_own = std::ranges::any_of(reading.heads, [](const SegmentScan& head) {
        return head.state != SegmentScan::State::unknown_format;
    });
    for (auto& sentence : of_strange_names(folder, reading.there))
        result.findings.push_back(std::move(sentence));
    // A drain leaves all of such a slot as it is, and what the newer program holds is not known.
    const bool has_newer = std::ranges::any_of(reading.heads, [](const SegmentScan& head) {
        return head.state == SegmentScan::State::unknown_format;
    });
    const auto ledger = read_ledger(files, folder);
    const bool counts = ledger.has_value() && !has_newer;
    if (!ledger && (ledger.error().kind != ErrorKind::not_found || has_own))
        (ledger.error().kind == ErrorKind::conflict ? result.newer : result.findings)
            .push_back(ledger.error().message);
    RowCounts seen_before{};
    for (std::size_t c = 0; ledger_before && c < class_count; ++c)
        seen_before[c] = std::max(ledger_before->classes[c].seen, ledger_before->classes[c].in_flight_to);
    RowCounts known{};  ///< Rows up to which the segments have been gone through.
    std::uint64_t sequence = 0;
    for (std::size_t i = 0; i < reading.there.segments.size(); ++i) {
        const std::string path = slot_file(folder, reading.there.segments[i].number, SlotFile::segment);
        auto segment = reading.read(i);
        if (!segment) {
            result.findings.push_back(segment.error().message);
            continue;
        }
        ++result.segments;
        const SegmentScan& found = segment->found;
        if (found.state == SegmentScan::State::unknown_format) {
            result.newer.push_back(
                fmt::format("{} {}", path, of_a_newer_version(found.format, segment_format)));
            continue;
        }
        if (found.state == SegmentScan::State::damaged_head) {
            result.findings.push_back(
                fmt::format("{} has no readable head; a drain, or the next emit, moves it aside", path));
            continue;
        }
        const std::uint64_t number = reading.there.segments[i].number;
        const bool is_first = std::ranges::all_of(
            reading.heads.begin(), reading.heads.begin() + static_cast<std::ptrdiff_t>(i),
            [](const SegmentScan& head) { return head.state != SegmentScan::State::sound; });
        if (counts && is_first && i == 0 &&
            (number < 2 || is_missing_between(reading.there, number - 2, number)))
            find_missing(folder, known, found.head.rows_before, *ledger,
                         appends_before(found.head.first_sequence), result);
        known = rows_after(found);
        sequence = found.next_sequence;
        if (counts && !segment->missing.empty())
            find_missing(folder, known, segment->successor->rows_before, *ledger, segment->missing, result);
        if (counts && found.torn_bytes > 0) {
            const RowCounts& after = segment->successor ? segment->successor->rows_before : seen_before;
            find_at_end(path, found, after, *ledger, result);
            for (std::size_t c = 0; c < class_count; ++c) known[c] = std::max(known[c], after[c]);
        }
        if (found.one_head_damaged)
            result.findings.push_back(fmt::format("{}: one of the two heads is damaged", path));
        for (const Hole& hole : found.holes)
            result.findings.push_back(fmt::format("{}: {} bytes at {} hold no readable frame where {} stood",
                                                  path, hole.bytes, hole.offset, hole.frames));
        if (found.torn_bytes > 0) {
            ++result.torn;
            result.notes.push_back(path + of_torn_bytes(found));
        }
        result.frames += found.frames.size();
        for (const Frame& frame : found.frames)
            for (const StoredRecord& record : frame.records) result.rows += record.rows;
    }
    if (!ledger || !ledger_before) return;
    for (std::size_t c = 0; c < class_count; ++c) {
        const ClassLedger& books = ledger->classes[c];
        if (books.missing > 0)
            result.notes.push_back(fmt::format(
                "{} of class {} in {} counted as dead, since no segment held them",
                core::plural(books.missing, "row"), sink::name(static_cast<sink::RecordClass>(c)), folder));
    }
    if (counts) find_missing(folder, known, seen_before, *ledger, appends_from(sequence), result);
}

/// invalid_input: a folder without slots that holds other things is one that somebody named by mistake.
core::Status require_spool(const std::string& root, std::vector<FolderEntry> entries) {
    const auto is = [](std::string_view name) {
        return [name](const FolderEntry& one) { return one.name == name; };
    };
    if (std::ranges::any_of(entries, is("serve.lock"))) return {};  // Looked after, and not emitted to yet.
    std::erase_if(entries, is("lost+found"));                       // A volume of its own.
    if (entries.empty()) return {};
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{} is no spool: expected folders slot_0000 and on, or an empty folder, and found {}, "
                    "{} among them; name the folder that is emitted to",
                    root, core::plural(entries.size(), "other entry", "other entries"),
                    core::quoted(entries.front().name)));
}

}  // namespace

core::Status require_trusted(FileSystemKind kind, const std::string& root) {
    if (kind != FileSystemKind::network && kind != FileSystemKind::userspace) return {};
    return fail(
        ErrorKind::configuration,
        fmt::format("{} is on a {} file system, where locks and syncs cannot be trusted; name a folder "
                    "on a local disk",
                    root, kind == FileSystemKind::network ? "network" : "FUSE"));
}

core::Result<Place> examine_place(FileSystem& files, const std::string& root) {
    auto kind = files.kind(root);
    if (!kind) return propagate(kind);
    if (auto trusted = require_trusted(*kind, root); !trusted) return propagate(trusted);
    if (auto writable = files.require_writable(root); !writable) return propagate(writable);
    if (auto own = files.require_own(root); !own) return propagate(own);
    auto free = files.bytes_free(root);
    if (!free) return propagate(free);
    return Place{*kind, *free};
}

core::Result<std::vector<std::string>> slots(FileSystem& files, const std::string& root) {
    // Looked at once: between two looks another process may have made its first slot.
    auto entries = files.list(root);
    if (!entries && entries.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::not_found,
                    fmt::format("there is no spool at {}: nothing was emitted to it yet", root));
    if (!entries) return propagate(entries);
    auto folders = slot_folders(root, *entries);
    if (folders.empty())
        if (auto ours = require_spool(root, std::move(*entries)); !ours) return propagate(ours);
    return folders;
}

std::string of_no_slots(const std::string& root) {
    return fmt::format("{} has no slot: nothing was emitted to it yet", root);
}

core::Result<std::vector<SlotStatus>> status(FileSystem& files, const std::string& root) {
    auto folders = slots(files, root);
    if (!folders) return propagate(folders);
    std::vector<SlotStatus> all;
    for (const auto& folder : *folders) {
        SlotStatus slot;
        slot.folder = folder;
        if (auto examined = examine(files, slot); !examined) slot.unreadable = examined.error();
        all.push_back(std::move(slot));
    }
    return all;
}

core::Result<CheckResult> check(FileSystem& files, const std::string& root) {
    auto folders = slots(files, root);
    if (!folders) return propagate(folders);
    CheckResult result;
    if (folders->empty()) result.notes.push_back(of_no_slots(root));
    for (const auto& folder : *folders) {
        ++result.slots;
        check_slot(files, folder, result);
    }
    return result;
}

core::Result<std::uint64_t> settled_since(
    FileSystem& files, const std::string& folder, sink::RecordClass record_class, core::Timestamp since,
    std::size_t records_max, const std::function<core::Status(std::span<const sink::Record>)>& take) {
    auto ledger = read_ledger(files, folder);
    if (!ledger && ledger.error().kind == ErrorKind::not_found) return 0;
    if (!ledger) return propagate(ledger);
    const std::uint64_t settled = ledger->classes[place(record_class)].settled();
    SlotReading reading{files, folder, {}, {}};
    if (auto opened = reading.open_known(); !opened) return propagate(opened);
    std::vector<sink::Record> records;
    std::uint64_t rows = 0;
    const auto give = [&]() -> core::Status {
        if (records.empty()) return {};
        if (auto taken = take(records); !taken) return taken;
        for (const auto& record : records) rows += record.rows;
        records.clear();
        return {};
    };
    for (std::size_t i = 0; i < reading.heads.size(); ++i) {
        if (reading.heads[i].state != SegmentScan::State::sound) continue;
        // Everything in it was appended before its successor was begun, unless the clock went back meanwhile.
        if (i + 1 < reading.heads.size() && reading.heads[i + 1].state == SegmentScan::State::sound &&
            reading.heads[i + 1].head.created_at < since &&
            reading.heads[i + 1].head.created_at >= reading.heads[i].head.created_at)
            continue;
        auto segment = reading.read(i);
        if (!segment) return propagate(segment);
        for (const Frame& frame : segment->found.frames)
            for (const StoredRecord& record : frame.records) {
                if (record.record_class != record_class || record.first_row >= settled) continue;
                records.push_back({record_class, std::string(record.bytes), record.rows, record.crit});
                if (records.size() >= records_max)
                    if (auto given = give(); !given) return propagate(given);
            }
    }
    if (auto given = give(); !given) return propagate(given);
    return rows;
}

}  // namespace tristrata::spool
