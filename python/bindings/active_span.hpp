#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tristrata::python {

/// Trace and span of OpenTelemetry, in hexadecimal digits.
struct ActiveSpan {
    std::string trace_id;
    std::string span_id;
    std::uint8_t flags = 0;
};

/// The span in whose context the caller runs. None where there is none, and where nobody has imported
/// OpenTelemetry: it is not imported for this. Never throws what its API raises. The GIL is held.
[[nodiscard]] std::optional<ActiveSpan> active_span();

}  // namespace tristrata::python
