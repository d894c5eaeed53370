#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

/// emit_event and EventReceipt of tristrata._core.
void bind_technical_event(nanobind::module_& module);

}  // namespace tristrata::python
