#include "values.hpp"

#include "failure.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

/// "a str, '0.9'".
std::string described(nb::handle value) {
    if (value.is_none()) return "None";
    const std::string type = Py_TYPE(value.ptr())->tp_name;
    PyObject* const shown = PyObject_Repr(value.ptr());
    if (shown == nullptr) {
        PyErr_Clear();
        return "a " + type;
    }
    const auto text = nb::steal<nb::object>(shown);
    constexpr std::size_t bytes_max = 60;
    const char* const bytes = PyUnicode_AsUTF8(text.ptr());
    if (bytes == nullptr) PyErr_Clear();
    std::string repr = bytes == nullptr ? std::string() : bytes;
    if (repr.size() > bytes_max) repr = core::valid_utf8(repr.substr(0, bytes_max)) + "...";
    return repr.empty() ? "a " + type : fmt::format("of type {}: {}", type, repr);
}

[[noreturn]] void raise_unexpected(std::string_view what, nb::handle value, std::string_view expected) {
    // What a mistaken call passes may be a secret by its name: the metric 'password'.
    const auto name = what.find_first_of("'\"", std::min(what.find(' '), what.size()));
    if (name < what.size() && what[name - 1] == ' ' && config::names_a_secret(what.substr(name)))
        raise_type(
            fmt::format("{} is of type {}; expected {}", what, Py_TYPE(value.ptr())->tp_name, expected));
    raise_type(fmt::format("{} is {}; expected {}", what, described(value), expected));
}

bool has_length(nb::handle value) {
    if (PyObject_Size(value.ptr()) >= 0) return true;
    PyErr_Clear();
    return false;
}

/// What numpy calls the kind of a scalar's or array's type: 'f', 'i', 'M' for a datetime64; 0 where it has
/// none.
char dtype_kind_of(nb::handle value) {
    const auto attribute = [](PyObject* of, const char* name) {
        auto found = nb::steal<nb::object>(PyObject_GetAttrString(of, name));
        if (!found.is_valid()) PyErr_Clear();
        return found;
    };
    const auto type = attribute(value.ptr(), "dtype");
    const auto kind = type.is_valid() ? attribute(type.ptr(), "kind") : nb::object();
    if (!kind.is_valid() || !PyUnicode_Check(kind.ptr()) || PyUnicode_GetLength(kind.ptr()) != 1) return 0;
    return static_cast<char>(PyUnicode_ReadChar(kind.ptr(), 0));
}

/// One number, and nothing lost by float(): numpy has floats of moments (nanoseconds), of complex numbers
/// (their real part) and of texts.
bool is_number(nb::handle value) {
    if (PyLong_Check(value.ptr()) || PyFloat_Check(value.ptr())) return true;
    const auto* const slots = Py_TYPE(value.ptr())->tp_as_number;
    if (slots == nullptr || (slots->nb_float == nullptr && slots->nb_index == nullptr) || has_length(value))
        return false;
    return std::string_view("cmMOSUT").find(dtype_kind_of(value)) == std::string_view::npos;
}

bool is_boolean_of_numpy(nb::handle value) {
    const std::string_view type = Py_TYPE(value.ptr())->tp_name;
    return type == "numpy.bool" || type == "numpy.bool_";
}

bool is_whole(nb::handle value) { return PyIndex_Check(value.ptr()) && is_number(value); }

/// What the error that is set says; it is set no more. One that is no Exception (Ctrl-C) goes on.
std::string taken_error() {
    if (PyErr_ExceptionMatches(PyExc_Exception) == 0) throw nb::python_error();
    PyObject *type = nullptr, *raised = nullptr, *trace = nullptr;
    PyErr_Fetch(&type, &raised, &trace);
    const auto first = nb::steal<nb::object>(type), second = nb::steal<nb::object>(raised),
               third = nb::steal<nb::object>(trace);
    const auto text = nb::steal<nb::object>(second.is_valid() ? PyObject_Str(second.ptr()) : nullptr);
    const char* const bytes = text.is_valid() ? PyUnicode_AsUTF8(text.ptr()) : nullptr;
    if (bytes == nullptr) PyErr_Clear();
    return bytes == nullptr ? std::string() : bytes;
}

std::string decimal_of(nb::handle value) {
    const nb::object whole = nb::steal<nb::object>(PyNumber_Index(value.ptr()));
    if (!whole.is_valid()) throw nb::python_error();
    return nb::str(whole).c_str();
}

std::string tag_of(nb::handle key, nb::handle value) {
    if (PyUnicode_Check(value.ptr())) return text_of(value, "the tag's value");
    if (PyBool_Check(value.ptr())) return value.ptr() == Py_True ? "true" : "false";
    if (is_whole(value)) return decimal_of(value);
    if (is_boolean_of_numpy(value)) return PyObject_IsTrue(value.ptr()) == 1 ? "true" : "false";
    // A scalar of numpy says its shortest text itself: 0.1 of 32 bits is no 0.10000000149011612.
    if (PyFloat_Check(value.ptr()) || is_number(value)) {
        const auto number = nb::steal<nb::object>(PyNumber_Float(value.ptr()));
        if (!number.is_valid()) (void)taken_error();
        else if (std::isfinite(PyFloat_AsDouble(number.ptr())))
            return nb::str(PyFloat_Check(value.ptr()) ? number : nb::borrow<nb::object>(value)).c_str();
    }
    raise_unexpected(fmt::format("the value of the tag {}", core::quoted(text_of(key, "a tag's key"))), value,
                     "a str (an int, a bool or a finite float is written as its text)");
}

/// What str() gives; a lone surrogate becomes bytes that are no UTF-8, which the event replaces, and counts.
std::string told(nb::handle value) {
    const auto text = nb::steal<nb::object>(PyObject_Str(value.ptr()));
    const auto bytes = nb::steal<nb::object>(
        text.is_valid() ? PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogatepass") : nullptr);
    if (!bytes.is_valid()) {
        // Ctrl-C and an exit are the program's, wherever they come.
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) != 0 ||
            PyErr_ExceptionMatches(PyExc_SystemExit) != 0)
            throw nb::python_error();
        PyErr_Clear();
        return fmt::format("a {}", Py_TYPE(value.ptr())->tp_name);
    }
    return {PyBytes_AS_STRING(bytes.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

struct DatetimeNames {
    nb::object type, epoch;
};

/// Looked up once, and never let go of: the interpreter may be ending when it would be.
const DatetimeNames& datetime_names() {
    static const auto* const names = [] {
        const nb::object module = nb::module_::import_("datetime");
        const nb::object type = module.attr("datetime");
        return new DatetimeNames{type,
                                 type(1970, 1, 1, nb::arg("tzinfo") = module.attr("timezone").attr("utc"))};
    }();
    return *names;
}

}  // namespace

std::string text_of(nb::handle value, std::string_view what) {
    if (!PyUnicode_Check(value.ptr())) raise_unexpected(what, value, "a str");
    Py_ssize_t size = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
    if (text == nullptr) {
        PyErr_Clear();
        raise(core::Error{core::ErrorKind::refused,
                          fmt::format("{} is {}, which cannot be written as UTF-8", what, described(value)),
                          {}});
    }
    return {text, static_cast<std::size_t>(size)};
}

std::optional<std::string> optional_text_of(nb::handle value, std::string_view what) {
    if (value.is_none()) return std::nullopt;
    return text_of(value, what);
}

double number_of(nb::handle value, std::string_view what) {
    if (PyFloat_Check(value.ptr())) return PyFloat_AS_DOUBLE(value.ptr());
    if (!is_number(value))
        raise_unexpected(what, value, value.is_none() ? "a number; leave out what has no value" : "a number");
    const auto number = nb::steal<nb::object>(PyNumber_Float(value.ptr()));
    if (number.is_valid()) return PyFloat_AsDouble(number.ptr());
    const bool too_large = PyErr_ExceptionMatches(PyExc_OverflowError) != 0;
    const bool is_value = PyErr_ExceptionMatches(PyExc_ValueError) != 0;
    const std::string said = taken_error();
    if (!too_large && !is_value) raise_unexpected(what, value, "a number");
    raise(core::Error{
        core::ErrorKind::refused,
        too_large ? fmt::format("{} is {}, which is larger than a double holds", what, described(value))
                  : fmt::format("{} is {}; expected a finite number ({})", what, described(value), said),
        {}});
}

std::optional<double> optional_number_of(nb::handle value, std::string_view what) {
    if (value.is_none()) return std::nullopt;
    return number_of(value, what);
}

std::optional<std::uint64_t> optional_count_of(nb::handle value, std::string_view what, std::uint64_t least) {
    if (value.is_none()) return std::nullopt;
    const std::string expected = fmt::format("a whole number, {} or more", least);
    if (!is_whole(value) || PyBool_Check(value.ptr())) raise_unexpected(what, value, expected);
    const auto whole = nb::steal<nb::object>(PyNumber_Index(value.ptr()));
    const std::uint64_t count = whole.is_valid() ? PyLong_AsUnsignedLongLong(whole.ptr()) : 0;
    if (PyErr_Occurred() == nullptr && count >= least) return count;
    PyErr_Clear();
    raise(core::Error{core::ErrorKind::usage,
                      fmt::format("{} is {}; expected {}", what, nb::str(value).c_str(), expected),
                      {}});
}

std::vector<std::string> texts_of(nb::handle value, std::string_view what) {
    std::vector<std::string> texts;
    const auto walk =
        nb::steal<nb::object>(PyUnicode_Check(value.ptr()) ? nullptr : PyObject_GetIter(value.ptr()));
    if (!walk.is_valid()) {
        PyErr_Clear();
        raise_unexpected(what, value, "a list of names");
    }
    while (true) {
        const auto one = nb::steal<nb::object>(PyIter_Next(walk.ptr()));
        if (!one.is_valid()) break;
        texts.push_back(text_of(one, fmt::format("a name in {}", what)));
    }
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    return texts;
}

std::optional<std::int64_t> milliseconds_of(nb::handle value, std::string_view what) {
    if (value.is_none()) return std::nullopt;
    const double number = number_of(value, what);
    constexpr double most = 9e15;
    if (!(std::abs(number) <= most))
        raise(core::Error{core::ErrorKind::refused,
                          fmt::format("{} is {}; expected a number of milliseconds", what, number),
                          {}});
    return static_cast<std::int64_t>(std::llround(number));
}

std::optional<bool> flag_of(nb::handle value, std::string_view what) {
    if (value.is_none()) return std::nullopt;
    if (value.ptr() == Py_True) return true;
    if (value.ptr() == Py_False) return false;
    if (is_boolean_of_numpy(value)) return PyObject_IsTrue(value.ptr()) == 1;
    raise_unexpected(what, value, "True or False");
}

std::map<std::string, std::string> tags_of(nb::handle value) {
    std::map<std::string, std::string> tags;
    if (value.is_none()) return tags;
    if (PyMapping_Check(value.ptr()) == 0 || !nb::hasattr(value, "items"))
        raise_unexpected("tags", value, "a mapping of names to texts, such as {\"crypto\": \"BTCUSDC\"}");
    const auto add = [&](nb::handle key, nb::handle one) {
        tags.emplace(text_of(key, "a tag's key"), tag_of(key, one));
    };
    if (PyDict_Check(value.ptr()))
        for (const auto& [key, one] : nb::borrow<nb::dict>(value)) add(key, one);
    else
        for (nb::handle pair : value.attr("items")()) add(pair[0], pair[1]);
    return tags;
}

technical::FieldValue field_of(nb::handle value) {
    if (PyBool_Check(value.ptr())) return value.ptr() == Py_True;
    if (is_boolean_of_numpy(value)) return PyObject_IsTrue(value.ptr()) == 1;
    if (PyUnicode_Check(value.ptr())) return told(value);
    if (is_whole(value)) {
        const auto whole = nb::steal<nb::object>(PyNumber_Index(value.ptr()));
        int overflow = 0;
        const long long number = whole.is_valid() ? PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow) : -1;
        if (whole.is_valid() && overflow == 0) return std::int64_t{number};
        PyErr_Clear();
        return told(value);
    }
    if (PyFloat_Check(value.ptr()) || is_number(value)) {
        const double number = PyFloat_AsDouble(value.ptr());
        if (number != -1.0 || PyErr_Occurred() == nullptr) return number;
        PyErr_Clear();
    }
    return told(value);
}

std::optional<core::Timestamp> time_of(nb::handle value, std::string_view what) {
    if (value.is_none()) return std::nullopt;
    if (PyUnicode_Check(value.ptr())) {
        const std::string text = text_of(value, what);
        const auto time = value_or_raise(core::parse_timestamp(text));
        constexpr std::size_t date_bytes = 10;
        if (text.size() > date_bytes && text.find_first_of("Z+-", date_bytes) == std::string::npos)
            raise(core::Error{core::ErrorKind::refused,
                              fmt::format("{} is \"{}\", which has no time zone; give it one: \"{}Z\" is UTC",
                                          what, text, text),
                              {}});
        return time;
    }
    const auto& names = datetime_names();
    if (std::string_view(Py_TYPE(value.ptr())->tp_name) == "datetime.date")
        return value_or_raise(core::parse_timestamp(nb::str(value).c_str()));
    // pandas has a datetime that is no time.
    const bool is_nothing = std::string_view(Py_TYPE(value.ptr())->tp_name).ends_with("NaTType");
    if (is_nothing || !nb::isinstance(value, names.type))
        raise_unexpected(what, value,
                         "a datetime with a time zone, or a text such as \"2026-01-31T08:00:00Z\"");
    if (value.attr("tzinfo").is_none())
        raise(core::Error{core::ErrorKind::refused,
                          fmt::format("{} is {}, which has no time zone; give it one: "
                                      "datetime.now(timezone.utc), or .replace(tzinfo=...)",
                                      what, described(value)),
                          {}});
    const nb::object since = value - names.epoch;
    const auto part = [&](const char* name) { return nb::cast<std::int64_t>(since.attr(name)); };
    return core::Timestamp{(part("days") * 86'400 + part("seconds")) * 1'000'000 + part("microseconds")};
}

std::optional<core::Uuid> uuid_of(nb::handle value, std::string_view what) {
    if (value.is_none()) return std::nullopt;
    if (PyUnicode_Check(value.ptr())) return value_or_raise(core::parse_uuid(text_of(value, what)));
    if (std::string_view(Py_TYPE(value.ptr())->tp_name) == "UUID")
        return value_or_raise(core::parse_uuid(nb::str(value).c_str()));
    raise_unexpected(what, value, "a uuid.UUID, or its text");
}

nb::object datetime_of(core::Timestamp time) {
    const nb::object delta = nb::module_::import_("datetime").attr("timedelta");
    return datetime_names().epoch + delta(nb::arg("microseconds") = time.microseconds);
}

}  // namespace tristrata::python
