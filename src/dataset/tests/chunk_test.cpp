#include "tristrata/dataset/chunk.hpp"
#include "tristrata/dataset/window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <string>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

std::vector<std::string> keys(const core::Result<Chunks>& chunks) {
    std::vector<std::string> out;
    if (!chunks) {
        ADD_FAILURE() << chunks.error().message;
        return out;
    }
    for (const auto& chunk : chunks->chunks) out.push_back(chunk.key);
    return out;
}

std::vector<std::int64_t> times(const std::vector<std::string>& texts) {
    std::vector<std::int64_t> out;
    for (const auto& text : texts) out.push_back(core::parse_timestamp(text)->microseconds);
    return out;
}

/// A row every `minutes` in [from, to).
std::vector<std::int64_t> every(std::int64_t minutes, const char* from, const char* to) {
    std::vector<std::int64_t> out;
    for (auto t = core::parse_timestamp(from)->microseconds; t < core::parse_timestamp(to)->microseconds;
         t += minutes * 60'000'000)
        out.push_back(t);
    return out;
}

core::Result<Chunks> by(Period period, const std::vector<std::int64_t>& at, std::string zone = "UTC") {
    return cut_into_chunks(at.size(), at, ByPeriod{period, std::move(zone)});
}

using Keys = std::vector<std::string>;

}  // namespace

TEST(ChunksBySize, the_remainder_is_kept_appended_or_dropped) {
    EXPECT_EQ(keys(cut_into_chunks(10, {}, BySize{4, Remainder::keep})), (Keys{"[0:3]", "[4:7]", "[8:9]"}));
    EXPECT_EQ(keys(cut_into_chunks(10, {}, BySize{4, Remainder::append})), (Keys{"[0:3]", "[4:9]"}));
    const auto dropped = cut_into_chunks(10, {}, BySize{4, Remainder::drop});
    EXPECT_EQ(keys(dropped), (Keys{"[0:3]", "[4:7]"}));
    EXPECT_EQ(dropped->dropped_rows, 2u);
    for (const auto rule : {Remainder::keep, Remainder::append, Remainder::drop})
        EXPECT_EQ(keys(cut_into_chunks(8, {}, BySize{4, rule})), (Keys{"[0:3]", "[4:7]"})) << name(rule);
}

TEST(ChunksBySize, fewer_rows_than_the_size_are_one_short_chunk_or_none_or_refused) {
    EXPECT_EQ(keys(cut_into_chunks(3, {}, BySize{4, Remainder::keep})), (Keys{"[0:2]"}));
    const auto dropped = cut_into_chunks(3, {}, BySize{4, Remainder::drop});
    EXPECT_TRUE(dropped->chunks.empty());
    EXPECT_EQ(dropped->dropped_rows, 3u);
    const auto appended = cut_into_chunks(3, {}, BySize{4, Remainder::append});
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().kind, core::ErrorKind::usage);
    EXPECT_NE(appended.error().message.find("3 rows do not fill one chunk of 4"), std::string::npos);
    EXPECT_TRUE(cut_into_chunks(0, {}, BySize{4, Remainder::append})->chunks.empty()) << "nothing remains";
    EXPECT_FALSE(cut_into_chunks(3, {}, BySize{0, Remainder::keep}));
}

TEST(ChunksBySize, the_times_of_a_chunk_are_those_of_its_first_and_last_row) {
    const auto at = every(60, "2023-01-01", "2023-01-02");
    const auto chunks = cut_into_chunks(at.size(), at, BySize{10, Remainder::keep});
    ASSERT_TRUE(chunks);
    EXPECT_EQ(core::to_string(*chunks->chunks[2].from), "2023-01-01T20:00:00Z");
    EXPECT_EQ(core::to_string(*chunks->chunks[2].to), "2023-01-01T23:00:00Z");
    EXPECT_FALSE(cut_into_chunks(3, {}, BySize{2, Remainder::keep})->chunks[0].from);
}

TEST(ChunksByCount, worked_example_of_nannyml_891_rows_are_ten_chunks_and_one_row) {
    const auto chunks = cut_into_chunks(891, {}, ByCount{});
    ASSERT_TRUE(chunks);
    ASSERT_EQ(chunks->chunks.size(), 11u);
    EXPECT_EQ(chunks->chunks[9].size(), 89u);
    EXPECT_EQ(chunks->chunks[10].key, "[890:890]");
    // 50,000 rows by nine: its tutorial on chunking prints nine chunks of 5,555 rows and one of 5.
    const auto nine = cut_into_chunks(50'000, {}, ByCount{9, Remainder::keep});
    EXPECT_EQ(nine->chunks.size(), 10u);
    EXPECT_EQ(nine->chunks.back().size(), 5u);
    EXPECT_EQ(cut_into_chunks(50'000, {}, ByCount{9, Remainder::append})->chunks.back().size(), 5560u);
    EXPECT_EQ(cut_into_chunks(50'000, {}, ByCount{9, Remainder::drop})->dropped_rows, 5u);
}

TEST(ChunksByCount, more_chunks_than_rows_are_refused) {
    EXPECT_EQ(cut_into_chunks(3, {}, ByCount{3, Remainder::keep})->chunks.size(), 3u);
    EXPECT_FALSE(cut_into_chunks(3, {}, ByCount{4, Remainder::keep}));
    EXPECT_FALSE(cut_into_chunks(3, {}, ByCount{0, Remainder::keep}));
}

TEST(ChunksByPeriod, are_named_as_calendars_name_them) {
    const auto at = times({"2020-01-08T05:17:00Z"});
    EXPECT_EQ(keys(by(Period::quarter_hour, at)), (Keys{"2020-01-08 05:15"}));
    EXPECT_EQ(keys(by(Period::hour, at)), (Keys{"2020-01-08 05:00"}));
    EXPECT_EQ(keys(by(Period::day, at)), (Keys{"2020-01-08"}));
    EXPECT_EQ(keys(by(Period::week, at)), (Keys{"2020-01-06/2020-01-12"}));
    EXPECT_EQ(keys(by(Period::month, at)), (Keys{"2020-01"}));
    EXPECT_EQ(keys(by(Period::quarter, at)), (Keys{"2020Q1"}));
    EXPECT_EQ(keys(by(Period::year, at)), (Keys{"2020"}));
    const auto before_1970 = times({"1969-12-31T23:59:59Z"});
    EXPECT_EQ(keys(by(Period::quarter_hour, before_1970)), (Keys{"1969-12-31 23:45"}));
    EXPECT_EQ(keys(by(Period::week, before_1970)), (Keys{"1969-12-29/1970-01-04"}));
    EXPECT_EQ(keys(by(Period::quarter, before_1970)), (Keys{"1969Q4"}));
}

TEST(ChunksByPeriod, a_row_on_a_bound_belongs_to_the_period_that_begins_there) {
    const auto chunks = by(Period::day, times({"2023-01-01", "2023-01-01T23:59:59.999999Z", "2023-01-02"}));
    ASSERT_EQ(keys(chunks), (Keys{"2023-01-01", "2023-01-02"}));
    EXPECT_EQ(chunks->chunks[0].size(), 2u);
    EXPECT_EQ(chunks->chunks[0].to, chunks->chunks[1].from);
}

TEST(ChunksByPeriod, where_clocks_change_a_day_has_23_or_25_hours) {
    const auto hours = [](const Chunk& chunk) {
        return (*chunk.to - *chunk.from).microseconds / 3'600'000'000;
    };
    const auto spring = every(60, "2023-03-24T23:00Z", "2023-03-27T22:00Z");  // Berlin's 25th, 26th, 27th.
    const auto chunks = by(Period::day, spring, "Europe/Berlin");
    ASSERT_EQ(keys(chunks), (Keys{"2023-03-25", "2023-03-26", "2023-03-27"}));
    EXPECT_EQ(hours(chunks->chunks[0]), 24);
    EXPECT_EQ(hours(chunks->chunks[1]), 23);
    EXPECT_EQ(chunks->chunks[1].size(), 23u);
    EXPECT_EQ(chunks->chunks[1].utc_offset_s, 3600);
    EXPECT_EQ(chunks->chunks[2].utc_offset_s, 7200);
    EXPECT_EQ(core::to_string(*chunks->chunks[2].from), "2023-03-26T22:00:00Z");
    const auto autumn = every(60, "2023-10-28T22:00Z", "2023-10-29T23:00Z");
    const auto long_day = by(Period::day, autumn, "Europe/Berlin");
    ASSERT_EQ(keys(long_day), (Keys{"2023-10-29"}));
    EXPECT_EQ(hours(long_day->chunks[0]), 25);
    const auto week = by(Period::week, every(60, "2023-03-19T23:00Z", "2023-03-26T22:00Z"), "Europe/Berlin");
    ASSERT_EQ(keys(week), (Keys{"2023-03-20/2023-03-26"}));
    EXPECT_EQ(week->chunks[0].size(), 167u);
}

TEST(ChunksByPeriod, the_hour_that_comes_twice_is_two_chunks_and_the_one_that_never_comes_is_none) {
    EXPECT_EQ(keys(by(Period::hour, every(30, "2023-10-29T00:00Z", "2023-10-29T02:00Z"), "Europe/Berlin")),
              (Keys{"2023-10-29 02:00+02:00", "2023-10-29 02:00+01:00"}));
    const auto spring =
        by(Period::hour, every(30, "2023-03-26T00:00Z", "2023-03-26T02:00Z"), "Europe/Berlin");
    EXPECT_EQ(keys(spring), (Keys{"2023-03-26 01:00+01:00", "2023-03-26 03:00+02:00"}));
    EXPECT_EQ(spring->chunks[1].empty_before, 0u);
    // Clocks that differ from UTC by half an hour have hours of their own, and Lord Howe goes back by half
    // one: from 02:00 to 01:30.
    EXPECT_EQ(keys(by(Period::hour, times({"2023-01-01T00:15Z", "2023-01-01T00:45Z"}), "Asia/Kolkata")),
              (Keys{"2023-01-01 05:00+05:30", "2023-01-01 06:00+05:30"}));
    const auto half =
        by(Period::hour, every(10, "2023-04-01T14:30Z", "2023-04-01T15:30Z"), "Australia/Lord_Howe");
    EXPECT_EQ(keys(half), (Keys{"2023-04-02 01:00+11:00", "2023-04-02 01:30+10:30"}));
}

TEST(ChunksByPeriod, a_midnight_that_clocks_skip_or_repeat_still_begins_one_day) {
    // São Paulo, 2018-11-04: from 00:00 to 01:00. Havana, 2023-11-05: from 01:00 back to 00:00.
    const auto skipped =
        by(Period::day, every(60, "2018-11-03T03:00Z", "2018-11-05T02:00Z"), "America/Sao_Paulo");
    ASSERT_EQ(keys(skipped), (Keys{"2018-11-03", "2018-11-04"}));
    EXPECT_EQ(skipped->chunks[1].size(), 23u);
    const auto repeated =
        by(Period::day, every(60, "2023-11-05T04:00Z", "2023-11-06T05:00Z"), "America/Havana");
    ASSERT_EQ(keys(repeated), (Keys{"2023-11-05"}));
    EXPECT_EQ(repeated->chunks[0].size(), 25u);
    // Samoa went from the 29th to the 31st of December 2011: the 30th is no period, and no empty one.
    const auto samoa = by(Period::day, every(60, "2011-12-29T10:00Z", "2011-12-31T10:00Z"), "Pacific/Apia");
    ASSERT_EQ(keys(samoa), (Keys{"2011-12-29", "2011-12-31"}));
    EXPECT_EQ(samoa->chunks[1].empty_before, 0u);
}

TEST(ChunksByPeriod, leap_days_are_days) {
    const auto days = by(Period::day, every(24 * 60, "2024-02-28", "2024-03-02"));
    EXPECT_EQ(keys(days), (Keys{"2024-02-28", "2024-02-29", "2024-03-01"}));
    const auto months = by(Period::month, every(24 * 60, "2024-02-01", "2024-03-01"));
    ASSERT_EQ(keys(months), (Keys{"2024-02"}));
    EXPECT_EQ(months->chunks[0].size(), 29u);
    EXPECT_EQ(by(Period::year, every(24 * 60, "2023-01-01", "2025-01-01"))->chunks[1].size(), 366u);
    EXPECT_EQ(keys(by(Period::day, times({"1900-02-28", "1900-03-01"}))), (Keys{"1900-02-28", "1900-03-01"}));
    EXPECT_EQ(by(Period::day, times({"1900-02-28", "1900-03-01"}))->chunks[1].empty_before, 0u)
        << "1900 was no leap year";
}

TEST(ChunksByPeriod, periods_without_a_row_are_no_chunks_and_are_counted) {
    const auto chunks = by(Period::month, times({"2023-01-31", "2023-05-01", "2023-06-30"}));
    ASSERT_EQ(keys(chunks), (Keys{"2023-01", "2023-05", "2023-06"}));
    EXPECT_EQ(chunks->chunks[0].empty_before, 0u);
    EXPECT_EQ(chunks->chunks[1].empty_before, 3u);
    EXPECT_EQ(chunks->chunks[2].empty_before, 0u);
}

TEST(ChunksByPeriod, rows_in_disorder_are_ordered_before_and_equals_keep_their_order) {
    const auto at = times({"2023-01-02", "2023-01-01", "2023-01-02", "2023-01-01"});
    const auto rows = select_window(at, {});
    EXPECT_EQ(rows.rows, (std::vector<std::uint32_t>{1, 3, 0, 2}));
    const auto ordered = select(at, rows);
    EXPECT_EQ(keys(cut_into_chunks(ordered.size(), ordered, ByPeriod{})), (Keys{"2023-01-01", "2023-01-02"}));
    // By size a border may fall between equal times: which row is where is decided by the source's order.
    EXPECT_EQ(cut_into_chunks(ordered.size(), ordered, BySize{3, Remainder::keep})->chunks[0].size(), 3u);
}

TEST(ChunksByPeriod, what_cannot_be_cut_is_refused_in_words) {
    const auto unknown = by(Period::day, times({"2023-01-01"}), "Europe/Berlim");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, core::ErrorKind::usage);
    EXPECT_NE(unknown.error().message.find("did you mean Europe/Berlin?"), std::string::npos)
        << unknown.error().message;
    EXPECT_FALSE(by(Period::day, {}, "Nowhere")) << "also where there is nothing to cut";
    EXPECT_TRUE(by(Period::day, {})->chunks.empty());
    EXPECT_NE(cut_into_chunks(3, {}, ByPeriod{}).error().message.find("--time"), std::string::npos);
    EXPECT_FALSE(by(Period::day, {INT64_MAX}));
    EXPECT_FALSE(by(Period::day, {INT64_MIN}));
    EXPECT_TRUE(by(Period::year, times({"0001-01-01", "9999-12-31T23:59:59Z"}), "America/New_York"));
}

TEST(ChunkNames, are_read_back_and_a_wrong_one_names_those_that_are) {
    for (const auto period : {Period::quarter_hour, Period::hour, Period::day, Period::week, Period::month,
                              Period::quarter, Period::year})
        EXPECT_EQ(*parse_period(name(period)), period);
    for (const auto rule : {Remainder::keep, Remainder::append, Remainder::drop})
        EXPECT_EQ(*parse_remainder(name(rule)), rule);
    EXPECT_NE(parse_period("fortnight").error().message.find("15min, hour, day"), std::string::npos);
}

RC_GTEST_PROP(Chunks, hold_every_row_once_in_order, ()) {
    auto at = *rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(1'500'000'000'000'000, 1'700'000'000'000'000));
    std::ranges::sort(at);
    const auto zone = *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/St_Johns");
    const auto period = *rc::gen::element(Period::quarter_hour, Period::hour, Period::day, Period::week,
                                          Period::month, Period::quarter, Period::year);
    const auto chunks = by(period, at, zone);
    RC_ASSERT(chunks.has_value());
    std::size_t next = 0;
    std::int64_t before = INT64_MIN;
    for (const auto& chunk : chunks->chunks) {
        RC_ASSERT(chunk.begin == next && chunk.end > chunk.begin);
        RC_ASSERT(chunk.from->microseconds >= before);
        for (std::size_t i = chunk.begin; i < chunk.end; ++i)
            RC_ASSERT(chunk.from->microseconds <= at[i] && at[i] < chunk.to->microseconds);
        before = chunk.to->microseconds;
        next = chunk.end;
    }
    RC_ASSERT(next == at.size());
    const std::size_t size = *rc::gen::inRange<std::size_t>(1, 12);
    const auto kept = cut_into_chunks(at.size(), at, BySize{size, Remainder::keep});
    RC_ASSERT(kept->chunks.size() == (at.size() + size - 1) / size);
}
