#include "active_span.hpp"

#include "process_session.hpp"

#include <nanobind/nanobind.h>

namespace nb = nanobind;

namespace tristrata::python {

std::optional<ActiveSpan> active_span() {
    static PyObject* const name = PyUnicode_InternFromString("opentelemetry.trace");
    const auto module = nb::steal<nb::object>(PyImport_GetModule(name));
    if (!module.is_valid()) {
        PyErr_Clear();
        return std::nullopt;
    }
    if (!may_run_python()) return std::nullopt;
    try {
        const nb::object context = module.attr("get_current_span")().attr("get_span_context")();
        if (!nb::cast<bool>(context.attr("is_valid"))) return std::nullopt;
        const auto digits = [](nb::handle number, const char* format, std::size_t length) {
            const auto text = nb::steal<nb::object>(PyObject_Format(number.ptr(), nb::str(format).ptr()));
            if (!text.is_valid()) throw nb::python_error();
            std::string written = nb::str(text).c_str();
            if (written.size() != length) throw nb::cast_error();  // Longer than an id is.
            return written;
        };
        return ActiveSpan{digits(context.attr("trace_id"), "032x", 32),
                          digits(context.attr("span_id"), "016x", 16),
                          static_cast<std::uint8_t>(nb::cast<int>(context.attr("trace_flags")) & 0xff)};
    } catch (const nb::python_error&) {
        return std::nullopt;  // An API of another shape has no span that could be told.
    } catch (const nb::cast_error&) {
        return std::nullopt;
    }
}

}  // namespace tristrata::python
