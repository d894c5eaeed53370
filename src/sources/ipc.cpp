#include "kinds.hpp"

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <vector>

namespace tristrata::sources {
namespace {

constexpr std::string_view unreadable = "not a whole Arrow IPC file; write or copy it again";

using Reader = arrow::ipc::RecordBatchFileReader;

core::Result<std::shared_ptr<Reader>> open_reader(const std::string& path, const std::vector<int>& fields) {
    auto file = arrow::io::MemoryMappedFile::Open(path, arrow::io::FileMode::READ);
    if (!file.ok()) return foreign(file.status(), path, "cannot be opened");
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.included_fields = fields;
    options.use_threads = false;
    auto reader = Reader::Open(*file, options);
    if (!reader.ok()) return foreign(reader.status(), path, unreadable);
    return *reader;
}

class IpcStream final : public dataset::BatchStream {
public:
    IpcStream(std::shared_ptr<Reader> reader, std::vector<int> order, std::string path)
        : reader_(std::move(reader)), order_(std::move(order)), path_(std::move(path)) {}

    core::Result<std::optional<dataset::Batch>> next() override {
        if (index_ == reader_->num_record_batches()) return std::optional<dataset::Batch>();
        auto batch = reader_->ReadRecordBatch(index_++);
        if (!batch.ok()) return foreign(batch.status(), path_, unreadable);
        auto ordered = (*batch)->SelectColumns(order_);
        if (!ordered.ok()) return foreign(ordered.status(), path_, unreadable);
        auto out = exported(**ordered, row_);
        if (!out) return propagate(out);
        row_ += static_cast<std::uint64_t>((*batch)->num_rows());
        return std::optional<dataset::Batch>(std::move(*out));
    }

private:
    std::shared_ptr<Reader> reader_;
    std::vector<int> order_;
    std::string path_;
    int index_ = 0;
    std::uint64_t row_ = 1;
};

class IpcSource final : public dataset::Source {
public:
    IpcSource(std::string path, dataset::Schema schema, std::uint64_t rows)
        : path_(std::move(path)), schema_(std::move(schema)), rows_(rows) {}

    const std::string& name() const noexcept override { return path_; }
    const dataset::Schema& schema() const noexcept override { return schema_; }
    dataset::Access access() const noexcept override { return dataset::Access::by_column; }
    core::Result<std::string> digest(const core::Task& task) override { return digest_of(path_, task); }
    std::optional<std::uint64_t> rows() const noexcept override { return rows_; }

    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task&) override {
        // The reader answers in the order of the file, whatever was asked for: put it right by name.
        std::vector<int> wanted(fields.begin(), fields.end());
        auto reader = open_reader(path_, wanted);
        if (!reader) return propagate(reader);
        std::vector<int> order;
        for (const auto field : fields)
            order.push_back((*reader)->schema()->GetFieldIndex(schema_.fields[field].name));
        // Where a version of Arrow keeps the whole schema, the indices are the file's own: both are found by
        // name.
        return std::unique_ptr<dataset::BatchStream>(
            std::make_unique<IpcStream>(std::move(*reader), std::move(order), path_));
    }

private:
    std::string path_;
    dataset::Schema schema_;
    std::uint64_t rows_;
};

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_ipc(const std::string& path) {
    auto reader = open_reader(path, {});
    if (!reader) return propagate(reader);
    auto schema = schema_of(*(*reader)->schema(), path);
    if (!schema) return propagate(schema);
    auto rows = (*reader)->CountRows();
    if (!rows.ok()) return foreign(rows.status(), path, unreadable);
    return std::unique_ptr<dataset::Source>(
        std::make_unique<IpcSource>(path, std::move(*schema), static_cast<std::uint64_t>(*rows)));
}

}  // namespace tristrata::sources
