"""backtest() and the performance of a model, from tables that Python holds."""

from __future__ import annotations

import json
import pathlib
import pickle
from typing import Any

import numpy
import pandas
import polars
import pytest
from conftest import Stores

from tristrata import backtest, check_performance, estimate_performance
from tristrata.detection import Backtest, QualityReport
from tristrata.drift import push_drift_report

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CANDLES = pandas.read_csv(SOURCE / "examples" / "fee_change" / "BTCUSDT_15m.csv.gz")
AT = "2026-01-31T08:00:00Z"


def test_the_day_the_fee_came_back_is_where_a_backtest_fires() -> None:
    given: dict[str, Any] = {"chunk": "day", "time": "open_time", "columns": ["trades"], "window": 14, "at": AT}
    found: Any = backtest(CANDLES, **given)
    document = found.to_dict()
    assert json.loads(found.to_json()) == document
    fired = [chunk["key"] for chunk in document["chunks"] if chunk["findings"]]
    assert "2023-03-22" in fired, fired
    assert backtest(polars.from_pandas(CANDLES), **given, threads=1).to_dict()["chunks"] == document["chunks"]
    assert found.to_html().startswith("<!DOCTYPE html>") and found._repr_html_().startswith("<iframe")
    assert "2023-03-22" in str(found)


def test_a_backtest_is_pushed_as_history(stores: Stores) -> None:
    given: dict[str, Any] = {"chunk": "day", "time": "open_time", "columns": ["trades"], "window": 14}
    found = backtest(CANDLES, **given, at=AT)
    assert found.summary == found.to_dict()["summary"] and found.summary["tested"] > 0
    receipt = found.push(module="features", run_id="r1")
    events = stores.drift_events()
    expected = [(chunk["to"], finding) for chunk in found.to_dict()["chunks"] for finding in chunk["findings"]]
    assert receipt.stored == len(events) == len(expected) > 0
    for event, (to, finding) in zip(events, expected):
        assert (event["module"], event["run_id"], event["severity"]) == ("features", "r1", "info"), "it pages nobody"
        assert event["detected_at"][:19] == to[:19]
        assert event["payload"]["severity"] == finding["severity"] and event["payload"]["caller_module"] == __name__
    again = backtest(CANDLES, **given, at="2026-02-01T08:00:00Z").push(module="features", run_id="r1")
    assert (again.stored, again.duplicate) == (0, len(events))
    with pytest.raises(ValueError, match="the module is empty"):
        found.push(module="")
    with pytest.raises(TypeError):
        found.push("features")  # type: ignore[call-arg]


@pytest.mark.parametrize("given, said", [
    ({}, "say how the rows are cut"), ({"chunk": "day", "rows": 5}, "one of chunk, rows and count"),
    ({"chunk": "fortnight", "time": "open_time"}, "fortnight"),
    ({"rows": 96, "window": 3, "reference": "2023-03-01..2023-03-08"}, "give one")])
def test_what_is_wrong_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as raised:
        backtest(CANDLES, **given)
    assert said in str(raised.value)


def scored(seed: int, honest: float, rows: int = 4000) -> pandas.DataFrame:
    """A model's table: of its scores a share `honest` comes true as they say, the rest by the toss of a coin."""
    draw = numpy.random.default_rng(seed)
    p = draw.beta(2, 2, rows)
    truth = draw.random(rows) < numpy.where(draw.random(rows) < honest, p, 0.5)
    return pandas.DataFrame({"p_up": p, "y_pred": (p > 0.5).astype(int), "y_true": truth.astype(int)})


def metric_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    (metric,) = [metric for metric in document["chunks"][0]["metrics"] if metric["metric"] == name]
    return dict(metric)


def test_what_came_true_is_held_against_the_reference() -> None:
    same = check_performance(scored(1, 1.0), scored(2, 1.0), y_proba="p_up", at=AT).to_dict()
    worse = check_performance(scored(1, 1.0), scored(2, 0.3), y_proba="p_up", at=AT).to_dict()
    assert metric_of(same, "roc_auc")["verdict"] == "no_drift"
    assert metric_of(worse, "roc_auc")["verdict"] == "drift"


def test_without_labels_performance_is_estimated() -> None:
    reference, current = scored(1, 1.0), scored(2, 1.0)
    truth = check_performance(reference, current, y_proba="p_up", at=AT).to_dict()
    blind = current.drop(columns="y_true")
    found = estimate_performance(reference, blind, y_proba="p_up", at=AT)
    estimate = metric_of(found.to_dict(), "roc_auc")["estimate"]
    value = estimate["value"] if isinstance(estimate, dict) else estimate
    assert value == pytest.approx(metric_of(truth, "roc_auc")["realised"], abs=0.03)
    assert found.to_html().startswith("<!DOCTYPE html>") and "roc_auc" in str(found)
    with pytest.raises(TypeError, match="a list of names"):
        estimate_performance(reference, blind, features="p_up")
    with pytest.raises(ValueError, match="p_down"):
        estimate_performance(reference, blind, y_proba="p_down")


def test_a_quality_report_is_pushed_a_row_for_each_figure_that_became_worse(stores: Stores) -> None:
    worse = check_performance(scored(1, 1.0), scored(2, 0.3), y_proba="p_up", at=AT)
    receipt = worse.push(module="model.up", run_id="r1")
    events = stores.drift_events()
    assert receipt.stored == len(events) > 0
    assert {(event["module"], event["run_id"]) for event in events} == {("model.up", "r1")}
    assert {event["drift_type"] for event in events if event["metric"].startswith("roc_auc")} == {"business_kpi_drift"}
    again = worse.push(module="model.up", run_id="r1")
    assert (again.stored, again.duplicate) == (0, len(events))
    assert check_performance(scored(1, 1.0), scored(1, 1.0), y_proba="p_up", at=AT).push(module="model.up").stored == 0
    with pytest.raises(TypeError):
        worse.push("model.up")  # type: ignore[call-arg]


def results() -> list[Backtest | QualityReport]:
    """One of every kind: by our methods and by another tool's, checked and estimated."""
    given: dict[str, Any] = {"chunk": "day", "time": "open_time", "columns": ["trades"], "at": AT}
    scores: dict[str, Any] = {"y_proba": "p_up", "rows": 1000, "at": AT}
    numbers = pandas.DataFrame({"y_true": numpy.arange(400.0), "y_pred": numpy.arange(400.0) + 1})
    return [backtest(CANDLES, **given, window=14, yearly=True),
            backtest(CANDLES, **given, method="nannyml", reference="2023-03-01..2023-03-15"),
            check_performance(scored(1, 1.0), scored(2, 0.3), **scores),
            estimate_performance(scored(1, 1.0), scored(2, 1.0).drop(columns="y_true"), **scores),
            check_performance(numbers, numbers, at=AT)]


def test_what_a_backtest_or_a_judgement_says_is_kept_as_a_report_is(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kept.json"
    found = results()
    for one in found:
        one.save_json(path)
        for back in (pickle.loads(pickle.dumps(one)), type(one).load(path)):
            assert back == one and hash(back) == hash(one) and back.to_json() == one.to_json() != ""
            assert (back.to_html(), str(back), repr(back)) == (one.to_html(), str(one), repr(one))
        assert one != one.to_json() and [other == one for other in found].count(True) == 1
        path.write_bytes(one.to_json().encode()[:-9])
        with pytest.raises(ValueError, match=r"kept\.json: not a whole JSON document: it ends at line"):
            type(one).load(path)
    found[0].save_json(path)
    with pytest.raises(ValueError, match=r'kept\.json: not a quality report: at /schema: .*found "tristrata.backtest'):
        QualityReport.load(path)
    with pytest.raises(FileNotFoundError, match="nothing.json"):
        Backtest.load("nothing.json")


def test_what_was_pickled_is_pushed_as_what_it_was_made_of(stores: Stores) -> None:
    for one in results()[:3:2]:
        receipt = one.push(module="m", run_id="r")
        again = pickle.loads(pickle.dumps(one)).push(module="m", run_id="r")
        assert (again.stored, again.duplicate) == (0, receipt.stored) and receipt.stored > 0


def test_chunks_columns_and_what_drifted_are_had_as_of_a_report() -> None:
    ours, theirs, worse, *_, numbers = results()
    for one in (ours, theirs, worse, numbers):
        assert one.chunks == one.to_dict()["chunks"]
    assert ours.drifted and ours.drifted == [chunk["key"] for chunk in ours.chunks if any(
        finding["signal"] is None for finding in chunk["findings"])]
    assert ours.columns == [] and [column["column"] for column in theirs.columns] == ["trades"]
    assert worse.drifted == [chunk["key"] for chunk in worse.chunks] and len(worse.drifted) == 4
    assert [column["name"] for column in worse.columns] == ["y_pred", "y_true", "confidence"]
    assert numbers.drifted == []


def test_what_has_a_push_of_its_own_is_told_so() -> None:
    found: Any = backtest(CANDLES, chunk="month", time="open_time", columns=["trades"], window=1)
    with pytest.raises(TypeError, match=r"of type Backtest; expected .* \(it has a push\(\) of its own\)"):
        push_drift_report(found, module="m")


def test_a_document_of_what_has_a_push_of_its_own_is_told_so(stores: Stores) -> None:
    ours, _, worse, *_ = results()
    for found, schema in ((ours, "tristrata.backtest/1"), (worse, "tristrata.quality_report/1")):
        found.save_json("found.json")
        text = pathlib.Path("found.json").read_text()
        for given, called in ((found.to_dict(), ""), (text, ""), (text.encode(), ""),
                              ("found.json", "found.json: "), (pathlib.Path("found.json"), "found.json: ")):
            with pytest.raises(ValueError) as raised:
                push_drift_report(given, module="m")
            assert str(raised.value).startswith(f'{called}it is of the schema "{schema}"; expected a report of drift')
    assert stores.drift_events() == []
    # Another tool's that speaks of one is kept.
    assert push_drift_report({"about": "tristrata.backtest/1"}, module="m").stored == 1


def test_probabilities_may_be_a_dictionary_of_the_classes_columns() -> None:
    random = numpy.random.default_rng(5)
    first, second = random.dirichlet((1, 1, 1), 3000).T[:2]
    columns = {"pa": first, "pb": second, "pc": 1 - first - second}
    names: dict[str, list[Any]] = {"text": ["a", "b", "c"], "number": [0, 1, 2]}
    drawn = random.integers(0, 3, 3000)
    for kind, classes in names.items():
        truth = [classes[one] for one in drawn]
        table: dict[str, Any] = {"y_true": truth, "y_pred": truth, **columns}
        listed = [f"{one}={column}" for one, column in zip(classes, columns)]
        expected = check_performance(table, table, y_proba=listed, at=AT).to_dict()
        for given in (classes, [numpy.array(classes)[one] for one in range(3)],
                      [float(one) if kind == "number" else one for one in classes]):
            found = check_performance(table, table, y_proba=dict(zip(given, columns)), at=AT)
            assert found.to_dict() == expected
        estimated = estimate_performance(table, table, y_proba=dict(zip(classes, columns)), at=AT).to_dict()
        assert estimated == estimate_performance(table, table, y_proba=listed, at=AT).to_dict()
    two = {"y_true": drawn < 1, "y_pred": drawn < 1, "yes": first, "no": 1 - first}
    assert check_performance(two, two, y_proba={True: "yes", False: "no"}, at=AT).to_dict() == \
        check_performance(two, two, y_proba=["true=yes", "false=no"], at=AT).to_dict()
    wrong: list[tuple[dict[Any, Any], type[Exception], str]] = [
        ({}, ValueError, "empty dictionary"), ({"a": 3}, TypeError, "of the class 'a' is of type int"),
        ({"a=b": "pa", "c": "pc"}, ValueError, "the class 'a=b' holds"),
        ({"a": "pa"}, ValueError, "y_proba= names one class")]
    for given_wrong, error, said in wrong:
        with pytest.raises(error, match=said):
            check_performance(table, table, y_proba=given_wrong)
