#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/sink/sink.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::spool {

inline constexpr std::size_t class_count = 6;
/// A number of rows a class, in the order of sink::RecordClass.
using RowCounts = std::array<std::uint64_t, class_count>;
[[nodiscard]] constexpr std::size_t place(sink::RecordClass record_class) noexcept {
    return static_cast<std::size_t>(record_class);
}

/// For how long a class's destination has taken nothing of a slot, while it was tried.
struct Refusal {
    /// In parts of the age after which rows are parked; what was emitted is kept at the beginning of each.
    static constexpr std::size_t parts = 14;
    core::Duration lasted{0};
    std::optional<core::Timestamp>
        counted_at;  ///< When that was counted last; absent: it takes what is sent.
    std::array<std::uint64_t, parts> emitted{};
    bool operator==(const Refusal&) const = default;
};

/// What became of a class's rows: emitted = stored + duplicate + dead + dropped + pending, always; those that
/// are parked are pending, and no relay sends them unasked.
struct ClassLedger {
    std::uint64_t stored = 0;
    std::uint64_t duplicate = 0;     ///< Were there already.
    std::uint64_t dead = 0;          ///< Can never be stored: kept as dead letters, or damaged on the disk.
    std::uint64_t dropped = 0;       ///< By a policy: of class event, where a slot is half full.
    std::uint64_t batch_number = 0;  ///< Of the batch sent last.
    std::uint64_t in_flight_to = 0;  ///< Rows below belong to that batch; not above settled(): none is out.
    std::uint64_t missing = 0;       ///< Of those dead: nothing on the disk held them any more.
    std::uint64_t seen = 0;          ///< Rows that were on the disk when a batch was begun last, or more.
    std::uint64_t parked = 0;        ///< Kept in files of their own.
    Refusal refusal = {};

    /// Rows that were dealt with: the next one to send has this number.
    [[nodiscard]] std::uint64_t settled() const noexcept {
        return stored + duplicate + dead + dropped + parked;
    }
    bool operator==(const ClassLedger&) const = default;
};

/// Where the relay stood at a time, so that drained segments stay for a while.
struct Checkpoint {
    core::Timestamp time;
    std::uint64_t segment = 0;  ///< Every segment below was drained.
    bool operator==(const Checkpoint&) const = default;
};
inline constexpr std::size_t checkpoints_max = 25;

/// A slot's ledger: written by whoever drains it, in two copies by turns (docs/formats/spool.md).
struct Ledger {
    core::Uuid spool_id;
    std::uint64_t generation = 0;  ///< One more with each writing.
    std::array<ClassLedger, class_count> classes{};
    std::vector<Checkpoint> checkpoints;  ///< Oldest first.
    bool operator==(const Ledger&) const = default;
};

}  // namespace tristrata::spool
