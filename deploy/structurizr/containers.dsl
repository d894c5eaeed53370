// The three layers' containers. Include this at the end of the software system's block; it refers to containers that are
// there already: api, runtime, airflow, configApi, postgres, grafana. Take a line out where yours has no such container.
kpiStore = container "KPI Store" "Execution and business KPIs per run, module and dag_node: the schema kpi, partitioned by day, 90 days and then the archive." "PostgreSQL" "database" {
    properties {
        "source" "src/store"
    }
}
driftStore = container "Drift Store" "What drifted, one row a finding: the schema drift, ten types, three severities, warn and crit for 365 days." "PostgreSQL" "database" {
    properties {
        "source" "src/store"
    }
}
driftEngine = container "Drift Engine" "Compares current data with a reference: tristrata drift check, in Airflow's daily DAG or on serve's schedule." "Tristrata (C++, Python)" {
    properties {
        "source" "src/detection"
    }
}
evidently = container "Evidently" "Where a pipeline runs it already: its reports are taken in as they are. The engine is Tristrata's own (ADR-74)." "Python, Evidently OSS" {
    properties {
        "source" "src/drift"
    }
}
spool = container "Spool" "What was emitted and no store has yet: a folder beside each pipeline, on a local disk." "Files, fsync" "database" {
    properties {
        "source" "src/spool"
    }
}
serve = container "tristrata serve" "Carries the spool, runs analyzers and checks, opens incidents, sends alerts, keeps retention." "Tristrata (C++)" {
    properties {
        "source" "src/service"
    }
}
response = container "Incidents and kill switch" "The schemas response and kill_switch: what is open, who took it, what is engaged, with their histories." "PostgreSQL" "database" {
    properties {
        "source" "src/incident"
    }
}
coldStorage = container "Cold storage" "Payloads of 100 KB and more, and the days that left the stores: Parquet with manifests." "S3" "database" {
    properties {
        "source" "src/archive"
    }
}

// Execution: services, DAGs and Hamilton nodes say what their runs did.
api -> kpiStore "emit_kpi(), through the spool: execution metrics per request or batch"
runtime -> kpiStore "emit_kpi(), through the spool: outcomes of paper and live trades per session"
airflow -> kpiStore "emit_kpi(), through the spool: runs that completed, success rate per task"
configApi -> kpiStore "emit_kpi(), through the spool: what was changed in the configuration"

// Drift: what is compared, and where it is said.
postgres -> evidently "Reference and current data by SQL"
postgres -> driftEngine "Reference and current data by SQL"
airflow -> driftEngine "dag_drift__daily: checks every day"
driftEngine -> driftStore "push_drift_report(): data, features, predictions, targets"
evidently -> driftStore "push_drift_report(): its reports, as they are"
kpiStore -> driftStore "SQL analyzers, run by serve: drift of KPIs, and what did not come"

// What carries, watches and keeps.
api -> spool "Appends: returns once the disk has it"
runtime -> spool "Appends: returns once the disk has it"
airflow -> spool "Appends: returns once the disk has it"
configApi -> spool "Appends: returns once the disk has it"
serve -> spool "Reads, and marks what the stores confirmed"
serve -> kpiStore "Writes batches; asks SQL analyzers' queries"
serve -> driftStore "Writes events; reads those of warn and crit"
serve -> driftEngine "Checks on a schedule"
serve -> response "Opens incidents; hands crit ones to the kill switch"
serve -> coldStorage "Archives, reads back, then drops"
runtime -> response "Polls the kill switch: unreachable reads as engaged"

// People look in one place.
grafana -> kpiStore "PostgreSQL data source: KPI panels"
grafana -> driftStore "PostgreSQL data source: drift panels and alerts"
grafana -> response "Incidents, and what the kill switch did"
