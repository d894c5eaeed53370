"""Both stores on a real PostgreSQL, filled with what dashboards, rules and runbooks are tried on.

What is there is known row by row: SQL of the owner for what needs exact values, our own commands for shapes that must
be theirs (a pushed report, an emit, a promoted reference).
"""
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import sys
import typing
import urllib.parse

import psycopg

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=UTC)
BEGIN = NOW - datetime.timedelta(days=7)
READER, PASSWORD = "dashboard", "re@d:er/ %"
TYPES = ("data_drift", "feature_drift", "prediction_drift", "target_drift", "data_quality", "latency_drift",
         "error_rate_drift", "volume_drift", "business_kpi_drift", "model_confidence_drift")
HOSTILE = "o'brien, {x} \"y\" \\z 100%"  # a module's name; what breaks quoting
REPORT = "0e5a4f0c-0000-5000-8000-000000000001"


def at(day: int, hour: int = 0, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=UTC)


class Stores:
    """A server with both stores; `reader` is what Grafana connects as."""

    def __init__(self, said: dict[str, typing.Any], tristrata: pathlib.Path, source: pathlib.Path,
                 folder: pathlib.Path) -> None:
        self.said, self.tristrata, self.source, self.folder = said, tristrata, source, folder
        self.reader_url = (f"postgresql://{READER}:{urllib.parse.quote(PASSWORD, safe='')}"
                           f"@{said['host']}:{said['port']}/postgres")
        self.environment = {"PATH": f"{tristrata.parent}:{os.environ['PATH']}", "HOME": str(folder),
                            **{f"TRISTRATA_{name}_URL": said["url"] for name in ("KPI", "DRIFT", "ADMIN")},
                            "TRISTRATA_READ_URL": self.reader_url, "TRISTRATA_ARCHIVE": f"file://{folder}/archive"}

    def run(self, *words: object) -> str:
        done = subprocess.run([self.tristrata, *map(str, words)], capture_output=True, text=True, cwd=self.folder,
                              env=self.environment, timeout=120, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{words}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def owner(self) -> psycopg.Connection:
        return psycopg.connect(self.said["url"], autocommit=True)

    def reader(self) -> psycopg.Connection:
        connection = psycopg.connect(self.reader_url, autocommit=True)
        connection.execute("SET timezone = 'UTC'")
        return connection

    def initialise(self) -> None:
        self.environment["TRISTRATA_RESPONSE_URL"] = self.said["url"]
        self.run("store", "init", "--accept", "plain")
        self.environment["TRISTRATA_KILL_SWITCH_URL"] = self.said["url"]
        self.run("kill-switch", "init")
        with self.owner() as owner:
            owner.execute(f"CREATE ROLE {READER} LOGIN IN ROLE grafana_reader PASSWORD '{PASSWORD}'")

    def fill(self, incidents: bool = True) -> None:
        with self.owner() as owner:
            for day in range(10, 26):
                owner.execute("SELECT kpi.ensure_day(%s::date)", (at(day),))
            for half in ("info", "alert"):
                owner.execute("SELECT drift.ensure_month(%s::date, %s)", (NOW, half))
            _fill_kpi(owner)
            _fill_drift(owner)
            _fill_kill_switch(owner)
            if incidents:
                _fill_incidents(owner)
        _fill_by_commands(self)


def _emit(owner: psycopg.Connection, time: datetime.datetime, module: str, metrics: dict[str, typing.Optional[float]],
          run: typing.Optional[str] = None, node: typing.Optional[str] = None, duration: typing.Optional[int] = None,
          success: typing.Optional[bool] = None, tags: typing.Optional[dict[str, str]] = None) -> None:
    for place, (name, value) in enumerate(metrics.items()):
        owner.execute("INSERT INTO kpi.events (time, run_id, module, dag_node, metric_name, metric_value, tags, "
                      "duration_ms, success, event_id, emit_id, emit_seq) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, "
                      "gen_random_uuid(), gen_random_uuid(), %s)",
                      (time, run, module, node, name, value, None if tags is None else json.dumps(tags), duration,
                       success, place))
        owner.execute("INSERT INTO kpi.series VALUES (%s, %s) ON CONFLICT DO NOTHING", (module, name))


def _fill_kpi(owner: psycopg.Connection) -> None:
    # Four runs of two nodes; the third fails in its second node only, the fourth does not say.
    for number, day in enumerate((20, 21, 22, 23), 1):
        for node in ("compute", "select"):
            good = None if number == 4 else not (number == 3 and node == "select")
            _emit(owner, at(day, 6), "features", {"n_output": 985.0, "score": 0.5}, f"f{number}", node,
                  100 * number if node == "compute" else None, good, {"trace_id": f"{number:032x}"})
    # Folds: one whose predictions were dropped in full, later mended in one of two; one that never said a value.
    for fold, rates in (("0", (1.0, 0.98)), ("1", (0.0,)), ("2", (0.0, 1.0)), ("3", (None,))):
        for hour, rate in reversed(list(enumerate(rates))) if fold == "0" else enumerate(rates):
            _emit(owner, at(24, hour), "train", {"predictions_captured_rate": rate}, "t1", "fold", 2000, True,
                  {"variant": "a", "crypto": "BTC", "fold_id": fold})
    for crypto, score in (("BTC", 0.8), ("ETH", 0.4), (None, 0.1)):
        _emit(owner, at(24, 2), "train", {"business_score": score}, "t1", "score", 10, True,
              {"crypto": crypto} if crypto else None)
    _emit(owner, at(24, 3), "train", {"business_score": None}, "t1", "score", 10, True, {"crypto": "BTC"})
    # Complete on the 22nd, none completed on the 23rd, two of three on the 24th; completed without expected: no share.
    _emit(owner, at(22, 23), "train", {"runs_expected": 3, "runs_completed": 3}, None, "completeness")
    _emit(owner, at(23, 23), "train", {"runs_expected": 3}, None, "completeness")
    _emit(owner, at(24, 23), "train", {"runs_expected": 3, "runs_completed": 2}, None, "completeness")
    _emit(owner, at(24, 23), "unplanned", {"runs_completed": 1}, None, "completeness")
    # Nothing but names.
    _emit(owner, at(24, 4), "nulls", {"nothing": None})
    _emit(owner, at(24, 5), HOSTILE, {"x": 1.0}, "o'run", None, 7, True)
    # Last heard of a week before the end, less an hour.
    _emit(owner, BEGIN + datetime.timedelta(hours=1), "silent", {"x": 1.0}, "s1", None, 7, True)
    owner.execute("INSERT INTO kpi.events_parked (time, module, metric_name, event_id, emit_id, emit_seq) VALUES "
                  "('1999-01-01', 'clock', 'x', gen_random_uuid(), gen_random_uuid(), 0)")
    owner.execute("INSERT INTO kpi.archive_leaves (leaf, half, first_day, end_day, rows, dropped_at) VALUES "
                  "('events_20260101', '', '2026-01-01', '2026-01-02', 7, now()), "
                  "('events_20260102', '', '2026-01-02', '2026-01-03', NULL, NULL)")


def _event(owner: psycopg.Connection, time: datetime.datetime, module: str, drift_type: str, metric: str, severity: str,
           *, reference: typing.Optional[float] = None, current: typing.Optional[float] = None,
           significance: typing.Optional[float] = None, run: typing.Optional[str] = None,
           payload: typing.Optional[dict[str, typing.Any]] = None, report: typing.Optional[str] = None) -> None:
    owner.execute("INSERT INTO drift.events (event_id, report_id, run_id, module, drift_type, metric, reference_value, "
                  "current_value, significance, severity, payload, detected_at) VALUES (gen_random_uuid(), %s, %s, %s, "
                  "%s, %s, %s, %s, %s, %s, %s, %s)",
                  (report, run, module, drift_type, metric, reference, current, significance, severity,
                   None if payload is None else json.dumps(payload), time))


def _fill_drift(owner: psycopg.Connection) -> None:
    for hour, drift_type in enumerate(TYPES):
        _event(owner, at(24, hour), f"typed.{drift_type}", drift_type, f"m_{drift_type}", "crit", reference=120.0,
               current=540.0, significance=0.001, run="d1", payload={"reason": f"It moved: {drift_type}"})
        _event(owner, at(23, hour), f"typed.{drift_type}", drift_type, f"m_{drift_type}", "warn", reference=120.0,
               current=150.0, significance=0.01, run="d1", payload={"reason": "It moved a little"})
    # A second critical column of one module and type: one alert, not two.
    _event(owner, at(24, 1), "typed.data_drift", "data_drift", "m_other", "crit", reference=0.0, current=1.0)
    # Nothing but names, and an old critical event.
    _event(owner, at(24, 5), "nulls", "volume_drift", "nothing", "warn")
    _event(owner, at(19, 5), HOSTILE, "volume_drift", "it's, 100%", "crit", current=1.0)
    # A report in which nothing could be tested, and whose figures are texts; one that is too large for its row, and one
    # that is a week old.
    _event(owner, at(24, 6), "nulls", "data_drift", "share_drifted", "info",
           payload={"columns": [{"name": "a", "verdict": "not_tested", "effect": None, "test": None,
                                 "reason": "All values are missing"}, {"verdict": "drift"},
                                {"name": "b", "verdict": "drift", "effect": {"value": "abc"},
                                 "test": {"p_adjusted": "odd"}}]})
    _event(owner, at(24, 7), "large", "data_drift", "share_drifted", "info", current=0.5, report=REPORT,
           payload={"payload_url": "s3://cold/objects/x", "payload_bytes": 204800})
    _event(owner, at(24, 7), "large", "data_drift", "psi_x", "crit", reference=1.0, current=2.0, report=REPORT,
           payload={"name": "x", "verdict": "drift", "severity": "crit", "effect": {"measure": "psi", "value": 0.75},
                    "test": {"p_adjusted": 1e-9}, "reason": "The median rose"})
    _event(owner, BEGIN + datetime.timedelta(hours=1), "silent", "data_drift", "share_drifted", "info", current=0.0,
           payload={"columns": []})
    owner.execute("INSERT INTO drift.events_parked (event_id, module, drift_type, metric, severity, detected_at) "
                  "VALUES (gen_random_uuid(), 'clock', 'data_drift', 'x', 'warn', '1999-01-01')")


def _incident(owner: psycopg.Connection, module: str, drift_type: str, severity: str, opened: datetime.datetime, *,
              phase: str = "open", hold: str = "none", acked: str = "",
              closed: typing.Optional[datetime.datetime] = None, paged: typing.Optional[datetime.datetime] = None,
              due: typing.Optional[datetime.datetime] = None, sent: bool = True) -> None:
    row = owner.execute(
        "INSERT INTO response.incidents (incident_id, module, drift_type, phase, severity, first_seen, first_layer, "
        "last_seen, opened_at, paged_at, closed_at, ending, heard_at, bad_at, occurrences, reopened, hold, acked_by, "
        "acked_at, owner, route, runbook, seq, evidence) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, 'drift', %s, "
        "%s, %s, %s, %s, %s, %s, 3, 0, %s, %s, %s, 'ann', 'desk', 'https://wiki.example.org/x', 1, '{}') "
        "RETURNING incident_id",
        (module, drift_type, phase, severity, opened, opened, opened, paged or due, closed,
         "recovered" if closed else None, opened, opened, hold, acked, opened if acked else None)).fetchone()
    assert row is not None
    if due:
        owner.execute("INSERT INTO response.pages (page_id, incident_id, module, kind, due_at, appended_at, alert) "
                      "VALUES (gen_random_uuid(), %s, %s, 'firing', %s, %s, '{}')",
                      (row[0], module, due, due if sent else None))


def _fill_incidents(owner: psycopg.Connection) -> None:
    # One that nobody took, one that somebody did, one that is held back, one of warn; a closed one, and an old one.
    # It opened as warn, and was paged a quarter of an hour later, when it became crit.
    _incident(owner, "typed.data_drift", "data_drift", "crit", at(25, 10), paged=at(25, 10, 15), due=at(25, 10))
    _incident(owner, "typed.latency_drift", "latency_drift", "crit", at(25, 9), acked="bob", due=at(25, 9), sent=False)
    _incident(owner, "typed.volume_drift", "volume_drift", "crit", at(25, 8), hold="maintenance")
    _incident(owner, HOSTILE, "volume_drift", "warn", at(10))
    _incident(owner, "large", "data_drift", "crit", at(24, 7), phase="closed", closed=at(24, 9), due=at(24, 7))
    _incident(owner, "large", "data_drift", "crit", at(1), phase="closed", closed=at(2), due=at(1))


def _fill_kill_switch(owner: psycopg.Connection) -> None:
    for version, (time, engaged, ticket) in enumerate(((at(24, 10), True, None), (at(24, 12), False, "OPS-1")), 1):
        owner.execute("INSERT INTO kill_switch.history (scope, engaged, version, incident, episode, source, who, why, "
                      "ticket, changed_at, database_user) VALUES ('crypto:BTC', %s, %s, 'i1', 1, 'cli', 'ann', 'seen', "
                      "%s, %s, 'operator')", (engaged, version, ticket, time))
    for time, decision in ((at(24, 9), "would_engage"), (at(10), "would_engage")):
        owner.execute("INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, incident, "
                      "episode, source, who, why, program_version, asked_at, recorded_at) VALUES (gen_random_uuid(), "
                      "'shadow', %s, 'shadow', 'crypto:BTC', 'i1', 1, 'incident', 'serve', 'crit', '1', %s, %s)",
                      (decision, time, time))


def _fill_by_commands(stores: Stores) -> None:
    candles = stores.source / "examples/fee_change/BTCUSDT_15m.csv.gz"
    stores.run("kpi", "emit", "--module", "cli", "--run-id", "c1", "--time", "2026-11-24T08:00:00Z", "--success",
               "true", "--duration-ms", "12", "--tag", "crypto=SOL", "business_score=0.9")
    stores.run("drift", "check", candles, "--time", "open_time", "--reference", "2023-03-08..2023-03-22", "--current",
               "2023-03-22..2023-04-05", "--plan", stores.source / "examples/fee_change/plan.toml", "--fail-on",
               "never", "--push", "--module", "candles.btc", "--run-id", "d2", "--at", "2026-11-24T09:00:00Z")
    stores.run("drift", "profile", candles, "--columns", "trades", "-o", "btc.profile")
    stores.run("reference", "promote", "btc.profile", "--module", "candles.btc", "--who", "ann", "--why", "the first")
    with stores.owner() as owner:  # As of then: a command promotes as of now.
        owner.execute('INSERT INTO drift."references" (module, version, profile_sha256, who, why, promoted_at, '
                      'expires_at) SELECT \'old\', 1, profile_sha256, \'bob\', \'long ago\', %s, %s FROM '
                      'drift.profiles LIMIT 1', (at(1), at(20)))


@contextlib.contextmanager
def served(tristrata: pathlib.Path, source: pathlib.Path, folder: pathlib.Path,
           *settings: str) -> typing.Iterator[Stores]:
    """Both stores, made and empty; the server ends with the block."""
    options = [word for setting in settings for word in ("--set", setting)]
    server = subprocess.Popen([sys.executable, source / "tests/servers/postgres.py", *options], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        stores = Stores(json.loads(server.stdout.readline()), tristrata.resolve(), source.resolve(), folder)
        stores.initialise()
        yield stores
    finally:
        server.stdin.close()
        server.wait(timeout=60)
