#pragma once

#include "connection.hpp"
#include "tristrata/drift/event.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::incident {

/// How far good evaluations were looked through, by the numbers that the drift store gives its rows: most of
/// them concern nothing, and there may be hundreds of thousands of them. A row may commit behind one of a
/// higher number: what is younger than `commits_within` is looked at again; all of it every `whole_every`,
/// and where something bad came that late.
struct Looked {
    core::Timestamp whole_at;           ///< When all were looked through.
    std::int64_t last = 0;              ///< The highest number at the last step, and
    core::Timestamp at;                 ///< when that was.
    std::optional<std::int64_t> below;  ///< Rows up to it are not looked at again.
    /// The highest number at each step.
    std::vector<std::pair<core::Timestamp, std::int64_t>> ends;
};
constexpr core::Duration commits_within{60'000'000};
constexpr core::Duration whole_every{600'000'000};

/// What is bad and was not taken yet, crit first, of a window without an upper end: a clock may be ahead. No
/// mark of how far anybody looked: nothing that pages is missed.
struct Bad {
    std::vector<drift::Event> events;
    std::optional<std::int64_t> lowest;  ///< Of the numbers of their rows.
};
[[nodiscard]] core::Result<Bad> bad_events(Connection& database, core::Timestamp from, std::uint64_t limit);

/// Good evaluations that were not taken yet, of what was bad before or is in `bad`. The oldest first; with
/// `limit` of them or more there are others, and they are looked through again.
[[nodiscard]] core::Result<std::vector<drift::Event>> good_events(Connection& database, core::Timestamp from,
                                                                  const Bad& bad, std::uint64_t limit,
                                                                  core::Timestamp now,
                                                                  std::optional<Looked>& looked);

[[nodiscard]] core::Status mark_taken(Connection& database, const std::vector<drift::Event>& events);

/// "module IN ($2, $3)", its parameters behind those that are there; false where there is none.
[[nodiscard]] std::string among(const std::string& column, const std::set<std::string>& names,
                                std::vector<Value>& parameters);

}  // namespace tristrata::incident
