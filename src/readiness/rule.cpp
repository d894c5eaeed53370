#include "tristrata/readiness/rule.hpp"

#include "rule_table.hpp"
#include "tristrata/core/ascii.hpp"

#include <fmt/format.h>

namespace tristrata::readiness {

std::vector<Rule> rules_of_rollback() {
    return {
        {"RDY500", Part::rollback, Level::error, true, Place::plan, "Section 5 is there: rollback plan",
         "A way back that is thought of while it burns is a deploy.",
         "## 5. Rollback plan (MUST), with the lever that brings the old behaviour back",
         "## 5. Rollback plan (MUST)\n", ""},
        {"RDY501", Part::rollback, Level::error, true, Place::plan, "A lever of configuration is named",
         "Whoever is paged can set a value; they cannot build a release.",
         "Lever: an FTF flag (a factor of the experiments' framework), an MLflow alias or a key of "
         "ftf_config, and the value to set.",
         "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`\n", ""},
        {"RDY502", Part::rollback, Level::error, false, Place::plan, "No deploy of code is needed",
         "Where the only way back is a deploy of code, the change has a structural debt, which ADR-56 "
         "(every change can be switched by configuration) reviews.",
         "A lever that a person can set without building or deploying; a deploy may stand beside it as the "
         "fallback.",
         "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`\n",
         "- Revert the commit and redeploy\n"},
        {"RDY503", Part::rollback, Level::warning, true, Place::plan, "The way back was rehearsed",
         "A lever that nobody has ever moved may be stuck.", "Rehearsed: the day, and a link to the run.",
         "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711\n", ""},
        {"RDY599", Part::rollback, Level::error, true, Place::plan, "Section 5 is filled",
         "The template's own words are no plan.", "Replace each <…> of the section by what is so.",
         "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711\n",
         "- Rehearsed: <date and a link to the run>\n"},
    };
}

std::vector<Rule> rules_of_the_owner() {
    return {
        {"RDY600", Part::owner, Level::error, true, Place::plan, "Section 6 is there: owner and DRI",
         "\"Who do I page when this breaks?\" has one answer.",
         "## 6. Owner & DRI (MUST), with DRI and sunset", "## 6. Owner & DRI (MUST)\n", ""},
        {"RDY601", Part::owner, Level::error, true, Place::plan, "The DRI is one person",
         "Two who are responsible are none.", "DRI: @handle — one", "- DRI: @maria\n",
         "- DRI: @maria and @jonas\n"},
        {"RDY602", Part::owner, Level::error, false, Place::plan, "The DRI is no team",
         "Everybody of a team thinks that somebody else looks.",
         "The handle of a person; teams are those of [teams] in readiness.scope.toml, and names such as "
         "ml-team.",
         "- DRI: @maria\n", "- DRI: @ml-team\n"},
        {"RDY603", Part::owner, Level::error, false, Place::plan, "The DRI is the plan's owner",
         "Two names for one responsibility are found out when it matters.",
         "The same handle in `Owner:` and `DRI:`.", "- DRI: @maria\n", "- DRI: @jonas\n"},
        {"RDY604", Part::owner, Level::error, false, Place::plan, "The DRI's term reaches the sunset",
         "The DRI answers for the change until it is permanent or revisited.",
         "Accountable until: the day of the sunset or later; or leave the line out.", "- DRI: @maria\n",
         "- DRI: @maria\n- Accountable until: 2026-06-01\n"},
        {"RDY605", Part::owner, Level::error, false, Place::plan, "Owner and sunset are not skipped",
         "Every change is looked at again 90 days after its full rollout, by somebody. No sentence takes the "
         "place of that person and that day.",
         "DRI and Sunset in section 6, as for any other change.",
         "- DRI: @maria\n- Sunset: 2026-08-23\n- Outcome: due at the sunset\n",
         "**SKIP — JUSTIFICATION**: nobody has to answer for an audit.\n"},
        {"RDY620", Part::owner, Level::error, false, Place::connected, "The DRI owns what the plan watches",
         "Alerts go where owners.toml sends them. If that is somebody else, the DRI is never told.",
         "The owner of the modules of section 1 in owners.toml, or one of that team's people in [teams].",
         "| hamilton.features |", "| market.feed |"},
        {"RDY621", Part::owner, Level::warning, false, Place::folder, "Owners can be looked up",
         "Without a file of owners, or a module in it to look for, nobody can tell whether the DRI owns what "
         "the "
         "plan watches (RDY620), and a gate that does not look says so where its answer is read.",
         "The module of each metric in the column Source. The file that [places] owners of "
         "readiness.scope.toml names (deploy/owners.toml, where it names "
         "none); or owners = \"\" there, where the repository has none. With --base a file that is there at "
         "the base and gone closes the gate (exit 3).",
         "deploy/owners.toml", ""},
        {"RDY699", Part::owner, Level::error, true, Place::plan, "Section 6 is filled",
         "The template's own words are no plan.", "Replace each <…> of the section by what is so.",
         "- DRI: @maria\n", "- DRI: <one person's handle>\n"},
        {"RDY701", Part::owner, Level::error, true, Place::plan, "The sunset is named",
         "What was shipped and forgotten runs for years. On that day somebody decides whether it stays.",
         "Sunset: the day of the full rollout and 90 days.", "- Sunset: 2026-08-23\n", ""},
        {"RDY702", Part::owner, Level::error, false, Place::plan,
         "The sunset is 90 days after the full rollout",
         "Long enough to see it work, short enough for who made it to be there.",
         "The day of the full rollout in section 4, and 90 days.", "- Sunset: 2026-08-23\n",
         "- Sunset: 2026-12-31\n"},
        {"RDY703", Part::owner, Level::error, true, Place::plan, "What is due has an outcome",
         "Past its sunset a change is permanent, or revisited; nothing in between. Before it nobody can "
         "know.",
         "Outcome: due at the sunset, until that day; from it on permanent, or revisited in and the story "
         "that does it. A change that was taken back is revisited, too, and need not wait for the day: "
         "Outcome: "
         "revisited in CVN-N002-EF-S01, rolled back on 2026-06-03, a day that has been, of a plan that is "
         "merged.",
         "- Outcome: due at the sunset\n", "- Outcome: permanent\n"},
    };
}

std::vector<Rule> rules_of_the_sign_off() {
    return {
        {"RDY800", Part::sign_off, Level::error, true, Place::plan, "The sign-off is there",
         "A plan that nobody signed is a draft.", "## Sign-off, with the checklist and the review's session",
         "## Sign-off\n", ""},
        {"RDY801", Part::sign_off, Level::error, true, Place::plan, "Each box is ticked",
         "An open box is an open question.", "- [x] before each line, once it is so.",
         "- [x] Each section is filled, or skipped with a justification\n",
         "- [ ] Each section is filled, or skipped with a justification\n"},
        {"RDY802", Part::sign_off, Level::error, true, Place::plan, "The sign-off has the review's session",
         "The signature is the session in which the committee said yes.", "Review: session and its id.",
         "- Review: session 3e0a3008, PASSED\n", ""},
        {"RDY803", Part::sign_off, Level::error, false, Place::plan, "The review passed",
         "A review that did not pass is the gate's own answer.", "The id of a session that passed.",
         "- Review: session 3e0a3008, PASSED\n", "- Review: session 3e0a3008, REJECTED\n"},
        {"RDY804", Part::sign_off, Level::error, false, Place::plan, "Header and sign-off name one review",
         "One of two sessions reviewed another plan.",
         "The same id in `Reviewed by committee:` and in the sign-off.",
         "- Review: session 3e0a3008, PASSED\n", "- Review: session 8db2529d, PASSED\n"},
        {"RDY810", Part::sign_off, Level::error, true, Place::pull_request, "The pull request links the plan",
         "Whoever reviews the change must find its plan.",
         "In the pull request's text: the path of the plan, or the address of the issue whose part it is.",
         "The plan: documentation/stories/CVN-N001-EF-S07/mlops_readiness.md, reviewed in session 3e0a3008.",
         "Reviewed in session 3e0a3008."},
        {"RDY811", Part::sign_off, Level::error, true, Place::pull_request,
         "The pull request links the review", "Whoever merges must see who said yes.",
         "In the pull request's text: the session's id, or its address.",
         "The plan: documentation/stories/CVN-N001-EF-S07/mlops_readiness.md, reviewed in session 3e0a3008.",
         "The plan: documentation/stories/CVN-N001-EF-S07/mlops_readiness.md."},
        {"RDY899", Part::sign_off, Level::error, true, Place::plan, "The sign-off is filled",
         "The template's own words are no signature.", "Replace each <…> by what is so.",
         "- Review: session 3e0a3008, PASSED\n", "- Review: <session and verdict>\n"},
    };
}

std::string_view name(Level level) noexcept {
    switch (level) {
        case Level::note:
            return "note";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
        case Level::not_evaluable:
            return "not_evaluable";
    }
    return "error";
}

const std::vector<Rule>& rules() {
    static const std::vector<Rule> table = [] {
        std::vector<Rule> all;
        for (auto* part :
             {&rules_of_the_header, &rules_of_monitoring, &rules_of_alerting, &rules_of_drift,
              &rules_of_rollout, &rules_of_rollback, &rules_of_the_owner, &rules_of_the_sign_off})
            for (auto& rule : (*part)()) all.push_back(rule);
        return all;
    }();
    return table;
}

const Rule* find_rule(std::string_view id) {
    std::string wanted = core::lowered(id);
    if (!wanted.starts_with("rdy")) wanted.insert(0, "rdy");
    for (const auto& rule : rules())
        if (core::lowered(rule.id) == wanted) return &rule;
    return nullptr;
}

std::string page_of(const Rule& rule) {
    const auto fenced = [](std::string_view text) {
        std::string block(text);
        while (!block.empty() && block.back() == '\n') block.pop_back();
        // A page shows what a plan must not hide.
        constexpr std::string_view turn = "\u202e";
        if (const auto at = block.find(turn); at != std::string::npos)
            block.replace(at, turn.size(), "<U+202E>");
        return fmt::format("````markdown\n{}\n````\n", block);
    };
    std::string text = fmt::format("# {}: {}\n\n", rule.id, rule.title);
    text += fmt::format("{} {}\n\n",
                        rule.part == Part::header || rule.part == Part::sign_off
                            ? fmt::format("{}.", title_of(rule.part))
                            : fmt::format("Section {}, {}.", number_of(rule.part), title_of(rule.part)),
                        rule.level == Level::error     ? "The gate fails."
                        : rule.level == Level::warning ? "A warning; the gate fails with `--strict`."
                        : rule.level == Level::not_evaluable
                            ? "The gate stays closed (exit 3), also with `--advisory`."
                            : "A note.");
    text += fmt::format("**Why.** {}\n\n**Write.** {}\n\nRight:\n\n{}\n", rule.why, rule.write,
                        fenced(rule.good));
    text += rule.bad.empty() ? "Wrong: without it.\n" : fmt::format("Wrong:\n\n{}", fenced(rule.bad));
    return text;
}

}  // namespace tristrata::readiness
