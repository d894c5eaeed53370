#include "failure.hpp"

#include "tristrata/core/secret.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

/// Options of the command line that are arguments here.
constexpr std::array arguments{
    std::string_view("alpha"),    std::string_view("at"),       std::string_view("by"),
    std::string_view("chunk"),    std::string_view("columns"),  std::string_view("count"),
    std::string_view("current"),  std::string_view("exact-mb"), std::string_view("features"),
    std::string_view("key"),      std::string_view("like"),     std::string_view("labels"),
    std::string_view("method"),   std::string_view("module"),   std::string_view("null"),
    std::string_view("positive"), std::string_view("problem"),  std::string_view("reference"),
    std::string_view("rows"),     std::string_view("season"),   std::string_view("seed"),
    std::string_view("time"),     std::string_view("window"),   std::string_view("y-pred"),
    std::string_view("y-proba"),  std::string_view("y-true"),   std::string_view("yearly"),
    std::string_view("zone")};

constexpr std::array words{std::string_view("evidently"), std::string_view("nannyml"),
                           std::string_view("tristrata"), std::string_view("multiclass"),
                           std::string_view("binary"),    std::string_view("regression")};

/// "--y-true NAME" becomes "y_true=NAME"; a command that is quoted whole ("tristrata store init --kpi")
/// stays.
std::string as_arguments(const std::string& message) {
    std::string text;
    std::size_t at = 0;
    while (at < message.size()) {
        const auto dashes = message.find("--", at);
        if (dashes == std::string::npos) break;
        const auto begin = dashes + 2;
        const auto end =
            std::min(message.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", begin), message.size());
        const auto name = std::string_view(message).substr(begin, end - begin);
        const bool is_word =
            dashes == 0 || std::string_view(" (").find(message[dashes - 1]) != std::string_view::npos;
        const bool in_command = message.find("tristrata ") < dashes;
        const bool is_argument = std::ranges::find(arguments, name) != arguments.end();
        text.append(message, at, dashes - at);
        at = end;
        if (!is_word || in_command || !is_argument) {
            text.append(message, dashes, end - dashes);
            continue;
        }
        for (const char c : name) text += c == '-' ? '_' : c;
        // A side is a table here, and its window an argument beside it.
        if (name == "current" || (name == "reference" && message.find("--current") != std::string::npos))
            text += "_window";
        text += '=';
        if (end + 1 >= message.size() || message[end] != ' ') continue;
        // What stands behind it is its value: a placeholder, a quoted name, or a word.
        const auto value = std::string_view(message).substr(end + 1);
        const auto* const word =
            std::ranges::find_if(words, [&](auto one) { return value.starts_with(one); });
        if (word != words.end()) {
            text += fmt::format("\"{}\"", *word);
            at = end + 1 + word->size();
        } else if (value[0] == '"' || (value[0] >= 'A' && value[0] <= 'Z')) {
            at = end + 1;
        }
    }
    return text.append(message, std::min(at, message.size()), std::string::npos);
}

nb::object with_kind(nb::object exception, std::string_view kind, const std::string& foreign_code) {
    exception.attr("kind") = nb::str(kind.data(), kind.size());
    exception.attr("foreign_code") = nb::str(foreign_code.c_str(), foreign_code.size());
    return exception;
}

/// As the table of kinds has it; a file that was named and is not there, or may not be read, as Python's own
/// open() has it.
std::string class_of(const core::Error& error) {
    if (error.kind == core::ErrorKind::not_found && error.foreign_code == std::to_string(ENOENT))
        return "FileNotFoundError";
    if (error.kind == core::ErrorKind::not_found && error.foreign_code == std::to_string(EACCES))
        return "PermissionError";
    return std::string(core::traits(error.kind).python_class);
}

}  // namespace

std::string with_calls(std::string message) {
    for (const std::string layer : {"kpi", "drift"}) {
        const std::string command = "tristrata store init --" + layer + "-url ";
        const auto begin = message.find(command);
        if (begin == message.npos) continue;
        // Behind it stands one word of the shell's: a URL, or one in quotes, in which a quote is '\''.
        auto end = begin + command.size();
        bool quoted = false;
        while (end < message.size() && (quoted || (message[end] != ' ' && message[end] != ';'))) {
            if (message[end] == '\'') quoted = !quoted;
            end += !quoted && message[end] == '\\' ? 2 : 1;
        }
        message.replace(begin, std::min(end, message.size()) - begin,
                        fmt::format("tristrata.init_store(\"{}\")", layer));
    }
    return message;
}

void raise(const core::Error& error) {
    const nb::object type = nb::module_::import_("builtins").attr(class_of(error).c_str());
    const std::string message = as_arguments(with_calls(core::without_credentials(error.message)));
    const nb::object exception = with_kind(type(nb::str(message.c_str(), message.size())),
                                           core::traits(error.kind).name, error.foreign_code);
    PyErr_SetObject(type.ptr(), exception.ptr());
    throw nb::python_error();
}

void raise_type(const std::string& message) {
    const nb::object exception = type_error(message);
    PyErr_SetObject(PyExc_TypeError, exception.ptr());
    throw nb::python_error();
}

nb::object value_error(const std::string& told) {
    const std::string message = core::without_credentials(told);
    const nb::handle type = PyExc_ValueError;
    return with_kind(type(nb::str(message.c_str(), message.size())),
                     core::traits(core::ErrorKind::invalid_input).name, {});
}

nb::object type_error(const std::string& told) {
    const std::string message = core::without_credentials(told);
    const nb::handle type = PyExc_TypeError;
    return with_kind(type(nb::str(message.c_str(), message.size())),
                     core::traits(core::ErrorKind::usage).name, {});
}

}  // namespace tristrata::python
