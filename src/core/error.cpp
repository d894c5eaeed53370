#include "tristrata/core/error.hpp"

#include <algorithm>
#include <array>

namespace tristrata::core {
namespace {

constexpr std::array table{
    ErrorKindTraits{ErrorKind::usage, "usage", 2, "ValueError", 400, false},
    ErrorKindTraits{ErrorKind::configuration, "configuration", 2, "RuntimeError", 500, false},
    ErrorKindTraits{ErrorKind::invalid_input, "invalid_input", 3, "ValueError", 422, false},
    ErrorKindTraits{ErrorKind::not_found, "not_found", 3, "LookupError", 404, false},
    ErrorKindTraits{ErrorKind::conflict, "conflict", 3, "RuntimeError", 409, false},
    ErrorKindTraits{ErrorKind::refused, "refused", 2, "ValueError", 422, false},
    ErrorKindTraits{ErrorKind::limit_exceeded, "limit_exceeded", 3, "ValueError", 413, false},
    ErrorKindTraits{ErrorKind::unavailable, "unavailable", 3, "ConnectionError", 503, true},
    ErrorKindTraits{ErrorKind::storage, "storage", 3, "OSError", 507, true},
    ErrorKindTraits{ErrorKind::possibly_persisted, "possibly_persisted", 3, "TimeoutError", 504, true},
    ErrorKindTraits{ErrorKind::cancelled, "cancelled", 3, "InterruptedError", 499, true},
    ErrorKindTraits{ErrorKind::internal, "internal", 3, "RuntimeError", 500, false},
};

}  // namespace

const ErrorKindTraits& traits(ErrorKind kind) noexcept {
    const auto* row = std::ranges::find(table, kind, &ErrorKindTraits::kind);
    return row == table.end() ? table.back() : *row;
}

}  // namespace tristrata::core
