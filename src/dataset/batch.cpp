#include "tristrata/dataset/source.hpp"

#include <utility>

namespace tristrata::dataset {

Batch::Batch(ArrowSchema schema, ArrowArray array, std::uint64_t first_row) noexcept
    : schema_(schema), array_(array), first_row_(first_row) {}

Batch::~Batch() {
    if (array_.release != nullptr) array_.release(&array_);
    if (schema_.release != nullptr) schema_.release(&schema_);
}

Batch::Batch(Batch&& other) noexcept
    : schema_(other.schema_), array_(other.array_), first_row_(other.first_row_) {
    other.schema_.release = nullptr;
    other.array_.release = nullptr;
}

Batch& Batch::operator=(Batch&& other) noexcept {
    std::swap(schema_, other.schema_);
    std::swap(array_, other.array_);
    std::swap(first_row_, other.first_row_);
    return *this;
}

}  // namespace tristrata::dataset
