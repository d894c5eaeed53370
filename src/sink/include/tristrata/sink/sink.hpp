#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tristrata::sink {

/// What a record is, and so where it goes. Its bytes are opaque on the way.
enum class RecordClass : std::uint8_t { kpi, drift, event, alert, object, engage };
[[nodiscard]] std::string_view name(RecordClass record_class) noexcept;

struct Record {
    RecordClass record_class = RecordClass::kpi;
    std::string bytes;
    std::uint32_t rows = 1;  ///< How many rows of a store it becomes: the ledger counts these.
    bool crit = false;       ///< Something pages because of it: it may use what a full spool keeps back.
};

/// How much an acknowledged append survives.
enum class Durability : std::uint8_t {
    memory,     ///< Nothing: a test's sink.
    process,    ///< The process may die, the power may not.
    disk,       ///< fdatasync has returned.
    committed,  ///< The store has committed.
};
[[nodiscard]] std::string_view name(Durability durability) noexcept;

struct Acknowledgement {
    Durability durability = Durability::memory;
    std::uint64_t stored = 0;     ///< Rows taken in.
    std::uint64_t duplicate = 0;  ///< Rows that were already there: harmless.
    std::uint64_t parked = 0;     ///< Of those taken in: beside the table, which has no place for their time.
};

/// An append's error as a caller can act on it: possibly_persisted gains the event_id and the time with which
/// the same emit may be repeated, and is the same rows.
[[nodiscard]] core::Error repeatable(core::Error error, const core::Uuid& event_id, core::Timestamp time);

/// Where an emit ends. One append is atomic: all its records or none.
///
/// Three outcomes: an Acknowledgement; an error of any kind but one (refused: nothing was written); an error
/// of kind possibly_persisted (repeatable() gives its message event_id and time, so that the caller may
/// repeat the same emit harmlessly). Threads   Any number of callers at once.
class Sink {
public:
    virtual ~Sink() = default;
    [[nodiscard]] virtual core::Result<Acknowledgement> append(std::span<const Record> records) = 0;
    /// Returns once everything acknowledged before is at least on disk.
    [[nodiscard]] virtual core::Status flush() = 0;
};

}  // namespace tristrata::sink
