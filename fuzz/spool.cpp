#include "tristrata/spool/spool.hpp"
#include "ledger_page.hpp"
#include "memory_file_system.hpp"
#include "segment.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/spool/backlog.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace tristrata;

/// The bytes as frames behind a sound head, with checksums that hold: what a fuzzer does not find.
std::string sound_segment(std::string_view body) {
    spool::SegmentHead head;
    head.number = 1;
    head.first_sequence = 1;
    const auto records = static_cast<std::uint32_t>(body.empty() ? 0 : body[0] & 3);
    std::string bytes = encode(head) + spool::encode_frame(head.salt, 1, 0, records, body);
    bytes.resize((bytes.size() + 4095) / 4096 * 4096, '\0');
    return bytes;
}

/// Whatever lies in the slot, a spool opens there or beside it, takes a record, and its drain comes to an end
/// with books that add up.
void live(faults::MemoryFileSystem& files) {
    spool::Options options;
    options.root = "spool";
    options.segment_bytes = 4096;
    options.bytes_max = 1U << 20U;
    const core::Timestamp start{1'700'000'000'000'000};
    core::ManualClock clock(start);
    if (!files.make_folder(options.root)) std::abort();
    auto spool = spool::Spool::open(files, clock, options);
    if (!spool) {
        if (spool.error().message.empty()) std::abort();
        return;
    }
    const sink::Record record{sink::RecordClass::kpi, "record", 1};
    if (!(*spool)->append({&record, 1})) std::abort();
    auto backlog = spool::Backlog::open(files, clock, *(*spool)->folder());
    if (!backlog || !*backlog) return;
    bool there = false;
    while (true) {
        auto batch = (*backlog)->next(sink::RecordClass::kpi, 100, 1U << 20U);
        if (!batch || batch->empty()) break;
        spool::Settlement settlement;
        for (const auto& one : batch->records) {
            settlement.stored += one.rows;
            there = there || one.bytes == record.bytes;
        }
        if (!(*backlog)->settle(*batch, settlement)) break;
    }
    if (!there && (*backlog)->ledger().classes[0].settled() < UINT64_MAX / 2) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto found = spool::scan(bytes, std::nullopt);
    std::uint64_t before = 0;
    for (const auto& frame : found.frames) {
        if (frame.sequence < before || frame.offset + frame.bytes > bytes.size()) std::abort();
        before = frame.sequence;
    }
    if (const auto ledger = spool::decode_ledger(bytes))
        if (spool::decode_ledger(encode(*ledger)).value() != *ledger) std::abort();
    const std::string first = "spool/slot_0000/00000000000000000001.segment";
    for (const std::string& segment : {std::string(bytes), sound_segment(bytes)}) {
        faults::MemoryFileSystem files;
        files.replace(first, segment);
        live(files);
    }
    faults::MemoryFileSystem files;
    files.replace("spool/slot_0000/ledger", std::string(bytes));
    live(files);
    return 0;
}
