#pragma once

#include "tristrata/core/time.hpp"
#include "tristrata/drift/vocabulary.hpp"
#include "tristrata/kill_switch/vocabulary.hpp"
#include "tristrata/sink/sink.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tristrata::kill_switch {

/// What a verdict rests on. Without enough of it nothing engages by itself (Policy::evidence).
struct Evidence {
    std::string analyzer;          ///< Its name.
    std::string analyzer_version;  ///< Of what it was declared as: pinned, so that it can be looked at later.
    drift::Verdict verdict = drift::Verdict::not_tested;
    drift::Severity severity = drift::Severity::info;
    std::uint64_t fired = 0;                ///< Of the last `evaluations`, how many found it.
    std::uint64_t evaluations = 0;          ///< m of n: `fired` of these.
    std::uint64_t rows = 0;                 ///< Behind the current side.
    std::optional<core::Timestamp> newest;  ///< The newest of them.
    std::optional<double> reference_value;
    std::optional<double> current_value;
    std::optional<double> threshold;
    std::string doubt = {};  ///< Why the verdict is not drift, where that is known.
};
/// One JSON object, always the same for the same evidence.
[[nodiscard]] std::string to_json(const Evidence& evidence);

/// Somebody asks for a scope to be engaged. (scope, incident, episode) is its identity: however often it
/// comes, it is one transition.
struct EngageRequest {
    Scope scope;
    std::string incident;      ///< Its id.
    std::int64_t episode = 1;  ///< Of the incident: one that was closed and opened again has another.
    Source source = Source::cli;
    std::string who;
    std::string why;
    core::Timestamp asked_at;
    std::optional<Evidence> evidence;
};

/// A record of spool class engage, and back (docs/formats/record.md). It may use what a full spool keeps
/// back. invalid_input: it is no such record; conflict: a newer program's.
[[nodiscard]] sink::Record encode(const EngageRequest& request);
[[nodiscard]] core::Result<EngageRequest> decode(const sink::Record& record);

/// usage: an incident, who or why that is empty or over 2,000 bytes.
[[nodiscard]] core::Status check(const EngageRequest& request);

}  // namespace tristrata::kill_switch
