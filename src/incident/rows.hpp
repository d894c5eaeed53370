#pragma once

#include "connection.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/incident/apply.hpp"
#include "tristrata/notification/alert.hpp"

#include <string>
#include <vector>

namespace tristrata::incident {

/// Rows of the schema `response`, in and out. All of them run within locked().
[[nodiscard]] core::Result<std::vector<Incident>> read_incidents(Connection& database,
                                                                 const std::string& condition,
                                                                 const std::vector<Value>& parameters = {});
/// What became of their pages: Incident::refusal and is_page_waiting.
[[nodiscard]] core::Status read_fates(Connection& database, std::vector<Incident>& incidents);
[[nodiscard]] core::Status write_incident(Connection& database, const Incident& incident);
/// conflict: another program wrote this step already.
[[nodiscard]] core::Status write_transition(Connection& database, const Transition& transition,
                                            std::int64_t epoch);
[[nodiscard]] core::Result<std::vector<Signal>> read_signals(Connection& database,
                                                             const std::string& condition,
                                                             const std::vector<Value>& parameters = {});
[[nodiscard]] core::Status write_signal(Connection& database, const Signal& signal, core::Timestamp now);
[[nodiscard]] core::Result<std::vector<Page>> read_pages(Connection& database, core::Timestamp from);
[[nodiscard]] core::Status write_page(Connection& database, const Page& page,
                                      const notification::Alert& alert);
[[nodiscard]] core::Result<std::vector<Silence>> read_silences(Connection& database, core::Timestamp now);
/// Of rows from a SELECT of event_columns().
[[nodiscard]] core::Result<drift::Event> event_of(const Row& row);
[[nodiscard]] std::string event_columns(const Connection& database);

[[nodiscard]] std::string to_json(const notification::Alert& alert);
[[nodiscard]] core::Result<notification::Alert> alert_from(const Value& json);
/// The document of an incident's findings.
[[nodiscard]] std::string evidence_of(const Incident& incident);

/// The alert of a page's row, which says in which spool it stands until somebody confirms that it left it.
[[nodiscard]] std::string handed_to(const std::string& alert, const std::string& place);

}  // namespace tristrata::incident
