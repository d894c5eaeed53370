#pragma once

#include "tristrata/kill_switch/kill_switch.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::kill_switch {

/// A row of kill_switch.evaluations as it is written; when it was recorded is the database's to say.
struct EvaluationRow : Evaluation {
    core::Uuid evaluation_id;
    std::optional<std::string> evidence;
    core::Timestamp asked_at;
};

/// Of an evaluation that is there, what it is told with.
struct Recorded {
    Mode mode = Mode::shadow;
    std::string reason;
    core::Timestamp asked_at;
};

/// Of the losses of telemetry that one incident counts, the last.
struct LastLoss {
    std::int64_t episode = 0;
    core::Timestamp noted_at;  ///< When it was last noted that it lasts, by the clock of who noted it.
    bool is_over = false;      ///< Somebody noted its end.
};

/// The tables of one backend. What is decided over them is in kill_switch.cpp, once.
class Tables {
public:
    virtual ~Tables() = default;
    [[nodiscard]] virtual std::string_view backend() const noexcept = 0;
    [[nodiscard]] virtual std::string where() const = 0;
    /// The database itself keeps who engages from disengaging.
    [[nodiscard]] virtual bool has_roles() const noexcept = 0;
    /// conflict, configuration: the tables are a newer program's, or not there.
    [[nodiscard]] virtual core::Status require() = 0;

    /// All of the body or nothing; the body runs again where another writer was first.
    [[nodiscard]] virtual core::Status transaction(const std::function<core::Status()>& body) = 0;
    [[nodiscard]] virtual core::Result<std::vector<State>> states(const std::optional<Scope>& scope) = 0;
    [[nodiscard]] virtual core::Result<std::vector<State>> history(const std::optional<Scope>& scope,
                                                                   std::uint64_t limit) = 0;
    /// To `state`, from the version before; false where that is not there any more.
    [[nodiscard]] virtual core::Result<bool> change(const State& state) = 0;
    /// engaged or joined, where the key led to one.
    [[nodiscard]] virtual core::Result<std::optional<Decision>> before(const Scope& scope,
                                                                       const std::string& incident,
                                                                       std::int64_t episode) = 0;
    /// Incidents that joined the scope's engagement since then.
    [[nodiscard]] virtual core::Result<std::vector<std::string>> joined(const Scope& scope,
                                                                        core::Timestamp since) = 0;
    /// Scopes other than this one for which this was decided within the window, not by a person.
    [[nodiscard]] virtual core::Result<std::uint64_t> other_scopes(const Scope& scope, Decision decision,
                                                                   core::Duration window) = 0;
    /// Days, UTC, on which evaluations in shadow were recorded.
    [[nodiscard]] virtual core::Result<std::int64_t> shadow_days() = 0;
    [[nodiscard]] virtual core::Result<std::uint64_t> count(Decision decision) = 0;
    /// False where it was there.
    [[nodiscard]] virtual core::Result<bool> record(const EvaluationRow& row) = 0;
    /// Nothing where it is not there.
    [[nodiscard]] virtual core::Result<std::optional<Recorded>> recorded(const core::Uuid& evaluation_id) = 0;
    /// Nothing where none was noted.
    [[nodiscard]] virtual core::Result<std::optional<LastLoss>> last_loss(const std::string& incident) = 0;
    [[nodiscard]] virtual core::Result<std::vector<Evaluation>> evaluations(std::uint64_t limit) = 0;
};

[[nodiscard]] core::Result<std::unique_ptr<Tables>> open_sqlite_tables(const std::string& path,
                                                                       core::Clock& clock);
[[nodiscard]] std::unique_ptr<Tables> open_postgres_tables(const core::SecretSource& url, core::Clock& clock);

/// What is decided without a person, and only that, shows that shadow mode looked.
inline constexpr std::string_view shadow_decisions =
    "'would_engage', 'insufficient_evidence', 'nothing_open', 'held', 'ignored', 'unmapped'";
inline constexpr std::string_view person_sources = "'cli', 'console', 'environment'";

}  // namespace tristrata::kill_switch
