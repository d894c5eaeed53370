#include "rule_table.hpp"

// One row a rule: id, part, level, completeness, place, title, why, what to write, a good and a bad example.
namespace tristrata::readiness {

std::vector<Rule> rules_of_the_header() {
    return {
        {"RDY001", Part::header, Level::error, true, Place::folder, "A plan is there",
         "What is not written before the merge is asked for at 03:00. A change that a scope asks sections of "
         "needs a "
         "plan, at a place that everybody can guess.",
         "Fill a plan: `tristrata readiness init STORY` writes "
         "documentation/stories/STORY/mlops_readiness.md; for a "
         "small story the part \"## MLOps readiness\" of its issue, given by --issue-body.",
         "documentation/stories/CVN-N001-EF-S07/mlops_readiness.md",
         "documentation/stories/CVN-N001-EF-S07/plan.md"},
        {"RDY002", Part::header, Level::not_evaluable, false, Place::bytes, "The plan can be read",
         "A plan that cannot be read cannot be judged, and what cannot be judged is not let through.",
         "Save it as UTF-8, at most 256 KiB, as a file of the repository.", "UTF-8", "UTF-16"},
        {"RDY003", Part::header, Level::error, true, Place::plan, "Each section stands once, and each field",
         "Two sections of one name or number, or two lines `Canary:`, are two answers to one question.",
         "Make one of them, or give the second its own number and title.", "## 5. Rollback plan (MUST)\n",
         "## 4. Staged rollout (MUST)\n\n- Full rollout: 2026-05-25\n\n## 5. Rollback plan (MUST)\n"},
        {"RDY004", Part::header, Level::error, false, Place::template_file,
         "The template has its six sections",
         "Whatever the template does not ask for, no plan will say. Taking a section out of it is a "
         "decision, and "
         "decisions are written down.",
         "Put the section back, or write an ADR and name it in readiness.scope.toml: [[removed]] with "
         "section and adr. With --base the file counts as it stands there: the ADR and that entry are merged "
         "first, and the section goes in a change after it.",
         "## 5. Rollback plan (MUST)", ""},
        {"RDY005", Part::header, Level::error, false, Place::plan, "The plan is of one story",
         "A plan that was copied from another story promises that story's alerts.",
         "Write the story's own id into the title and into the line `Story:`; the folder has the same name.",
         "Story: CVN-N001-EF-S07", "Story: CVN-N001-EF-S06"},
        {"RDY006", Part::header, Level::error, false, Place::folder, "A plan stays until its sunset is over",
         "A plan that is deleted, emptied or put off is due no more, and nobody is asked whether the change "
         "stays. Alerts and "
         "runbooks lose whom they belong to.",
         "Put the plan back; it may go once its sunset is past and its outcome named. Where the story has "
         "another id now, name the old one in the new plan's title, or in a line \"Formerly: "
         "CVN-N001-EF-S07\". Until then it is asked for no fewer sections than before, and once its full "
         "rollout is past its sunset stays where it is.",
         "documentation/stories/CVN-N001-EF-S07/mlops_readiness.md", ""},
        {"RDY010", Part::header, Level::error, true, Place::plan, "The plan has a title",
         "The title says to whoever finds the file what it is and of which story.",
         "# MLOps readiness — STORY and its title",
         "# MLOps readiness — CVN-N001-EF-S07 The variance selector measures dispersion\n", ""},
        {"RDY011", Part::header, Level::error, true, Place::plan, "The story is named",
         "The plan, its issue and its merge find each other by the story's id.", "Story: CVN-N001-EF-S07",
         "Story: CVN-N001-EF-S07\n", ""},
        {"RDY012", Part::header, Level::error, true, Place::plan, "One owner is named",
         "Whoever reads the plan must know whom to ask.", "Owner: @handle — one, of a person",
         "Owner: @maria\n", "Owner: @maria, @jonas\n"},
        {"RDY013", Part::header, Level::error, true, Place::plan, "The day is named",
         "What a plan says was so on the day on which it was filled.", "Filled on: 2026-05-02",
         "Filled on: 2026-05-02\n", "Filled on: in May\n"},
        {"RDY014", Part::header, Level::error, true, Place::plan, "The review is named",
         "The committee's session has the questions and the answers behind the plan.",
         "Reviewed by committee: the session's id and its verdict, such as 3e0a3008, PASSED",
         "Reviewed by committee: 3e0a3008, PASSED\n", "Reviewed by committee: yes\n"},
        {"RDY015", Part::header, Level::error, false, Place::plan, "Names are what they look like",
         "A character that turns the direction of what follows, or that nobody sees, makes a name, a verdict "
         "or "
         "a handle read as another.",
         "Take out control characters and those that turn directions (such as U+200F, U+202E, U+2066); a "
         "sentence in another direction needs none.",
         "Reviewed by committee: 3e0a3008, PASSED\n", "Reviewed by committee: 3e0a3008, \u202eDESSAP\n"},
        {"RDY016", Part::header, Level::error, false, Place::plan,
         "The plan records the sections that were asked of it",
         "Once a change is merged nobody knows any more which paths asked for which sections: each night "
         "judges "
         "the plan by what it records. A plan that records less than its change asked for would be let off.",
         "Sections asked for: the numbers that `tristrata readiness scope` prints, or all; or leave the line "
         "out, "
         "and all six are asked for. `tristrata readiness init STORY --base origin/main` writes it.",
         "Filled on: 2026-05-02\n", "Filled on: 2026-05-02\nSections asked for: §1, §2\n"},
        {"RDY020", Part::header, Level::error, true, Place::plan, "A skipped section says why",
         "A section may be skipped, by a sentence that the committee can accept or reject. A skip without "
         "one is an "
         "empty section.",
         "**SKIP — JUSTIFICATION**: and one sentence that says why this change does not need the section.",
         "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`\n- Rehearsed: "
         "2026-05-03, https://ci.example.com/runs/4711\n",
         "**SKIP — JUSTIFICATION**:\n"},
        {"RDY021", Part::header, Level::warning, false, Place::path,
         "Each path that changed is known to a scope",
         "A new folder that no scope knows would pass the gate without a word.",
         "Add the path to a [[scope]] of readiness.scope.toml, with sections = [] where it needs none.",
         "src/training/fit.py", "src/brand_new/fit.py"},
        {"RDY022", Part::header, Level::warning, false, Place::change_set,
         "A change of the gate itself comes with a decision",
         "A change set that could open the gate for itself would need no plan. It is judged by the policy "
         "and "
         "the template as they stand at its base; what it makes of them holds from its merge on, and "
         "somebody "
         "has to have wanted that.",
         "An ADR in the same change set (a page in a folder adr, adrs or decisions with a number in its name "
         "or "
         "title, that says more than its title); or let a reviewer merge "
         "the change of readiness.scope.toml, or of the template, alone.",
         "docs/adr/0080-scopes-of-the-gate.md\nreadiness.scope.toml", "readiness.scope.toml"},
        {"RDY023", Part::header, Level::error, false, Place::sections, "Not every section is skipped",
         "A plan that skips whatever a change asks for is no plan, whatever sentence stands in its place.",
         "What is watched, at least: a change that needs no section at all needs another row in "
         "readiness.scope.toml.",
         "## 3. Drift detection (MUST)\n\n**SKIP — JUSTIFICATION**: it reads no data that could drift.\n\n",
         "## 1. Production monitoring (MUST)\n\n**SKIP — JUSTIFICATION**: this is a small change.\n\n"
         "## 2. Alerting & runbooks (MUST)\n\n**SKIP — JUSTIFICATION**: this is a small change.\n\n"
         "## 3. Drift detection (MUST)\n\n**SKIP — JUSTIFICATION**: this is a small change.\n\n"
         "## 4. Staged rollout (MUST)\n\n**SKIP — JUSTIFICATION**: this is a small change.\n\n"
         "## 5. Rollback plan (MUST)\n\n**SKIP — JUSTIFICATION**: this is a small change.\n\n"},
        {"RDY024", Part::header, Level::warning, false, Place::plan,
         "A sentence that may deny its section is read by a person",
         "A section is filled by its fields, and a sentence below them can take back what they say. Where "
         "the "
         "whole sentence does (\"There is no canary\"), it is an error of the rule that owns the field. "
         "Where only "
         "a clause does (\"There is no canary, because the book is thin\"), or it says \"may\", only a "
         "person can "
         "tell.",
         "What is so, without a negation of the section's subject; or leave the sentence, once somebody has "
         "read it. Conditions, times past, what holds of a part (\"on weekends\") or of another thing, and "
         "two "
         "negations are not told.",
         "- Full rollout: 2026-05-25\n", "- Full rollout: 2026-05-25\n- The canary may not be needed.\n"},
        {"RDY025", Part::header, Level::note, false, Place::plan,
         "What stands beside a value is read by a person",
         "A rule reads the value of a field, and refuses beside it what is known to take it back. What else "
         "stands there, behind the value or in items below it, may do so in words that no rule knows: it is "
         "listed, once a field, and blocks nothing.",
         "The value alone, and why behind \"because\"; what is told of it in a sentence of its own, outside "
         "the field. Days, names, links, units and words such as \"on all cryptos\" are not listed.",
         "- Shadow: 7 days, from 2026-05-04 to 2026-05-11\n",
         "- Shadow: 7 days, from 2026-05-04 to 2026-05-11, at tenfold speed\n"},
    };
}

std::vector<Rule> rules_of_monitoring() {
    return {
        {"RDY100", Part::monitoring, Level::error, true, Place::plan,
         "Section 1 is there: production monitoring",
         "The variance selector gave one number for every feature for two weeks; nobody had asked which "
         "metric would "
         "show it.",
         "## 1. Production monitoring (MUST), with a table of metrics",
         "## 1. Production monitoring (MUST)\n", ""},
        {"RDY101", Part::monitoring, Level::error, true, Place::plan, "A prediction rate is watched",
         "A model that says nothing raises no error. All predictions of one fold were once dropped in "
         "silence.",
         "A row whose type is `prediction rate`, such as predictions made over predictions expected; where "
         "there is no "
         "new one, the existing one that covers the change.",
         "| `predictions_captured_rate` | prediction rate | hamilton.predictions | Execution | 0.99 / 0.95 | "
         "@maria "
         "|\n",
         ""},
        {"RDY102", Part::monitoring, Level::error, true, Place::plan, "An outcome is watched",
         "Predictions are a means. Only what comes of them says whether the change was for the better.",
         "A row whose type is `outcome`, such as a win rate.",
         "| `win_rate` | outcome | backtest.trades | Execution | 0.52 / 0.50 | @maria |\n", ""},
        {"RDY103", Part::monitoring, Level::error, true, Place::plan, "A health metric is watched",
         "What is broken inside shows in a number of the inside first: a dispersion, a share of nulls, a "
         "latency.",
         "A row whose type is `health`, such as the dispersion of what a selector gives.",
         "| `feature_selection_variance_dispersion` | health | hamilton.features | Drift | 0.10 / 0.01 | "
         "@maria |\n",
         ""},
        {"RDY104", Part::monitoring, Level::error, true, Place::plan, "Each metric has thresholds",
         "A metric without a number from which on somebody looks at it is looked at by nobody.",
         "Two numbers in the column Threshold: warn / crit; without a table, behind the metric's name: "
         "`win_rate`, 0.52 / 0.50.",
         "| `win_rate` | outcome | backtest.trades | Execution | 0.52 / 0.50 | @maria |",
         "| `win_rate` | outcome | backtest.trades | Execution | as usual | @maria |"},
        {"RDY105", Part::monitoring, Level::warning, true, Place::plan, "Metrics carry the variant",
         "Where two variants run side by side, the sum of both hides that one of them is dead.",
         "A line that says that the metrics are tagged with the variant, or why that does not apply.",
         "Each carries the tag `variant`.\n", ""},
        {"RDY120", Part::monitoring, Level::error, false, Place::connected, "Each metric exists",
         "A plan that promises a metric which nobody emits promises nothing.",
         "The name as it is emitted; or emit it first, or add it to [places] metrics of "
         "readiness.scope.toml.",
         "| `win_rate` | outcome", "| `win_ratio` | outcome"},
        {"RDY198", Part::monitoring, Level::error, true, Place::plan, "The table of metrics is a table",
         "Half a table is shown as text, and read by nobody.",
         "A line of column names, Metric and Threshold among them, a line of dashes below it, and a row for "
         "each metric.",
         "|---|---|---|---|---|---|\n", ""},
        {"RDY199", Part::monitoring, Level::error, true, Place::plan, "Section 1 is filled",
         "The template's own words are no plan.", "Replace each <…> of the section by what is so.",
         "| `win_rate` |", "| <metric> |"},
    };
}

std::vector<Rule> rules_of_alerting() {
    return {
        {"RDY200", Part::alerting, Level::error, true, Place::plan,
         "Section 2 is there: alerting and runbooks",
         "Without an alert it is a dashboard that finds out, days later.",
         "## 2. Alerting & runbooks (MUST), with a table of alerts", "## 2. Alerting & runbooks (MUST)\n",
         ""},
        {"RDY201", Part::alerting, Level::error, true, Place::plan, "One alert is a P1",
         "One failure of each change loses money in silence. That one must wake somebody.",
         "A row with the severity P1, for the failure that would lose money in silence.",
         "| VarianceDispersionDead | dispersion below 0.01 in one run | docs/runbooks/variance.md | P1 | "
         "#ml-alerts |\n",
         ""},
        {"RDY202", Part::alerting, Level::error, true, Place::plan, "Each alert says what fires it",
         "An alert whose trigger nobody wrote down cannot be tested, nor believed.",
         "In the column Trigger: which number, past which value, for how long.",
         "| PredictionsMissing | captured rate below 0.95 in one fold |", "| PredictionsMissing | |"},
        {"RDY203", Part::alerting, Level::error, true, Place::plan, "Each alert has a runbook",
         "Whoever is paged at 03:00 did not write the change.",
         "In the column Runbook: the path of a page in the repository, or its address.",
         "| docs/runbooks/predictions.md | P2 |", "| - | P2 |"},
        {"RDY204", Part::alerting, Level::error, true, Place::plan, "Each severity is P1, P2 or P3",
         "Who is paged follows from it; another word is sent nowhere.",
         "P1, P2 or P3 in the column Severity.", "| docs/runbooks/predictions.md | P2 |",
         "| docs/runbooks/predictions.md | high |"},
        {"RDY220", Part::alerting, Level::error, false, Place::connected, "Each alert is provisioned",
         "A plan that promises an alert nobody configured is worse than none: everybody sleeps.",
         "The name of a rule among the provisioned ones ([places] rules); or provision it in the same merge.",
         "| VarianceDispersionDead |", "| VarianceDispersionGone |"},
        {"RDY221", Part::alerting, Level::error, false, Place::connected, "Each runbook is there",
         "A link that leads nowhere is found out at 03:00.",
         "The path of a file of the repository, or of a folder of [places] runbooks.",
         "docs/runbooks/predictions.md", "docs/runbooks/prediction.md"},
        {"RDY222", Part::alerting, Level::error, false, Place::connected, "Each runbook has its headings",
         "What it means, what it costs, how to find out and what to do: that is what is read at 03:00, in "
         "this order.",
         "Headings Meaning, Impact, Diagnosis, Mitigation in the runbook ([places] runbook_headings).",
         "docs/runbooks/predictions.md", "docs/runbooks/unfinished.md"},
        {"RDY223", Part::alerting, Level::warning, false, Place::connected, "Each P1 has a test",
         "A rule that was never seen to fire may not fire.",
         "A case with the alert's name in a file of [places] rule_tests (promtool test rules).",
         "| docs/runbooks/predictions.md | P2 |", "| docs/runbooks/predictions.md | P1 |"},
        {"RDY224", Part::alerting, Level::note, false, Place::connected,
         "A runbook elsewhere is not looked at",
         "Nothing is fetched from the network. Whether a page of another repository or site is there, and "
         "what it "
         "says, only a person can tell.",
         "A path of the repository; or an address of the repository itself (its remote `origin`), or below "
         "one of "
         "[places] addresses in readiness.scope.toml.",
         "docs/runbooks/predictions.md", "https://wiki.example.org/predictions.md"},
        {"RDY298", Part::alerting, Level::error, true, Place::plan, "The table of alerts is a table",
         "Half a table is shown as text, and read by nobody.",
         "A line of column names, Alert, Trigger, Runbook and Severity among them, a line of dashes below "
         "it, and a row "
         "for each alert.",
         "| Alert | Trigger | Runbook | Severity (P1/P2/P3) | Notification channel |\n", ""},
        {"RDY299", Part::alerting, Level::error, true, Place::plan, "Section 2 is filled",
         "The template's own words are no plan.", "Replace each <…> of the section by what is so.",
         "| PredictionsMissing |", "| <alert> |"},
    };
}

std::vector<Rule> rules_of_drift() {
    return {
        {"RDY300", Part::drift_detection, Level::error, true, Place::plan,
         "Section 3 is there: drift detection",
         "What was true when the model was trained stops being so, without an error.",
         "## 3. Drift detection (MUST), with thresholds", "## 3. Drift detection (MUST)\n", ""},
        {"RDY301", Part::drift_detection, Level::error, true, Place::plan, "Thresholds of PSI are named",
         "The defaults are not sacred; the discipline of naming a threshold is.",
         "PSI, with warn and crit: 0.2 / 0.5, or others and why.",
         "| PSI of each feature | training window of the promoted model | 0.2 / 0.5 | the default |\n", ""},
        {"RDY302", Part::drift_detection, Level::error, true, Place::plan,
         "Thresholds of the performance gap are named",
         "Inputs can stay as they are while what they mean changes; only the model's performance shows that.",
         "Performance gap, with warn and crit: 0.05 / 0.10, or others and why.",
         "| Performance gap | validation of the promoted model | 0.05 / 0.10 | the default |\n", ""},
        {"RDY303", Part::drift_detection, Level::error, false, Place::plan, "Warn lies below crit",
         "What is critical before it is worth a warning pages at once and warns never.",
         "The smaller number first.",
         "| PSI of each feature | training window of the promoted model | 0.2 / 0.5 | the default |",
         "| PSI of each feature | training window of the promoted model | 0.5 / 0.2 | two quiet years of BTC "
         "|"},
        {"RDY304", Part::drift_detection, Level::error, true, Place::plan, "Other thresholds say why",
         "A number that somebody can explain can be changed by the next one; one that nobody explained stays "
         "for ever.",
         "One line in the column Rationale, or after `because`.",
         "| Performance gap | validation of the promoted model | 0.05 / 0.10 | the default |",
         "| Performance gap | validation of the promoted model | 0.15 / 0.30 | |"},
        {"RDY320", Part::drift_detection, Level::error, false, Place::drift_plan,
         "Thresholds are those that are in force",
         "A plan that names 0.2 while the check runs with 0.4 describes another system.",
         "The numbers of the drift plan that --verify names; or change the drift plan.",
         "0.2 / 0.5 | the default |", "0.3 / 0.6 | two quiet years of BTC |"},
        {"RDY398", Part::drift_detection, Level::error, true, Place::plan, "The table of drift is a table",
         "Half a table is shown as text, and read by nobody.",
         "A line of column names, a line of dashes below it, and a row for each signal; or a list.",
         "| Signal | Reference | Threshold (warn / crit) | Rationale |\n", ""},
        {"RDY399", Part::drift_detection, Level::error, true, Place::plan, "Section 3 is filled",
         "The template's own words are no plan.", "Replace each <…> of the section by what is so.",
         "| Performance gap | validation of the promoted model |",
         "| Performance gap | <what it is compared with> |"},
    };
}

std::vector<Rule> rules_of_rollout() {
    return {
        {"RDY400", Part::rollout, Level::error, true, Place::plan, "Section 4 is there: staged rollout",
         "A run without a canary was once stopped by killing everything: four hours.",
         "## 4. Staged rollout (MUST), with shadow, canary and full rollout", "## 4. Staged rollout (MUST)\n",
         ""},
        {"RDY401", Part::rollout, Level::error, true, Place::plan, "The shadow runs seven days",
         "A week has every weekday in it. Shorter shadows miss the weekend, where volume is another.",
         "Shadow: 7 days or more, with its dates.", "- Shadow: 7 days, from 2026-05-04 to 2026-05-11\n",
         "- Shadow: 3 days, from 2026-05-04 to 2026-05-07\n"},
        {"RDY402", Part::rollout, Level::error, true, Place::plan, "The canary names a crypto",
         "\"We'll pick later\" is decided in a hurry. A crypto that is named can be argued about.",
         "Canary: one symbol, such as BTCUSDC, and why that one; where the policy lists [minima] cryptos, "
         "one of "
         "these.",
         "- Canary: BTCUSDC, because its order book is the deepest\n",
         "- Canary: the deepest book, we choose it in the week before\n"},
        {"RDY403", Part::rollout, Level::error, true, Place::plan, "The canary says why that one",
         "A canary is chosen so that a failure is seen soon and costs little; which of both, has to be said.",
         "After the symbol: because, and why.", "- Canary: BTCUSDC, because its order book is the deepest\n",
         "- Canary: BTCUSDC\n"},
        {"RDY404", Part::rollout, Level::error, true, Place::plan, "The day of the full rollout is named",
         "The sunset counts from it.", "Full rollout: 2026-05-25", "- Full rollout: 2026-05-25\n",
         "- Full rollout: after the canary\n"},
        {"RDY499", Part::rollout, Level::error, true, Place::plan, "Section 4 is filled",
         "The template's own words are no plan.", "Replace each <…> of the section by what is so.",
         "- Full rollout: 2026-05-25\n", "- Full rollout: <date>\n"},
    };
}

}  // namespace tristrata::readiness
