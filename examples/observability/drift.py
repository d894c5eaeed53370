"""commun/observability/drift.py: the pipelines go on importing their own module."""
from tristrata.drift import push_drift_event as push_drift_event
from tristrata.drift import push_drift_report as push_drift_report
