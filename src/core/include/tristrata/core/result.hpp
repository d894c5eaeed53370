#pragma once

#include "tristrata/core/error.hpp"

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace tristrata::core {

/// A value, or the Error that stands in its place. No room throws across its face.
template <class T>
using Result = tl::expected<T, Error>;

/// Success without a value.
using Status = Result<void>;

/// The error branch of any Result: `return fail(ErrorKind::not_found, "...")`.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message,
                                                std::string foreign_code = {}) {
    return tl::unexpected<Error>(Error{kind, std::move(message), std::move(foreign_code)});
}

/// Hands an error on from one Result to another type: `if (!r) return propagate(r);`
template <class T>
[[nodiscard]] tl::unexpected<Error> propagate(const Result<T>& result) {
    return tl::unexpected<Error>(result.error());
}

}  // namespace tristrata::core
