#pragma once

#include "tristrata/core/result.hpp"

#include <nanobind/nanobind.h>
#include <string>
#include <string_view>
#include <utility>

namespace tristrata::python {

/// A message with the call in the place of the command that makes a store: "tristrata store init --kpi-url
/// URL" is tristrata.init_store("kpi").
[[nodiscard]] std::string with_calls(std::string message);

/// Throws the Python exception that the table of kinds names (core/error.hpp), with the error's message, in
/// which options of the command line are arguments of Python ("--y-true" is "y_true="); its attributes `kind`
/// and `foreign_code` are the error's.
[[noreturn]] void raise(const core::Error& error);

/// Throws a TypeError of kind usage: what was given is of a type that is not taken.
[[noreturn]] void raise_type(const std::string& message);
/// What that throws.
[[nodiscard]] nanobind::object type_error(const std::string& message);

/// A ValueError of kind invalid_input: what was given cannot be used.
[[nodiscard]] nanobind::object value_error(const std::string& message);

/// The value, or the exception of its error.
template <class T>
T value_or_raise(core::Result<T> result) {
    if (!result) raise(result.error());
    return std::move(*result);
}

/// The same; what the error says begins with `of`, where that is not empty: a file's or a side's name.
template <class T>
T value_or_raise(core::Result<T> result, std::string_view of) {
    if (!result && !of.empty()) {
        result.error().message.insert(0, ": ");
        result.error().message.insert(0, of);
    }
    return value_or_raise(std::move(result));
}

}  // namespace tristrata::python
