#include "parquet_part.hpp"

#include "tristrata/core/text.hpp"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <algorithm>
#include <cassert>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;
using store::ColumnType;

constexpr std::int64_t group_rows_max = 1 << 16;
constexpr std::size_t group_bytes_max = 16u << 20u;
/// Rows that a reader holds at once; a row group's bytes are bounded already.
constexpr std::int64_t read_rows = 1024;

std::shared_ptr<arrow::DataType> arrow_type(ColumnType type) {
    switch (type) {
        case ColumnType::time:
            return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
        case ColumnType::real:
            return arrow::float64();
        case ColumnType::integer:
            return arrow::int64();
        case ColumnType::boolean:
            return arrow::boolean();
        case ColumnType::text:
        case ColumnType::json:
        case ColumnType::uuid:
            return arrow::utf8();
    }
    return arrow::utf8();
}

std::shared_ptr<arrow::Schema> arrow_schema(store::Layer layer) {
    arrow::FieldVector fields;
    for (const auto& column : store::event_columns(layer))
        fields.push_back(arrow::field(std::string(column.name), arrow_type(column.type), column.nullable));
    return arrow::schema(std::move(fields));
}

tl::unexpected<core::Error> unwritable(const std::string& path, const arrow::Status& status) {
    return fail(ErrorKind::storage, fmt::format("{} cannot be written: {}", path,
                                                core::valid_utf8(status.ToStringWithoutContextLines())));
}

tl::unexpected<core::Error> unreadable(const std::string& path, std::string_view why) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is no part of the archive, or damaged: {}", path, core::valid_utf8(why)));
}

arrow::Status append(arrow::ArrayBuilder& builder, ColumnType type, const store::EventValue& value) {
    if (value.index() == 0) return builder.AppendNull();
    switch (type) {
        case ColumnType::time:
            return static_cast<arrow::TimestampBuilder&>(builder).Append(std::get<std::int64_t>(value));
        case ColumnType::integer:
            return static_cast<arrow::Int64Builder&>(builder).Append(std::get<std::int64_t>(value));
        case ColumnType::boolean:
            return static_cast<arrow::BooleanBuilder&>(builder).Append(std::get<std::int64_t>(value) != 0);
        case ColumnType::real:
            return static_cast<arrow::DoubleBuilder&>(builder).Append(std::get<double>(value));
        case ColumnType::text:
        case ColumnType::json:
        case ColumnType::uuid:
            return static_cast<arrow::StringBuilder&>(builder).Append(std::get<std::string>(value));
    }
    return arrow::Status::OK();
}

store::EventValue value_of(const arrow::Array& array, ColumnType type, std::int64_t row) {
    if (array.IsNull(row)) return std::monostate();
    switch (type) {
        case ColumnType::time:
            return static_cast<const arrow::TimestampArray&>(array).Value(row);
        case ColumnType::integer:
            return static_cast<const arrow::Int64Array&>(array).Value(row);
        case ColumnType::boolean:
            return std::int64_t{static_cast<const arrow::BooleanArray&>(array).Value(row) ? 1 : 0};
        case ColumnType::real:
            return static_cast<const arrow::DoubleArray&>(array).Value(row);
        case ColumnType::text:
        case ColumnType::json:
        case ColumnType::uuid:
            return std::string(static_cast<const arrow::StringArray&>(array).GetView(row));
    }
    return std::monostate();
}

std::size_t bytes_of(const store::EventRow& row) {
    std::size_t bytes = 8 * row.size();
    for (const auto& value : row)
        if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    return bytes;
}

}  // namespace

void PartCount::add(const store::EventRow& row) {
    const core::Timestamp time{std::get<std::int64_t>(row[time_column_])};
    facts_.time_min = facts_.rows == 0 ? time : std::min(facts_.time_min, time);
    facts_.time_max = facts_.rows == 0 ? time : std::max(facts_.time_max, time);
    ++facts_.rows;
    digest_.add(row);
}

PartFacts PartCount::finish() {
    facts_.rows_sha256 = digest_.finish();
    return std::exchange(facts_, {});
}

struct PartWriter::State {
    std::string path;
    std::span<const store::EventColumn> columns;
    std::shared_ptr<arrow::Schema> schema;
    std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders;
    std::shared_ptr<arrow::io::FileOutputStream> file;
    std::unique_ptr<parquet::arrow::FileWriter> writer;
    PartCount count;
    std::int64_t rows = 0;  ///< Of the row group at hand.
    std::size_t bytes = 0;

    explicit State(store::Layer layer) : count(layer) {}

    arrow::Status open() {
        for (const auto& field : schema->fields()) {
            std::unique_ptr<arrow::ArrayBuilder> builder;
            ARROW_RETURN_NOT_OK(arrow::MakeBuilder(arrow::default_memory_pool(), field->type(), &builder));
            builders.push_back(std::move(builder));
        }
        ARROW_ASSIGN_OR_RAISE(file, arrow::io::FileOutputStream::Open(path));
        parquet::WriterProperties::Builder properties;
        properties.compression(parquet::Compression::ZSTD)
            ->enable_page_checksum()
            ->created_by("tristrata")
            ->max_row_group_length(group_rows_max);
        ARROW_ASSIGN_OR_RAISE(writer, parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(),
                                                                       file, properties.build()));
        return arrow::Status::OK();
    }
    arrow::Status flush() {
        if (rows == 0) return arrow::Status::OK();
        arrow::ArrayVector arrays;
        for (const auto& builder : builders) {
            std::shared_ptr<arrow::Array> array;
            ARROW_RETURN_NOT_OK(builder->Finish(&array));
            arrays.push_back(std::move(array));
        }
        const auto table = arrow::Table::Make(schema, arrays, rows);
        ARROW_RETURN_NOT_OK(writer->WriteTable(*table, rows));
        rows = 0;
        bytes = 0;
        return arrow::Status::OK();
    }
    arrow::Status add(const store::EventRow& row) {
        for (std::size_t i = 0; i < columns.size(); ++i)
            ARROW_RETURN_NOT_OK(append(*builders[i], columns[i].type, row[i]));
        ++rows;
        bytes += bytes_of(row);
        return rows >= group_rows_max || bytes >= group_bytes_max ? flush() : arrow::Status::OK();
    }
    arrow::Status finish() {
        ARROW_RETURN_NOT_OK(flush());
        ARROW_RETURN_NOT_OK(writer->Close());
        return file->Close();
    }
};

PartWriter::PartWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
PartWriter::PartWriter(PartWriter&&) noexcept = default;
PartWriter& PartWriter::operator=(PartWriter&&) noexcept = default;
PartWriter::~PartWriter() = default;

core::Result<PartWriter> PartWriter::open(const std::string& path, store::Layer layer) {
    auto state = std::make_unique<State>(layer);
    state->path = path;
    state->columns = store::event_columns(layer);
    state->schema = arrow_schema(layer);
    try {
        if (auto status = state->open(); !status.ok()) return unwritable(path, status);
    } catch (const std::exception& error) {
        return unwritable(path, arrow::Status::IOError(error.what()));
    }
    return PartWriter(std::move(state));
}

core::Status PartWriter::add(const store::EventRow& row) {
    assert(row.size() == state_->columns.size());
    state_->count.add(row);
    try {
        if (auto status = state_->add(row); !status.ok()) return unwritable(state_->path, status);
    } catch (const std::exception& error) {
        return unwritable(state_->path, arrow::Status::IOError(error.what()));
    }
    return {};
}

core::Result<PartFacts> PartWriter::finish() {
    try {
        if (auto status = state_->finish(); !status.ok()) return unwritable(state_->path, status);
    } catch (const std::exception& error) {
        return unwritable(state_->path, arrow::Status::IOError(error.what()));
    }
    return state_->count.finish();
}

namespace {

class PartRows final : public store::EventRows {
public:
    PartRows(std::string path, store::Layer layer, std::unique_ptr<parquet::arrow::FileReader> file)
        : path_(std::move(path)), columns_(store::event_columns(layer)), file_(std::move(file)) {}
    core::Status open() {
        auto reader = file_->GetRecordBatchReader();
        if (!reader.ok()) return unreadable(path_, reader.status().ToStringWithoutContextLines());
        reader_ = std::move(*reader);
        return {};
    }
    core::Result<bool> next(store::EventRow& row) override {
        try {
            while (!batch_ || at_ == batch_->num_rows()) {
                if (auto status = reader_->ReadNext(&batch_); !status.ok())
                    return unreadable(path_, status.ToStringWithoutContextLines());
                if (!batch_) return false;
                at_ = 0;
            }
        } catch (const std::exception& error) {
            return unreadable(path_, error.what());
        }
        row.resize(columns_.size());
        for (std::size_t i = 0; i < columns_.size(); ++i)
            row[i] = value_of(*batch_->column(static_cast<int>(i)), columns_[i].type, at_);
        ++at_;
        return true;
    }

private:
    std::string path_;
    std::span<const store::EventColumn> columns_;
    std::unique_ptr<parquet::arrow::FileReader> file_;  // The reader reads from it: it goes last.
    std::unique_ptr<arrow::RecordBatchReader> reader_;
    std::shared_ptr<arrow::RecordBatch> batch_;
    std::int64_t at_ = 0;
};

}  // namespace

core::Result<std::unique_ptr<store::EventRows>> open_part(const std::string& path, store::Layer layer) {
    try {
        auto file = arrow::io::ReadableFile::Open(path);
        if (!file.ok()) return unreadable(path, file.status().ToStringWithoutContextLines());
        auto properties = parquet::default_reader_properties();
        properties.enable_buffered_stream();
        properties.set_page_checksum_verification(true);
        parquet::ArrowReaderProperties arrow_properties(false);
        arrow_properties.set_pre_buffer(false);
        arrow_properties.set_batch_size(read_rows);
        auto reader = parquet::arrow::FileReader::Make(arrow::default_memory_pool(),
                                                       parquet::ParquetFileReader::Open(*file, properties),
                                                       arrow_properties);
        if (!reader.ok()) return unreadable(path, reader.status().ToStringWithoutContextLines());
        std::shared_ptr<arrow::Schema> schema;
        if (auto status = (*reader)->GetSchema(&schema); !status.ok())
            return unreadable(path, status.ToStringWithoutContextLines());
        if (!schema->Equals(*arrow_schema(layer), false))
            return unreadable(path, "its columns are not those of the layer's events");
        auto rows = std::make_unique<PartRows>(path, layer, std::move(*reader));
        if (auto opened = rows->open(); !opened) return propagate(opened);
        return rows;
    } catch (const std::exception& error) {
        return unreadable(path, error.what());
    }
}

}  // namespace tristrata::archive
