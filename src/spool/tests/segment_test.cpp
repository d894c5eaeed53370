#include "segment.hpp"

#include "checksum.hpp"
#include "ledger_page.hpp"
#include "little_endian.hpp"

#include <gtest/gtest.h>
#include <fstream>
#include <random>
#include <sstream>

using namespace tristrata;
using namespace tristrata::spool;

namespace {

SegmentHead example_head() {
    SegmentHead head;
    head.spool_id = *core::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");
    head.number = 7;
    head.first_sequence = 41;
    head.created_at = *core::parse_timestamp("2026-01-01T00:00:00Z");
    head.salt = 0x1122334455667788;
    head.rows_before = {100, 20, 0, 0, 0, 0};
    return head;
}

/// Frames from `first` on, each of one record whose bytes are its sequence's digits and some more.
std::string frames(std::uint64_t first, std::uint64_t count, std::uint64_t durable = 40,
                   std::size_t padding = 0) {
    std::string bytes;
    RowCounts rows = example_head().rows_before;
    rows[0] += first - 41;
    for (std::uint64_t i = 0; i < count; ++i, ++rows[0]) {
        const sink::Record record{sink::RecordClass::kpi,
                                  std::to_string(first + i) + std::string(padding, 'x')};
        bytes += encode_frame(example_head().salt, first + i, durable, 1, encode_body({&record, 1}, rows));
    }
    return bytes;
}

std::string segment(std::uint64_t count, std::uint64_t durable = 40) {
    return encode(example_head()) + frames(41, count, durable);
}

/// All bytes of the tables' first columns under a heading of the page.
std::string bytes_of_page(const std::string& page, const std::string& heading) {
    std::ifstream stream(std::string(TRISTRATA_SOURCE) + "/docs/formats/" + page);
    std::string line, bytes;
    bool inside = false;
    while (std::getline(stream, line)) {
        if (line.starts_with("#")) inside = line.find(heading) != std::string::npos;
        if (!inside || !line.starts_with("| `")) continue;
        std::istringstream digits(line.substr(3, line.find('`', 3) - 3));
        for (std::string two; digits >> two;) bytes += static_cast<char>(std::stoi(two, nullptr, 16));
    }
    return bytes;
}

std::string shown(std::string_view bytes) {
    std::string text;
    constexpr char digits[] = "0123456789abcdef";
    for (const char byte : bytes) {
        const auto value = static_cast<std::uint8_t>(byte);
        text += {digits[value >> 4U], digits[value & 15U], ' '};
    }
    return text;
}

}  // namespace

TEST(Checksum, worked_example) {
    EXPECT_EQ(crc32c(0, "123456789"), 0xE3069283u);
    EXPECT_EQ(crc32c(crc32c(0, "1234"), "56789"), 0xE3069283u) << "in two parts";
    EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8A9136AAu) << "RFC 3720, B.4";
}

TEST(Segment, the_worked_example_of_the_page_is_what_is_written) {
    const std::string head = encode(example_head());
    ASSERT_EQ(head.size(), segment_head_bytes);
    EXPECT_EQ(shown(head.substr(0, 116)), shown(bytes_of_page("spool.md", "Worked example: a head")));
    EXPECT_EQ(head.substr(0, 512), head.substr(512)) << "the second copy";
    EXPECT_EQ(head.find_first_not_of('\0', 116), 512u);

    const sink::Record record{sink::RecordClass::drift, "hello", 2, true};
    const std::string frame =
        encode_frame(example_head().salt, 41, 40, 1, encode_body({&record, 1}, example_head().rows_before));
    EXPECT_EQ(shown(frame), shown(bytes_of_page("spool.md", "Worked example: a frame")));
    EXPECT_EQ(frame.size(), frame_bytes({&record, 1}));

    const std::string bytes = head + frame;
    const SegmentScan found = scan(bytes, std::nullopt);
    ASSERT_EQ(found.frames.size(), 1u);
    const StoredRecord& read = found.frames[0].records.at(0);
    EXPECT_EQ(read.record_class, sink::RecordClass::drift);
    EXPECT_EQ(read.bytes, "hello");
    EXPECT_EQ(read.rows, 2u);
    EXPECT_EQ(read.first_row, 20u);
    EXPECT_TRUE(read.crit);
}

TEST(Segment, the_worked_example_of_a_ledger_is_what_is_written) {
    Ledger ledger;
    ledger.spool_id = example_head().spool_id;
    ledger.generation = 9;
    ledger.classes[0] = {95, 3, 1, 0, 12, 100};
    ledger.checkpoints = {{example_head().created_at, 6}};
    const std::string page = encode(ledger);
    ASSERT_EQ(page.size(), ledger_page_bytes);
    EXPECT_EQ(shown(page.substr(0, 96)), shown(bytes_of_page("spool.md", "Worked example: a ledger")));
    EXPECT_EQ(*decode_ledger(page), ledger);
    EXPECT_EQ(decode_ledger(std::string(4096, 'x')).error().kind, core::ErrorKind::invalid_input);
}

TEST(Segment, a_torn_tail_is_the_end_and_is_counted) {
    const std::string whole = segment(5);
    for (const std::size_t cut : {whole.size() - 1, whole.size() - 9, whole.size() - 40}) {
        std::string torn = whole.substr(0, cut);
        torn.resize(4096, '\0');
        const SegmentScan found = scan(torn, std::nullopt);
        // The padding of the last frame is zeros: without the last byte nothing is missing.
        EXPECT_EQ(found.frames.size(), cut == whole.size() - 1 ? 5u : 4u) << cut;
        EXPECT_EQ(found.torn_bytes > 0, cut != whole.size() - 1) << cut;
        EXPECT_TRUE(found.holes.empty());
    }
}

TEST(Segment, a_frame_that_was_never_durable_ends_what_is_read_though_a_later_one_reached_the_disk) {
    std::string bytes = segment(5);
    const std::size_t third = scan(bytes, std::nullopt).frames[2].offset;
    bytes[third + 40] = static_cast<char>(bytes[third + 40] ^ 1);
    const SegmentScan found = scan(bytes, std::nullopt);
    EXPECT_EQ(found.frames.size(), 2u);
    EXPECT_EQ(found.next_sequence, 43u);
    EXPECT_GT(found.torn_bytes, 0u);
}

TEST(Segment, a_frame_that_was_durable_and_cannot_be_read_is_a_hole) {
    std::string bytes = segment(5) + frames(46, 1, 45);  // The sixth says that five were durable.
    const std::size_t third = scan(bytes, std::nullopt).frames[2].offset;
    bytes[third + 40] = static_cast<char>(bytes[third + 40] ^ 1);
    const SegmentScan found = scan(bytes, std::nullopt);
    EXPECT_EQ(found.frames.size(), 5u);
    ASSERT_EQ(found.holes.size(), 1u);
    EXPECT_EQ(found.holes[0].first_sequence, 43u);
    EXPECT_EQ(found.holes[0].frames, 1u);
    EXPECT_EQ(found.holes[0].offset, third);
}

TEST(Segment, a_later_segment_says_what_was_durable_and_what_is_void) {
    std::string bytes = segment(5);
    EXPECT_EQ(scan(bytes, 44).frames.size(), 3u) << "two are void: they were written again";
    EXPECT_TRUE(scan(bytes, 44).holes.empty());
    const SegmentScan missing = scan(bytes, 48);
    EXPECT_EQ(missing.frames.size(), 5u);
    ASSERT_EQ(missing.holes.size(), 1u);
    EXPECT_EQ(missing.holes[0].frames, 2u);
}

TEST(Segment, one_head_is_enough_and_none_is_damage) {
    std::string bytes = segment(2);
    bytes[40] = static_cast<char>(bytes[40] ^ 1);
    EXPECT_EQ(scan(bytes, std::nullopt).frames.size(), 2u);
    EXPECT_TRUE(scan(bytes, std::nullopt).one_head_damaged);
    bytes[512 + 40] = static_cast<char>(bytes[512 + 40] ^ 1);
    EXPECT_EQ(scan(bytes, std::nullopt).state, SegmentScan::State::damaged_head);
    EXPECT_TRUE(scan(bytes, std::nullopt).frames.empty());
}

TEST(Segment, another_format_is_named_and_not_guessed) {
    std::string bytes = segment(2);
    bytes[8] = bytes[520] = 2;
    const SegmentScan found = scan(bytes, std::nullopt);
    EXPECT_EQ(found.state, SegmentScan::State::unknown_format);
    EXPECT_EQ(found.format, 2u);
}

TEST(Segment, a_record_tells_when_it_was_appended_rounded_down_and_no_further_than_it_can) {
    const std::vector<sink::Record> records{{sink::RecordClass::kpi, "one"},
                                            {sink::RecordClass::drift, "other"}};
    const auto told = [&](core::Duration since_begun, bool forgotten) {
        std::string body = encode_body(records, example_head().rows_before, since_begun);
        if (forgotten) forget_append_time(body, 2);
        const std::string bytes = encode(example_head()) + encode_frame(example_head().salt, 41, 40, 2, body);
        const SegmentScan found = scan(bytes, std::nullopt);
        EXPECT_EQ(found.frames.at(0).records.at(1).bytes, "other");
        EXPECT_EQ(found.frames[0].records[0].since_begun, found.frames[0].records[1].since_begun);
        return found.frames[0].records[1].since_begun.microseconds;
    };
    EXPECT_EQ(told({9'999'999}, false), 0);
    EXPECT_EQ(told({10'000'000}, false), 10'000'000);
    EXPECT_EQ(told({86'409'999'999}, false), 86'400'000'000);
    EXPECT_EQ(told({INT64_MAX}, false), append_time_max.microseconds);
    EXPECT_EQ(told({-1}, false), 0) << "a clock that went back";
    EXPECT_EQ(told({86'409'999'999}, true), 0) << "its next segment was begun after it";
}

TEST(Segment, a_frame_inside_a_record_or_of_another_segment_is_no_frame) {
    const sink::Record inner{sink::RecordClass::object, frames(42, 3, 45)};
    SegmentHead other = example_head();
    other.salt = 5;
    std::string bytes = encode(other);
    const std::size_t first = bytes.size();
    bytes += encode_frame(other.salt, 41, 40, 1, encode_body({&inner, 1}, other.rows_before));
    EXPECT_EQ(scan(bytes, 46).frames.size(), 1u);
    bytes[first + 33] = static_cast<char>(bytes[first + 33] ^ 1);  // Now it is searched for what is inside.
    EXPECT_TRUE(scan(bytes, 46).frames.empty());
}

TEST(Segment, whatever_is_damaged_what_is_read_was_written) {
    constexpr std::uint64_t seed = 20240607;
    std::mt19937_64 draw(seed);
    for (int round = 0; round < 2000; ++round) {
        const std::string whole =
            encode(example_head()) + frames(41, 6, 40, draw() % 300) + frames(47, 2, 46);
        std::string bytes = whole;
        const auto damages = 1 + draw() % 4;
        for (std::uint64_t i = 0; i < damages; ++i) {
            const auto at = draw() % bytes.size();
            if (draw() % 2 == 0) bytes[at] = static_cast<char>(bytes[at] ^ (1 << draw() % 8));
            else
                std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                            std::min<std::size_t>(512, bytes.size() - at), '\0');
        }
        const SegmentScan found =
            scan(bytes, draw() % 2 == 0 ? std::nullopt : std::optional<std::uint64_t>(49));
        std::uint64_t before = 40;
        for (const Frame& frame : found.frames) {
            EXPECT_GT(frame.sequence, before) << "seed " << seed << ", round " << round;
            before = frame.sequence;
            EXPECT_EQ(frame.records.at(0).bytes.substr(0, 2), std::to_string(frame.sequence));
        }
    }
}
