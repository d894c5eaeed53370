#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

/// push_drift_report of tristrata._core: a report's JSON, ours or Evidently's.
void bind_drift_report(nanobind::module_& module);

}  // namespace tristrata::python
