#pragma once

#include "tristrata/core/secret.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tristrata::store {

struct CopyOutcome {
    std::uint64_t rows = 0;    ///< Of the source's events.
    std::uint64_t copied = 0;  ///< New in the target.
    std::uint64_t parked = 0;  ///< Of those: rows whose day or month gets no partition.
    std::uint64_t there_already = 0;
    std::uint64_t refused = 0;                 ///< Rows that PostgreSQL cannot keep.
    std::optional<core::Error> first_refusal;  ///< Why, of the first.
    std::uint64_t references = 0;              ///< New ones.
};

/// Copies a SQLite store into one on PostgreSQL, as who owns that: events, series, pushed reports, profiles
/// and references. It may be run again, and while either is written to: a row that is there already is left.
[[nodiscard]] core::Result<CopyOutcome> copy_to_postgres(const std::string& path, Layer layer,
                                                         const core::SecretSource& admin,
                                                         const core::Task& task);

}  // namespace tristrata::store
