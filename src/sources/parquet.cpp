#include "kinds.hpp"

#include "tristrata/core/text.hpp"

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <memory>
#include <mutex>
#include <vector>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view unreadable = "damaged or cut short, no whole Parquet file; write or copy it again";

/// Opens the file with metadata that was parsed once.
core::Result<std::unique_ptr<parquet::arrow::FileReader>> open_reader(
    const std::string& path, std::shared_ptr<parquet::FileMetaData> metadata) {
    try {
        auto file = arrow::io::ReadableFile::Open(path);
        if (!file.ok()) return foreign(file.status(), path, "cannot be opened");
        auto properties = parquet::default_reader_properties();
        properties.enable_buffered_stream();
        properties.set_page_checksum_verification(true);  // Of files that carry them.
        auto raw = parquet::ParquetFileReader::Open(*file, properties, std::move(metadata));
        parquet::ArrowReaderProperties arrow_properties(false);
        arrow_properties.set_pre_buffer(false);
        arrow_properties.set_batch_size(1 << 16);
        auto reader =
            parquet::arrow::FileReader::Make(arrow::default_memory_pool(), std::move(raw), arrow_properties);
        if (!reader.ok()) return foreign(reader.status(), path, unreadable);
        return std::move(*reader);
    } catch (const std::exception& error) {
        return foreign(arrow::Status::Invalid(error.what()), path, unreadable);
    }
}

/// Readers of one file that nobody reads with just now. To make one costs as much as the file has columns,
/// which column by column would be the square of them. Safe to call from any thread.
class IdleReaders {
public:
    /// Nothing where all are in use.
    std::unique_ptr<parquet::arrow::FileReader> take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return nullptr;
        auto reader = std::move(idle_.back());
        idle_.pop_back();
        return reader;
    }
    void give(std::unique_ptr<parquet::arrow::FileReader> reader) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(reader));
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<parquet::arrow::FileReader>> idle_;
};

class ParquetStream final : public dataset::BatchStream {
public:
    ParquetStream(std::unique_ptr<parquet::arrow::FileReader> file,
                  std::unique_ptr<arrow::RecordBatchReader> reader, std::string path,
                  std::shared_ptr<IdleReaders> readers)
        : file_(std::move(file)),
          reader_(std::move(reader)),
          path_(std::move(path)),
          readers_(std::move(readers)) {}

    core::Result<std::optional<dataset::Batch>> next() override {
        if (!reader_) return std::optional<dataset::Batch>();
        try {
            std::shared_ptr<arrow::RecordBatch> batch;
            if (const auto status = reader_->ReadNext(&batch); !status.ok())
                return foreign(status, path_, unreadable);
            if (!batch) {
                // Only one that read to the end is lent again.
                reader_.reset();
                readers_->give(std::move(file_));
                return std::optional<dataset::Batch>();
            }
            auto out = exported(*batch, row_);
            if (!out) return propagate(out);
            row_ += static_cast<std::uint64_t>(batch->num_rows());
            return std::optional<dataset::Batch>(std::move(*out));
        } catch (const std::exception& error) {
            return foreign(arrow::Status::Invalid(error.what()), path_, unreadable);
        }
    }

private:
    std::unique_ptr<parquet::arrow::FileReader> file_;  // The reader reads from it: it goes last.
    std::unique_ptr<arrow::RecordBatchReader> reader_;
    std::string path_;
    std::shared_ptr<IdleReaders> readers_;
    std::uint64_t row_ = 1;
};

class ParquetSource final : public dataset::Source {
public:
    ParquetSource(std::string path, dataset::Schema schema, std::vector<int> leaves,
                  std::shared_ptr<parquet::FileMetaData> metadata)
        : path_(std::move(path)),
          schema_(std::move(schema)),
          leaves_(std::move(leaves)),
          metadata_(std::move(metadata)) {}

    const std::string& name() const noexcept override { return path_; }
    const dataset::Schema& schema() const noexcept override { return schema_; }
    dataset::Access access() const noexcept override { return dataset::Access::by_column; }
    core::Result<std::string> digest(const core::Task& task) override { return digest_of(path_, task); }
    std::optional<std::uint64_t> rows() const noexcept override {
        return static_cast<std::uint64_t>(metadata_->num_rows());
    }

    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task&) override {
        auto file = readers_->take();
        if (!file) {
            auto opened = open_reader(path_, metadata_);
            if (!opened) return propagate(opened);
            file = std::move(*opened);
        }
        std::vector<int> columns, groups;
        for (const auto field : fields) columns.push_back(leaves_[field]);
        for (int group = 0; group < metadata_->num_row_groups(); ++group) groups.push_back(group);
        try {
            auto reader = file->GetRecordBatchReader(groups, columns);
            if (!reader.ok()) return foreign(reader.status(), path_, unreadable);
            return std::unique_ptr<dataset::BatchStream>(
                std::make_unique<ParquetStream>(std::move(file), std::move(*reader), path_, readers_));
        } catch (const std::exception& error) {
            return foreign(arrow::Status::Invalid(error.what()), path_, unreadable);
        }
    }

private:
    std::string path_;
    dataset::Schema schema_;
    std::vector<int>
        leaves_;  ///< Parquet's column of each field; a nested field has several and is not read.
    std::shared_ptr<parquet::FileMetaData> metadata_;
    std::shared_ptr<IdleReaders> readers_ = std::make_shared<IdleReaders>();
};

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_parquet(const std::string& path) {
    auto reader = open_reader(path, nullptr);
    if (!reader) return propagate(reader);
    try {
        std::shared_ptr<arrow::Schema> arrow_schema;
        if (const auto status = (*reader)->GetSchema(&arrow_schema); !status.ok())
            return foreign(status, path, unreadable);
        auto schema = schema_of(*arrow_schema, path);
        if (!schema) return propagate(schema);
        std::vector<int> leaves(schema->fields.size(), 0);
        const auto& manifest = (*reader)->manifest();
        for (std::size_t i = 0; i < manifest.schema_fields.size(); ++i) {
            const auto* field = &manifest.schema_fields[i];
            while (!field->is_leaf() && !field->children.empty()) field = field->children.data();
            leaves[i] = field->column_index;
        }
        return std::unique_ptr<dataset::Source>(std::make_unique<ParquetSource>(
            path, std::move(*schema), std::move(leaves), (*reader)->parquet_reader()->metadata()));
    } catch (const std::exception& error) {
        return foreign(arrow::Status::Invalid(error.what()), path, unreadable);
    }
}

}  // namespace tristrata::sources
