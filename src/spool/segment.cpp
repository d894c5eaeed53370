#include "segment.hpp"

#include "checksum.hpp"
#include "little_endian.hpp"

#include <algorithm>
#include <limits>

namespace tristrata::spool {
namespace {

constexpr std::string_view segment_magic = "TRISSPOL";
constexpr std::string_view frame_magic = "FRAM";
constexpr std::size_t head_copy_bytes = 512;
constexpr std::size_t head_checked_bytes = 112;
constexpr std::size_t alignment = 8;
constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

std::uint32_t frame_checksum(std::uint64_t salt, std::string_view head, std::string_view body) {
    std::string before;
    put(before, salt);
    return crc32c(crc32c(crc32c(0, before), head), body);
}

/// One copy of the head, or why it is none.
SegmentScan::State read_head(std::string_view copy, SegmentHead& head, std::uint32_t& format) {
    using State = SegmentScan::State;
    if (copy.size() < head_copy_bytes || !copy.starts_with(segment_magic)) return State::damaged_head;
    const auto found = get<std::uint32_t>(copy, 8);
    if (found != segment_format) {
        format = found;
        return State::unknown_format;
    }
    if (crc32c(0, copy.substr(0, head_checked_bytes)) != get<std::uint32_t>(copy, head_checked_bytes))
        return State::damaged_head;
    std::memcpy(head.spool_id.bytes.data(), copy.data() + 16, 16);
    head.number = get<std::uint64_t>(copy, 32);
    head.first_sequence = get<std::uint64_t>(copy, 40);
    head.created_at = {get<std::int64_t>(copy, 48)};
    head.salt = get<std::uint64_t>(copy, 56);
    for (std::size_t c = 0; c < class_count; ++c) head.rows_before[c] = get<std::uint64_t>(copy, 64 + 8 * c);
    return State::sound;
}

bool read_records(std::string_view body, std::uint32_t count, std::vector<StoredRecord>& records) {
    std::size_t offset = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (body.size() - offset < record_head_bytes) return false;
        const auto record_class = get<std::uint8_t>(body, offset);
        const auto flags = get<std::uint8_t>(body, offset + 1);
        const auto bytes = get<std::uint64_t>(body, offset + 16);
        StoredRecord record;
        if (record_class >= class_count || flags > 1) return false;
        record.record_class = static_cast<sink::RecordClass>(record_class);
        record.crit = flags == 1;
        record.rows = get<std::uint32_t>(body, offset + 4);
        record.since_begun = {get<std::uint16_t>(body, offset + 2) * append_time_step.microseconds};
        record.first_row = get<std::uint64_t>(body, offset + 8);
        offset += record_head_bytes;
        if (record.rows == 0 || body.size() - offset < bytes) return false;
        record.bytes = body.substr(offset, bytes);
        records.push_back(record);
        offset += bytes;
    }
    return offset == body.size();
}

std::optional<Frame> read_frame(std::string_view bytes, std::size_t offset, std::uint64_t salt) {
    if (bytes.size() < offset + frame_head_bytes || bytes.substr(offset, 4) != frame_magic)
        return std::nullopt;
    const auto body_bytes = get<std::uint32_t>(bytes, offset + 4);
    if (bytes.size() - offset - frame_head_bytes < body_bytes) return std::nullopt;
    const auto head = bytes.substr(offset, frame_head_bytes - 4);
    const auto body = bytes.substr(offset + frame_head_bytes, body_bytes);
    if (frame_checksum(salt, head, body) != get<std::uint32_t>(bytes, offset + frame_head_bytes - 4))
        return std::nullopt;
    Frame frame;
    frame.sequence = get<std::uint64_t>(bytes, offset + 8);
    frame.durable = get<std::uint64_t>(bytes, offset + 16);
    frame.offset = offset;
    frame.bytes = std::min<std::uint64_t>(aligned(frame_head_bytes + body_bytes), bytes.size() - offset);
    if (!read_records(body, get<std::uint32_t>(bytes, offset + 24), frame.records)) return std::nullopt;
    return frame;
}

/// The next frame from an offset on whose sequence lies in [from, below).
std::optional<Frame> find_frame(std::string_view bytes, std::size_t offset, std::uint64_t salt,
                                std::uint64_t from, std::uint64_t below) {
    for (; offset + frame_head_bytes <= bytes.size(); offset += alignment) {
        if (bytes.substr(offset, 4) != frame_magic) continue;
        auto frame = read_frame(bytes, offset, salt);
        if (frame && frame->sequence >= from && frame->sequence < below) return frame;
    }
    return std::nullopt;
}

/// Whether a frame from this offset on says that the missing one had been durable.
bool proven_durable(std::string_view bytes, std::size_t offset, std::uint64_t salt, std::uint64_t missing) {
    while (auto frame = find_frame(bytes, offset, salt, missing + 1, unbounded)) {
        if (frame->durable >= missing) return true;
        offset = frame->offset + std::max<std::size_t>(frame->bytes, alignment);
    }
    return false;
}

}  // namespace

std::string encode(const SegmentHead& head) {
    std::string copy(segment_magic);
    put(copy, segment_format);
    put(copy, std::uint32_t{0});
    copy.append(reinterpret_cast<const char*>(head.spool_id.bytes.data()), head.spool_id.bytes.size());
    put(copy, head.number);
    put(copy, head.first_sequence);
    put(copy, head.created_at.microseconds);
    put(copy, head.salt);
    for (const std::uint64_t rows : head.rows_before) put(copy, rows);
    put(copy, crc32c(0, copy));
    copy.resize(head_copy_bytes, '\0');
    return copy + copy;
}

std::string encode_body(std::span<const sink::Record> records, RowCounts rows_before,
                        core::Duration since_begun) {
    std::string body;
    const std::int64_t known =
        std::clamp<std::int64_t>(since_begun.microseconds, 0, append_time_max.microseconds);
    const auto steps = static_cast<std::uint16_t>(known / append_time_step.microseconds);
    for (const auto& record : records) {
        auto& first_row = rows_before[place(record.record_class)];
        put(body, static_cast<std::uint8_t>(record.record_class));
        put(body, static_cast<std::uint8_t>(record.crit ? 1 : 0));
        put(body, steps);
        put(body, record.rows);
        put(body, first_row);
        put(body, static_cast<std::uint64_t>(record.bytes.size()));
        body += record.bytes;
        first_row += record.rows;
    }
    return body;
}

void forget_append_time(std::string& body, std::uint32_t records) {
    std::size_t offset = 0;
    for (std::uint32_t i = 0; i < records; ++i) {
        body[offset + 2] = body[offset + 3] = '\0';
        offset += record_head_bytes + get<std::uint64_t>(body, offset + 16);
    }
}

std::string encode_frame(std::uint64_t salt, std::uint64_t sequence, std::uint64_t durable,
                         std::uint32_t records, std::string_view body) {
    std::string frame(frame_magic);
    put(frame, static_cast<std::uint32_t>(body.size()));
    put(frame, sequence);
    put(frame, durable);
    put(frame, records);
    put(frame, frame_checksum(salt, frame, body));
    frame += body;
    frame.resize(aligned(frame.size()), '\0');
    return frame;
}

std::uint64_t frame_bytes(std::span<const sink::Record> records) noexcept {
    std::uint64_t bytes = frame_head_bytes;
    for (const auto& record : records) bytes += record_head_bytes + record.bytes.size();
    return aligned(bytes);
}

std::uint64_t frame_bytes_at(std::string_view bytes, std::size_t offset) noexcept {
    if (bytes.size() < offset + frame_head_bytes || bytes.substr(offset, 4) != frame_magic) return 0;
    return aligned(frame_head_bytes + std::uint64_t{get<std::uint32_t>(bytes, offset + 4)});
}

RowCounts rows_after(const SegmentScan& segment) {
    RowCounts rows = segment.head.rows_before;
    for (const Frame& frame : segment.frames)
        for (const StoredRecord& record : frame.records)
            rows[place(record.record_class)] = record.first_row + record.rows;
    return rows;
}

SegmentScan scan_head(std::string_view bytes) {
    using State = SegmentScan::State;
    SegmentScan found;
    SegmentHead first, second;
    std::uint32_t format = segment_format;
    const State one = read_head(bytes.substr(0, head_copy_bytes), first, format);
    const State two = bytes.size() < segment_head_bytes
                          ? State::damaged_head
                          : read_head(bytes.substr(head_copy_bytes, head_copy_bytes), second, format);
    found.end = segment_head_bytes;
    if (one == State::sound || two == State::sound) {
        found.head = one == State::sound ? first : second;
        found.one_head_damaged = one != two;
        found.next_sequence = found.head.first_sequence;
        return found;
    }
    found.state = one == State::unknown_format || two == State::unknown_format ? State::unknown_format
                                                                               : State::damaged_head;
    found.format = format;
    return found;
}

SegmentScan scan(std::string_view bytes, std::optional<std::uint64_t> successor_first_sequence) {
    SegmentScan found = scan_head(bytes);
    if (found.state != SegmentScan::State::sound) return found;
    const std::uint64_t salt = found.head.salt;
    const std::uint64_t below = successor_first_sequence.value_or(unbounded);
    const auto take = [&](Frame frame) {
        found.end = frame.offset + frame.bytes;
        found.next_sequence = frame.sequence + 1;
        found.frames.push_back(std::move(frame));
    };
    while (found.next_sequence < below) {
        if (auto frame = read_frame(bytes, found.end, salt);
            frame && frame->sequence == found.next_sequence) {
            take(std::move(*frame));
            continue;
        }
        if (!successor_first_sequence && !proven_durable(bytes, found.end, salt, found.next_sequence)) break;
        auto later = find_frame(bytes, found.end, salt, found.next_sequence + 1, below);
        if (!later) {  // Only where a later segment says how many there were.
            found.holes.push_back({found.end, bytes.size() - std::min(found.end, bytes.size()),
                                   found.next_sequence, below - found.next_sequence});
            found.next_sequence = below;
            break;
        }
        found.holes.push_back({found.end, later->offset - found.end, found.next_sequence,
                               later->sequence - found.next_sequence});
        take(std::move(*later));
    }
    if (found.end < bytes.size()) {
        const auto last = bytes.find_last_not_of('\0');
        if (last != std::string_view::npos && last >= found.end) found.torn_bytes = last + 1 - found.end;
    }
    return found;
}

}  // namespace tristrata::spool
