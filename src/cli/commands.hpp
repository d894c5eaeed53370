#pragma once

#include "options.hpp"

namespace tristrata::cli {

// One function a subcommand, one file a noun. Each returns the process's exit code: 0 fine, 1 the check found
// something, 2 usage or configuration, 3 could not evaluate. Nothing below throws.

[[nodiscard]] int drift_check(const DriftCheckOptions& options);
[[nodiscard]] int drift_backtest(const DriftBacktestOptions& options);
[[nodiscard]] int drift_profile(const DriftProfileOptions& options);
[[nodiscard]] int drift_merge(const DriftMergeOptions& options);
[[nodiscard]] int drift_methods(const DriftMethodsOptions& options);
[[nodiscard]] int drift_push(const DriftPushOptions& options);
[[nodiscard]] int drift_list(const DriftListOptions& options);
[[nodiscard]] int drift_show(const DriftShowOptions& options);
[[nodiscard]] int reference_list(const ReferenceOptions& options);
[[nodiscard]] int reference_promote(const ReferenceOptions& options);
[[nodiscard]] int reference_rollback(const ReferenceOptions& options);
[[nodiscard]] int quality_check(const QualityOptions& options);
[[nodiscard]] int quality_estimate(const QualityOptions& options);
[[nodiscard]] int kpi_emit(const KpiEmitOptions& options);
[[nodiscard]] int event_emit(const EventEmitOptions& options);
[[nodiscard]] int incident_list(const IncidentOptions& options);
[[nodiscard]] int incident_show(const IncidentOptions& options);
[[nodiscard]] int incident_ack(const IncidentOptions& options);
[[nodiscard]] int incident_snooze(const IncidentOptions& options);
[[nodiscard]] int incident_dismiss(const IncidentOptions& options);
[[nodiscard]] int incident_silence(const IncidentOptions& options);
[[nodiscard]] int incident_digest(const IncidentOptions& options);
[[nodiscard]] int incident_step(const IncidentOptions& options);
[[nodiscard]] int report_hypotheses(const HypothesesOptions& options);
[[nodiscard]] int kpi_query(const KpiQueryOptions& options);
[[nodiscard]] int store_init(const StoreOptions& options);
[[nodiscard]] int store_status(const StoreOptions& options);
[[nodiscard]] int spool_status(const SpoolOptions& options);
[[nodiscard]] int spool_drain(const SpoolOptions& options);
[[nodiscard]] int spool_check(const SpoolOptions& options);
[[nodiscard]] int spool_replay(const SpoolOptions& options);
[[nodiscard]] int serve(const ServeOptions& options);
[[nodiscard]] int store_probe(const StoreOptions& options);
[[nodiscard]] int store_retain(const RetainOptions& options);
[[nodiscard]] int store_archive(const RetainOptions& options);
[[nodiscard]] int store_restore(const RestoreOptions& options);
[[nodiscard]] int store_copy(const CopyOptions& options);
[[nodiscard]] int store_erase(const EraseOptions& options);
[[nodiscard]] int store_sweep(const SweepOptions& options);
[[nodiscard]] int store_uninstall(const UninstallOptions& options);
[[nodiscard]] int kill_switch_init(const KillSwitchOptions& options);
[[nodiscard]] int kill_switch_status(const KillSwitchOptions& options);
[[nodiscard]] int kill_switch_engage(const KillSwitchOptions& options);
[[nodiscard]] int kill_switch_disengage(const KillSwitchOptions& options);
[[nodiscard]] int kill_switch_drill(const KillSwitchOptions& options);
[[nodiscard]] int kill_switch_check(const KillSwitchOptions& options);
[[nodiscard]] int kill_switch_history(const KillSwitchOptions& options);
[[nodiscard]] int tags_check(const TagsCheckOptions& options);
[[nodiscard]] int analyze_lint(const AnalyzeOptions& options);
[[nodiscard]] int analyze_backtest(const AnalyzeOptions& options);
[[nodiscard]] int analyze_run(const AnalyzeOptions& options);
[[nodiscard]] int readiness_check(const ReadinessOptions& options);
[[nodiscard]] int readiness_scope(const ReadinessOptions& options);
[[nodiscard]] int readiness_init(const ReadinessOptions& options);
[[nodiscard]] int readiness_due(const ReadinessOptions& options);
[[nodiscard]] int readiness_report(const ReadinessOptions& options);
[[nodiscard]] int readiness_explain(const ReadinessOptions& options);
[[nodiscard]] int doctor(const DoctorOptions& options);

}  // namespace tristrata::cli
