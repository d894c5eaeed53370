#pragma once

#include "tristrata/dataset/source.hpp"

#include <nanobind/nanobind.h>
#include <memory>
#include <string>
#include <vector>

namespace tristrata::python {

/// A table of anything with the Arrow PyCapsule protocol (__arrow_c_stream__, else __arrow_c_array__),
/// without a copy of what it exports; or, from a list of (name, kind, values), of columns that are copied.
/// The columns that `left_out` names are not there.
///
/// Errors    TypeError where the object is neither; what its export raises; ValueError for a repeated name.
[[nodiscard]] std::unique_ptr<dataset::Source> table_of(nanobind::handle data, const std::string& name,
                                                        const std::vector<std::string>& left_out);

}  // namespace tristrata::python
