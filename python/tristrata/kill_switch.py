"""The kill switch, as an order asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from . import _core

__all__ = ["ENGAGED_MEANS", "KillSwitchReader"]

ENGAGED_MEANS: str = _core.kill_switch_engaged_means


class KillSwitchReader:
    """Polls the switch that TRISTRATA_KILL_SWITCH_URL names on a thread without Python, and answers from memory.

        switch = KillSwitchReader(["crypto:BTCUSDT", "strategy:mean_reversion"])
        if switch.engaged():
            return  # before each order that adds risk

    Engaged is what one of the scopes or `global` says, and whatever cannot be read: three polls that failed, or a state
    older than 500 ms. That is local and writes nothing. A process that was forked makes a reader of its own; the one it
    inherited reads as engaged.
    """

    def __init__(self, scopes: Iterable[str]) -> None:
        if isinstance(scopes, str):
            raise TypeError("scopes is a text; expected a list of them, such as ['crypto:BTCUSDT']")
        self._reader = _core.KillSwitchReader(list(scopes))
        self.engaged = self._reader.engaged

    def reading(self) -> str:
        """Why: clear, engaged, unread, stale, unreachable or environment; all but clear are engaged."""
        return self._reader.reading()

    def close(self) -> None:
        """Ends its thread; half a second later it reads as engaged."""
        self._reader.close()

    def __enter__(self) -> KillSwitchReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
