#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

void bind_kpi_query(nanobind::module_& module);

}  // namespace tristrata::python
