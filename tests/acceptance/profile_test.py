"""A saved reference, end to end: profile_test.py TRISTRATA SOURCE

The report against a profile is the report against the data; what is damaged, foreign or asked for twice is refused in
one sentence; promotion, rollback and expiry are told by list, report and events."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
example = source / "examples/fee_change"
candles = example / "BTCUSDT_15m.csv.gz"
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    environment = {"PATH": os.environ["PATH"], "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db",
                   "TRISTRATA_DRIFT_URL": f"sqlite:///{folder}/drift.db", "USER": "ann"}

    def run(*arguments, codes=(0,)):
        done = subprocess.run([tristrata, *map(str, arguments)], cwd=folder, env=environment, capture_output=True,
                              text=True, timeout=300)
        expect(done.returncode in codes, f"{arguments[:3]}: exit {done.returncode}: {done.stderr}")
        return done

    def check(*arguments):
        done = run("drift", "check", *arguments, "--at", "2023-04-06", "--fail-on", "never", "--format", "json")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def refused(says, *arguments):
        done = run(*arguments, codes=(2, 3))
        expect(says in done.stderr and not done.stdout, f"{arguments[:4]}: no '{says}' in: {done.stderr}")

    reference, current = "2023-03-08..2023-03-22", "2023-03-22..2023-04-05"
    plan = ("--plan", example / "plan.toml")
    for null in ("independent", "dependent", "auto"):
        run("drift", "profile", candles, "--time", "open_time", "--window", reference, *plan, "-o", "btc.profile")
        rows = check(candles, "--time", "open_time", "--reference", reference, "--current", current, *plan, "--null",
                     null)
        saved = check("--profile", "btc.profile", candles, "--current", current, *plan, "--null", null)
        for report in (rows, saved):
            expect(len(report["reference"].pop("version")) == 64, "a version is a digest")
            report.pop("report_id")
        expect(rows == saved, f"{null}: the report against the profile is another one")

    # The same bytes in any order of the parts.
    for part, window in (("a", "..2023-03-10"), ("b", "2023-03-10..2023-03-15"), ("c", "2023-03-15..2023-03-22")):
        run("drift", "profile", candles, "--time", "open_time", "--window", window, "-o", f"{part}.profile")
    run("drift", "merge", "c.profile", "a.profile", "b.profile", "-o", "one.profile")
    told = json.loads(run("drift", "merge", "b.profile", "one.profile", "a.profile", "-o", "two.profile", "--format",
                          "json").stdout)
    expect(told["windows"] == 3 and told["windows_given"] == 5, f"merge counted {told}")
    expect((folder / "one.profile").read_bytes() == (folder / "two.profile").read_bytes(), "the merges differ")
    for data in ("r", "s", "t", "u"):
        (folder / f"{data}.csv").write_text("x\n" + "".join(f"{ord(data) * row % 97}\n" for row in range(200)))
        run("drift", "profile", f"{data}.csv", "-o", f"{data}.profile")
    for parts, name in (("one", f"3 merged profiles ({candles})"), ("st", "2 merged profiles (s.csv, t.csv)"),
                        ("rstu", "4 merged profiles (r.csv, s.csv, t.csv and 1 more)")):
        if parts != "one":
            run("drift", "merge", *(f"{part}.profile" for part in parts), "-o", f"{parts}.profile")
        data = candles if parts == "one" else "r.csv"
        named = check("--profile", f"{parts}.profile", data)["reference"]["source"]
        expect(named == name, f"a merged reference is named {named}, not {name}")
    refused("cannot be merged", "drift", "merge", "a.profile", "btc.profile", "-o", "x.profile")

    bytes_ = (folder / "a.profile").read_bytes()
    for place in range(0, len(bytes_), len(bytes_) // 40):
        spoiled = bytearray(bytes_)
        spoiled[place] ^= 4
        (folder / "spoiled.profile").write_bytes(spoiled)
        refused("spoiled.profile: ", "drift", "check", "--profile", "spoiled.profile", candles)
    (folder / "spoiled.profile").write_bytes(bytes_[:-9])
    refused("cut short", "drift", "check", "--profile", "spoiled.profile", candles)
    (folder / "later.profile").write_bytes(bytes_[:8] + b"\2" + bytes_[9:])
    refused("format 2; this program reads format 1", "drift", "check", "--profile", "later.profile", candles)
    refused("it is not a profile", "drift", "check", "--profile", candles, candles)
    refused("--reference chooses rows", "drift", "check", "--profile", "a.profile", candles, "--reference", reference)
    for words in (("check", "a.profile", candles), ("check", candles, "a.profile"), ("profile", "a.profile", "-o", "x"),
                  ("check", "--profile", "b.profile", "a.profile"), ("backtest", "a.profile", "--rows", "9")):
        refused("drift check --profile a.profile CURRENT", "drift", *words)
    refused("2 tables are named", "drift", "check", "--profile", "a.profile", candles, candles)
    refused("0 tables are named", "drift", "check", "--profile", "a.profile")
    refused("give one of them", "drift", "check", "--profile", "a.profile", "--reference-of", "m", candles)
    refused("time column", "drift", "check", "--profile", "a.profile", candles, "--time", "close")

    # Promotion, a newer one, expiry, and the way back.
    refused("store init", "reference", "list")
    run("store", "init")
    refused("no reference of module", "drift", "check", "--reference-of", "candles.btc", candles)
    refused("--expires is", "reference", "promote", "a.profile", "--module", "m", "--why", "w", "--expires", "soon")
    promote = ("reference", "promote")
    module = ("--module", "candles.btc")
    run(*promote, "btc.profile", *module, "--why", "the quiet fortnight", "--at", "2023-03-22")
    run(*promote, "one.profile", *module, "--why", "one more", "--who", "bob", "--expires", "10d", "--at", "2023-03-23")
    report = check("--reference-of", "candles.btc", candles, "--current", current, "--push", "--module", "candles.btc")
    expect(report["reference"]["version"] == "2", f"the report names {report['reference']}")
    expect(report["reference"]["source"].startswith("reference 2 of candles.btc ("), report["reference"]["source"])
    expect(any("expired at 2023-04-02" in note for note in report["notes"]), f"no expiry in {report['notes']}")
    events = json.loads(run("drift", "list", "--module", "candles.btc", "--format", "json").stdout)["events"]
    named = [event["payload"].get("reference_version") or event["payload"]["reference"]["version"] for event in events]
    expect(len(named) > 1 and set(named) == {"2"}, f"the events name the reference's version as {named}")
    run("reference", "rollback", "--module", "candles.btc", "--why", "too short", "--at", "2023-03-24")
    report = check("--reference-of", "candles.btc", candles, "--current", current)
    expect(report["reference"]["version"] == "3" and not any("expired" in note for note in report["notes"]),
           f"after the rollback the report names {report['reference']}, {report['notes']}")
    told = json.loads(run("reference", "list", "--format", "json").stdout)["references"]
    expect([(one["version"], one["state"], one["who"], one["replaces"]) for one in told]
           == [(3, "in force", "ann", 2), (2, "replaced", "bob", 1), (1, "replaced", "ann", None)], f"list says {told}")
    expect(told[0]["profile_sha256"] == told[2]["profile_sha256"], "the rollback holds another profile")

print("\n".join(failures) or "a saved reference answers as its data does")
sys.exit(1 if failures else 0)
