#pragma once

#include "tristrata/dataset/source.hpp"

#include <nanobind/nanobind.h>
#include <memory>

namespace tristrata::python {

/// An ArrowArrayStream over all columns of a source, in a PyCapsule that owns it. Reading it needs no GIL.
///
/// Errors    The stream's own: EIO, with the error's message.
[[nodiscard]] nanobind::object stream_of(std::shared_ptr<dataset::Source> source);

}  // namespace tristrata::python
