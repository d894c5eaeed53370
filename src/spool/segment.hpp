#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/spool/ledger.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::spool {

// The bytes of a segment: docs/formats/spool.md.

inline constexpr std::uint32_t segment_format = 1;
inline constexpr std::size_t segment_head_bytes = 1024;  ///< Two copies, in sectors of their own.
inline constexpr std::size_t frame_head_bytes = 32;
inline constexpr std::size_t record_head_bytes = 24;

/// What a segment says of itself before its frames.
struct SegmentHead {
    core::Uuid spool_id;
    std::uint64_t number = 0;          ///< As in its name.
    std::uint64_t first_sequence = 0;  ///< Every frame below was durable before this head was written.
    core::Timestamp created_at;
    std::uint64_t salt = 0;   ///< Begins every checksum: bytes of another segment are no frames of this one.
    RowCounts rows_before{};  ///< Emitted in this slot before its first frame.
};

/// Both copies, and zeros.
[[nodiscard]] std::string encode(const SegmentHead& head);

/// How finely a record tells when it was appended, and for how long after its segment's beginning it can.
inline constexpr core::Duration append_time_step{10'000'000};
inline constexpr core::Duration append_time_max{append_time_step.microseconds * 65'535};

/// A frame: all records of one append. `durable`: every frame through this one was on disk when it was
/// written. `rows_before` of each class numbers its rows; `since_begun` is how long the segment was there.
[[nodiscard]] std::string encode_body(std::span<const sink::Record> records, RowCounts rows_before,
                                      core::Duration since_begun = {0});
/// The same body in a segment that was begun after the append.
void forget_append_time(std::string& body, std::uint32_t records);
[[nodiscard]] std::string encode_frame(std::uint64_t salt, std::uint64_t sequence, std::uint64_t durable,
                                       std::uint32_t records, std::string_view body);
/// Bytes that a frame of these records takes, its padding among them.
[[nodiscard]] std::uint64_t frame_bytes(std::span<const sink::Record> records) noexcept;

struct StoredRecord {
    sink::RecordClass record_class = sink::RecordClass::kpi;
    bool crit = false;
    std::uint32_t rows = 0;
    std::uint64_t first_row = 0;  ///< Rows of its class that were emitted before it.
    /// From the segment's beginning to its append, and up to a step less; 0 also where that is not known.
    core::Duration since_begun;
    std::string_view bytes;
};

struct Frame {
    std::uint64_t sequence = 0;
    std::uint64_t durable = 0;
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::vector<StoredRecord> records;
};

/// Frames that were durable and cannot be read.
struct Hole {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::uint64_t first_sequence = 0;
    std::uint64_t frames = 0;
    bool operator==(const Hole&) const = default;
};

/// All that can be read of a segment.
struct SegmentScan {
    enum class State : std::uint8_t { sound, unknown_format, damaged_head } state = State::sound;
    std::uint32_t format = segment_format;
    SegmentHead head;
    bool one_head_damaged = false;
    std::vector<Frame> frames;
    std::vector<Hole> holes;
    std::uint64_t next_sequence = 0;  ///< After the last frame.
    std::size_t end = 0;              ///< Where the next frame would stand.
    std::size_t torn_bytes = 0;       ///< What stands there already: a write that was cut off, or damage.
};

/// Reads whatever bytes. `successor_first_sequence`: where a later segment begins; frames from there on are
/// void, and those below were durable: a missing one is a hole. Without it a missing frame is a hole where a
/// later frame says that it was durable, and otherwise the end.
[[nodiscard]] SegmentScan scan(std::string_view bytes, std::optional<std::uint64_t> successor_first_sequence);
/// What the head and the frames bring each class's count of emitted rows to.
[[nodiscard]] RowCounts rows_after(const SegmentScan& segment);
/// Bytes that the frame whose beginning stands there says it takes, whole or not; 0 where none begins.
[[nodiscard]] std::uint64_t frame_bytes_at(std::string_view bytes, std::size_t offset) noexcept;
/// The head alone: `frames` stays empty.
[[nodiscard]] SegmentScan scan_head(std::string_view bytes);

}  // namespace tristrata::spool
