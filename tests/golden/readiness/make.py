"""Makes the golden plans of the readiness gate: right ones in the ways in which people write them, and wrong ones,
each in one way. What each must be found to have stands here, as rule and line: make.py [--check]"""
import json
import pathlib
import sys

from answers import add_answers
from fields import CANARY, EARLY, LEVER, REHEARSED, SHADOW, add_fields
from sentences import add_sentences

HERE = pathlib.Path(__file__).resolve().parent
RIGHT = (HERE / "right.md").read_text(encoding="utf-8")
PSI = "| PSI of each feature | training window of the promoted model | 0.2 / 0.5 | the default |"
GAP = "| Performance gap | validation of the promoted model | 0.05 / 0.10 | the default |"
CAPTURED = ("| `predictions_captured_rate` | prediction rate | hamilton.predictions | Execution | 0.99 / 0.95 "
            "| @maria |")
P1 = "| VarianceDispersionDead | dispersion below 0.01 in one run | docs/runbooks/variance.md | P1 | #ml-alerts |"
plans: dict[str, tuple[str, list[str]]] = {}


def at(text: str, part: str) -> int:
    """The line, from 1, that holds a part which stands once."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    assert len(lines) == 1, (part, lines)
    return lines[0]


def plan(name: str, *edits: tuple[str, str], found: tuple[tuple[str, str | int], ...] = (), whole: str = "") -> None:
    text = whole or RIGHT
    for old, new in edits:
        assert text.count(old) == 1, (name, old, text.count(old))
        text = text.replace(old, new)
    name += ".markdown"  # no page of the manual, so no .md
    assert name not in plans
    wanted = sorted((at(text, where) if isinstance(where, str) else where, rule) for rule, where in found)
    plans[name] = (text, [f"{rule}:{line}" for line, rule in wanted])


def section(number: int) -> str:
    start = RIGHT.index(f"## {number}. ")
    return RIGHT[start:RIGHT.index("## ", start + 3)]


def body(number: int) -> str:
    return section(number).split("\n", 2)[2].rstrip("\n")


# Right, as people write them.
plan("right_as_it_is")
plan("right_header_is_a_list", ("Story: CVN", "- **Story**: CVN"), ("Owner: @maria", "- **Owner** : @maria"),
     ("Filled on: 2026", "- **Filled on**: 2026"), ("Reviewed by committee: 3e", "- **Reviewed by committee** : 3e"))
plan("right_space_before_the_colon", ("Owner: @maria", "Owner : @maria"), ("- DRI: @maria", "- DRI : @maria"))
plan("right_header_is_a_table",
     ("Story: CVN-N001-EF-S07\nOwner: @maria\nFilled on: 2026-05-02\nReviewed by committee: 3e0a3008, PASSED",
      "| Field | Value |\n|---|---|\n| Story | CVN-N001-EF-S07 |\n| Owner | @maria |\n| Filled on | 2026-05-02 |\n"
      "| Reviewed by committee | 3e0a3008, PASSED |"))
plan("right_numbers_as_paragraphs", ("## 1. Prod", "## §1 Prod"), ("## 4. Staged", "## §4. Staged"),
     ("## 6. Owner", "## 6) Owner"))
plan("right_titles_in_other_letters", ("## 3. Drift detection (MUST)", "## 3 - DRIFT DETECTION"),
     ("## 5. Rollback plan (MUST)", "## rollback plan"))
plan("right_without_dashboard_and_channel",
     (body(1), "| Metric | Type | Source | Threshold (warn / crit) |\n|---|---|---|---|\n| `captured` "
      "| prediction rate | hamilton | 0.99 / 0.95 |\n| `win_rate` | outcome | backtest | 0.52 / 0.50 |\n"
      "| `dispersion` | health | hamilton | 0.10 / 0.01 |\n\nEach carries the tag `variant`."),
     (body(2), "| Alert | Trigger | Runbook | Severity |\n|---|---|---|---|\n| Dead | below 0.01 | docs/a.md | P1 |"))
plan("right_minima_are_ticked",
     (CAPTURED + "\n", CAPTURED.replace("prediction rate", "gauge") + "\n"),
     ("Each carries the tag `variant`.",
      "Required minima covered:\n\n- ✅ prediction-rate metric: `predictions_captured_rate`\n- ✅ outcome\n- ✅ health\n\n"
      "Each carries the tag `variant`."))
plan("right_an_existing_metric_covers_it",
     (CAPTURED + "\n", ""),
     ("Each carries",
      "No new prediction metric: the existing `predictions_made_total` covers the change.\n\nEach carries"))
plan("right_not_applicable_is_justified", (body(4), "N/A — justified: an audit, which is not rolled out."))
plan("right_skipped_with_a_reason", (body(3), "**SKIP — JUSTIFICATION**: it reads no data that could drift."))
plan("right_skipped_with_a_plain_dash", (body(3), "**SKIP - JUSTIFICATION:** it reads no data that could drift."))
plan("right_the_reason_stands_below", (body(3), "**SKIP – JUSTIFICATION**:\nit reads no data that could drift."))
plan("right_thresholds_in_words", (PSI, PSI.replace("0.2 / 0.5", "warn ≥ 0.2, crit ≥ 0.5")))
plan("right_drift_is_a_list", (body(3), "- PSI: 0.2 / 0.5 (default)\n- perf-gap: 5 % / 10 %"))
plan("right_other_thresholds_with_a_reason", (PSI, PSI.replace("0.2 / 0.5 | the default",
                                                                  "0.25 / 0.6 | SOL moves twice as much as BTC")))
plan("right_other_thresholds_in_a_list",
     (body(3), "- PSI: 0.25 / 0.6, because SOL moves twice as much\n- Performance gap: 0.05 / 0.10"))
plan("right_warn_and_crit_are_columns",
     (body(3), "| Signal | Warn | Crit |\n|---|---|---|\n| PSI | 0.2 | 0.5 |\n| perf-gap | 0.05 | 0.1 |"))
plan("right_shadow_in_weeks", (SHADOW, "- Shadow: 2 weeks"))
plan("right_shadow_by_its_dates", (SHADOW, "- **Shadow** — 2026-05-04 to 2026-05-18\n- Shadow: 14-day window"))
plan("right_rollout_is_a_table",
     (body(4), "| Stage | Duration | Where | Why |\n|---|---|---|---|\n| Shadow | ≥ 7 d | all | |\n| Canary | 3 d "
      "| BTCUSDC | the deepest order book |\n| Full rollout | 2026-05-25 | all | |"))
plan("right_rollout_has_headings",
     (body(4), "### 4.1 Shadow\n\nTen days are compared: 10 days.\n\n### 4.2 Canary\n\nETHUSDT hosts it, the book is "
      "deep.\n\n### 4.3 Full rollout\n\nOn 2026-05-25."))
plan("right_pair_with_a_slash", (CANARY, "- Canary: BTC/USDC because its order book is the deepest"))
plan("right_lever_is_an_alias", (LEVER, "- Lever: the MLflow alias `champion` goes back to version 41"))
plan("right_lever_is_a_flag", (LEVER, "Flip the FTF factor flag `use_variance` to false; no code deploy is needed."))
plan("right_no_deploy_comes_first", (LEVER, "- No code deploy: flip the flag `use_variance`"))
plan("right_deploy_is_denied_in_a_table",
     (LEVER, "| What | How |\n|---|---|\n| Lever | alias `champion` |\n| Code deploy | none |"))
plan("right_rollback_is_a_statement", (LEVER, "```sql\nUPDATE ftf_config SET value = 'mutual_info';\n```"))
plan("right_not_applicable_in_part", (GAP, GAP + "\n\nN/A for backtests."))
plan("right_title_of_its_own", ("## 4. Staged rollout (MUST)", "## 4. Stages (MUST)"))
plan("right_deploy_is_the_fallback", (LEVER, LEVER + "\n- If that fails: git revert and redeploy"))
plan("right_term_reaches_the_sunset", ("- DRI: @maria", "- DRI: @maria\n- Accountable until: 2026-08-23"))
plan("right_owner_is_a_table",
     (body(6), "| Role | Who |\n|---|---|\n| DRI | @maria |\n| Sunset | 2026-08-23 |"))
plan("right_handle_without_its_sign", ("Owner: @maria", "Owner: maria"), ("- DRI: @maria", "- DRI: maria"))
plan("right_ticks_for_boxes", ("- [x] Each", "- ✅ Each"))
plan("right_review_is_a_link", ("- Review: session 3e0a3008, PASSED",
                                  "- [Review session](https://committee.example.com/3e0a3008): PASSED"))
plan("right_runbook_is_a_link", ("docs/runbooks/variance.md |", "[variance](docs/runbooks/variance.md) |"))
plan("right_with_a_break_in_a_cell", ("dispersion below 0.01 in one run", "dispersion<br>below 0.01"))
plan("right_with_notes_at_the_end", ("## Sign-off", "## Notes\n\nThe canary is decided later: TBD.\n\n## Sign-off"))
plan("right_with_comments", ("## 4. Staged", "<!-- ## 4. Staged rollout: <fill> -->\n\n## 4. Staged"))
plan("right_with_a_fence", (LEVER, "```sql\n## 4. Staged rollout (MUST)\n```\n\n" + LEVER))
plan("right_from_right_to_left", ("because its order book", "כי הספר עמוק because its order book"))
plan("right_with_carriage_returns", whole=RIGHT.replace("\n", "\r\n"))
plan("right_with_a_byte_order_mark", whole="\ufeff" + RIGHT)
plan("wrong_outcome_before_the_sunset", ("due at the sunset", "permanent"), found=(("RDY703", "- Outcome"),))
ISSUE = "# A story\n\nWhat is wanted.\n\n## MLOps readiness\n\n" + (
    RIGHT[RIGHT.index("Story:"):].replace("\n## ", "\n### "))
plan("issue_right", whole=ISSUE + "\n## Acceptance\n\n- [ ] of the story\n")
plan("issue_sections_at_the_same_level", whole=ISSUE.replace("\n### ", "\n## "))

# Wrong in one way.
NOTHING = tuple((rule, 1) for rule in ("RDY010", "RDY011", "RDY012", "RDY013", "RDY014", "RDY100", "RDY200", "RDY300",
                                       "RDY400", "RDY500", "RDY600", "RDY800"))
plan("wrong_empty", whole="\n", found=NOTHING)
plan("wrong_all_in_a_comment", whole="<!--\n" + RIGHT + "-->\n", found=NOTHING)
plan("wrong_no_title", (RIGHT.splitlines()[0], "# A plan"), found=(("RDY010", 1),))
plan("wrong_of_another_story", ("Story: CVN-N001-EF-S07", "Story: CVN-N001-EF-S08"), found=(("RDY005", "Story:"),))
plan("wrong_two_owners", ("Owner: @maria", "Owner: @maria @jonas"), found=(("RDY012", "Owner:"),))
plan("wrong_owner_is_left_open", ("Owner: @maria", "Owner: <one handle>"), found=(("RDY012", "Owner:"),))
plan("wrong_no_such_day", ("Filled on: 2026-05-02", "Filled on: 2026-02-30"), found=(("RDY013", "Filled on:"),))
plan("wrong_review_without_a_session", ("committee: 3e0a3008, PASSED", "committee: PASSED"),
     found=(("RDY014", "Reviewed by committee"),))
plan("wrong_two_sections_of_one_name", ("## 6. Owner", "## 5. Rollback plan (MUST)\n\nAgain.\n\n## 6. Owner"),
     found=(("RDY003", 43),))
plan("wrong_two_sections_of_one_number", ("## 4. Staged", "## 3. Staged"), found=(("RDY003", "## 3. Staged"),))
plan("wrong_heading_in_a_fence", ("## 4. Staged rollout (MUST)", "```\n## 4. Staged rollout (MUST)\n```"),
     found=(("RDY400", 32),))
plan("wrong_skip_without_a_reason", (body(3), "**SKIP — JUSTIFICATION**:"), found=(("RDY020", "SKIP"),))
plan("wrong_skip_with_a_placeholder", (body(3), "**SKIP — JUSTIFICATION**: <why this is not needed>"),
     found=(("RDY020", "SKIP"),))
plan("wrong_skip_in_other_words", (body(3), "SKIP: not needed here at all"), found=(("RDY020", "SKIP"),))
plan("wrong_not_applicable", (body(3), "N/A"), found=(("RDY020", "N/A"),))
plan("wrong_not_applicable_justified_by_nothing", (body(3), "N/A — justified"), found=(("RDY020", "N/A"),))
plan("wrong_every_section_is_skipped", *((body(n), "**SKIP — JUSTIFICATION**: this change is too small for it.")
                                         for n in range(1, 7)),
     found=(("RDY023", 10), ("RDY605", 30)))
plan("wrong_owner_is_skipped", (body(6), "**SKIP — JUSTIFICATION**: nobody has to answer for an audit."),
     found=(("RDY605", "SKIP"),))
plan("wrong_verdict_is_turned", ("committee: 3e0a3008, PASSED", "committee: 3e0a3008, \u202eDESSAP"),
     found=(("RDY015", "DESSAP"),))
plan("wrong_handle_is_turned", ("- DRI: @maria\n", "- DRI: @maria\u202e\n"), found=(("RDY015", "- DRI"),))
plan("wrong_owner_has_a_control", ("Owner: @maria\n", "Owner: @maria\x1b[8m\n"), found=(("RDY015", "Owner:"),))
plan("wrong_section_is_empty", (body(5), ""), found=(("RDY599", "## 5."),))
plan("wrong_section_is_a_dash", (body(5), "- none"), found=(("RDY599", "## 5."),))
plan("wrong_section_says_later", (body(5), "- TBD"), found=(("RDY599", "TBD"),))
plan("wrong_metric_is_left_open", ("| `win_rate` | outcome", "| <metric> | outcome"), found=(("RDY199", "<metric>"),))
plan("wrong_no_prediction_rate", (CAPTURED + "\n", ""), found=(("RDY101", "## 1."),))
plan("wrong_tick_that_names_nothing",
     (body(1), "| Metric | Type | Threshold |\n|---|---|---|\n| `win_rate` | outcome | 0.5 / 0.4 |\n\n- ✅ prediction "
      "rate\n- ✅ health: `spool_age` below 60 s\n\nTagged with the variant."), found=(("RDY101", "## 1."),))
plan("wrong_tick_that_is_refused",
     (CAPTURED + "\n", ""), ("Each carries", "- ❌ prediction rate: `predictions_made`\n\nEach carries"),
     found=(("RDY101", "## 1."),))
plan("wrong_metric_without_threshold", ("| 0.52 / 0.50 |", "| none yet |"), found=(("RDY104", "`win_rate`"),))
plan("wrong_half_a_table", ("|---|---|---|---|---|---|\n", "|---|---|\n"), found=(("RDY198", "| Metric |"),))
plan("wrong_alerts_without_severity",
     (body(2), "| Alert | Trigger | Runbook |\n|---|---|---|\n| Dead | below 0.01 | docs/a.md |"),
     found=(("RDY298", "| Alert |"),))
plan("wrong_alerts_in_prose", (body(2), "We shall be paged when it dies."), found=(("RDY298", "## 2."),))
plan("wrong_no_p1", ("| P1 |", "| P2 |"), found=(("RDY201", "## 2."),))
plan("wrong_alert_without_trigger", ("| dispersion below 0.01 in one run |", "| |"), found=(("RDY202", "Dead"),))
plan("wrong_alert_without_runbook", ("| docs/runbooks/predictions.md |", "| n/a |"),
     found=(("RDY203", "| Predictions"),))
plan("wrong_severity_in_another_word", ("| P2 |", "| crit |"), found=(("RDY204", "| Predictions"),))
plan("wrong_no_psi", (PSI + "\n", ""), found=(("RDY301", "## 3."),))
plan("wrong_psi_without_numbers", ("| 0.2 / 0.5 |", "| the usual |"), found=(("RDY301", "## 3."),))
plan("wrong_no_performance_gap", (GAP, ""), found=(("RDY302", "## 3."),))
plan("wrong_warn_above_crit", ("| 0.05 / 0.10 |", "| 0.10 / 0.05 |"), found=(("RDY303", "Performance gap"),))
plan("wrong_other_threshold_without_a_reason", ("| 0.2 / 0.5 |", "| 0.3 / 0.6 |"), found=(("RDY304", "| PSI"),))
plan("wrong_shadow_is_short", (SHADOW, "- Shadow: 48 hours"), found=(("RDY401", "- Shadow"),))
plan("wrong_shadow_dates_are_short", (SHADOW, "- Shadow: 7 days, from 2026-05-04 to 2026-05-07"),
     found=(("RDY401", "- Shadow"),))
plan("wrong_no_shadow", (SHADOW, "- Shadow: none"), found=(("RDY401", "- Shadow"),))
plan("wrong_canary_without_crypto", (CANARY, "- Canary: one pair with a deep order book, chosen by liquidity"),
     found=(("RDY402", "- Canary"),))
plan("wrong_canary_without_reason", (CANARY, "- Canary: BTCUSDC for 3 days"), found=(("RDY403", "- Canary"),))
plan("wrong_canary_is_picked_later", (CANARY, "- Canary: we'll pick later"), found=(("RDY499", "- Canary"),))
plan("wrong_full_rollout_without_a_day", ("- Full rollout: 2026-05-25", "- Full rollout: when the canary is fine"),
     found=(("RDY404", "- Full"),))
plan("wrong_rollback_is_a_deploy", (LEVER, "- Revert the merge, rebuild the image and redeploy"),
     found=(("RDY502", "- Revert"),))
plan("wrong_there_is_no_flag", (LEVER, "- There is no flag"), found=(("RDY501", "## 5."),))
plan("wrong_deploy_since_there_is_no_flag", (LEVER, "- A redeploy of the last image, there being no flag"),
     found=(("RDY502", "- A redeploy"),))
plan("wrong_rollback_names_no_lever", (LEVER, "- We go back to what was before"), found=(("RDY501", "## 5."),))
plan("wrong_rollback_was_not_rehearsed", ("- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711\n", ""),
     found=(("RDY503", "## 5."),))
plan("wrong_two_persons", ("- DRI: @maria", "- DRI: @maria / @jonas"), found=(("RDY601", "- DRI"),))
plan("wrong_the_operator", ("- DRI: @maria", "- DRI: the operator"), found=(("RDY602", "- DRI"),))
plan("wrong_a_team", ("- DRI: @maria", "- DRI: @example/quants"), found=(("RDY602", "- DRI"),))
plan("wrong_the_dri_is_another", ("- DRI: @maria", "- DRI: @jonas"), found=(("RDY603", "- DRI"),))
plan("wrong_term_ends_early", ("- DRI: @maria", "- DRI: @maria\n- Accountable until: 2026-06-30"),
     found=(("RDY604", "Accountable"),))
plan("wrong_no_sunset", ("- Sunset: 2026-08-23\n", ""), found=(("RDY701", "## 6."),))
plan("wrong_sunset_a_day_late", ("- Sunset: 2026-08-23", "- Sunset: 2026-08-24"), found=(("RDY702", "- Sunset"),))
plan("wrong_past_its_sunset", EARLY, ("Full rollout: 2026-05-25", "Full rollout: 2026-01-25"),
     ("Sunset: 2026-08-23", "Sunset: 2026-04-25"), found=(("RDY703", "- Sunset"),))
plan("wrong_box_is_open", ("- [x] Each", "- [ ] Each"), found=(("RDY801", "- [ ]"),))
plan("wrong_sign_off_without_session", ("session 3e0a3008, PASSED", "PASSED"), found=(("RDY802", "## Sign-off"),))
plan("wrong_review_failed", ("session 3e0a3008, PASSED", "session 3e0a3008, FAILED"), found=(("RDY803", "- Review"),))
plan("wrong_sign_off_is_skipped",
     ("- [x] Each section is filled, or skipped with a justification\n- Review: session 3e0a3008, PASSED",
      "**SKIP — JUSTIFICATION**: the committee meets after the release of this change."),
     found=(("RDY899", "SKIP"),))
plan("wrong_two_reviews", ("session 3e0a3008, PASSED", "session 8db2529d, PASSED"), found=(("RDY804", "- Review"),))
# What an auditor wrote in place of an answer: refusals, alternatives, what is put off.
for word, said, rule in (
        ("none_but_a_deployment", "none; only a code deployment", "RDY502"), ("helm", "helm rollback", "RDY502"),
        ("old_container", "deploy the old container", "RDY502"), ("impossible", "impossible", "RDY501"),
        ("checkout", "git checkout v1 && make deploy", "RDY502")):
    plan(f"wrong_lever_{word}", (LEVER, f"- Lever: {said}"),
         found=((rule, "- Lever" if rule == "RDY502" else "## 5."),))
plan("right_flag_without_a_deploy", (LEVER, "- Lever: the FTF flag, no deploy needed"))
plan("right_lever_and_a_hotfix_later", (LEVER, LEVER + "\n- Afterwards a hotfix is prepared"))
for word, said in (("in_a_story", "named in the OP story, once it is ready"),
                   ("refused", "no canary, BTCUSDC is too risky")):
    plan(f"wrong_canary_{word}", (CANARY, f"- Canary: {said}"), found=(("RDY402", "- Canary"),))
for word, said in (("skipped", "skipped; 14 days after the merge somebody looks"), ("bounded", "< 7 days"),
                   ("at_most", "at most 7 days"), ("cut", "7 days planned, cut to two")):
    plan(f"wrong_shadow_{word}", (SHADOW, f"- Shadow: {said}"), found=(("RDY401", "- Shadow"),))
plan("right_shadow_is_looked_at_often", (SHADOW, "- Shadow: 14 days, checked every 6 hours"))
plan("right_severity_that_was_another", ("| P2 |", "| ~~P1~~ P3 |"))
for word, said in (("of_choice", "P1/P2/P3"), ("denied", "not P2"), ("struck", "~~P2~~")):
    plan(f"wrong_severity_{word}", ("| P2 |", f"| {said} |"), found=(("RDY204", "| Predictions"),))
for word, said, rule in (("desk", "@trading-desk", "RDY602"), ("sre", "@sre", "RDY602"), ("mlops", "@mlops", "RDY602"),
                         ("we", "we", "RDY602"), ("and_another", "@maria and jonas", "RDY601"),
                         ("in_two_lines", "@maria\n- DRI: @jonas", "RDY601"), ("unseen", "\u200b", "RDY601")):
    plan(f"wrong_dri_{word}", ("- DRI: @maria", f"- DRI: {said}"),
         found=((rule, 45),))
for word, said in (("rejects", "REJECT"), ("not_passed", "did not pass"), ("vetoed", "vetoed"),
                   ("not_held", "not yet held"), ("no_verdict", "of the committee")):
    plan(f"wrong_review_{word}", ("session 3e0a3008, PASSED", f"session 3e0a3008, {said}"),
         found=(("RDY803", "- Review"),))
plan("right_review_passed_in_the_end",
     ("session 3e0a3008, PASSED", "session 3e0a3008, PASSED (first round was rejected)"))
plan("wrong_review_rejected_in_the_end", ("session 3e0a3008, PASSED", "session 3e0a3008, rejected (round one passed)"),
     found=(("RDY803", "- Review"),))
plan("wrong_runbook_in_a_head", ("| docs/runbooks/predictions.md |", "| in my head |"),
     found=(("RDY203", "| Predictions"),))
plan("wrong_trigger_is_unseen", ("| captured rate below 0.95 in one fold |", "| \u200b |"),
     found=(("RDY202", "| Predictions"),))
plan("wrong_not_permanent_yet", EARLY, ("Full rollout: 2026-05-25", "Full rollout: 2026-01-25"),
     ("Sunset: 2026-08-23", "Sunset: 2026-04-25"), ("due at the sunset", "not permanent yet"),
     found=(("RDY703", "- Sunset"),))
plan("right_sunset_is_a_sum", ("- Sunset: 2026-08-23", "- Sunset: 2026-05-25 + 90 d = 2026-08-23"))
plan("wrong_rationale_that_gives_none", (PSI, PSI.replace("0.2 / 0.5 | the default", "0.3 / 0.6 | no reason given")),
     found=(("RDY304", "| PSI"),))
plan("wrong_threshold_below_zero", ("| 0.2 / 0.5 |", "| -0.2 / 0.5 |"), found=(("RDY301", "| PSI"),))
plan("right_thresholds_without_zeros", ("| 0.2 / 0.5 |", "| .2 / .5 |"))
plan("right_bins_of_psi_are_told", (body(3), "- PSI (10 bins): 0.2 / 0.5\n- Performance gap: 0.05 / 0.10"))
plan("wrong_threshold_is_asked_for", ("| 0.52 / 0.50 |", "| ask #12 |"), found=(("RDY104", "`win_rate`"),))
plan("wrong_one_metric_for_all",
     (body(1), "| Metric | Type | Threshold |\n|---|---|---|\n| `win_rate` | prediction rate, outcome, health "
      "| 0.5 / 0.4 |\n\nTagged with the variant."), found=(("RDY102", "## 1."), ("RDY103", "## 1.")))
LIST = ("- ✅ prediction rate: `{}`, 0.99 / 0.95\n- ✅ outcome: `{}`, 0.52 / 0.50\n- ✅ health: `{}`, 0.10 / 0.01\n\n"
        "Tagged with the variant.")
plan("right_minima_in_a_list", (body(1), LIST.format("captured_rate", "win_rate", "dispersion")))
plan("wrong_one_metric_in_a_list", (body(1), LIST.format("win_rate", "win_rate", "win_rate")),
     found=(("RDY102", "## 1."), ("RDY103", "## 1.")))
plan("wrong_two_metrics_in_a_list", (body(1), LIST.format("captured_rate", "win_rate", "win_rate")),
     found=(("RDY103", "## 1."),))
plan("right_one_metric_serves_as_two",
     (body(1), LIST.format("captured_rate", "win_rate", "win_rate") +
      "\n\n`win_rate` serves as outcome and as health, because a backtest has nothing else that could be ill."))
plan("wrong_one_metric_does_not_serve",
     (body(1), LIST.format("captured_rate", "win_rate", "win_rate") +
      "\n\n`win_rate` never serves as outcome and health."), found=(("RDY103", "## 1."),))
# A metric of two types goes where it is needed.
plan("right_metric_of_two_types",
     (body(1), "| Metric | Type | Threshold |\n|---|---|---|\n| `captured` | prediction rate, outcome | 0.5 / 0.4 |\n"
      "| `other` | prediction rate | 0.5 / 0.4 |\n| `age` | health | 60 / 600 |\n\nTagged with the variant."))
# A canary is named, and why; nothing is put off.
for word, said, rule in (
        ("put_off", "BTCUSDC will be picked when it is ready", "RDY403"),
        ("to_be_confirmed", "BTCUSDC, to be confirmed by the desk head", "RDY403"),
        ("on_a_condition", "BTCUSDC once the order book has recovered", "RDY403"),
        ("of_the_committee", "BTCUSDC, because the committee will decide", "RDY403"),
        ("and_its_days", "BTCUSDC goes first for 3 days at 10 %, then the others follow", "RDY403"),
        ("one_of_two", "BTCUSDC or ETHUSDC, because both books are deep", "RDY402"),
        ("an_example", "a pair such as BTCUSDC, because its book is deep", "RDY402"),
        ("perhaps", "perhaps BTCUSDC, because its book is deep", "RDY402"),
        ("asked", "BTCUSDC? Its book is deep", "RDY402"),
        ("another", "not BTCUSDC, because its book is deep", "RDY402"),
        ("compared", "a pair with a deeper book than BTCUSDC", "RDY402"),
        ("whichever", "whichever is deeper when BTCUSDC opens", "RDY402")):
    plan(f"wrong_canary_{word}", (CANARY, f"- Canary: {said}"), found=((rule, "- Canary"),))
for word, said in (
        ("in_brackets", "BTCUSDC (deepest order book)"), ("behind_a_dash", "BTCUSDC — the most liquid pair"),
        ("behind_a_colon", "BTCUSDC: deepest book"), ("as_a_sentence", "BTCUSDC has the deepest order book"),
        ("since", "3 days on BTCUSDC since failures show there first"),
        ("chosen_for", "BTCUSDC, chosen for its deep order book"),
        ("why_first", "as the deepest order book, BTCUSDC hosts it"),
        ("not_the_other", "ETHUSDC, not BTCUSDC, because it moves less"),
        ("because_liquid", "BTCUSDC because liquid"), ("below", "BTCUSDC\n  - Why: the deepest order book")):
    plan(f"right_canary_{word}", (CANARY, f"- Canary: {said}"))
# A length is read in digits and words, and by two days; other words are told what to write.
for word, said in (
        ("a_fortnight", "a fortnight"), ("two_weeks", "two weeks"), ("days", "14 days"), ("weeks", "2 weeks"),
        ("from_to", "from 2026-01-01 to 2026-01-15"), ("seven_twice", "seven (7) days"), ("full_days", "7 full days"),
        ("a_range", "7–14 days"), ("or_more", "7 or more days"), ("a_week", "a week, looked at twice a day"),
        ("for_a_reason", "14 days, because 3 days would miss a weekend"), ("hours", "168 h"),
        ("twenty_one", "twenty-one days"), ("a_day_in_it", "10 days, looked at for an hour a day")):
    plan(f"right_shadow_{word}", (SHADOW, f"- Shadow: {said}"))
for word, said in (
        ("six_days", "six days"), ("half_a_week", "half a week"), ("a_while", "a while"), ("some_days", "a few days"),
        ("range_below", "3 to 14 days"), ("three_dates", "from 2026-01-01 to 2026-01-04"),
        ("daily", "looked at every two weeks"), ("a_day", "a day")):
    plan(f"wrong_shadow_{word}", (SHADOW, f"- Shadow: {said}"), found=(("RDY401", "- Shadow"),))
# What the change asked for is recorded.
plan("right_sections_are_recorded", ("Owner: @maria", "Owner: @maria\nSections asked for: all"))
plan("wrong_recorded_too_little", ("Owner: @maria", "Owner: @maria\nSections asked for: §1, §2, §5"),
     found=(("RDY016", "Sections"),))
plan("wrong_recorded_in_words", ("Owner: @maria", "Owner: @maria\nSections asked for: the light ones"),
     found=(("RDY016", "Sections"),))
# More of what looks right and is not, or is right and looks otherwise.
BOOK = "| docs/runbooks/predictions.md | P2 | #ml-alerts |"
plan("wrong_runbook_is_another_cell_s_link", (BOOK, "| in my head | P2 | [#ml](https://chat.example.com/ml) |"),
     found=(("RDY203", "| Predictions"),))
plan("right_runbook_and_a_channel_s_link",
     (BOOK, "| docs/runbooks/predictions.md | P2 | [#ml](https://chat.example.com/ml) |"))
for word, said in (("to_be_added", "a flag will be added where it is needed"),
                   ("planned", "a config key is planned, to be built in June"),
                   ("to_implement", "we would implement a toggle")):
    plan(f"wrong_lever_{word}", (LEVER, f"- Lever: {said}"), found=(("RDY501", "## 5."),))
for word, said in (("in_the_future", "planned for 2026-06-01"), ("refused", "not yet, see 2026-05-03"),
                   ("never", "never tried, agreed on 2026-05-03")):
    plan(f"wrong_rehearsed_{word}", (REHEARSED, f"- Rehearsed: {said}"), found=(("RDY503", "- Rehearsed"),))
for word, said in (("to_be_approved", "will be approved"), ("expected", "expected to pass"),
                   ("on_a_condition", "approved once the tests are green"), ("subject", "PASSED subject to changes")):
    plan(f"wrong_review_{word}", ("session 3e0a3008, PASSED", f"session 3e0a3008, {said}"),
         found=(("RDY803", "- Review"),))
for word, said in (("a_word", "ENTRY level pairs, because their books are deep"),
                   ("of_other_letters", "\u0412\u0422\u0421USDC, because its book is deep"),
                   ("struck_out", "~~BTCUSDC, because its book is deep~~ open")):
    plan(f"wrong_canary_{word}", (CANARY, f"- Canary: {said}"), found=(("RDY402", "- Canary"),))
plan("right_canary_in_small_letters", (CANARY, "- Canary: btcusdc, because its order book is the deepest"))
plan("wrong_psi_refused", (body(3), "- PSI: none, the default would be 0.2 / 0.5\n- Performance gap: 0.05 / 0.10"),
     found=(("RDY301", "## 3."),))
plan("wrong_skip_says_one_word", (body(3), "**SKIP — JUSTIFICATION**: small small small small"),
     found=(("RDY020", "SKIP"),))
plan("wrong_shadow_days_ago", (SHADOW, "- Shadow: begun 14 days ago"), found=(("RDY401", "- Shadow"),))
plan("wrong_dri_struck_out", ("- DRI: @maria", "- DRI: ~~@maria~~"), found=(("RDY601", "- DRI"),))
for word, said in (("day_first", "25 May 2026"), ("month_first", "May 25th, 2026"), ("slashes", "2026/05/25")):
    plan(f"right_day_with_{word}", ("- Full rollout: 2026-05-25", f"- Full rollout: {said}"))
plan("wrong_day_of_two_readings", ("- Full rollout: 2026-05-25", "- Full rollout: 05/06/2026"),
     found=(("RDY404", "- Full"),))
plan("right_headings_in_two_words", ("## 4. Staged rollout (MUST)", "## 4. Staged roll out"),
     ("## 5. Rollback plan (MUST)", "## 5. Roll back"))
plan("right_owner_and_dri_in_one", ("Owner: @maria", "Owner / DRI: @maria"))
plan("right_ticks_in_words", ("- [x] Each", "- :white_check_mark: Each"))
add_fields(plan)
add_answers(plan, body(1), body(3))
add_sentences(plan, body(3))
TEMPLATE = (HERE.parent.parent.parent / "docs/templates/TEMPLATE_mlops_readiness.md").read_text(encoding="utf-8")
plan("wrong_copied_and_not_filled", whole=TEMPLATE, found=(
    ("RDY010", 1), ("RDY011", "Story:"), ("RDY012", "Owner:"), ("RDY013", "Filled on:"), ("RDY014", "Reviewed by"),
    ("RDY199", "| <metric> | prediction rate"), ("RDY299", "| <alert>"), ("RDY399", "| PSI"), ("RDY499", "- Shadow"),
    ("RDY599", "- Lever"), ("RDY699", "- DRI"), ("RDY899", "- Review")))
plan("issue_without_a_plan", whole="# A story\n\nNothing else.\n")
# What no rule knows beside a value is listed, and judged by nobody.
for word, old, said, where in (
        ("shadow_at_speed", SHADOW, "- Shadow: 10 days at 10x speed", "- Shadow"),
        ("rollout_in_the_best_case", "- Full rollout: 2026-05-25", "- Full rollout: 2026-05-25, best case", "- Full"),
        ("canary_or_similar", CANARY, "- Canary: SOLUSDT (or similar), because its limit is small", "- Canary"),
        ("lever_read_at_build_time", LEVER, "- Lever: the flag `use_variance`, read at build time", "- Lever"),
        ("sunset_extended", "- Sunset: 2026-08-23", "- Sunset: 2026-08-23\n  - once more extended", "- Sunset"),
        ("channel_muted", "| P2 | #ml-alerts |", "| P2 | muted channel |", "| Predictions"),
        ("alert_in_review", "| PredictionsMissing |", "| PredictionsMissing (in review) |", "| Predictions"),
        ("severity_and_nobody", "| P2 |", "| P2 (nobody is told) |", "| Predictions"),
        ("metric_after_launch", "| `win_rate` |", "| `win_rate` (after launch) |", "| `win_rate`"),
        ("threshold_by_eye", "| 0.52 / 0.50 |", "| 0.52 / 0.50 (watched by eye) |", "| `win_rate`"),
        ("header_goes_on", "committee: 3e0a3008, PASSED", "committee: 3e0a3008, PASSED\nnobody came",
         "Reviewed by committee")):
    plan(f"noted_{word}", (old, said), found=(("RDY025", where),))
text, _ = plans["right_severity_with_a_reason.markdown"]
plans["right_severity_with_a_reason.markdown"] = (text, [f"RDY025:{at(text, 'PredictionsMissing')}"])

expected = {name: found for name, (_, found) in sorted(plans.items())}
expected["issue_without_a_plan.markdown"] = ["RDY001"]  # Of no line.
files = {f"plans/{name}": text for name, (text, _) in plans.items()}
files["expected.json"] = json.dumps(expected, indent=1) + "\n"
# Bytes that are no text have no line to be wrong in.
binary = {"plans/wrong_utf16.markdown": b"\xff\xfe" + RIGHT.encode("utf-16-le"), 
          "plans/wrong_latin1.markdown": RIGHT.encode("utf-8") + b"\xe9\n",
          "plans/wrong_deep.markdown": (">" * 10_000 + " deep\n").encode()}
expected.update({name.split("/")[1]: ["RDY002"] for name in binary})
files["expected.json"] = json.dumps(dict(sorted(expected.items())), indent=1) + "\n"
wanted = {name: text.encode("utf-8") for name, text in files.items()} | binary
there = {f"plans/{path.name}" for path in (HERE / "plans").glob("*")} | {"expected.json"}
if "--check" in sys.argv:
    stale = [name for name, data in wanted.items() if name not in there or (HERE / name).read_bytes() != data]
    stale += sorted(there - set(wanted))
    print("\n".join(f"{name} is not what make.py makes" for name in stale) or f"{len(wanted) - 1} plans as made")
    sys.exit(1 if stale else 0)
(HERE / "plans").mkdir(exist_ok=True)
for name in there - set(wanted):
    (HERE / name).unlink()
for name, data in wanted.items():
    (HERE / name).write_bytes(data)
print(f"{len(plans) + len(binary)} plans")
