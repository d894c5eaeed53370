"""commun/observability/drift.py: the pipelines go on importing their own module."""
from tristrata.drift import push_drift_event as push_drift_event
