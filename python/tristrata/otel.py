"""Layer 1, technical: what is happening, and how?"""

from __future__ import annotations

import logging

from . import _core
from ._core import EventReceipt

__all__ = ["EventReceipt", "emit_event"]

_logger = logging.getLogger("tristrata.event")


def emit_event(name: str, /, **fields: object) -> EventReceipt:
    """Emits an event: a line `event=NAME key=value ...` of the log, and a record for the OTLP collector.

        emit_event("training_fold_complete", crypto="BTCUSDC", fold_id=0, duration_ms=12_345)

    Names come from a closed catalogue (TRISTRATA_EVENTS, or the built-in one of docs/events.md); an unknown one is a
    ValueError that tells the nearest, and so is a field that its event does not carry. A value may be of any type:
    booleans and numbers (numpy's, too) stay what they are, everything else is its text, and one that cannot be told is
    the name of its type. A field whose key says password, secret, token, key or credential is redacted, and so is a
    text that looks like a secret; long texts are cut. Trace and span are OpenTelemetry's active ones.

    The line goes to the logger "tristrata.event", at the event's severity. The record goes where OpenTelemetry's
    variables (OTEL_EXPORTER_OTLP_...) say; the collector makes labels of `event`, `run_id` and `crypto`
    (docs/events.md). With a spool (TRISTRATA_SPOOL) it is safe when the call returns; without one it is sent at once,
    for which a collector has a second. With OTEL_SDK_DISABLED=true an event is its line alone.

    The receipt has `event_id`, `time`, `line` and `level`; `durability`, None where there is no record; `failure`, why
    it was not taken; `redacted`, `shortened` and `mended` (no UTF-8), how many values were. What fails raises nothing:
    telemetry does not take a pipeline down.
    """
    receipt = _core.emit_event(name, fields)
    _logger.log(receipt.level, "%s", receipt.line)
    return receipt
