#pragma once

#include <nanobind/nanobind.h>
#include <optional>
#include <utility>

namespace tristrata::python {

/// What call() returns, without the GIL meanwhile: for what computes on values that nobody changes, and
/// touches no object of Python's.
template <class Call>
auto unlocked(Call&& call) {
    std::optional<decltype(call())> made;
    {
        const nanobind::gil_scoped_release while_it_computes;
        made.emplace(std::forward<Call>(call)());
    }
    return std::move(*made);
}

}  // namespace tristrata::python
