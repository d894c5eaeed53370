"""The decisions answer what the design asked of them, point by point, and its ten open questions: decisions_test.py
SOURCE"""
import pathlib
import re
import sys

DECISIONS = pathlib.Path(sys.argv[1]).resolve() / "docs/adr"
# Of the design's §8 (with §4.7 for security), words by which each point is found in the table.
ASKED = {
    "0072": ["three layers", "question that each", "no overlap", "light PSI in memory", "kill switch",
             "latency of batch", "on the design alone"],
    "0073": ["storage choice", "`emit_kpi()`", "how a key comes and goes", "`cvntrade_kpi_writer`", "from a Secret",
             "deny-list", "who wrote"],
    "0074": ["an engine", "against NannyML on 15-minute candles, binary and three classes; a clause to swap",
             "ten drift types, severities, 365 days", "by cron", "`cvntrade_drift_writer`", "audit trail",
             "`payload_url`; shown end to end"],
    "0075": ["single entry", "does not supersede", "two new data sources"],
}
# The same of the process for tags, and of what stays ahead: sentences that the text has to have.
SAID = {
    "0072": ["CVN-N010-EC", "never disengage", "PSI against stored edges", "without waiting"],
    "0073": ["a pull request with the key, its reason and a use of it, and one maintainer's approval; no committee",
             "amends this record", "`kpi_tag_whitelist.py`", "`email`, `wallet_address`, `api_key`, `*_secret`"],
    "0074": ["365 days", "`info` leaves for the archive monthly", "From 100 KB on it is an object", "SHA-256"],
    "0075": ["extends the user's ADR-26 and supersedes nothing"],
}
failures: list[str] = []


def rows_below(text: str, heading: str) -> list[list[str]]:
    part = text[text.index(heading):] if heading in text else ""
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


for number, points in ASKED.items():
    (file,) = DECISIONS.glob(f"{number}-*.md")
    text = file.read_text(encoding="utf-8")
    rows = rows_below(text, "## What the design asked of this decision")
    for point in points:
        found = [row for row in rows if point in row[0]]
        if len(found) != 1 or not all(len(row) == 3 and row[1] for row in found):
            failures.append(f"{file.name}: {len(found)} rows answer {point!r}")
    for row in rows:
        for part in re.findall(r"\*([A-Z][^*]+)\*", row[1]):
            if f"**{part}" not in text and f"## {part}" not in text:
                failures.append(f"{file.name}: it has no part {part!r}, which answers {row[0]!r}")
    flowing = " ".join(text.split())
    failures += [f"{file.name}: it does not say {words!r}" for words in SAID[number] if words not in flowing]
    if not re.search(r"^\d{4}-\d\d-\d\d · ", text, re.MULTILINE):
        failures.append(f"{file.name}: it has no day")

page = (DECISIONS.parent / "open_questions.md").read_text(encoding="utf-8")
questions = rows_below(page, "| question | answer | where |")
for words in ("three layers right", "TimescaleDB", "Evidently", "whitelist", "Five data sources", "supersede ADR-26",
              "Hamilton's hooks", "hot path", "large reports", "ratify ADR-72"):
    found = [row for row in questions if words in row[0]]
    if len(found) != 1 or len(found[0][1]) < 30 or "](" not in found[0][2]:
        failures.append(f"open_questions.md: {words!r} is answered by {found}")
if len(questions) != 10:
    failures.append(f"open_questions.md answers {len(questions)} questions")

print("\n".join(failures) or f"{sum(map(len, ASKED.values()))} points and ten questions are answered")
sys.exit(bool(failures))
