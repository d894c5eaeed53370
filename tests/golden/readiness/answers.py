"""Golden plans of what a cell or a line is answered with: thresholds have their numbers, a severity is one, what a
reader of the page does not see fills nothing, and a hedge behind an answer takes it back. make.py writes them."""
from collections.abc import Callable

from fields import CANARY, LEVER, REHEARSED, SHADOW

WIN = "| `win_rate` | outcome | backtest.trades | Execution | 0.52 / 0.50 |"
PSI = "| PSI of each feature | training window of the promoted model | 0.2 / 0.5 |"
P2 = "| docs/runbooks/predictions.md | P2 |"
DRI = "- DRI: @maria"
FULL = "- Full rollout: 2026-05-25"
SUNSET = "- Sunset: 2026-08-23"


def add_thresholds(plan: Callable[..., None], metrics: str) -> None:
    for word, said in (
            ("in_words", "warn below 0.52, crit below 0.50"), ("apart", "warn: 0.52; crit: 0.50"),
            ("in_brackets", "warn (0.52) / crit (0.50)"), ("of_seconds", "> 60s / > 600s"), ("alone", "≥ 0.5"),
            ("by_name", "win_rate < 0.52 / < 0.50"), ("of_a_unit", "12 lots / 3 lots"), ("of_percents", "52 % / 50 %"),
            ("with_commas", "0,52 / 0,50"), ("below_zero", "-0.1 / -0.5"), ("with_a_reason",
                    "0.52 / 0.50, because fees are paid above"), ("over_folds", "0.52 / 0.50 over 5 folds"),
            ("as_before", "0.52 / 0.50 — as in the backtest of 2025")):
        plan(f"right_threshold_{word}", (WIN, WIN.replace("0.52 / 0.50", said)))
    for word, said in (
            ("ticked", "✅"), ("of_the_past", "none (it was 0.5 once)"), ("later", "in 2 weeks"),
            ("asked", "0.52 / 0.50?"), ("exponents", "5.2e-1 / 5e-1"), ("of_thousands", "1,000 / 2,000"),
            ("of_two_points", "0.5.2 / 0.5"), ("maybe", "maybe 0.52"), ("hedged", "0.52 / 0.50, maybe"),
            ("hedged_behind", "0.52 / 0.50 (maybe)"), ("not_yet", "0.52 / 0.50 — not yet"), ("denied", "not 0.52"),
            ("default", "the default")):
        plan(f"wrong_threshold_{word}", (WIN, WIN.replace("0.52 / 0.50", said)), found=(("RDY104", "`win_rate`"),))
    for word, said in (("in_words", "warn ≥ 20 %, crit ≥ 50 %"), ("with_commas", "0,2 / 0,5"),
                       ("named", "0.2 (warn) / 0.5 (crit)"), ("called_defaults", "0.2 / 0.5 (default)")):
        plan(f"right_psi_{word}", (PSI, PSI.replace("0.2 / 0.5", said)))
    for word, said in (("exponents", "2e-1 / 5e-1"), ("asked", "0.2 / 0.5?"), ("denied", "not 0.2 / 0.5"),
                       ("hedged", "perhaps 0.2 / 0.5"), ("one_number", "0.2"), ("not_used", "0.2 / 0.5 are not used")):
        plan(f"wrong_psi_{word}", (PSI, PSI.replace("0.2 / 0.5", said)), found=(("RDY301", "| PSI"),))
    lines = ("- ✅ prediction rate: `captured_rate`, warn below 0.99, crit below 0.95\n"
             "- ✅ outcome: `win_rate` of backtest.trades, 0.52 / 0.50\n"
             "- ✅ health: `dispersion`\n  - 0.10 / 0.01\n\nTagged with the variant.")
    plan("right_ticks_with_thresholds", (metrics, lines))
    plan("wrong_tick_without_a_threshold", (metrics, lines.replace(", 0.52 / 0.50", "")),
         found=(("RDY104", "- ✅ outcome"),))
    plan("wrong_tick_with_a_word", (metrics, lines.replace("0.52 / 0.50", "as usual")),
         found=(("RDY104", "- ✅ outcome"),))


def add_hedges(plan: Callable[..., None]) -> None:
    for word, said in (("with_what_it_does", "P2 (page)"), ("with_a_reason", "P2; nobody has to get up for it"),
                       ("and_its_word", "P2 / warning"), ("called", "Severity: P2")):
        plan(f"right_severity_{word}", (P2, P2.replace("P2", said)))
    for word, said in (("asked", "P2?"), ("perhaps", "perhaps P2"), ("maybe", "P2 (maybe)"), ("not_yet", "P2, not yet"),
                       ("later", "P2 — later"), ("either", "P2 or P3"), ("and", "P2 P3")):
        plan(f"wrong_severity_{word}", (P2, P2.replace("P2", said)), found=(("RDY204", "| Predictions"),))
    plan("wrong_p1_asked", ("| docs/runbooks/variance.md | P1 |", "| docs/runbooks/variance.md | P1? |"),
         found=(("RDY201", "## 2."), ("RDY204", "| VarianceDispersionDead")))
    for word, said in (("later", "later"), ("not_yet", "not yet"), ("asked", "captured rate below 0.95?")):
        plan(f"wrong_trigger_{word}", ("| captured rate below 0.95 in one fold |", f"| {said} |"),
             found=(("RDY202", "| Predictions"),))
    for word, said in (
            ("never_less", "never less than 7 days"), ("never_under", "never under one week"), ("sign", "≥ 7 d"),
            ("one_week", "one week"), ("full_week", "a full week"), ("at_least_a_week", "at least a week"),
            ("not_shorter", "not shorter than 10 days"), ("at_the_end", "7 days at least"),
            ("brackets", "7 days (minimum)"), ("and_never_less", "14 days and never less"), ("plus", "7+ days"),
            ("parallel", "14 days, in parallel"), ("seven_d", "7d")):
        plan(f"right_shadow_{word}", (SHADOW, f"- Shadow: {said}"))
    for word, said in (
            ("never_more", "never more than 7 days"), ("not_over", "not over 7 days"), ("under", "under 10 days"),
            ("never", "never 7 days"), ("or_less", "7 days or less"), ("at_most_behind", "7 days at most"),
            ("never_less_than_six", "never less than 6 days"), ("maybe_behind", "7 days (maybe)"),
            ("not_yet", "7 days — not yet"), ("on_hold", "7 days, on hold"), ("asked", "7 days?"),
            ("or_until", "7 days or until it looks good"), ("denied_behind", "7 days not needed"),
            ("half_a_day", "half a day")):
        plan(f"wrong_shadow_{word}", (SHADOW, f"- Shadow: {said}"), found=(("RDY401", "- Shadow"),))
    for word, said in (("maybe", "2026-05-25 (maybe)"), ("if_ready", "2026-05-25 — if ready")):
        plan(f"wrong_rollout_{word}", (FULL, f"- Full rollout: {said}"), found=(("RDY404", "- Full"),))
        plan(f"wrong_sunset_{word}", (SUNSET, f"- Sunset: {said.replace('05-25', '08-23')}"),
             found=(("RDY701", "- Sunset"),))
    plan("right_rollout_planned", (FULL, FULL + " (planned)"))
    for word in ("(maybe)", "— not yet"):
        plan(f"wrong_lever_{word.strip('(—) ').replace(' ', '_')}", (LEVER, f"- Lever: the flag `use_variance` {word}"),
             found=(("RDY501", "## 5."),))


def add_more_hedges(plan: Callable[..., None], drift: str) -> None:
    """What takes an answer back before it, or beside it."""
    book = "| docs/runbooks/predictions.md |"
    for word, said in (("with_its_part", "docs/runbooks/predictions.md (section 2)"),
                       ("in_backticks", "`docs/runbooks/of predictions.md`"),
                       ("of_two", "docs/runbooks/predictions.md, docs/runbooks/variance.md")):
        plan(f"right_runbook_{word}", (book, f"| {said} |"))
    for word, said in (("maybe", "maybe docs/runbooks/predictions.md"), ("asked", "docs/runbooks/predictions.md?"),
                       ("hedged", "docs/runbooks/predictions.md (maybe)"),
                       ("not_yet", "docs/runbooks/predictions.md — not yet"),
                       ("an_image", "![docs/runbooks/predictions.md](https://img.example.com/a.png)")):
        plan(f"wrong_runbook_{word}", (book, f"| {said} |"), found=(("RDY203", "| Predictions"),))
    for word, said in (("denied", "not `win_rate`"), ("maybe", "`win_rate` (maybe)"), ("asked", "`win_rate`?")):
        plan(f"wrong_metric_{word}", ("| `win_rate` | outcome", f"| {said} | outcome"),
             found=(("RDY102", "| outcome |"),))
    plan("wrong_kind_asked", ("| outcome |", "| outcome? |"), found=(("RDY102", "## 1."),))
    plan("right_metric_per_fold", ("| `win_rate` | outcome", "| `win_rate` per fold | outcome"))
    plan("wrong_no_psi_of_any", ("| PSI of each feature |", "| No PSI of any feature |"), found=(("RDY301", "## 3."),))
    for word, said in (("no", "- No PSI 0.2 / 0.5"), ("not_used", "- We do not use PSI: 0.2 / 0.5")):
        plan(f"wrong_psi_in_a_list_{word}", (drift, f"{said}\n- Performance gap: 0.05 / 0.10"),
             found=(("RDY301", "## 3."),))
    for word, said in (
            ("one_line", "PSI 0.2 / 0.5 and performance gap 0.05 / 0.10 (defaults)"),
            ("two_clauses", "Defaults of ADR-70: PSI 0.2 / 0.5; performance gap 0.05 / 0.10."),
            ("ticks", "- ✅ PSI thresholds: 0.2 (warn), 0.5 (crit)\n- ✅ Perf-gap thresholds: 0.05 (warn), 0.10 (crit)"),
            ("how_often", "- PSI of 40 features: 0.2 / 0.5, checked daily\n"
             "- Performance gap: 0.05 / 0.10 against validation")):
        plan(f"right_drift_in_{word}", (drift, said))
    plan("wrong_rehearsed_maybe", (REHEARSED, "- Rehearsed: maybe on 2026-05-03"), found=(("RDY503", "- Rehearsed"),))
    for field, line, rule, where in (("shadow", SHADOW, "RDY401", "## 4."), ("lever", LEVER, "RDY501", "## 5."),
                                     ("dri", DRI, "RDY601", "## 6.")):
        plan(f"wrong_{field}_in_a_fence", (line, f"```\n{line}\n```\n"), found=((rule, where),))
    plan("right_lever_without_a_deploy", (LEVER, "- Lever: env var USE_VARIANCE=0 (no deploy)"))


def add_unseen(plan: Callable[..., None]) -> None:
    """What the rendered page does not show."""
    for word, hidden in (("an_attribute", '<span title="@maria"></span>'), ("a_comment", "<!-- @maria -->"),
                         ("an_image", "![@maria](https://img.example.com/a.png)"),
                         ("a_long_tag", '<maria-silva who="@maria" what="answers for it until the sunset and after it, '
                          'whatever comes of it in the meantime"></maria-silva>')):
        plan(f"wrong_dri_in_{word}", (DRI, f"- DRI: {hidden}"), found=(("RDY601", "- DRI"),))
    plan("wrong_dri_in_details", (DRI, f"<details>\n<summary>Who</summary>\n\n{DRI}\n\n</details>\n"),
         found=(("RDY601", "## 6."),))
    plan("wrong_section_in_details", ("## 5. Rollback plan (MUST)", "<details>\n\n## 5. Rollback plan (MUST)"),
         ("## 6. Owner", "</details>\n\n## 6. Owner"), found=(("RDY500", "<details>"),))
    plan("right_details_that_are_open", (DRI, f"<details open>\n\n{DRI}\n\n</details>\n"))
    plan("right_details_of_no_answer", (SHADOW, SHADOW + "\n\n<details>\n<summary>Why so long</summary>\n\nTBD\n\n"
                                        "</details>\n\n"))
    plan("right_marked_by_html", (DRI, "- DRI: <b>@maria</b>"),
         (CANARY, CANARY.replace("BTCUSDC", "<kbd>BTCUSDC</kbd>")))
    plan("right_a_rule_of_html", ("## Sign-off", "<hr>\n\n## Sign-off"))


def add_placeholders(plan: Callable[..., None]) -> None:
    for word, said in (("a_type_in_backticks", "Each emits a `Dict<str>` of `List[<int>]`."),
                       ("a_type_of_python", "Each emits a Dict[str, int]."),
                       ("less_and_more", "Here 1 < 2 and 3 > 2.")):
        plan(f"right_{word}", ("## 6. Owner", f"{said}\n\n## 6. Owner"))
    plan("wrong_a_raw_type", ("## 6. Owner", "Each emits a Dict<str>.\n\n## 6. Owner"),
         found=(("RDY599", "Dict<str>"),))
    plan("wrong_name_in_backticks", ("| `win_rate` | outcome", "| `<metric>` | outcome"),
         found=(("RDY199", "<metric>"),))
    plan("wrong_handle_is_left", (DRI, "- DRI: <name>"), found=(("RDY699", "- DRI"),))
    for word, heading in (("other_title", "## 4. Appendix"), ("no_title", "## 4")):
        plan(f"wrong_number_twice_beside_{word}", ("## Sign-off", f"{heading}\n\nMore.\n\n## Sign-off"),
             found=(("RDY003", 49),))
    plan("right_steps_have_numbers", ("- Rehearsed:", "### 1. Set the flag\n\n- Rehearsed:"))
    plan("right_a_seventh_section", ("## Sign-off", "## 7. Appendix\n\nMore.\n\n## Sign-off"))


def add_whole_clauses(plan: Callable[..., None]) -> None:
    """A hedge anywhere in free text, names that name nothing, and second answers beside the first."""
    trigger = "| captured rate below 0.95 in one fold |"
    for word, said in (("maybe", "maybe if the captured rate falls below 0.95"),
                       ("perhaps", "rate below 0.95, perhaps"),
                       ("undecided", "below 0.95, which is not decided yet")):
        plan(f"wrong_trigger_with_{word}", (trigger, f"| {said} |"), found=(("RDY202", "| Predictions"),))
    plan("right_trigger_not_yet", (trigger, "| fewer than 0.95 captured and not recovered in one fold |"))
    for word, said in (("perhaps", "it is liquid, perhaps"), ("not_yet", "it is liquid, which is not decided yet")):
        plan(f"wrong_canary_reason_{word}", (CANARY, f"- Canary: BTCUSDC because {said}"),
             found=(("RDY402", "- Canary"),))
    plan("right_canary_reason_with_not", (CANARY, "- Canary: BTCUSDC, because its book is not thin at night"))
    for word in ("maybe", "unknown"):
        plan(f"wrong_metric_called_{word}", ("| `win_rate` | outcome", f"| `{word}` | outcome"),
             found=(("RDY102", "## 1."),))
    plan("wrong_way_back_maybe", (REHEARSED, f"{REHEARSED}\n- Trigger: maybe if PSI > 0.5"),
         found=(("RDY599", "- Trigger"),))
    plan("right_way_back_when", (REHEARSED, f"{REHEARSED}\n- Trigger: PSI > 0.5 in two runs"))
    for word, said in (("none", "flag `none`"), ("dots", "flag `...`"), ("off", "flag `off`")):
        plan(f"wrong_lever_called_{word}", (LEVER, f"- Lever: {said}"), found=(("RDY501", "## 5."),))
    for word, said in (("flip", "MLflow alias flip: `models:/buy@champion` to version 41"),
                       ("edit", "ftf_config edit: `feature_selection.method = mutual_info`"),
                       ("to_none", "the flag `use_variance`, back to `none`")):
        plan(f"right_lever_as_{word}", (LEVER, f"- Lever: {said}"))
    for word, said in (("another_length", "- Shadow mode: 2 days"), ("a_longer_one", "- Shadow run: 21 days"),
                       ("refused", "- Shadow period: skipped")):
        plan(f"wrong_shadow_beside_{word}", (SHADOW, f"{SHADOW}\n{said}"), found=(("RDY401", said),))
    plan("right_shadow_beside_what_is_watched", (SHADOW, f"{SHADOW}\n- Shadow metrics: `win_rate`, looked at each day"))
    for word, said in (("below_zero", "-7 days"), ("about", "~7 days")):
        plan(f"wrong_shadow_{word}", (SHADOW, f"- Shadow: {said}"), found=(("RDY401", "- Shadow"),))
    for word, said in (("business_days", "full rollout + 90 business days"), ("months", "full rollout + 3 months"),
                       ("another_sum", "2026-08-23, 80 days after the full rollout")):
        plan(f"wrong_sunset_in_{word}", (SUNSET, f"- Sunset: {said}"), found=(("RDY701", "- Sunset"),))
    plan("right_sunset_and_its_sum", (SUNSET, SUNSET + ", 90 days after full rollout"))
    for word, said in (("points", "25.05.2026"), ("planned", "planned for 2026-05-25")):
        plan(f"right_rollout_with_{word}", (FULL, f"- Full rollout: {said}"))
    for word, said in (("about", "~0.2 / ~0.5"), ("either", "0.2 or 0.5"), ("of_three", "0.2 / 0.5 / 0.9")):
        plan(f"wrong_psi_{word}", (PSI, PSI.replace("0.2 / 0.5", said)), found=(("RDY301", "| PSI"),))
    plan("right_psi_in_backticks", (PSI, PSI.replace("0.2 / 0.5", "`0.2` / `0.5`")))
    other = PSI.replace("0.2 / 0.5", "0.3 / 0.9")
    for word, said, rule in (("to_be_written", "rationale to be written", "RDY399"), ("ok", "ok ok ok", "RDY304"),
                             ("see_above", "see above", "RDY304")):
        plan(f"wrong_rationale_{word}", (f"{PSI} the default |", f"{other} {said} |"), found=((rule, "| PSI"),))
    box = "- [x] Each section is filled, or skipped with a justification"
    plan("wrong_box_in_a_fence", (box, f"```\n{box}\n```\n"), found=(("RDY801", "## Sign-off"),))
    plan("wrong_box_in_a_span", (box, f"`{box}`\n"), found=(("RDY801", "## Sign-off"),))
    plan("wrong_box_in_an_indent", (box, f"    {box}\n"), found=(("RDY801", "## Sign-off"),))
    plan("right_review_of_the_seeds", ("session 3e0a3008, PASSED",
                                       "session 3e0a3008, PASSED / OK avg 8.6, 9 recommendations applied"))


def add_answers(plan: Callable[..., None], metrics: str, drift: str) -> None:
    add_thresholds(plan, metrics)
    add_hedges(plan)
    add_more_hedges(plan, drift)
    add_unseen(plan)
    add_placeholders(plan)
    add_whole_clauses(plan)
