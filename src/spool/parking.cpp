#include "backlog_reading.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace tristrata::spool {

using core::ErrorKind;

namespace {

/// As large as what a relay sends at a time.
constexpr std::size_t batch_records = 5000;
constexpr std::uint64_t batch_bytes = 8U << 20U;

/// A batch that is parked, by its file's name: class_number_from_to.parked.
struct ParkedFile {
    std::uint64_t number = 0;
    std::uint64_t from_row = 0;
    std::uint64_t to_row = 0;  ///< Half open: a row a number, those of no record left out before.
};

std::string folder_of(const std::string& slot) { return slot + "/parked"; }

std::string path_of(const std::string& slot, sink::RecordClass record_class, const ParkedFile& file) {
    return fmt::format("{}/{}_{:012}_{}_{}.parked", folder_of(slot), sink::name(record_class), file.number,
                       file.from_row, file.to_row);
}

std::uint64_t rows_of(const Batch& batch) {
    std::uint64_t rows = 0;
    for (const auto& record : batch.records) rows += record.rows;
    return rows;
}

ParkedFile file_of(const Batch& batch) { return {batch.number, batch.to_row - rows_of(batch), batch.to_row}; }

std::optional<ParkedFile> parse(std::string_view name, sink::RecordClass record_class) {
    const std::string begin = fmt::format("{}_", sink::name(record_class));
    if (!name.starts_with(begin) || !name.ends_with(".parked")) return std::nullopt;
    ParkedFile file;
    const char* at = name.data() + begin.size();
    const char* end = name.data() + name.size();
    for (std::uint64_t* value : {&file.number, &file.from_row, &file.to_row}) {
        const auto [next, code] = std::from_chars(at, end, *value);
        if (code != std::errc()) return std::nullopt;
        at = next + 1;  // An underscore, or the dot.
    }
    if (file.to_row <= file.from_row) return std::nullopt;
    return file;
}

/// By number.
core::Result<std::vector<ParkedFile>> parked_files(FileSystem& files, const std::string& slot,
                                                   sink::RecordClass record_class) {
    std::vector<ParkedFile> found;
    auto entries = files.list(folder_of(slot));
    if (!entries && entries.error().kind == ErrorKind::not_found) return found;
    if (!entries) return propagate(entries);
    for (const auto& entry : *entries)
        if (const auto file = parse(entry.name, record_class)) found.push_back(*file);
    std::ranges::sort(found, {}, &ParkedFile::number);
    return found;
}

}  // namespace

core::Result<RowCounts> Backlog::Reading::emitted() {
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    if (found->segments.empty()) return RowCounts{};
    auto newest = read_segment(files, slot_file(folder, found->segments.back().number, SlotFile::segment),
                               std::nullopt);
    if (!newest) return propagate(newest);
    return rows_after(newest->found);
}

core::Status Backlog::Reading::keep_parked(const Batch& batch) {
    const std::string parked = folder_of(folder);
    if (auto made = files.make_folder(parked); !made) return made;
    SegmentHead head;
    head.spool_id = batch.spool_id;
    head.number = batch.number;
    head.first_sequence = 1;
    head.created_at = clock.now();
    const ParkedFile where = file_of(batch);
    head.rows_before[place(batch.record_class)] = where.from_row;
    const std::string body = encode_body(batch.records, head.rows_before);
    const std::string bytes =
        encode(head) + encode_frame(head.salt, 1, 0, static_cast<std::uint32_t>(batch.records.size()), body);
    auto file = files.open(path_of(folder, batch.record_class, where), FileSystem::Open::create);
    if (!file) return propagate(file);
    if (auto written = (*file)->write(0, bytes); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
    if (auto synced = files.sync_folder(parked); !synced) return synced;
    return files.sync_folder(folder);
}

core::Status Backlog::Reading::remove_parked(const Batch& batch) {
    if (auto gone = files.remove(path_of(folder, batch.record_class, file_of(batch))); !gone) return gone;
    return files.sync_folder(folder_of(folder));
}

core::Result<std::uint64_t> Backlog::Reading::park(sink::RecordClass record_class, std::uint64_t below) {
    const std::size_t c = place(record_class);
    std::uint64_t rows = 0;
    while (true) {
        const ClassLedger& books = ledger.classes[c];
        const bool sent = books.in_flight_to > books.settled();
        auto batch =
            collect(record_class, books.settled(), sent ? std::optional(books.in_flight_to) : std::nullopt,
                    batch_records, batch_bytes);
        if (!batch) return propagate(batch);
        if (batch->empty() || batch->to_row > below) break;  // Whole, or later.
        batch->spool_id = ledger.spool_id;
        batch->number = books.batch_number;
        if (!sent)
            if (auto begun = begin_batch(*batch); !begun) return propagate(begun);
        if (!batch->records.empty())
            if (auto kept = keep_parked(*batch); !kept) return propagate(kept);
        const std::uint64_t parked = rows_of(*batch);
        Ledger next = ledger;
        next.classes[c].parked += parked;
        next.classes[c].dead += batch->to_row - batch->from_row - parked;
        next.classes[c].missing += batch->missing;
        if (auto written = write(std::move(next)); !written) return propagate(written);
        rows += parked;
    }
    if (rows > 0)
        notes.push_back(fmt::format(
            "{} of class {} in {} {} parked: no destination took them for as long as they may wait; they are "
            "kept, and sent by: tristrata spool drain --parked",
            core::plural(rows, "row"), sink::name(record_class), folder, rows == 1 ? "is" : "are"));
    return rows;
}

core::Status Backlog::Reading::count_dead(sink::RecordClass record_class, std::uint64_t parked,
                                          std::uint64_t missing) {
    Ledger next = ledger;
    ClassLedger& books = next.classes[place(record_class)];
    books.parked -= parked;
    books.dead += parked;
    books.missing += missing;
    return write(std::move(next));
}

core::Result<std::uint64_t> Backlog::not_taken(sink::RecordClass record_class, core::Duration max_age) {
    Reading& in = *reading_;
    const std::size_t c = place(record_class);
    constexpr auto parts = static_cast<std::int64_t>(Refusal::parts);
    const core::Duration part{std::max<std::int64_t>(max_age.microseconds / parts, 1)};
    const core::Timestamp now = in.clock.now(), steady = in.clock.steady_now();
    // Twenty-four times a part is often enough.
    if (in.counted[c] && (steady - *in.counted[c]).microseconds < part.microseconds / 24) return 0;
    auto emitted = in.emitted();
    if (!emitted) return propagate(emitted);
    core::Duration passed{0};
    if (in.counted[c]) passed = steady - *in.counted[c];
    else if (const auto& at = in.ledger.classes[c].refusal.counted_at) passed = now - *at;
    passed.microseconds = std::clamp<std::int64_t>(passed.microseconds, 0, part.microseconds);
    in.counted[c] = steady;
    if ((*emitted)[c] <= in.ledger.classes[c].settled()) return 0;  // Nothing waits.

    Ledger next = in.ledger;
    Refusal& refusal = next.classes[c].refusal;
    const bool is_first = !refusal.counted_at;
    const auto parts_of = [&part](core::Duration lasted) {
        return static_cast<std::uint64_t>(lasted.microseconds / part.microseconds);
    };
    const std::uint64_t before = parts_of(refusal.lasted);
    if (!is_first) refusal.lasted.microseconds += passed.microseconds;
    const std::uint64_t after = parts_of(refusal.lasted);
    if ((is_first || after > before) && after < Refusal::parts) refusal.emitted[after] = (*emitted)[c];
    refusal.counted_at = now;
    const std::uint64_t below = refusal.emitted[0];
    if (after >= Refusal::parts) {
        // From here on what had been emitted a part later has waited for all of them.
        std::ranges::rotate(refusal.emitted, refusal.emitted.begin() + 1);
        refusal.emitted.back() = (*emitted)[c];
        refusal.lasted.microseconds -= part.microseconds;
    }
    if (auto written = in.write(std::move(next)); !written) return propagate(written);
    if (after < Refusal::parts) return 0;
    return in.park(record_class, below);
}

core::Result<Batch> Backlog::next_parked(sink::RecordClass record_class) {
    Reading& in = *reading_;
    const std::size_t c = place(record_class);
    Batch batch;
    batch.record_class = record_class;
    auto found = parked_files(in.files, in.folder, record_class);
    if (!found) return propagate(found);
    // A file that was written and not yet counted: its rows are in the segments still.
    std::erase_if(*found,
                  [&](const ParkedFile& file) { return file.to_row > in.ledger.classes[c].settled(); });
    std::uint64_t there = 0;
    for (const ParkedFile& file : *found) there += file.to_row - file.from_row;
    if (const std::uint64_t parked = in.ledger.classes[c].parked; there < parked) {
        in.note(fmt::format("{} misses {} of class {}: the files that held them are gone; they count as dead",
                            folder_of(in.folder), core::plural(parked - there, "row"),
                            sink::name(record_class)));
        if (auto counted = in.count_dead(record_class, parked - there, parked - there); !counted)
            return propagate(counted);
    }
    while (!found->empty()) {
        const ParkedFile file = found->front();
        const std::string path = path_of(in.folder, record_class, file);
        // One that was settled and not yet removed: more are there than the ledger counts.
        const bool was_settled = there > in.ledger.classes[c].parked;
        auto bytes = read_whole(in.files, path);
        if (!bytes) return propagate(bytes);
        const SegmentScan read = scan(*bytes, std::nullopt);
        if (!was_settled && read.state == SegmentScan::State::sound && read.frames.size() == 1) {
            batch.spool_id = read.head.spool_id;
            batch.number = file.number;
            batch.from_row = file.from_row;
            batch.to_row = file.to_row;
            batch.resent = batch.parked = true;
            for (const StoredRecord& record : read.frames.front().records)
                batch.records.push_back({record_class, std::string(record.bytes), record.rows, record.crit});
            return batch;
        }
        if (was_settled) {
            if (auto gone = in.files.remove(path); !gone) return propagate(gone);
        } else {
            in.note(fmt::format("{} is damaged: its rows count as dead, and it is kept as .damaged", path));
            if (auto moved = in.files.rename(path, path + ".damaged"); !moved) return propagate(moved);
        }
        const std::uint64_t rows = file.to_row - file.from_row;
        if (!was_settled)
            if (auto counted = in.count_dead(record_class, rows, 0); !counted) return propagate(counted);
        there -= rows;
        found->erase(found->begin());
    }
    return batch;
}

}  // namespace tristrata::spool
