#pragma once

#include "without_gil.hpp"

#include <utility>

namespace tristrata::python {

/// What call() returns, without the GIL meanwhile: for what computes on values that nobody changes, and
/// touches no object of Python's.
template <class Call>
auto unlocked(Call&& call) {
    const WithoutGil while_it_computes;
    return std::forward<Call>(call)();
}

}  // namespace tristrata::python
