#include "tables.hpp"

#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/table.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <fstream>
#include <numeric>

namespace tristrata::sources::testing {

std::string Tables::file(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
}

std::string Tables::gzip_file(const std::string& name, std::string_view bytes) const {
    auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP).ValueOrDie();
    auto out = arrow::io::FileOutputStream::Open(path(name)).ValueOrDie();
    auto zipped = arrow::io::CompressedOutputStream::Make(codec.get(), out).ValueOrDie();
    EXPECT_TRUE(zipped->Write(bytes.data(), static_cast<std::int64_t>(bytes.size())).ok());
    EXPECT_TRUE(zipped->Close().ok());
    return path(name);
}

std::string Tables::parquet_file(const std::string& name, const arrow::Table& table,
                                 std::int64_t row_group) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    auto out = arrow::io::FileOutputStream::Open(path(name)).ValueOrDie();
    const auto status = parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, row_group);
    EXPECT_TRUE(status.ok()) << status;
    return path(name);
}

std::string Tables::ipc_file(const std::string& name, const arrow::Table& table, Ipc kind,
                             std::int64_t batch) const {
    auto out = arrow::io::FileOutputStream::Open(path(name)).ValueOrDie();
    auto writer = (kind == Ipc::file ? arrow::ipc::MakeFileWriter(out, table.schema())
                                     : arrow::ipc::MakeStreamWriter(out, table.schema()))
                      .ValueOrDie();
    const auto status = writer->WriteTable(table, batch);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(writer->Close().ok());
    return path(name);
}

std::unique_ptr<dataset::Source> opened(const std::string& path, const SourceOptions& options) {
    auto source = open_source(path, options, {});
    if (!source) {
        ADD_FAILURE() << source.error().message;
        return nullptr;
    }
    return std::move(*source);
}

dataset::Column column(dataset::Source& source, std::string_view name) {
    const auto field = source.schema().find(name);
    if (!field) {
        ADD_FAILURE() << "no column " << name;
        return {};
    }
    const std::size_t wanted[]{*field};
    auto columns = dataset::read_columns(source, wanted, {});
    if (!columns) {
        ADD_FAILURE() << columns.error().message;
        return {};
    }
    return std::move((*columns)[0]);
}

std::string refusal(const std::string& path, const SourceOptions& options) {
    auto source = open_source(path, options, {});
    if (!source) return source.error().message;
    std::vector<std::size_t> all((*source)->schema().fields.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    auto columns = dataset::read_columns(**source, all, {});
    return columns ? "" : columns.error().message;
}

std::vector<std::string> labels(const dataset::Column& column) {
    std::vector<std::string> out;
    for (const auto code : column.codes)
        out.push_back(code == dataset::Column::missing_code ? "<missing>" : column.labels[code]);
    return out;
}

}  // namespace tristrata::sources::testing
