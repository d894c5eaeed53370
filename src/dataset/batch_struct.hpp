#pragma once

#include "tristrata/dataset/source.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace tristrata::dataset {

/// `release` of a child whose bytes belong to its batch.
void release_child(ArrowSchema* schema) noexcept;
void release_child(ArrowArray* array) noexcept;

/// The children as one struct. `owner` holds all that they point at, these two vectors included; the batch's
/// schema and its array share it, since either may be released first.
[[nodiscard]] Batch batch_struct(const std::shared_ptr<void>& owner, std::vector<ArrowSchema*>& schemas,
                                 std::vector<ArrowArray*>& arrays, std::int64_t rows,
                                 std::uint64_t first_row);

}  // namespace tristrata::dataset
