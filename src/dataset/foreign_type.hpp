#pragma once

#include "tristrata/dataset/arrow_c.hpp"

#include <string>
#include <string_view>

namespace tristrata::dataset {

/// A field's type by the name that Arrow prints ("int64", "timestamp[us, tz=UTC]"), so that a column is of
/// one type wherever it was read; of a nested type the outermost word ("list"). Where the field's metadata
/// has the key `tristrata:type`, what stands there: the type that its values had before they were Arrow's.
///
/// Source    https://arrow.apache.org/docs/format/CDataInterface.html
[[nodiscard]] std::string foreign_type_of(const ArrowSchema& schema);

/// Metadata of the C interface that gives a field this type.
[[nodiscard]] std::string metadata_of_type(std::string_view type);

}  // namespace tristrata::dataset
