#include "kinds.hpp"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/iterator.h>
#include <optional>
#include <vector>

namespace tristrata::sources {
namespace {

constexpr std::string_view unreadable = "not a whole Arrow IPC file; write or copy it again";

/// An opened file of either format: its batches, and how many rows they hold where the format says.
struct Opened {
    std::shared_ptr<arrow::RecordBatchReader> batches;
    std::optional<std::uint64_t> rows;
};

/// The file format has an index behind its batches and begins with this; the stream format begins with a
/// message.
constexpr std::string_view file_magic = "ARROW1";

arrow::Result<Opened> open_batches(const std::string& path, const std::vector<int>& fields) {
    ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::MemoryMappedFile::Open(path, arrow::io::FileMode::READ));
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.included_fields = fields;
    options.use_threads = false;
    ARROW_ASSIGN_OR_RAISE(const auto size, file->GetSize());
    if (size == 0) return arrow::Status::Invalid("the file is empty");
    ARROW_ASSIGN_OR_RAISE(const auto head, file->ReadAt(0, static_cast<std::int64_t>(file_magic.size())));
    if (head->ToString() != file_magic) {
        ARROW_ASSIGN_OR_RAISE(auto stream, arrow::ipc::RecordBatchStreamReader::Open(file, options));
        return Opened{std::move(stream), std::nullopt};
    }
    ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchFileReader::Open(file, options));
    ARROW_ASSIGN_OR_RAISE(const auto rows, reader->CountRows());
    auto schema = reader->schema();
    auto next = [reader, index = 0]() mutable -> arrow::Result<std::shared_ptr<arrow::RecordBatch>> {
        if (index == reader->num_record_batches()) return std::shared_ptr<arrow::RecordBatch>();
        return reader->ReadRecordBatch(index++);
    };
    ARROW_ASSIGN_OR_RAISE(auto batches, arrow::RecordBatchReader::MakeFromIterator(
                                            arrow::MakeFunctionIterator(std::move(next)), std::move(schema)));
    return Opened{std::move(batches), static_cast<std::uint64_t>(rows)};
}

class IpcStream final : public dataset::BatchStream {
public:
    IpcStream(std::shared_ptr<arrow::RecordBatchReader> reader, std::vector<int> order, std::string path)
        : reader_(std::move(reader)), order_(std::move(order)), path_(std::move(path)) {}

    core::Result<std::optional<dataset::Batch>> next() override {
        std::shared_ptr<arrow::RecordBatch> batch;
        if (const auto status = reader_->ReadNext(&batch); !status.ok())
            return foreign(status, path_, unreadable);
        if (!batch) return std::optional<dataset::Batch>();
        // Offsets and codes come from the file as they are: nobody has looked at them yet.
        if (const auto status = batch->ValidateFull(); !status.ok())
            return foreign(status, path_, unreadable);
        auto ordered = batch->SelectColumns(order_);
        if (!ordered.ok()) return foreign(ordered.status(), path_, unreadable);
        auto out = exported(**ordered, row_);
        if (!out) return propagate(out);
        row_ += static_cast<std::uint64_t>(batch->num_rows());
        return std::optional<dataset::Batch>(std::move(*out));
    }

private:
    std::shared_ptr<arrow::RecordBatchReader> reader_;
    std::vector<int> order_;
    std::string path_;
    std::uint64_t row_ = 1;
};

class IpcSource final : public dataset::Source {
public:
    IpcSource(std::string path, dataset::Schema schema, std::optional<std::uint64_t> rows)
        : path_(std::move(path)), schema_(std::move(schema)), rows_(rows) {}

    const std::string& name() const noexcept override { return path_; }
    const dataset::Schema& schema() const noexcept override { return schema_; }
    dataset::Access access() const noexcept override { return dataset::Access::by_column; }
    core::Result<std::string> digest(const core::Task& task) override { return digest_of(path_, task); }
    std::optional<std::uint64_t> rows() const noexcept override { return rows_; }

    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task&) override {
        // The reader answers in the order of the file, whatever was asked for: put it right by name.
        auto opened = open_batches(path_, std::vector<int>(fields.begin(), fields.end()));
        if (!opened.ok()) return foreign(opened.status(), path_, unreadable);
        std::vector<int> order;
        for (const auto field : fields)
            order.push_back(opened->batches->schema()->GetFieldIndex(schema_.fields[field].name));
        return std::unique_ptr<dataset::BatchStream>(
            std::make_unique<IpcStream>(std::move(opened->batches), std::move(order), path_));
    }

private:
    std::string path_;
    dataset::Schema schema_;
    std::optional<std::uint64_t> rows_;
};

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_ipc(const std::string& path) {
    auto opened = open_batches(path, {});
    if (!opened.ok()) return foreign(opened.status(), path, unreadable);
    auto schema = schema_of(*opened->batches->schema(), path);
    if (!schema) return propagate(schema);
    return std::unique_ptr<dataset::Source>(
        std::make_unique<IpcSource>(path, std::move(*schema), opened->rows));
}

}  // namespace tristrata::sources
