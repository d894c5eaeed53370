"""A repository as the design's user has it, before Tristrata: what docs/adopt.md meets."""
import pathlib
import subprocess

# Layer 1 as it is there, a pipeline that emits, an architecture, a migration, charts.
FILES = {
    "src/commun/__init__.py": "",
    "src/commun/observability/__init__.py": "",
    "src/commun/observability/otel.py": 'def emit_event(name, **fields):\n    print("event=" + name)\n',
    "src/training/fit.py": '''from commun.observability.drift import push_drift_event, push_drift_report
from commun.observability.kpi import emit_kpi
from commun.observability.otel import emit_event


def fit(run_id, report):
    emit_event("training_fold_complete", crypto="BTCUSDC", fold_id=0, duration_ms=12_345)
    emit_kpi(module="hamilton.feature_engineering", run_id=run_id, dag_node="compute_features", success_rate=0.97,
             data_quality_score=0.94, n_input=1000, n_output=985, duration_ms=2_340,
             tags={"variant": "candidate", "crypto": "BTCUSDC", "fold_id": 0})
    push_drift_report(report, run_id=run_id, module="hamilton.feature_engineering", drift_type="data_drift")
    push_drift_event(drift_type="latency_drift", module="api.predictions", metric="p99_latency_ms",
                     reference_value=120, current_value=540, significance=0.001)
''',
    "documentation/architecture/workspace.dsl": '''workspace "CVNTrade" {
    model {
        cvntrade = softwareSystem "CVNTrade" {
            frontend = container "Frontend"
            configConsole = container "Configuration console"
            api = container "API"
            runtime = container "Runtime"
            airflow = container "Airflow"
            configApi = container "Configuration API"
            postgres = container "PostgreSQL" "" "PostgreSQL" "database"
            docs = container "Docs"
            grafana = container "Grafana"
            // end of cvntrade
        }
    }
    views {
        systemContext cvntrade "Context" {
            include *
        }
        // end of views
    }
}
''',
    "infra/migrations/041_ftf_config.sql": "CREATE TABLE ftf_config (key TEXT PRIMARY KEY, value TEXT);\n",
    "infra/helm/cvntrade-airflow/values-prod.yaml": "executor: KubernetesExecutor\n",
    "infra/helm/cvntrade-runtime/templates/networkpolicy.yaml": "# theirs\n",
    "infra/grafana/dashboards/trading.json": "{}\n",
}


def made(folder: pathlib.Path, environment: dict[str, str]) -> pathlib.Path:
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for words in (["init", "--quiet", "--initial-branch", "main"], ["add", "--all"],
                  ["commit", "--quiet", "--message", "What there was"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, timeout=60)
    return folder
