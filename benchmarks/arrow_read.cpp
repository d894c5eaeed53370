// A CSV read by Arrow and nothing else, as a whole process: arrow_read FILE. What a check of that file is
// held against.

#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/util/thread_pool.h>
#include <fmt/format.h>
#include <cstdio>

namespace {

arrow::Result<std::int64_t> rows_of(const char* path) {
    ARROW_RETURN_NOT_OK(arrow::SetCpuThreadPoolCapacity(2));
    ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
    ARROW_ASSIGN_OR_RAISE(const auto reader,
                          arrow::csv::TableReader::Make(
                              arrow::io::default_io_context(), file, arrow::csv::ReadOptions::Defaults(),
                              arrow::csv::ParseOptions::Defaults(), arrow::csv::ConvertOptions::Defaults()));
    ARROW_ASSIGN_OR_RAISE(const auto table, reader->Read());
    return table->num_rows();
}

}  // namespace

int main(int argc, char** argv) {
    const auto rows = argc == 2 ? rows_of(argv[1]) : arrow::Status::Invalid("expected one file");
    if (!rows.ok()) {
        fmt::print(stderr, "{}\n", rows.status().message());
        return 2;
    }
    fmt::print("{}\n", *rows);
    std::fflush(nullptr);
    std::_Exit(0);  // As the command line ends: taking Arrow's threads down is no part of reading.
}
