"""The switch as an order asks for it."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import time
from collections.abc import Iterator

import pytest

import tristrata
from tristrata.kill_switch import ENGAGED_MEANS, KillSwitchReader

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = SOURCE / "src/kill_switch/migrations/sqlite/001.sql"


class Switch:
    """A switch in a file, as `tristrata kill-switch init` makes it."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def run(self, sql: str) -> None:
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.execute("ATTACH ? AS kill_switch", (str(self.path),))
        database.executescript(sql)
        database.close()

    def make(self) -> None:
        self.run("PRAGMA kill_switch.journal_mode = WAL;" + SCHEMA.read_text(encoding="utf-8"))

    def engage(self, scope: str) -> None:
        self.run("INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, why, "
                 f"changed_at) VALUES ('{scope}', 1, 1, 'i', 1, 'cli', 'w', 'y', '2026-01-01T00:00:00.000000Z')")


@pytest.fixture
def switch(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    tristrata.close()
    monkeypatch.setenv("TRISTRATA_KILL_SWITCH_URL", f"sqlite:///{tmp_path}/switch.db")
    yield Switch(tmp_path / "switch.db")
    tristrata.close()


def wait_for(reader: KillSwitchReader, reading: str) -> None:
    deadline = time.monotonic() + 60
    while reader.reading() != reading:
        assert time.monotonic() < deadline, f"it reads as {reader.reading()}, not as {reading}"
        time.sleep(0.01)


def test_an_engagement_is_seen_by_who_asks_for_its_scope(switch: Switch) -> None:
    switch.make()
    with KillSwitchReader(["crypto:BTCUSDT", "strategy:s"]) as btc, KillSwitchReader(["crypto:ETHUSDT"]) as eth:
        wait_for(btc, "clear")
        assert not btc.engaged()
        switch.engage("crypto:BTCUSDT")
        wait_for(btc, "engaged")
        assert btc.engaged()
        wait_for(eth, "clear")
        switch.engage("global")
        wait_for(eth, "engaged")


def test_what_cannot_be_read_is_engaged(switch: Switch) -> None:
    with KillSwitchReader(["crypto:BTCUSDT"]) as reader:
        assert reader.engaged() and reader.reading() == "unread"
        switch.make()
        wait_for(reader, "clear")
        reader.close()
        wait_for(reader, "stale")
        assert reader.engaged()


def test_a_forked_child_reads_as_engaged(switch: Switch) -> None:
    switch.make()
    with KillSwitchReader(["crypto:BTCUSDT"]) as reader:
        wait_for(reader, "clear")
        child = os.fork()
        if child == 0:
            time.sleep(0.6)
            os._exit(0 if reader.reading() == "stale" else 1)
        assert os.waitpid(child, 0)[1] == 0


def test_the_environment_engages_when_the_process_begins(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    switch.make()
    monkeypatch.setenv("TRISTRATA_KILL_SWITCH_ENGAGE", "crypto:BTCUSDT")
    with KillSwitchReader(["crypto:BTCUSDT"]) as btc, KillSwitchReader(["crypto:ETHUSDT"]) as eth:
        assert btc.reading() == "environment"
        wait_for(eth, "clear")


def test_what_is_wrong_is_named(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="planet"):
        KillSwitchReader(["planet"])
    with pytest.raises(TypeError, match="list"):
        KillSwitchReader("crypto:BTCUSDT")
    monkeypatch.delenv("TRISTRATA_KILL_SWITCH_URL")
    tristrata.close()
    with pytest.raises(RuntimeError, match="TRISTRATA_KILL_SWITCH_URL"):
        KillSwitchReader(["global"])
    assert "exits" in ENGAGED_MEANS
