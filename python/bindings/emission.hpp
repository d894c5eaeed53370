#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

/// emit_kpi, push_drift_event, call_site, flush, close and init_store of tristrata._core.
void bind_emission(nanobind::module_& module);

}  // namespace tristrata::python
