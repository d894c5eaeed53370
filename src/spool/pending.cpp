#include "tristrata/spool/pending.hpp"

#include "slot_reading.hpp"

#include <algorithm>

namespace tristrata::spool {
namespace {

core::Result<PendingRecords> read_before(FileSystem& files, const std::string& folder,
                                         sink::RecordClass record_class, std::uint64_t from_row,
                                         bool is_pending_alone, core::Timestamp before,
                                         std::size_t records_max) {
    PendingRecords found;
    found.to_row = from_row;
    auto ledger = read_ledger(files, folder);
    if (!ledger && ledger.error().kind == core::ErrorKind::not_found) return found;
    if (!ledger) return propagate(ledger);
    const std::size_t c = place(record_class);
    if (is_pending_alone) found.to_row = std::max(from_row, ledger->classes[c].settled());
    SlotReading reading{files, folder, {}, {}};
    if (auto opened = reading.open_known(); !opened) return propagate(opened);
    for (std::size_t i = 0; i < reading.heads.size(); ++i) {
        if (reading.heads[i].state != SegmentScan::State::sound) continue;
        if (i + 1 < reading.heads.size() && reading.heads[i + 1].state == SegmentScan::State::sound &&
            reading.heads[i + 1].head.rows_before[c] <= found.to_row)
            continue;
        auto segment = reading.read(i);
        if (!segment) return propagate(segment);
        for (const Frame& frame : segment->found.frames)
            for (const StoredRecord& record : frame.records) {
                if (record.record_class != record_class || record.first_row < found.to_row) continue;
                const core::Timestamp latest =
                    segment->found.head.created_at + record.since_begun + append_time_step;
                if (latest > before || found.records.size() >= records_max) return found;
                found.records.push_back({record_class, std::string(record.bytes), record.rows, record.crit});
                found.to_row = record.first_row + record.rows;
            }
    }
    return found;
}

}  // namespace

core::Result<PendingRecords> pending_before(FileSystem& files, const std::string& folder,
                                            sink::RecordClass record_class, std::uint64_t from_row,
                                            core::Timestamp before, std::size_t records_max) {
    return read_before(files, folder, record_class, from_row, true, before, records_max);
}

core::Result<PendingRecords> appended_before(FileSystem& files, const std::string& folder,
                                             sink::RecordClass record_class, std::uint64_t from_row,
                                             core::Timestamp before, std::size_t records_max) {
    return read_before(files, folder, record_class, from_row, false, before, records_max);
}

}  // namespace tristrata::spool
