#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

/// check, Profile, and what a report's JSON is rendered as, of tristrata._core.
void bind_drift_check(nanobind::module_& module);

}  // namespace tristrata::python
