#include "tristrata/spool/spool.hpp"
#include "checksum.hpp"
#include "ledger_page.hpp"
#include "little_endian.hpp"
#include "memory_file_system.hpp"
#include "segment.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/spool/backlog.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

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

/// The bytes as the fields of a ledger, all of them, behind its magic and before a checksum that holds.
std::string sound_ledger(std::string_view body) {
    constexpr std::size_t checkpoints_at = 12, checksum_at = spool::ledger_page_bytes - 4;
    std::string page = encode(spool::Ledger());
    const std::size_t taken = std::min(body.size(), checksum_at - checkpoints_at);
    page.replace(checkpoints_at, taken, body.substr(0, taken));
    const auto checkpoints = spool::get<std::uint32_t>(page, checkpoints_at) % (spool::checkpoints_max + 1);
    std::memcpy(page.data() + checkpoints_at, &checkpoints, sizeof checkpoints);
    page.resize(checksum_at);
    spool::put(page, spool::crc32c(0, page));
    return page;
}

/// Parked, missing and refused rows are fields like the others: what was read is written and read again.
void expect_same_ledger_again(std::string_view page) {
    const auto ledger = spool::decode_ledger(page);
    if (!ledger || spool::decode_ledger(encode(*ledger)).value() != *ledger) std::abort();
}

/// Records of the bytes' own making are read back as they were appended, with the time of it.
void expect_same_records_again(std::string_view bytes) {
    std::vector<sink::Record> records;
    std::uint64_t since_us = 0;
    while (bytes.size() >= 4 && records.size() < 100) {
        const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
        sink::Record record;
        record.record_class = static_cast<sink::RecordClass>(at(0) % spool::class_count);
        record.crit = at(0) >= 128;
        record.rows = 1U + at(1);  // None has none.
        since_us = since_us * 257 + at(2) * 1'000'000U;
        record.bytes = bytes.substr(4, at(3) % 64);
        bytes.remove_prefix(4 + record.bytes.size());
        records.push_back(std::move(record));
    }
    if (records.empty()) return;
    const core::Duration since{static_cast<std::int64_t>(
        since_us % static_cast<std::uint64_t>(2 * spool::append_time_max.microseconds))};
    spool::SegmentHead head;
    head.number = 1;
    head.first_sequence = 1;
    head.salt = since_us;
    std::string body = spool::encode_body(records, {}, since);
    const auto count = static_cast<std::uint32_t>(records.size());
    for (const bool is_known : {true, false}) {
        if (!is_known) spool::forget_append_time(body, count);
        std::string segment = encode(head) + spool::encode_frame(head.salt, 1, 0, count, body);
        segment.resize((segment.size() + 4095) / 4096 * 4096, '\0');
        const auto found = spool::scan(segment, std::nullopt);
        if (found.frames.size() != 1 || found.frames[0].records.size() != records.size()) std::abort();
        const std::int64_t steps = std::min(since.microseconds, spool::append_time_max.microseconds) /
                                   spool::append_time_step.microseconds;
        const std::int64_t told = is_known ? steps * spool::append_time_step.microseconds : 0;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto& one = found.frames[0].records[i];
            if (one.record_class != records[i].record_class || one.crit != records[i].crit ||
                one.rows != records[i].rows || one.bytes != records[i].bytes ||
                one.since_begun.microseconds != told)
                std::abort();
        }
    }
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
    const std::string ledger = sound_ledger(bytes);
    expect_same_ledger_again(ledger);
    expect_same_records_again(bytes);
    const std::string first = "spool/slot_0000/00000000000000000001.segment";
    for (const std::string& segment : {std::string(bytes), sound_segment(bytes)}) {
        faults::MemoryFileSystem files;
        files.replace(first, segment);
        live(files);
    }
    for (const std::string& page : {std::string(bytes), ledger}) {
        faults::MemoryFileSystem files;
        files.replace("spool/slot_0000/ledger", page);
        live(files);
    }
    return 0;
}
