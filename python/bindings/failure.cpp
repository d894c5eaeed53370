#include "failure.hpp"

#include "tristrata/core/secret.hpp"

namespace nb = nanobind;

namespace tristrata::python {

void raise(const core::Error& error) {
    const auto& row = core::traits(error.kind);
    const nb::object type = nb::module_::import_("builtins").attr(std::string(row.python_class).c_str());
    const std::string message = core::without_credentials(error.message);
    nb::object exception = type(nb::str(message.c_str(), message.size()));
    exception.attr("kind") = nb::str(row.name.data(), row.name.size());
    exception.attr("foreign_code") = nb::str(error.foreign_code.c_str(), error.foreign_code.size());
    // The message is for whoever has the command line; a package need not come with one.
    for (const std::string layer : {"kpi", "drift"})
        if (error.message.find("tristrata store init --" + layer) != std::string::npos)
            exception.attr("add_note")(
                nb::str(("from Python: tristrata.init_store(\"" + layer + "\")").c_str()));
    PyErr_SetObject(type.ptr(), exception.ptr());
    throw nb::python_error();
}

void raise_type(const std::string& message) {
    PyErr_SetString(PyExc_TypeError, message.c_str());
    throw nb::python_error();
}

}  // namespace tristrata::python
