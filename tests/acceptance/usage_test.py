"""A command line that cannot be understood is answered with what was probably meant: usage_test.py TRISTRATA"""
import subprocess
import sys

failures = []
for words, expected in (
        ("", "tristrata: expected a command: drift, reference, quality, kpi, event, incident, analyze, report, store, "
             "spool, kill-switch, readiness, serve, tags or doctor"),
        ("drift", "tristrata drift: expected a command: check, backtest, methods, push, list, show, profile or merge"),
        ("drift chekc a b", 'tristrata drift: there is no command "chekc"; did you mean check?'),
        ("emit kpi --module m", 'tristrata: there is no command "emit"; tristrata has drift, reference'),
        ("frobnicate", 'tristrata: there is no command "frobnicate"; tristrata has drift, reference'),
        ("drift check a.csv b.csv --theads 2", 'tristrata drift check: there is no option "--theads"; did you mean'),
        ("drift check a.csv b.csv --kpi_url=x", 'there is no option "--kpi_url"; did you mean --kpi-url?'),
        ("drift check a.csv b.csv --FAIL_ON warn", 'there is no option "--FAIL_ON"; did you mean --fail-on?'),
        ("drift check a.csv b.csv -columns x", 'there is no option "-columns"; did you mean --columns?'),
        ("drift check a.csv b.csv --junit x", 'there is no option "--junit"; did you mean --format junit?'),
        ("drift backtest a.csv --json", 'there is no option "--json"; did you mean --format json?'),
        ("quality check a.csv b.csv --output x", 'there is no option "--output"; did you mean --out?'),
        ("quality estimate a.csv b.csv --ref x", 'there is no option "--ref"; did you mean --reference?'),
        ("drift list --fail_on warn", 'there is no option "--fail_on"; drift check and drift backtest take --fail-on'),
        ("drift --modul m list", 'drift: there is no option "--modul"; drift check, drift push and drift list'),
        ("quality check a.csv b.csv --feature x", 'there is no option "--feature"; quality estimate takes --features'),
        ("kpi emit --junit x", 'tristrata kpi emit: there is no option "--junit"\n'),
        ("doctor --frobnicate", 'tristrata doctor: there is no option "--frobnicate"\n'),
        ("drift check a.csv b.csv --fail-on bad",
         'tristrata drift check: --fail-on is "bad"; expected info, warn, crit or never'),
        ("drift check a.csv b.csv --fail-on crti", "expected info, warn, crit or never; did you mean crit?"),
        ("drift list --format jsn", 'drift list: --format is "jsn"; expected table or json; did you mean json?'),
        ("drift check a.csv b.csv c.csv",
         'tristrata drift check: data takes at most 2 values, found 3: "a.csv", "b.csv", "c.csv"'),
        ("drift check a.csv b.csv --at 2026 --at 2027", '--at takes one value, found 2: "2026", "2027"'),
        ("drift check a.csv b.csv --alpha", "tristrata drift check: --alpha has no value; expected a number"),
        ("drift check a.csv b.csv --fail-on", "--fail-on has no value; expected info, warn, crit or never"),
        ("drift merge a.profile -o", "tristrata drift merge: -o has no value; expected a text"),
        ("drift backtest a.csv b.csv", 'tristrata drift backtest: data takes one value, found 2: "a.csv", "b.csv"'),
        ("drift show 1a 2b", 'tristrata drift show: "2b" is one argument too many; expected only id'),
        ("store init now", 'tristrata store init: "now" is one argument too many; expected options only'),
        ("drift check a.csv b.csv -x", 'tristrata drift check: there is no option "-x"'),
        ("drift check a.csv b.csv --alpha abc", 'tristrata drift check: --alpha is "abc"; expected a number'),
        ("drift check a.csv b.csv --seed x", 'drift check: --seed is "x"; expected a whole number, 0 or more'),
        ("drift check a.csv b.csv --seed -1", 'drift check: --seed is "-1"; expected a whole number, 0'),
        ("drift backtest a.csv --time t --seed -1", 'drift backtest: --seed is "-1"; expected a whole number, 0'),
        ("quality check a.csv b.csv --seed -1", 'quality check: --seed is "-1"; expected a whole number, 0'),
        ("drift check a.csv b.csv --plan gone.toml", "gone.toml: no such file"),
        ("drift check a.csv b.csv --at noon",
         'tristrata: --at: "noon" is not a time: it does not begin with a date as YYYY-MM-DD; expected ISO 8601'),
        ("quality check a.csv b.csv --current 2026", '--current: "2026" is not a window; expected FROM..TO'),
        ("drift list --drift-url sqlite:///d.db --from 2026-01-02 --to 2026-01-01", "no time lies between; --to must"),
        ("kpi query --kpi-url sqlite:///k.db --to noon", '--to: "noon" is not a time'),
        ("kpi query --kpi-url sqlite:///k.db --from 2026-13-01",
         '--from: "2026-13-01" is not a time: there is no month 13; expected ISO 8601'),
        ("drift backtest a.csv --rows 9 --reference 2026-02-01..2026-01-01", '--reference: the window "2026-02-01..'),
        ("kpi emit x=1", "tristrata kpi emit: --module is required"),
        ("store init --print --backend postgresql --role-prefix Cvn", "a role prefix holds lower-case letters"),
        (f"store init --print --backend postgresql --role-prefix {'x' * 41}", "at most 40 of them"),
        ("kpi emit --module m --kpi-url mysql://u:hidden@h x=1", "--kpi-url is no store's URL"),
        ("kpi emit --module m --kpi-url postgresql://u:hidden@h/d x=1", "--kpi-url holds a password"),
        ("kpi emit --module m --kpi-url postgresql://u@h/d?password=hidden x=1", "TRISTRATA_KPI_URL_FILE")):
    done = subprocess.run([sys.argv[1], *words.split()], capture_output=True, text=True, timeout=60)
    if done.returncode != 2 or expected not in done.stderr or done.stdout or "hidden" in done.stderr:
        failures.append(f"'{words}': exit {done.returncode}, said {done.stderr!r} {done.stdout!r}; not {expected!r}")
for words, expected in (("drift check", "[OPTIONS] [data...]\n"), ("quality check", "[OPTIONS] [data...]\n"),
                        ("drift merge", "[OPTIONS] profiles...\n"), ("drift show", "[OPTIONS] id\n")):
    done = subprocess.run([sys.argv[1], *words.split(), "--help"], capture_output=True, text=True, timeout=60)
    if done.returncode or f"Usage: tristrata {words} {expected}" not in done.stdout:
        failures.append(f"'{words} --help': {done.returncode}, {done.stdout[:200]!r}; not {expected!r}")
print("\n".join(failures) or "every slip was understood")
sys.exit(bool(failures))
