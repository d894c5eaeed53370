"""A command line that cannot be understood is answered with what was probably meant: usage_test.py TRISTRATA"""
import subprocess
import sys

failures = []
for words, expected in (
        ("", "tristrata: expected a command: drift, reference, quality, kpi, store, tags or doctor"),
        ("drift", "tristrata drift: expected a command: check, backtest, methods, push, list, show, profile or merge"),
        ("drift chekc a b", 'tristrata drift: there is no command "chekc"; did you mean check?'),
        ("frobnicate", 'tristrata: there is no command "frobnicate"; tristrata has drift, reference'),
        ("drift check a.csv b.csv --theads 2", 'tristrata drift check: there is no option "--theads"; did you mean'),
        ("drift check a.csv b.csv --kpi_url=x", 'there is no option "--kpi_url"; did you mean --kpi-url?'),
        ("drift check a.csv b.csv --fail-on bad", "tristrata drift check: --fail-on: bad not in"),
        ("drift check a.csv b.csv --alpha abc", 'tristrata drift check: --alpha is "abc"; expected a number'),
        ("drift check a.csv b.csv --seed x", 'drift check: --seed is "x"; expected a whole number, 0 or more'),
        ("drift check a.csv b.csv --seed -1", 'drift check: --seed is "-1"; expected a whole number, 0'),
        ("drift backtest a.csv --time t --seed -1", 'drift backtest: --seed is "-1"; expected a whole number, 0'),
        ("quality check a.csv b.csv --seed -1", 'quality check: --seed is "-1"; expected a whole number, 0'),
        ("drift check a.csv b.csv --plan gone.toml", "gone.toml: no such file"),
        ("kpi emit x=1", "tristrata kpi emit: --module is required"),
        ("kpi emit --module m --kpi-url mysql://u:hidden@h x=1", "--kpi-url is no store's URL"),
        ("kpi emit --module m --kpi-url postgresql://u:hidden@h/d x=1", "--kpi-url names PostgreSQL")):
    done = subprocess.run([sys.argv[1], *words.split()], capture_output=True, text=True, timeout=60)
    if done.returncode != 2 or expected not in done.stderr or done.stdout or "hidden" in done.stderr:
        failures.append(f"'{words}': exit {done.returncode}, said {done.stderr!r} {done.stdout!r}; not {expected!r}")
print("\n".join(failures) or "every slip was understood")
sys.exit(bool(failures))
