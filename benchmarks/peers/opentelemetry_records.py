"""What a log record of OpenTelemetry's SDK costs that only goes into memory: opentelemetry_records.py CALLS

For each line of standard input, CALLS records with what an emit of three metrics holds; prints the µs of one."""
import sys
import time
import warnings

from opentelemetry._logs import LogRecord, SeverityNumber

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # The module says that it may change.
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

CALLS = int(sys.argv[1])
kept = InMemoryLogRecordExporter()
provider = LoggerProvider()
provider.add_log_record_processor(SimpleLogRecordProcessor(kept))
logger = provider.get_logger("hamilton.features")
for _ in sys.stdin:
    begun = time.perf_counter()
    for _ in range(CALLS):
        logger.emit(LogRecord(timestamp=time.time_ns(), severity_number=SeverityNumber.INFO, body="kpi",
                              attributes={"run_id": "run-1", "dag_node": "node", "a": 1.0, "b": 2.0, "c": 3.0}))
    spent = time.perf_counter() - begun
    assert len(kept.get_finished_logs()) == CALLS
    kept.clear()
    print(1e6 * spent / CALLS, flush=True)
