#include "parquet_part.hpp"
#include "scratch_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

using namespace tristrata;
using namespace tristrata::archive;
using store::EventRow;
using store::EventValue;
using store::Layer;

namespace {

EventRow kpi_row(std::int64_t time, const std::string& event_id) {
    return {time,
            EventValue(),
            "m",
            "node",
            "rows",
            0.1,
            R"({"a":"ü\u0000"})",
            std::int64_t{12},
            std::int64_t{1},
            event_id,
            event_id,
            std::int64_t{0}};
}

std::string written(const std::vector<EventRow>& rows, const std::string& path, PartFacts* facts = nullptr) {
    auto writer = PartWriter::open(path, Layer::kpi);
    EXPECT_TRUE(writer);
    for (const auto& row : rows) EXPECT_TRUE(writer->add(row));
    auto found = writer->finish();
    EXPECT_TRUE(found);
    if (facts != nullptr) *facts = *found;
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST(RowDigest, worked_example) {
    store::RowDigest digest;
    digest.add({std::int64_t{7}, EventValue(), "ab"});
    using namespace std::string_view_literals;
    EXPECT_EQ(digest.finish(), core::sha256("\1\0\0\0\0\0\0\0\7\0\3\0\0\0\0\0\0\0\2ab"sv));
}

TEST(ParquetPart, rows_come_back_as_they_were_and_the_same_rows_are_the_same_bytes) {
    auto file = ScratchFile::make("");
    ASSERT_TRUE(file);
    std::vector<EventRow> rows;
    for (int i = 0; i < 3000; ++i) rows.push_back(kpi_row(1'000'000'000 + i % 7, "id-" + std::to_string(i)));
    rows[5][5] = EventValue();
    rows[6][5] = -0.0;
    rows[7][6] = std::string(300'000, 'x');
    PartFacts facts;
    const std::string once = written(rows, file->path(), &facts);
    EXPECT_EQ(facts.rows, 3000u);
    EXPECT_EQ(facts.time_min.microseconds, 1'000'000'000);
    EXPECT_EQ(facts.time_max.microseconds, 1'000'000'006);
    EXPECT_EQ(once, written(rows, file->path()));
    auto read = open_part(file->path(), Layer::kpi);
    ASSERT_TRUE(read) << read.error().message;
    PartCount count(Layer::kpi);
    EventRow row;
    for (const EventRow& expected : rows) {
        ASSERT_TRUE(*(*read)->next(row));
        ASSERT_EQ(row, expected);
        count.add(row);
    }
    EXPECT_FALSE(*(*read)->next(row));
    EXPECT_EQ(count.finish().rows_sha256, facts.rows_sha256);
}

TEST(ParquetPart, what_is_no_part_is_an_error) {
    auto file = ScratchFile::make("");
    ASSERT_TRUE(file);
    for (const auto& text : {std::string(), std::string("PAR1"), std::string(1000, 'x')}) {
        std::ofstream(file->path(), std::ios::binary) << text;
        const auto read = open_part(file->path(), Layer::kpi);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().kind, core::ErrorKind::invalid_input);
    }
    (void)written({kpi_row(1, "a")}, file->path());
    const auto other = open_part(file->path(), Layer::drift);
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("columns"), std::string::npos);
}

TEST(ScratchFile, goes_with_its_owner_and_a_folder_that_is_not_there_is_named) {
    std::string path;
    {
        auto file = ScratchFile::make("");
        ASSERT_TRUE(file);
        path = file->path();
        EXPECT_TRUE(std::filesystem::exists(path));
        ScratchFile moved = std::move(*file);
        EXPECT_EQ(moved.path(), path);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
    const auto none = ScratchFile::make("/nowhere/at/all");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, core::ErrorKind::storage);
    EXPECT_NE(none.error().message.find("/nowhere/at/all"), std::string::npos);
}

TEST(ScratchFile, goes_with_its_owner_and_what_a_killed_run_left_goes_a_day_later) {
    namespace files = std::filesystem;
    const files::path folder = files::temp_directory_path() / fmt::format("scratch_{}", ::getpid());
    files::create_directories(folder);
    const auto leave = [&](const char* name, std::chrono::hours age) {
        std::ofstream(folder / name) << "rows";
        files::last_write_time(folder / name, files::file_time_type::clock::now() - age);
    };
    leave("tristrata-archive-old", std::chrono::hours(25));
    leave("tristrata-archive-new", std::chrono::hours(23));
    leave("somebody-else-s", std::chrono::hours(25));
    {
        const auto file = ScratchFile::make(folder.string());
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_TRUE(files::exists(file->path()));
        EXPECT_FALSE(files::exists(folder / "tristrata-archive-old"));
    }
    std::set<std::string> left;
    for (const auto& entry : files::directory_iterator(folder)) left.insert(entry.path().filename().string());
    EXPECT_EQ(left, (std::set<std::string>{"somebody-else-s", "tristrata-archive-new"}));
    files::remove_all(folder);
}
