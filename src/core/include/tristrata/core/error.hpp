#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::core {

/// What went wrong, as far as a caller acts on it differently. The table in error.cpp says for each
/// kind the exit code, the Python class, the HTTP status and whether a retry can help.
enum class ErrorKind : std::uint8_t {
    usage,               ///< An argument or option is wrong.
    configuration,       ///< A setting is missing, unknown or contradictory.
    invalid_input,       ///< The data or document given cannot be read as what it should be.
    not_found,           ///< A file, column, report or row that was named is not there.
    conflict,            ///< Already there in another form, or another version is needed.
    refused,             ///< The contract forbids it: unknown tag, deny-listed key, non-finite metric.
    limit_exceeded,      ///< Larger than a stated limit.
    unavailable,         ///< A server, file lock or network did not answer; a retry may help.
    storage,             ///< The disk or database refused to write: full, read-only, damaged.
    possibly_persisted,  ///< The budget ran out while writing: it may or may not be durable.
    cancelled,           ///< A stop was asked for, or the deadline passed.
    internal,            ///< A promise of our own code was broken.
};

/// An error as a value. `message` is one sentence for an operator: what was expected, what was found,
/// where, and what to do. It never holds a secret. `foreign_code` keeps SQLSTATE, errno or an HTTP
/// status where there is one, as text.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
    std::string foreign_code;
};

/// One row of the table of kinds.
struct ErrorKindTraits {
    ErrorKind kind;
    std::string_view name;          ///< As in JSON and logs: "invalid_input".
    int exit_code;                  ///< 2 usage or configuration, 3 could not evaluate.
    std::string_view python_class;  ///< "ValueError", "RuntimeError", ...
    int http_status;
    bool retry;  ///< Worth trying again unchanged; otherwise dead.
};

[[nodiscard]] const ErrorKindTraits& traits(ErrorKind kind) noexcept;

}  // namespace tristrata::core
