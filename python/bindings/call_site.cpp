#include "call_site.hpp"

#include "tristrata/core/text.hpp"

#include <nanobind/nanobind.h>
#include <algorithm>
#include <array>
#include <string_view>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

constexpr std::size_t bytes_max = 200;

bool is_within(std::string_view module, std::string_view package) {
    return module.starts_with(package) && (module.size() == package.size() || module[package.size()] == '.');
}

bool is_own(std::string_view module) { return is_within(module, "tristrata"); }

bool passes_on(std::string_view module) {
    constexpr std::array packages{std::string_view("functools"), std::string_view("contextlib"),
                                  std::string_view("threading"), std::string_view("concurrent.futures"),
                                  std::string_view("asyncio")};
    return std::ranges::any_of(packages, [&](auto package) { return is_within(module, package); });
}

/// The text of a str; empty where it is none, or cannot be UTF-8.
std::string_view text_of(PyObject* object) {
    if (object == nullptr || !PyUnicode_Check(object)) return {};
    Py_ssize_t size = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(object, &size);
    if (text == nullptr) {
        PyErr_Clear();
        return {};
    }
    return {text, static_cast<std::size_t>(size)};
}

std::string_view last_part(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

/// What was started: the module of python -m, or the file.
std::string started(PyObject* globals, PyFrameObject* frame) {
    PyObject* const spec = PyDict_GetItemString(globals, "__spec__");
    if (spec != nullptr && spec != Py_None) {
        const auto name = nb::steal<nb::object>(PyObject_GetAttrString(spec, "name"));
        if (const auto text = text_of(name.ptr()); !text.empty()) return std::string(text);
        PyErr_Clear();
    }
    if (const auto file = last_part(text_of(PyDict_GetItemString(globals, "__file__"))); !file.empty())
        return std::string(file);
    // At exit the interpreter has taken __file__ away; a notebook's cell has none either, and is another file
    // than what was started.
    const auto code = nb::steal<nb::object>(reinterpret_cast<PyObject*>(PyFrame_GetCode(frame)));
    const nb::object of_code = code.attr("co_filename");
    const auto file = last_part(text_of(of_code.ptr()));
    PyObject* const arguments = PySys_GetObject("argv");
    const bool is_started = arguments != nullptr && PyList_Check(arguments) && PyList_Size(arguments) > 0 &&
                            last_part(text_of(PyList_GetItem(arguments, 0))) == file;
    return file.empty() || !is_started ? "__main__" : std::string(file);
}

std::string shown(std::string_view name) {
    std::string text(name.substr(0, bytes_max));
    while (!text.empty() && !core::is_utf8(text)) text.pop_back();
    return text;
}

/// Airflow loads a DAG's file as unusual_prefix_<SHA-1 of its path>_<its name>.
bool is_loaded_by_airflow(std::string_view module) {
    constexpr std::string_view prefix = "unusual_prefix_";
    constexpr std::size_t hash = 40;
    if (!module.starts_with(prefix) || module.size() <= prefix.size() + hash) return false;
    return module[prefix.size() + hash] == '_' &&
           module.substr(prefix.size(), hash).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

nb::object back_of(const nb::object& frame) {
    return nb::steal<nb::object>(
        reinterpret_cast<PyObject*>(PyFrame_GetBack(reinterpret_cast<PyFrameObject*>(frame.ptr()))));
}

}  // namespace

std::string call_site() {
    static PyObject* const key = PyUnicode_InternFromString("__name__");
    std::string passed_on;
    auto frame =
        nb::steal<nb::object>(reinterpret_cast<PyObject*>(PyThreadState_GetFrame(PyThreadState_Get())));
    for (; frame.is_valid(); frame = back_of(frame)) {
        auto* const raw = reinterpret_cast<PyFrameObject*>(frame.ptr());
        const auto globals = nb::steal<nb::object>(PyFrame_GetGlobals(raw));
        const auto name = text_of(PyDict_GetItemWithError(globals.ptr(), key));
        if (name.empty()) {  // Made by exec, with variables of its own.
            const auto code = nb::steal<nb::object>(reinterpret_cast<PyObject*>(PyFrame_GetCode(raw)));
            const nb::object file = code.attr("co_filename");
            return shown(last_part(text_of(file.ptr())));
        }
        if (is_own(name)) continue;
        if (passes_on(name)) {
            if (passed_on.empty()) passed_on = shown(name);
            continue;
        }
        // A child that multiprocessing spawned has the program under a name of its own.
        if (name == "__main__" || name == "__mp_main__") return shown(started(globals.ptr(), raw));
        if (!is_loaded_by_airflow(name)) return shown(name);
        const auto file = last_part(text_of(PyDict_GetItemString(globals.ptr(), "__file__")));
        return shown(file.empty() ? name : file);
    }
    return passed_on;
}

}  // namespace tristrata::python
