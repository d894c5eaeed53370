"""commun/observability/kpi.py: the pipelines go on importing their own module."""
from tristrata.kpi import emit_kpi as emit_kpi
