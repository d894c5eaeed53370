#pragma once

#include "plan_files.hpp"

#include <optional>
#include <string>
#include <vector>

// What a change set does to plans that were merged before it.
namespace tristrata::readiness {

/// Whether its sunset is past, or today, and its outcome named: such a plan lives no more.
[[nodiscard]] bool is_closed(const Named& named, core::Timestamp now);

/// A plan as it stands where the change set left its base.
struct Before {
    bool readable = false;
    bool over = false;    ///< Its sunset is past and its outcome named.
    bool draft = false;   ///< No section of it is filled or skipped: it promises nothing.
    SectionSet sections;  ///< That it records as asked for; without such a line, those that it has.
    Named named;
    std::string story = {};  ///< Of one whose place another takes; empty: it is the plan's own.
};
/// Nothing of a plan that the base does not have.
[[nodiscard]] std::optional<Before> before_of(const GateRequest& request, const Policy& policy,
                                              const std::string& path);

/// Whether the change set takes code away that asks for sections, and brings none that never was.
[[nodiscard]] bool takes_away(const GateRequest& request, const Policy& policy);

/// RDY006, of a plan that is there still: emptied, asked for fewer sections, or due later than before. `all`:
/// itself and those whose place it takes; it is held against the sections of all and the first sunset.
void check_against_before(Outcome& outcome, const Plan& plan, const std::vector<const Before*>& all,
                          const GateRequest& request, const Policy& policy);

/// RDY006 of the plans that the change set deletes before their time; a draft has none.
void add_deleted(Verdict& verdict, const GateRequest& request, const Policy& policy);

/// Plans that the change set brings and that are not among what was judged.
[[nodiscard]] std::vector<std::string> unjudged_plans(const Verdict& verdict, const GateRequest& request,
                                                      const Policy& policy);

/// A plan that the change set alters, and that is not over at its base; of a deleted one the plan that names
/// its story in its place. A path stands as often as plans lead to it.
struct Altered {
    std::string path;
    Before before;
};
[[nodiscard]] std::vector<Altered> altered_plans(const GateRequest& request, const Policy& policy);

/// Which plans answer for no new change. What it asks git is asked once, however many plans there are.
class OverPlans {
public:
    OverPlans(const GateRequest& request, const Policy& policy) : request_(request), policy_(policy) {}

    /// Why one does not; empty where it does. It is over where its sunset is past or its outcome named; the
    /// change set that takes its change back is its last, and brings no file that never was.
    [[nodiscard]] std::string why(const std::string& path, const Named& named);

private:
    const GateRequest& request_;
    const Policy& policy_;
    std::optional<std::vector<Altered>> altered_;
    std::optional<std::vector<std::string>> there_;  ///< Of what changed and asks for sections.
    std::optional<std::string> new_;                 ///< The first of these that never was; empty: none.
};

}  // namespace tristrata::readiness
