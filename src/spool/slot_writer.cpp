#include "slot_writer.hpp"

#include "ledger_page.hpp"
#include "little_endian.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::spool {

using core::ErrorKind;
using core::fail;

core::Result<std::unique_ptr<SlotWriter>> SlotWriter::open(FileSystem& files, const std::string& folder,
                                                           std::unique_ptr<Lock> lock, SlotOptions options,
                                                           core::Clock& clock) {
    std::unique_ptr<SlotWriter> writer(new SlotWriter(files, folder, std::move(lock), options, clock));
    if (auto recovered = writer->recover(); !recovered) return propagate(recovered);
    return writer;
}

core::Status SlotWriter::recover() {
    auto found = slot_files(files_, folder_);
    if (!found) return propagate(found);
    for (const auto& damaged : found->damaged) number_ = std::max(number_, damaged.number);
    // Nothing is touched before every head is known to be ours.
    std::vector<std::uint64_t> sound, damaged;
    for (const auto& segment : found->segments) {
        auto head = read_segment_head(files_, folder_, segment.number);
        if (!head) return propagate(head);
        if (head->state == SegmentScan::State::unknown_format)
            return fail(ErrorKind::conflict,
                        fmt::format("{} {}", slot_file(folder_, segment.number, SlotFile::segment),
                                    of_a_newer_version(head->format, segment_format)));
        (head->state == SegmentScan::State::sound ? sound : damaged).push_back(segment.number);
    }
    auto ledger = read_ledger(files_, folder_);
    if (!ledger && ledger.error().kind == ErrorKind::conflict) return propagate(ledger);
    if (!ledger && ledger.error().kind == ErrorKind::not_found && found->segments.empty()) {
        Ledger first;
        first.spool_id = core::uuid_v7(clock_);
        if (auto made = create_ledger(files_, folder_, first); !made) return made;
        ledger = first;
    }
    for (const std::uint64_t number : damaged) {
        auto kept = set_aside(files_, folder_, number);
        if (!kept) return propagate(kept);
        notes_.push_back(std::move(*kept));
    }
    for (const std::uint64_t number : damaged) number_ = std::max(number_, number);
    for (const auto& strange : found->strange) number_ = std::max(number_, strange.number);
    for (auto& sentence : of_strange_names(folder_, *found)) notes_.push_back(std::move(sentence));
    if (!sound.empty())
        if (auto read = read_newest(sound.back()); !read) return read;
    if (ledger) {
        spool_id_ = ledger->spool_id;
        // What the relay settled was emitted, whatever the disk still shows of it.
        for (std::size_t c = 0; c < class_count; ++c)
            rows_[c] = std::max({rows_[c], ledger->classes[c].settled(), ledger->classes[c].in_flight_to,
                                 ledger->classes[c].seen});
    }
    for (const auto& left : found->spares)
        if (left.number <= number_)
            if (auto gone = files_.remove(slot_file(folder_, left.number, SlotFile::spare)); !gone)
                return gone;
    return {};
}

core::Status SlotWriter::read_newest(std::uint64_t number) {
    const std::string path = slot_file(folder_, number, SlotFile::segment);
    auto read = read_segment(files_, path, std::nullopt);
    if (!read) return propagate(read);
    const SegmentScan& found = read->found;
    if (!found.holes.empty()) {
        if (auto kept = keep_damaged(files_, folder_, number, read->bytes); !kept) return kept;
        for (const Hole& hole : found.holes)
            notes_.push_back(
                fmt::format("{} is damaged: {} bytes at {} hold no readable frame where {} "
                            "stood; a copy is kept",
                            path, hole.bytes, hole.offset, hole.frames));
    }
    if (found.torn_bytes > 0) notes_.push_back(path + of_torn_bytes(found) + "; they are left out");
    auto file = files_.open(path, FileSystem::Open::existing);
    if (!file) return propagate(file);
    active_ = std::move(*file);
    number_ = std::max(number_, number);
    salt_ = found.head.salt;
    begun_at_ = found.head.created_at;
    rows_ = found.head.rows_before;
    std::uint64_t proven = found.head.first_sequence - 1;
    for (const Frame& frame : found.frames) proven = std::max(proven, frame.durable);
    for (const Frame& frame : found.frames) {
        const RowCounts rows_before = rows_;
        for (const StoredRecord& record : frame.records)
            rows_[place(record.record_class)] = record.first_row + record.rows;
        if (frame.sequence <= proven || options_.in_memory) continue;
        const auto body = get<std::uint32_t>(read->bytes, frame.offset + 4);
        keep({frame.sequence, static_cast<std::uint32_t>(frame.records.size()), rows_before,
              read->bytes.substr(frame.offset + frame_head_bytes, body)});
    }
    next_sequence_ = found.next_sequence;
    written_ = next_sequence_ - 1;
    durable_ = options_.in_memory ? written_ : proven;
    // After a torn write, or in a later number's place, nothing is appended here any more.
    offset_ = found.torn_bytes > 0 || number_ != number ? read->bytes.size() : found.end;
    capacity_ = read->bytes.size();
    // What the owner before left in the page cache becomes durable, or is carried into a new segment.
    if (!unsynced_.empty()) sync_now();
    return {};
}

void SlotWriter::keep(Kept frame) {
    unsynced_bytes_ += frame.body.size();
    unsynced_.push_back(std::move(frame));
}

SlotWriter::Prepared SlotWriter::prepare(std::span<const sink::Record> records) {
    Kept frame{next_sequence_++, static_cast<std::uint32_t>(records.size()), rows_,
               encode_body(records, rows_, clock_.now() - begun_at_)};
    Prepared prepared{active_, offset_, frame.sequence,
                      encode_frame(salt_, frame.sequence, durable_, frame.records, frame.body)};
    for (const auto& record : records) rows_[place(record.record_class)] += record.rows;
    offset_ += prepared.bytes.size();
    keep(std::move(frame));
    return prepared;
}

void SlotWriter::wrote(const Prepared& frame, bool whole) noexcept {
    if (!whole) {
        failed_ = true;
        return;
    }
    written_ = frame.sequence;
    if (options_.in_memory) synced({nullptr, written_}, true);
}

void SlotWriter::synced(const Syncing& sync, bool well) noexcept {
    if (!well) {
        failed_ = true;
        return;
    }
    durable_ = std::max(durable_, sync.through);
    while (!unsynced_.empty() && unsynced_.front().sequence <= durable_) {
        unsynced_bytes_ -= unsynced_.front().body.size();
        unsynced_.pop_front();
    }
}

void SlotWriter::sync_now() {
    const Syncing sync = begin_sync();
    synced(sync, sync.done());
}

core::Result<std::shared_ptr<File>> SlotWriter::spare(std::uint64_t number, std::uint64_t bytes) {
    auto found = slot_files(files_, folder_);
    if (!found && found.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::storage,
                    fmt::format("{} was removed while this process spools to it, and what was not drained "
                                "is gone; start the process again, which makes the folder anew",
                                folder_),
                    found.error().foreign_code);
    if (!found) return propagate(found);
    std::uint64_t there = 0;
    for (const auto& file : found->spares)
        if (file.number == number) there = file.bytes;
    const std::uint64_t more = bytes > there ? bytes - there : 0;
    const std::uint64_t room = options_.bytes_max > more ? options_.bytes_max - more : 0;
    if (found->bytes() > room) {
        // What was stored already is kept only as long as nobody needs its place.
        if (auto ledger = read_ledger(files_, folder_))
            if (auto removed = remove_drained(files_, folder_, *ledger, UINT64_MAX, room); !removed)
                return propagate(removed);
        found = slot_files(files_, folder_);
        if (!found) return propagate(found);
        if (found->bytes() > room)
            return fail(ErrorKind::storage,
                        fmt::format("the spool {} is full: {} bytes of {} are used and nothing of it is "
                                    "drained; drain it (tristrata spool drain --follow, or tristrata serve "
                                    "beside this process) and see what holds it up with: tristrata spool "
                                    "status",
                                    folder_, found->bytes(), options_.bytes_max),
                        no_space);
    }
    const std::string path = slot_file(folder_, number, SlotFile::spare);
    auto file = files_.open(path, FileSystem::Open::create);
    if (!file) return propagate(file);
    if (more > 0)
        if (auto made = (*file)->preallocate(bytes); !made) return propagate(made);
    return std::shared_ptr<File>(std::move(*file));
}

std::string SlotWriter::carried_over(std::uint64_t number) {
    SegmentHead head;
    head.spool_id = spool_id_;
    head.number = number;
    head.first_sequence = unsynced_.empty() ? next_sequence_ : unsynced_.front().sequence;
    head.created_at = begun_at_ = clock_.now();
    const core::Uuid drawn = core::uuid_v7(clock_);
    std::memcpy(&head.salt, drawn.bytes.data() + 8, sizeof head.salt);
    head.rows_before = unsynced_.empty() ? rows_ : unsynced_.front().rows_before;
    salt_ = head.salt;
    std::string bytes = encode(head);
    for (const Kept& frame : unsynced_) {
        std::string body = frame.body;
        forget_append_time(body, frame.records);
        bytes += encode_frame(salt_, frame.sequence, head.first_sequence - 1, frame.records, body);
    }
    return bytes;
}

core::Status SlotWriter::make_room(std::uint64_t bytes, bool crit) {
    if (active_ && !failed_ && !unsynced_.empty()) sync_now();
    std::uint64_t needed = segment_head_bytes + bytes;
    for (const Kept& frame : unsynced_) needed += frame_head_bytes + frame.body.size() + 8;
    needed = std::max(needed, options_.segment_bytes);
    const std::uint64_t number = number_ + 1;
    auto file = spare(number, needed);
    if (!file) return propagate(file);
    // One spare stays: what is kept back for crit, and what a failed write is carried into.
    if (!crit)
        if (auto next = spare(number + 1, options_.segment_bytes); !next) return propagate(next);
    const std::uint64_t salt_before = salt_;
    const core::Timestamp begun_before = begun_at_;
    const std::string begun = carried_over(number);
    auto written = (*file)->write(0, begun);
    if (written) written = (*file)->sync();
    if (!written) {
        salt_ = salt_before;  // The old segment goes on; the next try has a salt of its own.
        begun_at_ = begun_before;
        return written;
    }
    number_ = number;
    auto named = files_.rename(slot_file(folder_, number, SlotFile::spare),
                               slot_file(folder_, number, SlotFile::segment));
    if (named) named = files_.sync_folder(folder_);
    if (!named) {
        failed_ = true;  // The name may be there: the old segment's next frames would be void.
        return named;
    }
    active_ = std::move(*file);
    capacity_ = needed;
    offset_ = begun.size();
    failed_ = false;
    written_ = next_sequence_ - 1;
    synced({nullptr, written_}, true);
    return {};
}

}  // namespace tristrata::spool
