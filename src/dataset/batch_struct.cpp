#include "batch_struct.hpp"

#include <array>
#include <cassert>

namespace tristrata::dataset {
namespace {

using Shared = std::shared_ptr<void>;

void release_schema(ArrowSchema* schema) {
    delete static_cast<Shared*>(schema->private_data);
    schema->release = nullptr;
}
void release_array(ArrowArray* array) {
    delete static_cast<Shared*>(array->private_data);
    array->release = nullptr;
}

/// The one buffer of a struct: no bitmap, as no row of it is missing.
std::array<const void*, 1> no_validity{};

}  // namespace

void release_child(ArrowSchema* schema) noexcept { schema->release = nullptr; }
void release_child(ArrowArray* array) noexcept { array->release = nullptr; }

Batch batch_struct(const std::shared_ptr<void>& owner, std::vector<ArrowSchema*>& schemas,
                   std::vector<ArrowArray*>& arrays, std::int64_t rows, std::uint64_t first_row) {
    assert(schemas.size() == arrays.size());
    const auto children = static_cast<std::int64_t>(schemas.size());
    const ArrowSchema schema{
        "+s", "", nullptr, 0, children, schemas.data(), nullptr, &release_schema, new Shared(owner)};
    const ArrowArray array{rows,
                           0,
                           0,
                           1,
                           children,
                           no_validity.data(),
                           arrays.data(),
                           nullptr,
                           &release_array,
                           new Shared(owner)};
    return {schema, array, first_row};
}

}  // namespace tristrata::dataset
