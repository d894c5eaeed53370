#include "tristrata/spool/backlog.hpp"

#include "backlog_reading.hpp"
#include "ledger_page.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>

namespace tristrata::spool {

using core::ErrorKind;
using core::fail;

namespace {

constexpr std::size_t process_digits = 20;
/// A batch is one transaction, whose time goes by its rows: wide emits make batches of fewer records.
constexpr std::uint64_t batch_rows_max = 20'000;

/// Says who drains; nothing depends on it.
void sign(FileSystem& files, const std::string& path) {
    if (auto file = files.open(path, FileSystem::Open::existing))
        (void)(*file)->write(0, fmt::format("{:<{}}", ::getpid(), process_digits));
}

}  // namespace

std::string drain_process(FileSystem& files, const std::string& folder) {
    auto file = files.open(folder + "/drain.lock", FileSystem::Open::existing);
    if (!file) return {};
    auto text = (*file)->read(0, process_digits);
    return text ? text->substr(0, text->find(' ')) : std::string();
}

core::Result<std::unique_ptr<Backlog>> Backlog::open(FileSystem& files, core::Clock& clock,
                                                     const std::string& folder) {
    auto lock = files.lock(folder + "/drain.lock");
    if (!lock) return propagate(lock);
    if (*lock == nullptr) return std::unique_ptr<Backlog>();
    sign(files, folder + "/drain.lock");
    auto reading =
        std::make_unique<Reading>(Reading{files, clock, folder, std::move(*lock), {}, {}, {}, {}, nullptr});
    auto opened = reading->require_known_formats();
    if (opened) opened = reading->open_ledger();
    if (!opened && opened.error().kind == ErrorKind::not_found) return std::unique_ptr<Backlog>();
    if (!opened) return propagate(opened);
    return std::unique_ptr<Backlog>(new Backlog(std::move(reading)));
}

Backlog::Backlog(std::unique_ptr<Reading> reading) : reading_(std::move(reading)) {}
Backlog::~Backlog() = default;

const Ledger& Backlog::ledger() const noexcept { return reading_->ledger; }
std::vector<std::string> Backlog::take_notes() { return std::exchange(reading_->notes, {}); }

core::Status Backlog::Reading::require_known_formats() {
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    std::vector<std::uint64_t> damaged;
    for (const auto& segment : found->segments) {
        auto head = read_segment_head(files, folder, segment.number);
        if (!head && head.error().kind == ErrorKind::not_found) continue;  // Removed since.
        if (!head) return propagate(head);
        if (head->state == SegmentScan::State::unknown_format)
            return fail(ErrorKind::conflict,
                        fmt::format("{} {}", slot_file(folder, segment.number, SlotFile::segment),
                                    of_a_newer_version(head->format, segment_format)));
        if (head->state == SegmentScan::State::damaged_head) damaged.push_back(segment.number);
    }
    for (const std::uint64_t number : damaged)
        if (auto aside = set_aside(number, number == found->segments.back().number); !aside) return aside;
    for (auto& sentence : of_strange_names(folder, *found)) note(std::move(sentence));
    return {};
}

core::Status Backlog::Reading::set_aside(std::uint64_t number, bool newest) {
    std::unique_ptr<Lock> writer;
    if (newest) {
        auto free = files.lock(folder + "/writer.lock");
        if (!free) return propagate(free);
        writer = std::move(*free);
        if (writer == nullptr) {
            note(fmt::format(
                "{} has no readable head, and a process appends to it; it is moved aside when that "
                "ends, and its rows are lost to the relay",
                slot_file(folder, number, SlotFile::segment)));
            return {};
        }
    }
    auto kept = spool::set_aside(files, folder, number);
    if (!kept) return propagate(kept);
    note(std::move(*kept));
    return {};
}

core::Status Backlog::Reading::open_ledger() {
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    auto read = read_ledger(files, folder);
    if (read) {
        ledger = std::move(*read);
        return {};
    }
    const bool damaged = read.error().kind == ErrorKind::invalid_input;
    if (!damaged && (read.error().kind != ErrorKind::not_found || found->segments.empty()))
        return propagate(read);
    if (damaged) {
        note(read.error().message +
             "; kept as ledger.damaged: the slot is sent again from its oldest segment, under a new id");
        if (auto moved = files.rename(folder + "/ledger", folder + "/ledger.damaged"); !moved) return moved;
    }
    return begin_anew(found->segments);
}

core::Status Backlog::Reading::begin_anew(const std::vector<NumberedFile>& segments) {
    Ledger first;
    first.spool_id = core::uuid_v7(clock);
    for (const auto& segment : segments) {
        auto head = read_segment_head(files, folder, segment.number);
        if (!head) return propagate(head);
        if (head->state != SegmentScan::State::sound) continue;
        for (std::size_t c = 0; c < class_count; ++c) first.classes[c].stored = head->head.rows_before[c];
        break;
    }
    if (auto made = create_ledger(files, folder, first); !made) return made;
    ledger = std::move(first);
    ledger.generation = 1;
    return {};
}

core::Status Backlog::Reading::write(Ledger next) {
    ++next.generation;
    if (auto written = write_ledger(files, folder, next); !written) return written;
    ledger = std::move(next);
    return {};
}

core::Result<std::unique_ptr<Backlog::Reading::Loaded>> Backlog::Reading::load(
    const SlotFiles& there, std::size_t index, std::optional<SegmentHead> successor) {
    const std::uint64_t number = there.segments[index].number;
    const std::string path = slot_file(folder, number, SlotFile::segment);
    auto read =
        read_segment(files, path, successor ? std::optional(successor->first_sequence) : std::nullopt);
    if (!read) return propagate(read);
    auto made = std::make_unique<Loaded>();
    Loaded& one = *made;
    one.number = number;
    one.newest = !successor;
    one.bytes = std::move(read->bytes);
    one.found = std::move(read->found);
    one.rows_after = successor ? successor->rows_before : spool::rows_after(one.found);
    one.oldest_known = index > 0 || (number > 1 && !is_missing_between(there, number - 2, number));
    if (successor) one.missing = take_missing(there, number, *successor, one.found);
    if (one.found.holes.empty()) return made;
    if (auto kept = keep_damaged(files, folder, number, one.bytes); !kept) return propagate(kept);
    for (const Hole& hole : one.found.holes)
        note(
            fmt::format("{} is damaged: {} bytes at {} hold no readable frame where {} stood; a copy is kept",
                        path, hole.bytes, hole.offset, hole.frames));
    return made;
}

core::Result<bool> Backlog::Reading::has_grown(const Loaded& one) {
    auto file = files.open(slot_file(folder, one.number, SlotFile::segment), FileSystem::Open::existing);
    if (!file) return propagate(file);
    const std::size_t end = std::min(one.found.end, one.bytes.size());
    // A read may have overtaken the write of a frame: its head stood there, and what came since is behind
    // that. A damaged one may name any length: a byte beyond what was read tells that the file is longer now.
    const std::uint64_t whole = std::max<std::uint64_t>(
        frame_head_bytes, std::min(frame_bytes_at(one.bytes, end), one.bytes.size() - end + 1));
    auto bytes = (*file)->read(one.found.end, whole);
    if (!bytes) return propagate(bytes);
    return std::string_view(*bytes) != std::string_view(one.bytes).substr(end, whole);
}

core::Result<const Backlog::Reading::Loaded*> Backlog::Reading::segment_of(sink::RecordClass record_class,
                                                                           std::uint64_t row) {
    const std::size_t c = place(record_class);
    if (loaded && !loaded->newest && loaded->found.head.rows_before[c] <= row && row < loaded->rows_after[c])
        return loaded.get();
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    if (loaded && loaded->newest && loaded->found.head.rows_before[c] <= row && !found->segments.empty() &&
        found->segments.back().number == loaded->number) {
        auto grown = has_grown(*loaded);
        if (!grown) return propagate(grown);
        if (!*grown) return loaded.get();
    }
    std::optional<SegmentHead> successor;
    for (std::size_t i = found->segments.size(); i-- > 0;) {
        const std::uint64_t number = found->segments[i].number;
        auto head = read_segment_head(files, folder, number);
        if (!head && head.error().kind == ErrorKind::not_found) break;  // Removed since: it was drained.
        if (!head) return propagate(head);
        if (head->state == SegmentScan::State::unknown_format)
            return fail(ErrorKind::conflict,
                        fmt::format("{} {}", slot_file(folder, number, SlotFile::segment),
                                    of_a_newer_version(head->format, segment_format)));
        if (head->state == SegmentScan::State::damaged_head) {
            // Its rows are missing between its neighbours.
            if (auto aside = set_aside(number, i + 1 == found->segments.size()); !aside)
                return propagate(aside);
            continue;
        }
        // The oldest one also answers for what was before it.
        if (head->head.rows_before[c] <= row || i == 0) {
            auto one = load(*found, i, successor);
            if (!one) return propagate(one);
            loaded = std::move(*one);
            return loaded.get();
        }
        successor = head->head;
    }
    return nullptr;
}

core::Result<Batch> Backlog::Reading::collect(sink::RecordClass record_class, std::uint64_t from,
                                              std::optional<std::uint64_t> to, std::size_t records_max,
                                              std::uint64_t bytes_max) {
    const std::size_t c = place(record_class);
    Batch batch;
    const Loaded* newest = nullptr;
    batch.record_class = record_class;
    batch.from_row = batch.to_row = from;
    std::uint64_t bytes = 0, rows = 0;
    const auto full = [&] {
        return to ? batch.to_row >= *to
                  : !batch.records.empty() &&
                        (batch.records.size() >= records_max || bytes >= bytes_max || rows >= batch_rows_max);
    };
    while (!full()) {
        auto segment = segment_of(record_class, batch.to_row);
        if (!segment) return propagate(segment);
        if (*segment == nullptr) break;
        const Loaded& one = **segment;
        newest = one.newest ? &one : nullptr;
        const auto limit = [&](std::uint64_t row) { return to ? std::min(*to, row) : row; };
        skip(batch, limit(one.found.head.rows_before[c]),
             one.oldest_known ? "" : appends_before(one.found.head.first_sequence));
        for (const Frame& frame : one.found.frames) {
            for (const StoredRecord& record : frame.records) {
                if (record.record_class != record_class || record.first_row < batch.to_row || full())
                    continue;
                if (to && record.first_row >= *to) continue;
                skip(batch, record.first_row, one.found.holes.empty() ? appends_before(frame.sequence) : "");
                batch.records.push_back({record_class, std::string(record.bytes), record.rows, record.crit});
                batch.to_row = record.first_row + record.rows;
                bytes += record.bytes.size();
                rows += record.rows;
            }
        }
        if (full()) break;
        // Rows that the segment should hold and does not are damaged; a later one goes on after them.
        if (one.found.torn_bytes > 0)
            if (auto skipped = skip_damaged_end(batch, limit(one.rows_after[c]), one); !skipped)
                return propagate(skipped);
        skip(batch, limit(one.rows_after[c]), one.missing);
        if (one.newest) break;
    }
    if (full()) return batch;
    if (auto skipped = skip_behind(batch, to.value_or(ledger.classes[c].seen), newest); !skipped)
        return propagate(skipped);
    return batch;
}

void Backlog::Reading::skip(Batch& batch, std::uint64_t to_row, std::string_view missing) {
    if (to_row <= batch.to_row) return;
    if (!missing.empty()) {
        note(of_missing_rows(folder, batch.record_class, batch.to_row, to_row, missing) +
             "; they count as dead");
        batch.missing += to_row - batch.to_row;
    }
    batch.to_row = to_row;
}

core::Status Backlog::Reading::skip_damaged_end(Batch& batch, std::uint64_t to_row, const Loaded& one) {
    if (to_row <= batch.to_row) return {};
    if (auto kept = keep_damaged(files, folder, one.number, one.bytes); !kept) return kept;
    note(of_damaged_end(slot_file(folder, one.number, SlotFile::segment), one.found, batch.record_class,
                        batch.to_row, to_row) +
         "; a copy is kept, and they count as dead");
    batch.to_row = to_row;
    return {};
}

core::Status Backlog::Reading::skip_behind(Batch& batch, std::uint64_t to_row, const Loaded* newest) {
    if (to_row <= batch.to_row) return {};
    if (newest != nullptr && newest->found.torn_bytes > 0) return skip_damaged_end(batch, to_row, *newest);
    auto found = slot_files(files, folder);
    if (!found) return propagate(found);
    const std::uint64_t last = found->segments.empty() ? 0 : found->segments.back().number;
    const bool damaged = !found->damaged.empty() && found->damaged.back().number > last;
    skip(batch, to_row, damaged ? "" : appends_from(newest != nullptr ? newest->found.next_sequence : 0));
    return {};
}

core::Result<Batch> Backlog::next(sink::RecordClass record_class, std::size_t records_max,
                                  std::uint64_t bytes_max) {
    Reading& in = *reading_;
    const std::size_t c = place(record_class);
    const ClassLedger& books = in.ledger.classes[c];
    const bool resent = books.in_flight_to > books.settled();
    auto batch =
        in.collect(record_class, books.settled(), resent ? std::optional(books.in_flight_to) : std::nullopt,
                   records_max, bytes_max);
    if (!batch) return propagate(batch);
    batch->spool_id = in.ledger.spool_id;
    batch->resent = resent;
    batch->number = books.batch_number;
    if (batch->empty()) return batch;
    if (auto known = resent ? in.remember_seen() : in.begin_batch(*batch); !known) return propagate(known);
    return batch;
}

core::Status Backlog::Reading::remember_seen() {
    Ledger next = with_seen();
    if (next.classes == ledger.classes) return {};
    if (auto synced = sync_newest(); !synced) return synced;
    return write(std::move(next));
}

core::Status Backlog::Reading::sync_newest() {
    if (!loaded || !loaded->newest) return {};
    auto file = files.open(slot_file(folder, loaded->number, SlotFile::segment), FileSystem::Open::existing);
    if (!file) return propagate(file);
    return (*file)->sync();
}

Ledger Backlog::Reading::with_seen() const {
    Ledger next = ledger;
    if (loaded)
        for (std::size_t c = 0; c < class_count; ++c)
            next.classes[c].seen = std::max(next.classes[c].seen, loaded->rows_after[c]);
    return next;
}

core::Result<Batch> Backlog::halve(const Batch& batch) {
    Reading& in = *reading_;
    auto half =
        in.collect(batch.record_class, batch.from_row, std::nullopt, batch.records.size() / 2, UINT64_MAX);
    if (!half) return propagate(half);
    half->spool_id = in.ledger.spool_id;
    if (auto begun = in.begin_batch(*half); !begun) return propagate(begun);
    return half;
}

core::Status Backlog::Reading::begin_batch(Batch& batch) {
    if (auto synced = sync_newest(); !synced) return synced;
    Ledger next = with_seen();
    ClassLedger& books = next.classes[place(batch.record_class)];
    batch.number = ++books.batch_number;
    books.in_flight_to = batch.to_row;
    return write(std::move(next));
}

core::Status Backlog::Reading::keep_dead(const Batch& batch, const Settlement& settlement) {
    if (settlement.dead.empty()) return {};
    const std::string dead = folder + "/dead";
    if (auto made = files.make_folder(dead); !made) return made;
    for (const auto& [index, error] : settlement.dead) {
        const std::string name =
            fmt::format("{}/{}_{:012}_{:06}", dead, sink::name(batch.record_class), batch.number, index);
        for (const auto& [ending, text] :
             {std::pair{".record", &batch.records[index].bytes}, std::pair{".reason", &error.message}}) {
            auto file = files.open(name + ending, FileSystem::Open::create);
            if (!file) return propagate(file);
            if (auto written = (*file)->write(0, *text); !written) return written;
            if (auto synced = (*file)->sync(); !synced) return synced;
        }
    }
    if (auto synced = files.sync_folder(dead); !synced) return synced;
    return files.sync_folder(folder);
}

core::Status Backlog::settle(const Batch& batch, const Settlement& settlement) {
    Reading& in = *reading_;
    std::uint64_t rows = 0, dead = 0;
    for (const auto& record : batch.records) rows += record.rows;
    for (const auto& [index, error] : settlement.dead)
        dead += index < batch.records.size() ? batch.records[index].rows : 0;
    if (settlement.stored + settlement.duplicate + dead != rows)
        return fail(ErrorKind::internal,
                    fmt::format("batch {} of {} has {} rows; its destination answers for {} stored, {} "
                                "duplicate and {} dead",
                                batch.number, sink::name(batch.record_class), rows, settlement.stored,
                                settlement.duplicate, dead));
    if (auto kept = in.keep_dead(batch, settlement); !kept) return kept;
    Ledger next = in.ledger;
    ClassLedger& books = next.classes[place(batch.record_class)];
    books.stored += settlement.stored;
    books.duplicate += settlement.duplicate;
    books.dead += dead + (batch.to_row - batch.from_row - rows);
    books.missing += batch.missing;
    if (!batch.records.empty()) books.refusal = {};  // It takes something.
    if (batch.parked) books.parked -= rows;
    if (auto written = in.write(std::move(next)); !written) return written;
    return batch.parked ? in.remove_parked(batch) : core::Status();
}

core::Result<std::uint64_t> Backlog::drop_oldest(sink::RecordClass record_class, std::uint64_t bytes_max) {
    Reading& in = *reading_;
    const std::size_t dropping = place(record_class);
    auto found = slot_files(in.files, in.folder);
    if (!found) return propagate(found);
    Ledger next = in.ledger;
    ClassLedger& books = next.classes[dropping];
    const ClassLedger before_all = books;
    std::uint64_t undrained = 0;
    for (const auto& segment : found->segments) undrained += segment.bytes;
    // A batch that was sent is given up whole or not at all: sent again it must be the same records.
    const auto split = [&] { return books.settled() < books.in_flight_to; };
    const auto goes_on = [&] { return undrained > bytes_max || (books != before_all && split()); };
    for (std::size_t i = 0; i + 1 < found->segments.size() && goes_on(); ++i) {
        auto successor = read_segment_head(in.files, in.folder, found->segments[i + 1].number);
        if (!successor) return propagate(successor);
        if (successor->state != SegmentScan::State::sound) break;
        const RowCounts& before = successor->head.rows_before;
        bool freed = true;
        for (std::size_t c = 0; c < class_count; ++c)
            freed = freed && (c == dropping || before[c] <= next.classes[c].settled());
        if (!freed) break;
        if (before[dropping] > books.settled()) books.dropped += before[dropping] - books.settled();
        undrained -= found->segments[i].bytes;
    }
    if (split()) return 0;
    const std::uint64_t dropped = books.dropped - in.ledger.classes[dropping].dropped;
    if (dropped == 0) return 0;
    if (auto written = in.write(std::move(next)); !written) return propagate(written);
    in.notes.push_back(
        fmt::format("{} rows of class {} were dropped from {}, the oldest first: what waits there takes "
                    "more than {} bytes",
                    dropped, sink::name(record_class), in.folder, bytes_max));
    return dropped;
}

core::Result<std::uint64_t> Backlog::remove_drained(core::Duration replay_window) {
    Reading& in = *reading_;
    auto found = slot_files(in.files, in.folder);
    if (!found) return propagate(found);
    if (found->segments.empty()) return 0;
    // Where the relay stands now, at most once in a twenty-fourth of the window.
    const core::Timestamp now = in.clock.now();
    std::uint64_t drained_below = found->segments.front().number;
    for (std::size_t i = 1; i < found->segments.size(); ++i) {
        auto head = read_segment_head(in.files, in.folder, found->segments[i].number);
        if (!head) return propagate(head);
        bool drained = head->state == SegmentScan::State::sound;
        for (std::size_t c = 0; c < class_count; ++c)
            drained = drained && head->head.rows_before[c] <= in.ledger.classes[c].settled();
        if (!drained) break;
        drained_below = found->segments[i].number;
    }
    const core::Duration apart{replay_window.microseconds / 24};
    // A clock that stood ahead and came back: what was then is at most as old as now, and stays a window
    // longer.
    const auto ahead = [&](const Checkpoint& point) { return point.time > now; };
    if (std::ranges::any_of(in.ledger.checkpoints, ahead)) {
        Ledger next = in.ledger;
        for (Checkpoint& point : next.checkpoints)
            if (ahead(point)) point.time = now;
        if (auto written = in.write(std::move(next)); !written) return propagate(written);
    }
    const auto& points = in.ledger.checkpoints;
    if (drained_below > (points.empty() ? found->segments.front().number : points.back().segment) &&
        (points.empty() || now - points.back().time >= apart)) {
        Ledger next = in.ledger;
        next.checkpoints.push_back({now, drained_below});
        if (next.checkpoints.size() > checkpoints_max) next.checkpoints.erase(next.checkpoints.begin());
        if (auto written = in.write(std::move(next)); !written) return propagate(written);
    }
    std::uint64_t before = 0;
    for (const Checkpoint& point : in.ledger.checkpoints)
        if (now - point.time >= replay_window) before = std::max(before, point.segment);
    return spool::remove_drained(in.files, in.folder, in.ledger, before, 0);
}

}  // namespace tristrata::spool
