"""Golden plans of single fields: each begins with its answer, and what does not fit is none. make.py writes them."""
from collections.abc import Callable

CANARY = "- Canary: BTCUSDC, because its order book is the deepest"
SHADOW = "- Shadow: 7 days, from 2026-05-04 to 2026-05-11"
LEVER = "- Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`"
REHEARSED = "- Rehearsed: 2026-05-03, https://ci.example.com/runs/4711"
EARLY = (SHADOW, "- Shadow: 7 days, from 2026-01-04 to 2026-01-11")


def add_fields(plan: Callable[..., None]) -> None:
    for word, said in (
            ("not_less", "not less than 7 days"), ("at_least", "at least 7 days, from 2026-05-04 to 2026-05-18"),
            ("both_days_counted", "2026-05-04 through 2026-05-10 (7 days inclusive)"),
            ("and_no_less", "10 days, no less than 7 days of data"), ("days_in_brackets",
                    "14 days (2026-05-04 to 2026-05-18)"),
            ("begin_alone", "7 days, starting 2026-05-04"), ("minimum", "minimum 14 days"),
            ("wrapped", "from 2026-05-04\n  to 2026-05-14")):
        plan(f"right_shadow_{word}", (SHADOW, f"- Shadow: {said}"))
    for word, said in (
            ("a_part", "3 of 7 days"), ("a_quotient", "5/7 days"), ("half_of", "half of 7 days"), ("minus",
                    "10 days minus 5"),
            ("we_skip", "we skip the 7 days"), ("replayed", "30 days of backtest data replayed in one hour"),
            ("maybe", "maybe 7 days"), ("if_time", "7 days if time permits"), ("ideally", "ideally 7 days"),
            ("up_to", "up to 10 days"), ("less_than", "less than 7 days"), ("backwards",
                    "from 2026-05-18 to 2026-05-04"),
            ("of_two_lengths", "14 days, from 2026-05-04 to 2026-05-11"), ("cut_below", "7 days; cut to two days"),
            ("struck", "~~7 days, from 2026-05-04 to 2026-05-11~~"), ("waived_below",
                    "7 days\n  are waived this time")):
        plan(f"wrong_shadow_{word}", (SHADOW, f"- Shadow: {said}"), found=(("RDY401", "- Shadow"),))
    for word, said in (("after", "14 days, from 2026-05-20 to 2026-06-03"), ("over", "7 days, starting 2026-05-24"),
                       ("begins_after", "7 days, from 2026-06-04 to 2026-06-11")):
        plan(f"wrong_rollout_before_shadow_{word}", (SHADOW, f"- Shadow: {said}"), found=(("RDY404", "- Full"),))
    for word, said in (("not_before", "not before 2026-05-25"), ("or_later", "2026-05-25 or later"),
                       ("two_days", "2026-05-25 to 2026-06-25"), ("around", "around 2026-05-25, or when ready")):
        plan(f"wrong_rollout_{word}", ("- Full rollout: 2026-05-25", f"- Full rollout: {said}"), found=(("RDY404",
                "- Full"),))
    for word, said in (("weekday", "Monday, 25 May 2026"), ("for_all", "2026-05-25, for all cryptos")):
        plan(f"right_rollout_{word}", ("- Full rollout: 2026-05-25", f"- Full rollout: {said}"))
    for word, said in (
            ("none_there", "there is no canary. BTCUSDC and all others go live together, because of time"),
            ("two", "BTCUSDC and ETHUSDC, because they are deep"), ("three",
                    "BTCUSDC, ETHUSDC, SOLUSDC because deep"),
            ("all", "all cryptos, because BTCUSDC is deep"), ("to_be_chosen",
                    "to be chosen, because BTCUSDC is busy"),
            ("no_coin", "ABCUSDC and TBDUSDC, because it is deep"), ("biggest",
                    "the biggest one, because BTCUSDC might be too deep"),
            ("provisional", "BTCUSDC (provisional), because it is deep"),
            ("unconfirmed", "BTCUSDC (to be confirmed), because its order book is the deepest"),
            ("added", "BTCUSDC + ETHUSDC + SOLUSDC, because they are deep"), ("divided",
                    "BTCUSDC / ETHUSDC, because both are deep")):
        plan(f"wrong_canary_{word}", (CANARY, f"- Canary: {said}"), found=(("RDY402", "- Canary"),))
    for word, said in (
            ("share_and_days", "BTCUSDC (10 % of capital, 3 days), because its order book is the deepest"),
            ("on_the_pair", "on the pair BTCUSDC, because its order book is the deepest"),
            ("compared", "BTCUSDC, because its order book is deeper than that of ETHUSDC"),
            ("wrapped", "BTCUSDC,\n  because its order book is the deepest")):
        plan(f"right_canary_{word}", (CANARY, f"- Canary: {said}"))
    plan("right_canary_behind_a_hard_space", (CANARY, "- Canary:\u00a0BTCUSDC, because its order book is the deepest"))
    for word, said in (
            ("image", "a new Docker image with the flag off"), ("container",
                    "roll out the previous version of the container"),
            ("pull_request", "merge a PR that flips the flag in the code"),
            ("hard_coded", "the flag is hard-coded, so push a new build")):
        plan(f"wrong_lever_{word}", (LEVER, f"- Lever: {said}"), found=(("RDY502", "- Lever"),))
    for word, said in (
            ("cannot", "we cannot use the flag `x`"), ("on_call", "flag the issue to the on-call"), ("bare_flag",
                    "flag"),
            ("bare_alias", "alias"), ("next_sprint", "we add a feature flag next sprint"),
            ("not_there", "the flag `x` does not exist yet"), ("teams_alias", "ask the team under its alias"),
            ("calm", "the key is to stay calm and call @maria"), ("struck", "~~the key `a.b` of `ftf_config`~~"),
            ("not_there_below", "the flag `x`\n  does not exist")):
        plan(f"wrong_lever_{word}", (LEVER, f"- Lever: {said}"), found=(("RDY501", "## 5."),))
    for word, said in (
            ("pair", "set `USE_VARIANCE=false` in the environment of the worker"), ("dotted",
                    "flag features.use_variance to false"),
            ("kind_in_brackets", "`use_variance` (a feature flag) to false"), ("large_letters",
                    "the variable USE_VARIANCE, back to 0"),
            ("with_a_reason", "the toggle `use_variance`, off; it is read on each run")):
        plan(f"right_lever_{word}", (LEVER, f"- Lever: {said}"))
    for word, said, rule in (
            ("not", "not @maria", "RDY601"), ("former", "former @maria", "RDY601"), ("on_leave",
                    "@maria is on leave; nobody", "RDY601"),
            ("until_another", "@maria until she finds someone", "RDY601"), ("for_days", "@maria for 30 days",
                    "RDY601"),
            ("early", "@maria, until 30 June 2026", "RDY604"), ("nobody_now", "nobody (was @maria)", "RDY601"),
            ("away", "@maria (on leave)", "RDY601"), ("and_below", "@maria\n  and @jonas", "RDY601"),
            ("deleted", "<del>@maria</del>", "RDY601")):
        plan(f"wrong_dri_{word}", ("- DRI: @maria", f"- DRI: {said}"), found=((rule, "- DRI"),))
    for name in ("admin", "root", "here", "me", "owner", "noreply", "ds", "mle", "quant", "dependabot",
            "github-actions[bot]"):
        plan(f"wrong_dri_is_{name.split('[')[0]}", ("Owner: @maria", f"Owner: @{name}"),
                ("- DRI: @maria", f"- DRI: @{name}"),
             found=(("RDY602", "- DRI"),))
    for word, said in (("until_the_sunset", "@maria, until 2026-08-23"), ("with_a_role", "@maria (ML engineer)")):
        plan(f"right_dri_{word}", ("- DRI: @maria", f"- DRI: {said}"))
    for word, said in (
            ("revoked", "PASSED, revoked"), ("failed_last", "PASSED on 2026-05-01, FAILED on 2026-05-02"),
            ("blockers", "PASSED with blockers: not to be merged"), ("nearly", "nearly PASSED"), ("conditional",
                    "conditional pass"),
            ("asked", "PASSED?"), ("by_myself", "PASSED by myself, the committee has not met"),
            ("struck", "~~PASSED~~"), ("only_if", "PASSED\n  only if the canary changes")):
        plan(f"wrong_verdict_{word}", ("session 3e0a3008, PASSED", f"session 3e0a3008, {said}"), found=(("RDY803",
                "- Review"),))
        if "\n" not in said and "~" not in said:
            plan(f"wrong_verdict_above_{word}", ("committee: 3e0a3008, PASSED", f"committee: 3e0a3008, {said}"),
                 found=(("RDY803", "Reviewed by"),))
    plan("wrong_verdict_above_is_none", ("committee: 3e0a3008, PASSED", "committee: 3e0a3008"), found=(("RDY014",
            "Reviewed by"),))
    plan("wrong_session_of_zeros", ("session 3e0a3008, PASSED", "session 00000000, PASSED"), found=(("RDY802",
            "## Sign-off"),))
    for word, said in (("a_history", "FAILED on 2026-05-01, PASSED on 2026-05-02"), ("ok", "OK"),
                       ("no_remarks", "PASSED, no remarks")):
        plan(f"right_verdict_{word}", ("session 3e0a3008, PASSED", f"session 3e0a3008, {said}"))
    BOX = "- [x] Each section is filled, or skipped with a justification"
    for word, said in (("of_no_text", "- [x]"), ("denied", "- [x] not each section is filled"),
                       ("of_another_text", "- [x] nothing"), ("struck",
                               "- [x] ~~Each section is filled, or skipped with a justification~~"),
                       ("escaped", BOX.replace("[x]", "\\[x]"))):
        plan(f"wrong_box_{word}", (BOX, said), found=(("RDY801", {"denied": "- [x] not",
                "of_another_text": "- [x] nothing",
                                         "struck": "- [x] ~~"}.get(word, "## Sign-off")),))
    for word, said in (("not_but_later", "not 2026-08-23 but later"), ("of_two_days", "2026-08-23 or 2026-12-31")):
        plan(f"wrong_sunset_{word}", ("- Sunset: 2026-08-23", f"- Sunset: {said}"), found=(("RDY701", "- Sunset"),))
    for word, said in (("in_words", "full rollout + 90 days"), ("in_words_with_its_day",
            "full rollout + 90 days = 2026-08-23"),
                       ("after_the_rollout", "90 days after the full rollout"), ("explained",
                               "2026-08-23 (full rollout + 90 days)")):
        plan(f"right_sunset_{word}", ("- Sunset: 2026-08-23", f"- Sunset: {said}"))
    plan("wrong_filled_in_the_future", ("Filled on: 2026-05-02", "Filled on: 2027-05-02"), found=(("RDY013",
            "Filled on"),))
    PAST = (EARLY, ("Full rollout: 2026-05-25", "Full rollout: 2026-01-25"), ("Sunset: 2026-08-23",
            "Sunset: 2026-04-25"))
    for word, said in (("asked", "permanent?"), ("unconfirmed", "permanent, TBC"),
                       ("in_the_future", "will be permanent"), ("half", "semi-permanent"),
                       ("afterwards", "due at the sunset, permanent afterwards"), ("revisited_by_none",
                               "revisited later")):
        plan(f"wrong_outcome_{word}", *PAST, ("due at the sunset", said), found=(("RDY703", "- Sunset"),))
    for word, said in (("permanent", "permanent"),
                       ("permanent_by_what_was_seen", "permanent, the win rate stayed above 0.5"),
                       ("revisited", "revisited in CVN-N001-EF-S11")):
        plan(f"right_outcome_{word}", *PAST, ("due at the sunset", said))
    for word, said in (("denied", "None carries the tag `variant`."), ("missing",
            "The tag `variant` is missing for now."),
                       ("not_yet", "No variant tag yet."), ("not_carried", "They do not carry the variant.")):
        plan(f"wrong_variant_{word}", ("Each carries the tag `variant`.", said), found=(("RDY105", "## 1."),))
    for word, said in (("as_tags", "Tags: `variant`, `crypto`"), ("not_needed",
            "Variant: not applicable, because one variant runs.")):
        plan(f"right_variant_{word}", ("Each carries the tag `variant`.", said))
    for word, said in (("latency", "prediction latency"), ("denied", "no prediction rate"), ("removed",
            "prediction rate (removed)")):
        plan(f"wrong_kind_{word}", ("| prediction rate |", f"| {said} |"), found=(("RDY101", "## 1."),))
    plan("wrong_health_is_struck", ("| `feature_selection_variance_dispersion` | health |",
                                       "| ~~`feature_selection_variance_dispersion`~~ | ~~health~~ |"),
                                               found=(("RDY103", "## 1."),))
    plan("wrong_rehearsal_failed", (REHEARSED, "- Rehearsed: the drill of 2026-05-03 failed"), found=(("RDY503",
            "- Rehearsed"),))
    plan("right_rehearsed_by_a_bare_link", (REHEARSED, "- Rehearsed: https://ci.example.com/runs/4711"))
    plan("wrong_rehearsed_on_a_day_to_come", (REHEARSED, "- Rehearsed: 2026-12-07"), found=(("RDY503", "- Rehearsed"),))
    by_rollout = ("- Sunset: 2026-08-23", "- Sunset: full rollout + 90 days")
    for word, said, where in (("gone", "", "## 4."), ("without_a_day", "- Full rollout: mid January\n", "- Full"),
                              ("with_slashes", "- Full rollout: 15/01/2027\n", "- Full")):
        plan(f"wrong_full_rollout_{word}_and_a_sunset_by_it", by_rollout, ("- Full rollout: 2026-05-25\n", said),
             found=(("RDY404", where),))
    plan("wrong_full_rollout_gone_and_a_sunset_with_its_sum", ("- Full rollout: 2026-05-25\n", ""),
         ("- Sunset: 2026-08-23", "- Sunset: 2026-08-23, 90 days after the full rollout"), found=(("RDY404", "## 4."),))
    for word, old, second, where in (("canary", CANARY, "- Canary: later", "- Canary: later"),
                                      ("shadow", SHADOW, "- Shadow: 2 days", "- Shadow: 2 days"),
                                      ("sunset", "- Sunset: 2026-08-23", "- Sunset: 2027-08-23", "- Sunset: 2027"),
                                      ("owner", "Owner: @maria", "Owner: @jonas", "Owner: @jonas")):
        plan(f"wrong_{word}_is_said_twice", (old, f"{old}\n{second}"), found=(("RDY003", where),))
