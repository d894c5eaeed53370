#pragma once

#include "duty.hpp"
#include "figures.hpp"
#include "kept_windows.hpp"
#include "tristrata/analyzer/failures.hpp"
#include "tristrata/analyzer/reference_windows.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift_check/reference.hpp"
#include "tristrata/drift_check/table.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::service {

/// One [[check]]: a drift check at every multiple of `every` since the epoch, `delay` later.
struct CheckDefinition {
    std::string name;
    std::string where;  ///< "checks.toml:3:1"
    std::string module;
    drift_check::TableName current;
    // The reference is one of these four.
    std::string reference_profile;
    std::string reference_table;
    std::string reference_module;     ///< What was promoted for it.
    core::Duration reference_window;  ///< Of the current table, up to where the window begins.
    core::Duration window;            ///< Of current, up to the time of the check; 0: all of it.
    core::Duration every;
    core::Duration delay;
    detection::Plan plan;
};

/// configuration: every mistake of the file, a line each: unknown keys, a name twice, no reference or two,
/// windows without a time column, a plan that cannot be used.
[[nodiscard]] core::Result<std::vector<CheckDefinition>> read_checks(const std::filesystem::path& file,
                                                                     const config::Settings& settings);
[[nodiscard]] core::Result<std::vector<CheckDefinition>> parse_checks(std::string_view text, std::string name,
                                                                      const config::Settings& settings);

/// Of a check with a reference_window whose window ends at `to`: the rows before it; where reports of its
/// module are bad since a window of `bad` (analyzer::BadWindows), those before that one, for as long as they
/// are bad for no longer than the reference: what lasts would be usual soon.
[[nodiscard]] core::TimeRange reference_range(const CheckDefinition& definition, core::Timestamp to,
                                              std::span<const core::TimeRange> bad);

/// Drift checks on a schedule, each in a thread of its own: the latest that is due at once, then each as it
/// becomes due. The report goes to the drift store and the check's own KPIs to the KPI store, with the time
/// of the window, so that the same window checked twice is the same rows. What became of its source goes to
/// the drift store beside it (check_source.hpp), also where there is no report.
///
/// Missed    Windows that ended while nothing ran, while a source gave no rows or while a report could not be
///           handed on are checked behind the latest, the oldest first, up to 200 of a check. One whose rows
///           are not there any more, while later ones are, is skipped, and so is each of a check without a
///           window, whose table is now another: said, counted, and no absence. What else fails (a table that
///           is away or half written) is tried again after a minute, ten times.
class Checks : public std::enable_shared_from_this<Checks> {
public:
    static constexpr core::Duration after_failure{60'000'000};
    static constexpr int missed_tries_max = 10;

    /// Null where the setting "checks" is not set. `spool`: the folder of the session's. `failures`: how many
    /// windows in a row had no report.
    [[nodiscard]] static core::Result<std::shared_ptr<Checks>> open(
        std::shared_ptr<session::Session> session, const config::Settings& settings, const std::string& spool,
        std::shared_ptr<analyzer::Failures> failures, std::shared_ptr<Log> log);
    /// Which windows reports found bad; to be set before the duties run.
    void tell_of_incidents(analyzer::BadWindows bad_windows) { bad_windows_ = std::move(bad_windows); }
    [[nodiscard]] std::vector<Duty> duties();
    [[nodiscard]] std::vector<CheckFigures> figures() const;

private:
    Checks(std::shared_ptr<session::Session> session, config::Settings settings,
           std::shared_ptr<analyzer::Failures> failures, std::shared_ptr<Log> log, const std::string& root)
        : session_(std::move(session)),
          settings_(std::move(settings)),
          failures_(std::move(failures)),
          log_(std::move(log)),
          kept_(
              WindowFile(spool::posix_file_system(), root, "checks"), [this] { return session_->flush(); },
              log_, "check_windows") {}
    core::Status run(std::size_t index, const std::stop_token& stop);
    /// Once, before the first of all: up to where windows were checked before.
    void resume();
    /// The window that ends there was checked; those between it and the last one are missed.
    void come_to(std::size_t index, core::Timestamp to);
    void skip(std::size_t index, std::uint64_t windows, core::Timestamp from, std::string_view why);
    /// A report of the window that ends there, and all that goes to the stores of it.
    core::Status check_window(std::size_t index, core::Timestamp to,
                              const core::Result<drift::Report>& report, core::Duration took);
    core::Status run_missed(std::size_t index, const core::Task& task);
    /// Whether the missed window that ends there, of which no report came for that reason, waits for another
    /// try; otherwise it is skipped.
    bool waits(std::size_t index, core::Timestamp to, const core::Error& why);
    /// Up to where windows were checked, for who serves next.
    void keep();
    core::Result<drift_check::SavedReference> saved_reference(const CheckDefinition& definition,
                                                              const core::Task& task);
    core::Result<drift::Report> report_of(const CheckDefinition& definition, core::Timestamp to,
                                          const core::Task& task);
    /// Once a window where there is nothing else to say.
    core::Status tell_source(std::size_t index, core::Timestamp to,
                             const core::Result<drift::Report>& report);

    std::shared_ptr<session::Session> session_;
    config::Settings settings_;
    std::shared_ptr<analyzer::Failures> failures_;
    std::shared_ptr<Log> log_;
    core::Clock& clock_ = session_->clock();
    std::vector<CheckDefinition> definitions_;
    analyzer::BadWindows bad_windows_;
    mutable std::mutex mutex_;  ///< Of what follows.
    std::vector<CheckFigures> found_;
    std::vector<std::optional<core::Timestamp>> before_;  ///< Of a definition each: where the last serve was.
    std::vector<std::optional<core::Timestamp>> done_;    ///< The window's end that was checked.
    std::vector<std::deque<core::Timestamp>> missed_;     ///< Likewise, of windows to be checked behind it.
    std::once_flag resumed_;
    std::mutex keeping_;  ///< Of the next.
    KeptWindows kept_;
    struct Failing {
        std::optional<core::Timestamp> to;  ///< The last window without a report.
        std::string told;                   ///< The error's sentence, once its event was handed on.
    };
    std::vector<Failing> failing_;  ///< Of the definition's own thread, as the next.
    struct Waiting {
        std::optional<core::Timestamp> to;  ///< The missed window whose turn it is.
        int tries = 0;
        core::Timestamp again;  ///< On the steady clock.
        std::string told;
    };
    std::vector<Waiting> waiting_;
};

}  // namespace tristrata::service
