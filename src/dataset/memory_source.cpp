#include "tristrata/dataset/memory_source.hpp"

#include "batch_struct.hpp"
#include "tristrata/dataset/column_batch.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <utility>

namespace tristrata::dataset {
namespace {

/// What a batch points at. Numbers are borrowed from the source; labels are laid out as Arrow wants them.
struct Parts {
    std::vector<ArrowSchema> schemas;
    std::vector<ArrowSchema*> schema_pointers;
    std::vector<ArrowArray> arrays;
    std::vector<ArrowArray*> array_pointers;
    std::vector<std::array<const void*, 3>> buffers;
    std::vector<std::vector<std::int32_t>> offsets;
    std::vector<std::string> bytes;
};
dataset::Batch batch_of(const std::vector<const MemoryColumn*>& columns, std::uint64_t rows) {
    const auto parts = std::make_shared<Parts>();
    const std::size_t count = columns.size();
    parts->schemas.resize(count);
    parts->arrays.resize(count);
    parts->buffers.resize(count);
    parts->offsets.resize(count);
    parts->bytes.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        ArrowSchema& schema = parts->schemas[i];
        ArrowArray& array = parts->arrays[i];
        schema = {"g", columns[i]->name.c_str(), nullptr, 0, 0, nullptr, nullptr, &release_child, nullptr};
        array = {static_cast<std::int64_t>(rows),
                 0,
                 0,
                 2,
                 0,
                 parts->buffers[i].data(),
                 nullptr,
                 nullptr,
                 &release_child,
                 nullptr};
        if (const auto* numbers = std::get_if<std::vector<double>>(&columns[i]->values)) {
            parts->buffers[i] = {nullptr, numbers->data(), nullptr};
        } else if (const auto* times = std::get_if<std::vector<std::int64_t>>(&columns[i]->values)) {
            schema.format = "tsu:UTC";
            parts->buffers[i] = {nullptr, times->data(), nullptr};
        } else {
            schema.format = "u";
            array.n_buffers = 3;
            parts->offsets[i].push_back(0);
            for (const auto& label : std::get<std::vector<std::string>>(columns[i]->values)) {
                parts->bytes[i] += label;
                parts->offsets[i].push_back(static_cast<std::int32_t>(parts->bytes[i].size()));
            }
            parts->buffers[i] = {nullptr, parts->offsets[i].data(), parts->bytes[i].data()};
        }
        parts->schema_pointers.push_back(&schema);
        parts->array_pointers.push_back(&array);
    }
    return batch_struct(parts, parts->schema_pointers, parts->array_pointers, static_cast<std::int64_t>(rows),
                        1);
}

}  // namespace

MemorySource::MemorySource(std::vector<MemoryColumn> columns) : columns_(std::move(columns)) {
    for (const auto& column : columns_) {
        if (std::holds_alternative<std::vector<double>>(column.values)) {
            schema_.fields.push_back({column.name, dataset::Type::real, "double"});
        } else if (std::holds_alternative<std::vector<std::string>>(column.values)) {
            schema_.fields.push_back({column.name, dataset::Type::text, "string"});
        } else {
            schema_.fields.push_back({column.name, dataset::Type::timestamp, "timestamp[us, UTC]"});
        }
        rows_ = std::visit([](const auto& values) { return values.size(); }, column.values);
    }
}

core::Result<std::string> MemorySource::digest(const core::Task&) { return std::string(64, '0'); }

core::Result<std::unique_ptr<dataset::BatchStream>> MemorySource::open(std::span<const std::size_t> fields,
                                                                       const core::Task&) {
    std::vector<const MemoryColumn*> chosen;
    for (const std::size_t field : fields) chosen.push_back(&columns_[field]);
    return single_batch(batch_of(chosen, rows_));
}

}  // namespace tristrata::dataset
