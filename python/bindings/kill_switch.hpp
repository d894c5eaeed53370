#pragma once

#include <nanobind/nanobind.h>

namespace tristrata::python {

/// _core.KillSwitchReader.
void bind_kill_switch(nanobind::module_& module);

}  // namespace tristrata::python
