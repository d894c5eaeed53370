#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

/// backtest, performance and what they return, of tristrata._core.
void bind_backtest(nanobind::module_& module);

}  // namespace tristrata::python
