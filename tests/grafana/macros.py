"""What Grafana does to a query before PostgreSQL sees it: variables first, then the macros of its data source.

Written from its documentation (data source PostgreSQL, macros; variable syntax). A macro ends at the first closing
bracket, so that an argument has none of its own: such a query is refused here, since Grafana would cut it.
"""
import dataclasses
import datetime
import re
import typing

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
CALL = re.compile(r"\$__(\w+)\(([^)]*)\)")


class WrongQuery(ValueError):
    """Grafana would refuse the query, or send another one than was meant."""


@dataclasses.dataclass(frozen=True)
class Range:
    """The time that is looked at, and the width of a point."""
    begin: datetime.datetime
    end: datetime.datetime
    interval: str = "1h"


def seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)(ms|[smhdw])", text.strip("'\" "))
    if not found:
        raise WrongQuery(f"{text!r} is no interval")
    return int(found[1]) * UNITS[found[2]]


def literal(time: datetime.datetime) -> str:
    return "'" + time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ") + "'"


def _epoch(time: datetime.datetime) -> int:
    return int(time.timestamp())


def _group(arguments: list[str]) -> str:
    if len(arguments) not in (2, 3):
        raise WrongQuery(f"timeGroup takes a column and an interval, and perhaps what fills gaps; found {arguments}")
    width = seconds(arguments[1])
    return f"floor(extract(epoch from {arguments[0]})/{width:g})*{width:g}"


def _epoch_group(arguments: list[str]) -> str:
    width = seconds(arguments[1])
    return f"floor(({arguments[0]})/{width:g})*{width:g}"


def expand_macros(sql: str, span: Range) -> str:
    """The SQL that reaches the server."""
    def replace(call: re.Match[str]) -> str:
        name, text = call[1], call[2]
        if "(" in text:
            raise WrongQuery(f"a macro ends at its first closing bracket: {call[0]}")
        arguments = [argument.strip() for argument in text.split(",")] if text.strip() else []
        column = arguments[0] if arguments else ""
        if not arguments and name not in ("timeFrom", "timeTo", "unixEpochFrom", "unixEpochTo"):
            raise WrongQuery(f"{call[0]} lacks its column")
        begin, end = literal(span.begin), literal(span.end)
        known: dict[str, typing.Callable[[], str]] = {
            "time": lambda: f'{column} AS "time"',
            "timeEpoch": lambda: f'extract(epoch from {column}) as "time"',
            "timeFilter": lambda: f"{column} BETWEEN {begin} AND {end}",
            "timeFrom": lambda: begin,
            "timeTo": lambda: end,
            "timeGroup": lambda: _group(arguments),
            "timeGroupAlias": lambda: _group(arguments) + ' AS "time"',
            "unixEpochFilter": lambda: f"{column} >= {_epoch(span.begin)} AND {column} <= {_epoch(span.end)}",
            "unixEpochNanoFilter": lambda: f"{column} >= {_epoch(span.begin)}000000000 AND "
                                           f"{column} <= {_epoch(span.end)}000000000",
            "unixEpochFrom": lambda: str(_epoch(span.begin)),
            "unixEpochTo": lambda: str(_epoch(span.end)),
            "unixEpochGroup": lambda: _epoch_group(arguments),
            "unixEpochGroupAlias": lambda: _epoch_group(arguments) + ' AS "time"',
        }
        if name not in known:
            raise WrongQuery(f"there is no macro $__{name}")
        return known[name]()

    expanded = CALL.sub(replace, sql)
    if "$__" in expanded:
        raise WrongQuery(f"a macro was left: {expanded[expanded.index('$__'):][:40]}")
    return expanded


def sql_string(values: typing.Sequence[str]) -> str:
    """The format sqlstring of a variable."""
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def expand_variables(text: str, variables: dict[str, list[str]], span: Range) -> str:
    """Variables as Grafana writes them, in the formats that our queries use."""
    formats: dict[str, typing.Callable[[list[str]], str]] = {
        "sqlstring": sql_string,
        "regex": lambda values: "(" + "|".join(map(re.escape, values)) + ")" if len(values) > 1 else "".join(values),
    }

    def replace(found: re.Match[str]) -> str:
        name, form = found[1], found[2]
        if name not in variables:
            raise WrongQuery(f"there is no variable {name}")
        if form not in formats:
            raise WrongQuery(f"the variable {name} is written as {form!r}")
        return formats[form](variables[name])

    text = text.replace("$__interval_ms", str(int(seconds(span.interval) * 1000)))
    text = text.replace("$__interval", span.interval)
    return re.sub(r"\$\{(\w+):(\w+)\}", replace, text)


def expand(sql: str, span: Range, variables: dict[str, list[str]]) -> str:
    return expand_macros(expand_variables(sql, variables, span), span)


def self_check() -> list[str]:
    """What the macros must give, and what they must refuse."""
    span = Range(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
                 datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), "5m")
    failures = []
    for sql, expected in (
            ("$__timeFilter(time)", "time BETWEEN '2026-01-01T00:00:00.000000Z' AND '2026-01-02T00:00:00.000000Z'"),
            ("$__timeGroup(t, $__interval)", "floor(extract(epoch from t)/300)*300"),
            ("$__timeGroupAlias(t, '1h', 0)", 'floor(extract(epoch from t)/3600)*3600 AS "time"'),
            ("$__unixEpochFilter(e)", "e >= 1767225600 AND e <= 1767312000"),
            ("$__unixEpochGroup(e, 10s)", "floor((e)/10)*10"),
            ("$__time(t), $__timeEpoch(t)", 't AS "time", extract(epoch from t) as "time"'),
            ("m IN (${module:sqlstring})", "m IN ('a','o''b')")):
        found = expand(sql, span, {"module": ["a", "o'b"]})
        if found != expected:
            failures.append(f"{sql} gives {found}, not {expected}")
    for wrong in ("$__timeFilter(max(t))", "$__timeGroup(t)", "$__timeFilter()", "$__nothing(t)", "${other:sqlstring}",
                  "${module:raw}", "$__timeGroup(t, soon)"):
        try:
            failures.append(f"{wrong} is taken: {expand(wrong, span, {'module': ['a']})}")
        except WrongQuery:
            pass
    return failures
