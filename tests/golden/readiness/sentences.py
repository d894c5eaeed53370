"""Golden plans of people by their names, and of sentences: what denies a section's own subject, a reason in the next
paragraph, a second session. make.py writes them."""
from collections.abc import Callable

from fields import CANARY, LEVER, REHEARSED, SHADOW

DRI = "- DRI: @maria"
REVIEW = "- Review: session 3e0a3008, PASSED"


def add_names(plan: Callable[..., None]) -> None:
    for word, name in (("two_words", "Ada Lovelace"), ("a_hyphen", "Jean-Luc Picard"),
                       ("particles", "María de la Cruz"), ("initials", "J. R. Silva"), ("an_apostrophe", "Ada O'Brien"),
                       ("other_letters", "Łukasz Żak"), ("a_handle_behind", "Ada Lovelace (@ada)"),
                       ("a_handle_before", "@ada (Ada Lovelace)"), ("a_role", "Ada Lovelace (ML engineer)"),
                       ("a_term", "Ada Lovelace, until 2026-08-23")):
        plan(f"right_name_of_{word}", ("Owner: @maria", f"Owner: {name.split(',')[0]}"), (DRI, f"- DRI: {name}"))
    plan("right_name_and_its_handle", ("Owner: @maria", "Owner: @ada"), (DRI, "- DRI: Ada Lovelace (@ada)"))
    plan("wrong_name_of_another", ("Owner: @maria", "Owner: Ada Lovelace"), (DRI, "- DRI: Ada Byron"),
         found=(("RDY603", "- DRI"),))
    for word, name, rule in (
            ("and", "Ada and Bob", "RDY601"), ("comma", "Ada, Bob", "RDY601"), ("slash", "Ada / Bob", "RDY601"),
            ("ampersand", "Ada & Bob", "RDY601"), ("full_names", "Ada Lovelace and Bob Kahn", "RDY601"),
            ("five_words", "Ada Bob Carol Dan Eve", "RDY601"), ("small_letters", "whoever deployed it", "RDY602"),
            ("team_ml", "team ml", "RDY602"), ("the_team", "the team", "RDY602"),
            ("team_of_science", "data science team", "RDY602"), ("team_in_large", "Data Science Team", "RDY602"),
            ("the_platform_team", "Platform Team", "RDY602"), ("unassigned", "Unassigned Yet", "RDY601"),
            ("hiring", "Hiring In Progress", "RDY601"), ("as_above", "Same As Above", "RDY601"),
            ("vacant", "Vacant Position", "RDY601"), ("role", "Open Role", "RDY601"), ("hire", "New Hire", "RDY601"),
            ("on_call", "On Call", "RDY601"), ("pager", "Pager Duty", "RDY601"), ("maybe", "Maybe Maria", "RDY601"),
            ("shared", "Shared Responsibility", "RDY601"), ("equipe", "Équipe Données", "RDY601"),
            ("see", "See Header", "RDY601"), ("ask", "Ask Maria", "RDY601")):
        plan(f"wrong_name_{word}", (DRI, f"- DRI: {name}"),
             found=((rule if name != "whoever deployed it" else "RDY601", "- DRI"),))
        plan(f"wrong_owner_{word}", ("Owner: @maria", f"Owner: {name}"), found=(("RDY012", "Owner:"),))


def add_denials(plan: Callable[..., None]) -> None:
    shadow = ("There is no shadow this time.", "The shadow is skipped.", "We skip the shadow, because of the deadline.",
              "No shadow is needed.", "It goes live without a shadow.", "The shadow stage will not happen.",
              "We don't run a shadow.", "Shadow cancelled.", "Actually the shadow is waived.",
              "There won't be a shadow.", "The shadow is left out.", "Neither a shadow nor a canary is run.")
    canary = ("There is no canary.", "The canary is dropped.", "We'll go live without any canary.", "No canaries.")
    for rule, line, said in (
            *(("RDY401", SHADOW, one) for one in shadow), *(("RDY402", CANARY, one) for one in canary),
            ("RDY501", LEVER, "There is no rollback."), ("RDY501", LEVER, "There is no way back."),
            ("RDY501", LEVER, "The lever does not work."),
            ("RDY701", "- Sunset: 2026-08-23", "The sunset will never be looked at."),
            ("RDY601", DRI, "Nobody is the DRI."), ("RDY501", LEVER, "A rollback is not possible."),
            ("RDY503", REHEARSED, "There was no rehearsal yet."), ("RDY601", DRI, "There is no DRI yet."),
            ("RDY601", DRI, "The DRI is not assigned."), ("RDY701", "- Sunset: 2026-08-23", "There is no sunset.")):
        word = "_".join(part for part in "".join(c if c.isalpha() else " " for c in said.lower()).split())
        plan(f"wrong_denied_{word}", (line, f"{line}\n- {said}"), found=((rule, said),))
    plan("wrong_denied_in_a_paragraph", (CANARY, f"{CANARY}\n\nThis time there is no shadow.\n"),
         found=(("RDY401", "This time"),))
    plan("wrong_denied_behind", (SHADOW, f"{SHADOW}. There is no shadow this time."), found=(("RDY401", "- Shadow"),))
    channel = ("| PredictionsMissing | captured rate below 0.95 in one fold | docs/runbooks/predictions.md | P2 "
               "| #ml-alerts |")
    for word, said, rule in (("alert", "No alerts are configured yet.", "RDY201"),
                             ("runbook", "There are no runbooks yet.", "RDY203"),
                             ("set_up", "The alerts are not set up.", "RDY201"),
                             ("switched_off", "The P1 alert is switched off.", "RDY201"),
                             ("disabled", "These alerts are disabled.", "RDY201"),
                             ("muted", "The alerts are muted.", "RDY201"),
                             ("not_written", "The runbook is not written.", "RDY203")):
        plan(f"wrong_denied_{word}", (channel, f"{channel}\n\n{said}"), found=((rule, said),))
    for word, line, said in (
            ("part", channel, "No alert is without a runbook."),
            ("condition", SHADOW, "If there is no shadow, nothing goes live."),
            ("release", SHADOW, "Never without a shadow."), ("twice", SHADOW, "The shadow is not skipped."),
            ("metric", SHADOW, "No shadow metric is slower than the old one."),
            ("trades", SHADOW, "The shadow does not trade."), ("first", SHADOW, "No canary before the shadow."),
            ("lever", LEVER, "No rollback needs a deploy of data."),
            ("silence", channel, "No alert fires in the shadow."),
            ("owner", DRI, "The DRI is not on call at night."),
            ("set_to", channel, "The alerts are not set to page at night."),
            ("by_hand", channel, "The runbook is not written by hand."),
            ("left_running", SHADOW, "The shadow is left running behind the canary."),
            ("muted_while", channel, "The alerts are muted during a deploy.")):
        below = f"{line}\n\n{said}\n" if line == channel else f"{line}\n- {said}"
        plan(f"right_not_denied_{word}", (line, below))


def add_sentences(plan: Callable[..., None], drift: str) -> None:
    plan("right_dri_behind_a_dash", (DRI, "- DRI — @maria"))
    plan("right_rollout_behind_a_dash", ("- Full rollout: 2026-05-25", "- Full rollout — 2026-05-25"))
    plan("right_way_that_is_other", (LEVER, f"{LEVER}\n- There is no way to lose rows by it."))
    add_names(plan)
    add_denials(plan)
    plan("right_the_reason_is_a_paragraph", (drift, "**SKIP — JUSTIFICATION**:\n\nit reads no data that could drift."))
    plan("wrong_the_paragraph_is_no_reason", (drift, "**SKIP — JUSTIFICATION**:\n\n..."), found=(("RDY020", "SKIP"),))
    plan("wrong_a_reason_of_no_paragraph", (drift, "**SKIP — JUSTIFICATION**:\n\n### It reads no data that drifts"),
         found=(("RDY020", "SKIP"),))
    for word, said in (("and", "session 3e0a3008 and 8db2529d, PASSED"), ("slash", "session 3e0a3008/8db2529d, PASSED"),
                       ("comma", "sessions 3e0a3008, 8db2529d: PASSED"),
                       ("a_line", "session 3e0a3008, PASSED\n- Review: session 8db2529d, PASSED")):
        found = REVIEW if word == "a_line" else "- Review"
        plan(f"wrong_sessions_with_{word}", (REVIEW, f"- Review: {said}"),
             found=(("RDY802", "- Review: session 8db2529d" if word == "a_line" else found),))
    plan("wrong_two_sessions_above", ("committee: 3e0a3008, PASSED", "committee: 3e0a3008 and 8db2529d, PASSED"),
         found=(("RDY014", "Reviewed by"),))
    plan("right_session_is_a_uuid", ("committee: 3e0a3008,", "committee: 3e0a3008-1f2b-4c3d-8e9f-0123456789ab,"),
         (REVIEW, "- Review: session 3e0a3008-1f2b-4c3d-8e9f-0123456789ab, PASSED"))
    plan("right_session_and_its_link",
         (REVIEW, "- Review: session [3e0a3008](https://ci.example.com/runs/47110815a), PASSED"))
    for word, said in (("see", "we will see"), ("want", "we want it"), ("try", "we want to try it out"),
                       ("so", "I say so"), ("nobody", "nobody knows"), ("reasons", "of reasons"),
                       ("like", "we like it")):
        plan(f"wrong_canary_because_{word}", (CANARY, f"- Canary: BTCUSDC, because {said}"),
             found=(("RDY403", "- Canary"),))
    plan("right_canary_because_failures_show", (CANARY, "- Canary: BTCUSDC, because we will lose least there"))
