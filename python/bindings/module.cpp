#include "backtest.hpp"
#include "drift_check.hpp"
#include "drift_report.hpp"
#include "emission.hpp"
#include "failure.hpp"
#include "kill_switch.hpp"
#include "kpi_query.hpp"
#include "process_session.hpp"
#include "receipt.hpp"
#include "technical_event.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

NB_MODULE(_core_of_main, module) {
    module.doc() = "The C++ core of tristrata; the package's own modules are what is to be imported.";
    module.attr("version") = TRISTRATA_VERSION;
    // At the end of an interpreter what its modules hold is not always let go of.
    nb::set_leak_warnings(false);
    tristrata::python::watch_forks();
    module.def("type_error", tristrata::python::type_error, nb::arg("message"),
               nb::sig("def type_error(message: str) -> TypeError"),
               "What is to be raised where a value is of a type that is not taken: with its kind.");
    module.def("value_error", tristrata::python::value_error, nb::arg("message"),
               nb::sig("def value_error(message: str) -> ValueError"),
               "What is to be raised where a value cannot be used: with its kind.");
    tristrata::python::bind_receipt(module);
    tristrata::python::bind_emission(module);
    tristrata::python::bind_kpi_query(module);
    tristrata::python::bind_drift_report(module);
    tristrata::python::bind_technical_event(module);
    tristrata::python::bind_drift_check(module);
    tristrata::python::bind_backtest(module);
    tristrata::python::bind_kill_switch(module);
}

/// What Python calls for the module `_core`, under a name that Python chose. nanobind begins anew for each
/// interpreter, which would take the main one's types away: another one is refused before.
extern "C" NB_EXPORT PyObject* PyInit__core() {  // NOLINT(bugprone-reserved-identifier)
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return PyInit__core_of_main();
    PyErr_SetString(
        PyExc_ImportError,
        "tristrata is for the main interpreter: a sub-interpreter's types and threads are not its own");
    return nullptr;
}
