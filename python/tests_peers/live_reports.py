"""Reports that a real Evidently made go into a store, as its users hold them: live_reports.py

Runs in Evidently's environment (build/env-evidently); the line of 0.4 to 0.6 is the one that 0.7 carries as
evidently.legacy. What the seeds' lines became is shown at each.
"""
import os
import pathlib
import sqlite3
import tempfile

import numpy
import pandas
from evidently import Report
from evidently.legacy.metric_preset import DataDriftPreset as LegacyPreset
from evidently.legacy.report import Report as LegacyReport
from evidently.legacy.test_preset import DataDriftTestPreset
from evidently.legacy.test_suite import TestSuite
from evidently.presets import DataDriftPreset  # was: from evidently.metrics import DataDriftPreset

import tristrata
from tristrata.drift import push_drift_report

draw = numpy.random.default_rng(20240607)
reference_data = pandas.DataFrame({"spread": draw.normal(size=1500), "side": draw.choice(["buy", "sell"], 1500)})
current_data = pandas.DataFrame({"spread": draw.normal(1.5, size=1500), "side": draw.choice(["buy", "sell"], 1500)})


def snapshot():
    # Was: Report(metrics=[DataDriftPreset()]).run(reference_data, current_data). Current comes first now.
    return Report([DataDriftPreset()]).run(current_data, reference_data)


def legacy_report():
    report = LegacyReport(metrics=[LegacyPreset()])
    assert report.run(reference_data=reference_data, current_data=current_data) is None  # so: push the report itself
    return report


def legacy_suite():
    suite = TestSuite(tests=[DataDriftTestPreset()])
    suite.run(reference_data=reference_data, current_data=current_data)
    return suite


with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "drift.db")
    os.environ["TRISTRATA_DRIFT_URL"] = f"sqlite:///{path}"
    os.environ.pop("TRISTRATA_SPOOL", None)
    tristrata.init_store("drift")
    made = [("0.7", snapshot), ("0.7 as a dictionary", lambda: snapshot().dict()),
            ("0.7 saved whole", lambda: snapshot().dumps()), ("0.4 to 0.6", legacy_report),
            ("0.4 to 0.6 as a dictionary", lambda: legacy_report().as_dict()), ("a test suite", legacy_suite)]
    for shape, make in made:
        report = make()
        taken = push_drift_report(report, run_id="r", module=shape, drift_type="data_drift")
        again = push_drift_report(report, run_id="r", module=shape, drift_type="data_drift")
        with sqlite3.connect(path) as store:
            metrics = [metric for metric, in store.execute("SELECT metric FROM events WHERE module = ?", [shape])]
        assert taken.stored == len(metrics) and again.stored == 0, (shape, taken, again)
        assert any(metric.endswith("_spread") for metric in metrics), (shape, metrics)
        assert not any(metric.endswith("_side") for metric in metrics), (shape, metrics)
        assert "share_drifted" in metrics, (shape, metrics)
    tristrata.close()
print(f"{len(made)} kinds of Evidently's reports were pushed")
