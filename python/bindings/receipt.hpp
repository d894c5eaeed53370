#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/sink/sink.hpp"

#include <nanobind/nanobind.h>
#include <cstdint>
#include <optional>

namespace tristrata::python {

/// What became of an emit.
struct Receipt {
    std::optional<core::Uuid> event_id;  ///< Absent for a report: its rows have ids of their own.
    core::Timestamp time;
    sink::Acknowledgement taken;
    std::uint64_t redacted = 0;
};

void bind_receipt(nanobind::module_& module);

}  // namespace tristrata::python
