#include "tristrata/dataset/imported_source.hpp"

#include "batch_struct.hpp"
#include "foreign_type.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/column.hpp"
#include "viewed_text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

namespace tristrata::dataset {
namespace {

using core::ErrorKind;
using core::fail;

/// The child as it lies in its batch: an offset of the struct is one of its children too.
ArrowArray child_of(const ArrowArray& parent, std::size_t index) {
    ArrowArray child = *parent.children[index];
    child.offset += parent.offset;
    // What the struct cuts off may hold what was missing.
    if (child.length != parent.length && child.null_count > 0) child.null_count = -1;
    child.length = parent.length;
    child.release = &release_child;
    child.private_data = nullptr;
    return child;
}

void update(core::Sha256& hash, const void* bytes, std::size_t count) {
    hash.update(std::span(static_cast<const std::byte*>(bytes), count));
}

void update_bits(core::Sha256& hash, const void* bits, std::int64_t first, std::int64_t count) {
    const auto* bytes = static_cast<const std::uint8_t*>(bits);
    std::vector<std::uint8_t> packed(static_cast<std::size_t>((count + 7) / 8), 0);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t at = first + i;
        const unsigned bit = bytes[at / 8] >> (at % 8) & 1u;
        packed[static_cast<std::size_t>(i / 8)] |= static_cast<std::uint8_t>(bit << (i % 8));
    }
    update(hash, packed.data(), packed.size());
}

template <class Offset>
void update_texts(core::Sha256& hash, const ArrowArray& array) {
    const Offset* offsets = static_cast<const Offset*>(array.buffers[1]) + array.offset;
    std::vector<std::uint64_t> lengths;
    for (std::int64_t row = 0; row < array.length; ++row)
        lengths.push_back(static_cast<std::uint64_t>(offsets[row + 1] - offsets[row]));
    update(hash, lengths.data(), lengths.size() * sizeof(std::uint64_t));
    if (array.length == 0 || offsets[0] == offsets[array.length]) return;
    update(hash, static_cast<const char*>(array.buffers[2]) + offsets[0],
           static_cast<std::size_t>(offsets[array.length] - offsets[0]));
}

/// Bytes of a value of fixed width; 0 for every other type.
std::size_t width_of(std::string_view format) {
    constexpr std::pair<char, std::size_t> widths[]{{'c', 1}, {'C', 1}, {'s', 2}, {'S', 2},
                                                    {'e', 2}, {'i', 4}, {'I', 4}, {'f', 4},
                                                    {'l', 8}, {'L', 8}, {'g', 8}};
    if (format.size() == 1)
        for (const auto& [letter, width] : widths)
            if (format[0] == letter) return width;
    if (format == "tdD") return 4;
    if (format.starts_with("ts") || format.starts_with("td")) return 8;
    return format.starts_with("d:") ? 16 : 0;
}

void update_texts_in_views(core::Sha256& hash, const ArrowArray& array) {
    std::string texts;
    for (std::int64_t row = 0; row < array.length; ++row) {
        const auto text = viewed_text(array, row);
        const auto size = static_cast<std::uint64_t>(text.size());
        texts.append(reinterpret_cast<const char*>(&size), sizeof size);
        texts += text;
    }
    hash.update(texts);
}

void update_column(core::Sha256& hash, const ArrowSchema& schema, const ArrowArray& array) {
    const std::string_view format = schema.format;
    if (type_of(schema) == Type::unsupported || format == "n") return;  // Nothing of it is read.
    if (array.n_buffers > 0 && array.buffers[0] != nullptr && array.null_count != 0)
        update_bits(hash, array.buffers[0], array.offset, array.length);
    if (format == "b") update_bits(hash, array.buffers[1], array.offset, array.length);
    else if (format == "u") update_texts<std::int32_t>(hash, array);
    else if (format == "U") update_texts<std::int64_t>(hash, array);
    else if (format == "vu") update_texts_in_views(hash, array);
    else if (const std::size_t width = width_of(format); width > 0 && array.length > 0)
        update(hash,
               static_cast<const char*>(array.buffers[1]) + width * static_cast<std::size_t>(array.offset),
               width * static_cast<std::size_t>(array.length));
    if (schema.dictionary != nullptr) update_column(hash, *schema.dictionary, *array.dictionary);
}

}  // namespace

struct ImportedSource::Table {
    Batch schema;
    std::vector<Batch> batches;
};

namespace {

/// What a batch of some columns points at.
struct Parts {
    std::shared_ptr<const void> table;
    std::vector<ArrowSchema> schemas;
    std::vector<ArrowArray> arrays;
    std::vector<ArrowSchema*> schema_pointers;
    std::vector<ArrowArray*> array_pointers;
};

class ImportedStream final : public BatchStream {
public:
    ImportedStream(std::shared_ptr<const void> table, const ArrowSchema& schema,
                   std::span<const Batch> batches, std::vector<std::size_t> children)
        : table_(std::move(table)), schema_(schema), batches_(batches), children_(std::move(children)) {}

    core::Result<std::optional<Batch>> next() override {
        if (at_ == batches_.size()) return std::optional<Batch>();
        const ArrowArray& array = batches_[at_++].array();
        const auto parts = std::make_shared<Parts>();
        parts->table = table_;
        parts->schemas.reserve(children_.size());
        parts->arrays.reserve(children_.size());
        for (const std::size_t child : children_) {
            ArrowSchema& schema = parts->schemas.emplace_back(*schema_.children[child]);
            schema.release = &release_child;
            schema.private_data = nullptr;
            parts->schema_pointers.push_back(&schema);
            parts->array_pointers.push_back(&parts->arrays.emplace_back(child_of(array, child)));
        }
        const std::uint64_t first_row = first_row_;
        first_row_ += static_cast<std::uint64_t>(array.length);
        return std::optional(
            batch_struct(parts, parts->schema_pointers, parts->array_pointers, array.length, first_row));
    }

private:
    std::shared_ptr<const void> table_;
    const ArrowSchema& schema_;
    std::span<const Batch> batches_;
    std::vector<std::size_t> children_;
    std::size_t at_ = 0;
    std::uint64_t first_row_ = 1;
};

}  // namespace

ImportedSource::ImportedSource(std::shared_ptr<const Table> table, std::string name)
    : table_(std::move(table)), name_(std::move(name)) {}

core::Result<std::unique_ptr<ImportedSource>> ImportedSource::of(Batch schema, std::vector<Batch> batches,
                                                                 std::string name,
                                                                 const std::vector<std::string>& left_out) {
    const ArrowSchema& table = schema.schema();
    if (std::string_view(table.format) != "+s")
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} is a column, no table; expected a table: a frame of that one column, "
                                "such as its to_frame()",
                                name));
    std::set<std::string_view> seen;
    std::vector<std::size_t> children;
    Schema ours;
    for (std::int64_t i = 0; i < table.n_children; ++i) {
        const ArrowSchema& child = *table.children[i];
        const std::string field = child.name == nullptr ? "" : core::valid_utf8(child.name);
        if (std::ranges::find(left_out, field) != left_out.end()) continue;
        if (field.empty())
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}: column {} has no name; expected a name for every column: give it one, or "
                            "leave it out",
                            name, i + 1));
        if (!seen.insert(child.name).second)
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: the column {} stands twice; every column needs a name of its own",
                                    name, core::quoted(field)));
        Field added{field, type_of(child), foreign_type_of(child)};
        if (added.type == Type::unsupported) added.remark = "it is of type " + added.foreign_type;
        ours.fields.push_back(std::move(added));
        children.push_back(static_cast<std::size_t>(i));
    }
    std::uint64_t rows = 0;
    for (const Batch& batch : batches) {
        const ArrowArray& array = batch.array();
        if (array.n_children != table.n_children)
            return fail(ErrorKind::invalid_input, fmt::format("{}: a batch has {} columns, its schema {}",
                                                              name, array.n_children, table.n_children));
        if (array.n_buffers > 0 && array.buffers[0] != nullptr && array.null_count != 0)
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}: a row may be missing as a whole; expected a table, found a column of "
                            "structs",
                            name));
        rows += static_cast<std::uint64_t>(array.length);
    }
    auto held = std::make_shared<const Table>(Table{std::move(schema), std::move(batches)});
    std::unique_ptr<ImportedSource> source(new ImportedSource(std::move(held), std::move(name)));
    source->schema_ = std::move(ours);
    source->children_ = std::move(children);
    source->rows_ = rows;
    return source;
}

core::Result<std::string> ImportedSource::digest(const core::Task& task) {
    core::Sha256 whole;
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (auto status = task.check(); !status) return propagate(status);
        const ArrowSchema& child = *table_->schema.schema().children[children_[i]];
        whole.update(schema_.fields[i].name);
        whole.update(std::string_view("\0", 1));
        whole.update(child.format);
        for (const Batch& batch : table_->batches)
            update_column(whole, child, child_of(batch.array(), children_[i]));
    }
    return whole.finish();
}

core::Result<std::unique_ptr<BatchStream>> ImportedSource::open(std::span<const std::size_t> fields,
                                                                const core::Task&) {
    std::vector<std::size_t> children;
    for (const std::size_t field : fields) children.push_back(children_[field]);
    return std::make_unique<ImportedStream>(table_, table_->schema.schema(), std::span(table_->batches),
                                            std::move(children));
}

}  // namespace tristrata::dataset
