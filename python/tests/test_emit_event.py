"""emit_event: its line, its record, and the span in whose context it was called."""

from __future__ import annotations

import http.server
import logging
import sys
import threading
import types
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy
import pytest
from conftest import Stores

import tristrata
from tristrata.kpi import emit_kpi
from tristrata.otel import emit_event

anything: Any = emit_event
Spooled = Callable[[str], Stores]


def test_the_call_of_the_design_is_a_line_and_a_record(spooled: Spooled, caplog: pytest.LogCaptureFixture) -> None:
    spooled("group")
    with caplog.at_level(logging.INFO, logger="tristrata.event"):
        receipt = emit_event("training_fold_complete", crypto="BTCUSDC", fold_id=0, duration_ms=12_345)
    line = "event=training_fold_complete crypto=BTCUSDC fold_id=0 duration_ms=12345"
    assert (receipt.line, receipt.durability, receipt.failure) == (line, "disk", None)
    (record,) = [record for record in caplog.records if record.name == "tristrata.event"]
    assert (record.getMessage(), record.levelno) == (line, logging.INFO)


def test_an_event_has_the_level_of_its_kind() -> None:
    assert emit_event("training_failed", crypto="BTCUSDC").level == logging.ERROR


def test_switched_off_it_is_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    receipt = emit_event("training_complete", crypto="BTCUSDC")
    assert (receipt.durability, receipt.failure) == (None, None)
    assert "durability=None, failure=None, line='event=training_complete" in repr(receipt)


def test_without_a_spool_a_collector_that_is_not_there_is_said_and_raises_nothing() -> None:
    receipt = emit_event("training_complete", crypto="BTCUSDC")
    assert receipt.durability is None
    assert receipt.failure and "http://127.0.0.1:1/v1/logs does not answer" in receipt.failure
    assert f"failure={receipt.failure!r}" in repr(receipt)


def test_a_moment_of_numpy_and_a_complex_number_are_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    receipt = anything("training_fold_complete", crypto=numpy.datetime64("2026-07-01", "ns"), fold_id=1 + 2j)
    assert "crypto=2026-07-01T00:00:00.000000000 fold_id=(1+2j)" in receipt.line


def test_without_a_spool_it_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[bytes] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """It says nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        receipt = emit_event("training_complete", crypto="BTCUSDC")
        assert (receipt.durability, receipt.failure) == ("committed", None)
        assert receipt.line.encode() in came[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("value, written", [
    (True, "true"), (numpy.bool_(False), "false"), (3, "3"), (numpy.int64(3), "3"), (0.5, "0.5"),
    (numpy.float32(0.5), "0.5"), (2**70, str(2**70)),
    ("BTC", "BTC"), (None, "None"), (Decimal("0.5"), "0.5"), (Path("a"), "a"), ([1], "[1]"),
    (uuid.UUID(int=0), "00000000-0000-0000-0000-000000000000")])
def test_a_field_is_any_value(value: Any, written: str) -> None:
    assert emit_event("training_complete", model=value).line == f"event=training_complete model={written}"


def test_half_a_pair_of_surrogates_is_replaced_and_counted() -> None:
    receipt = emit_event("training_complete", model="a\ud800")
    assert receipt.line.startswith('event=training_complete model="a\ufffd')
    assert (receipt.mended, receipt.shortened) == (1, 0)


class Broken:
    def __str__(self) -> str:
        raise OSError("no")


def test_a_field_that_cannot_be_told_is_its_type() -> None:
    assert "Broken" in emit_event("training_complete", model=Broken()).line


@pytest.mark.parametrize("ends", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_not_a_fields(ends: type[BaseException]) -> None:
    class Slow:
        def __str__(self) -> str:
            raise ends

    with pytest.raises(ends):
        anything("training_fold_complete", fold_id=Slow())


def test_a_secret_is_hidden_and_counted() -> None:
    receipt = emit_event("training_complete", api_token="abc", crypto="BTCUSDC")
    assert "abc" not in receipt.line and receipt.redacted == 1


@pytest.mark.parametrize("given, error, said", [
    (("training_fold_completed",), ValueError, "training_fold_complete"), ((3,), TypeError, "an event's name")])
def test_a_mistake_of_the_program_is_named(given: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        anything(*given)
    assert said in str(raised.value)


def test_a_disk_that_takes_nothing_does_not_take_the_pipeline_down(stores: Stores,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    (stores.folder / "file").write_text("")
    monkeypatch.setenv("TRISTRATA_SPOOL", str(stores.folder / "file"))
    tristrata.close()
    receipt = emit_event("training_complete", crypto="BTCUSDC")
    assert receipt.durability is None and receipt.failure


def test_the_active_span_stands_on_events_and_kpis(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    api = types.ModuleType("opentelemetry.trace")
    context = types.SimpleNamespace(is_valid=True, trace_id=0xABC, span_id=0xD, trace_flags=1)
    span = types.SimpleNamespace(get_span_context=lambda: context)
    monkeypatch.setattr(api, "get_current_span", lambda: span, raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", api)
    emit_kpi("m", x=1)
    context.trace_id = "abc"  # No number: of another shape than OpenTelemetry's.
    emit_kpi("m", w=1)
    context.trace_id = 1 << 130
    emit_kpi("m", v=1)
    assert all("trace_id" not in row["tags"] for row in stores.kpis()[1:])
    context.is_valid = False
    emit_kpi("m", y=1)
    monkeypatch.delattr(api, "get_current_span")
    emit_kpi("m", z=1)
    assert emit_event("training_complete").event_id
    first, _, _, second, third = stores.kpis()
    assert first["tags"]["trace_id"] == f"{0xABC:032x}"
    assert "trace_id" not in second["tags"] and "trace_id" not in third["tags"]
