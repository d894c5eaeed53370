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

    Names come from a closed catalogue; an unknown one is a ValueError that tells the nearest, and so is a field that
    its event does not carry. A field whose key says password, secret, token, key or credential is redacted. Trace and
    span are OpenTelemetry's active ones. The line goes to the logger "tristrata.event", at the event's severity.

    With a spool (TRISTRATA_SPOOL) a record is safe when the call returns; without one it is sent at once, for which a
    collector has a second. What fails is said in the receipt and raises nothing: telemetry does not take a pipeline
    down.
    """
    receipt = _core.emit_event(name, fields)
    _logger.log(receipt.level, "%s", receipt.line)
    return receipt
