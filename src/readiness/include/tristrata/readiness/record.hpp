#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/readiness/rendering.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// The module of what the gate says of itself.
inline constexpr std::string_view module_name = "readiness";

/// What a check was asked of.
struct Occasion {
    bool merge = false;  ///< It holds a merge up, or lets it through: no nightly run does.
    std::string change;  ///< The pull request or branch, whose checks count together; empty where unknown.
};

/// A check as KPIs, one emit a plan: run_id is the story, absent where no plan says one; success whether it
/// is ready; tags `readiness_change` and `readiness_check` (what all emits of one check share); metrics
/// `blocked`, `merge`, `only_completeness`, `errors`, `warnings`, `skipped`, `passed`. The same check at the
/// same time that finds the same is the same emit.
[[nodiscard]] std::vector<execution::KpiRequest> kpis_of(const Verdict& verdict, const Occasion& occasion);

/// An event for each plan that names what no longer exists (RDY120, 220, 221, 222, 320, 620): type
/// data_quality, severity warn, metric `names_what_is_gone`, the findings in its payload. The same plan on
/// the same day is the same event.
[[nodiscard]] std::vector<drift::EventRequest> events_of(const Verdict& verdict);

/// The tags `readiness_change` and `readiness_check` among the tags of a stored row, a JSON object; empty
/// where there is none.
[[nodiscard]] std::string change_of(std::string_view tags);
[[nodiscard]] std::string check_of(std::string_view tags);

/// One check of a story, as the KPI store tells it.
struct CheckRecord {
    std::string story;   ///< Empty where it found no plan.
    std::string change;  ///< As of Occasion.
    core::Timestamp time;
    bool blocked = false;
    bool only_completeness = false;
    bool merge = false;      ///< As of Occasion.
    bool errors = true;      ///< It found any: what found none and is of no story asked for no plan.
    std::string check = {};  ///< What the records of one check share; empty: it is one of its own.
};

/// ADR-0070's own falsifier over the checks of a time.
struct Ledger {
    std::size_t stories = 0;
    std::size_t checks = 0;             ///< Of a merge: others count for nothing.
    std::size_t of_no_merge = 0;        ///< The others.
    std::size_t of_no_story = 0;        ///< Of a merge, and of neither story nor change: left out as well.
    std::size_t of_no_plan = 0;         ///< Of a merge that asked for no plan: left out as well.
    std::size_t blocked = 0;            ///< Stories that were blocked at least once.
    std::size_t only_completeness = 0;  ///< Of these, never for anything but what was not written.
    std::size_t prevented = 0;          ///< Stories blocked for what was wrong, and ready in the end.
    enum class Answer : std::uint8_t {
        too_few,  ///< Fewer than 20 stories.
        keep,
        revisit,  ///< More than 20 % blocked for completeness alone, and nothing prevented.
    } answer = Answer::too_few;

    [[nodiscard]] double share() const noexcept;
};
inline constexpr std::size_t stories_of_the_falsifier = 20;
inline constexpr double share_of_the_falsifier = 0.20;
/// What blocks a check beside its plans (that there is none, that one is deleted or cannot be read, the
/// template) counts for the stories of the check, else for those of the next of its change that is of some;
/// where none follows, the change is a story. A story is ready in the end where nothing of its last check is
/// blocked. Of checks of one time those that were blocked are taken for the earlier.
[[nodiscard]] Ledger ledger_of(std::vector<CheckRecord> records);
[[nodiscard]] std::string to_text(const Ledger& ledger);
[[nodiscard]] std::string to_json(const Ledger& ledger);

}  // namespace tristrata::readiness
