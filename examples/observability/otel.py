"""commun/observability/otel.py: the pipelines go on importing their own module."""
from tristrata.otel import emit_event as emit_event
