"""What an ML pipeline did, and whether it still does what it did: KPIs of runs, and drift against a reference.

    from tristrata.kpi import emit_kpi
    from tristrata.drift import push_drift_event, push_drift_report
    from tristrata.otel import emit_event
    from tristrata import check

Where they go is set by the environment or by tristrata.toml (TRISTRATA_KPI_URL, TRISTRATA_DRIFT_URL, TRISTRATA_SPOOL);
without it the first call raises RuntimeError and names the variable. Importing opens nothing.
"""

from __future__ import annotations

import atexit as _atexit

from . import _core
from ._core import Receipt
from .detection import Profile, Report, backtest, check, check_performance, estimate_performance, profile

__all__ = ["Profile", "Receipt", "Report", "__version__", "backtest", "check", "check_performance", "close",
           "estimate_performance", "flush", "init_store", "profile"]

__version__: str = _core.version


def init_store(layer: str) -> int:
    """Makes or migrates the tables of the store "kpi" or "drift"; how many migrations were applied.

    Safe to call each time a program starts. On PostgreSQL it comes as TRISTRATA_ADMIN_URL.
    """
    return _core.init_store(layer)


def flush() -> None:
    """Returns once everything emitted before is at least on disk: a barrier for the spool's level "async"."""
    _core.flush()


def close() -> None:
    """Lets what is spooled go out for up to two seconds; what is left stays in the spool.

    Runs by itself when the interpreter ends. The next call opens everything anew, with the settings as they are then.
    """
    _core.close()


_atexit.register(_core.close_at_exit)
