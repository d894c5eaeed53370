// The architecture with the three layers of observability (ADR-72 to ADR-75), for Structurizr. In a repository that has a
// workspace.dsl already, include containers.dsl and views.dsl in it: docs/adopt.md.
workspace "CVNTrade" "A trading system, and what watches it." {
    model {
        operator = person "Operator" "Is paged, looks in Grafana, takes incidents, disengages the kill switch."
        reviewer = person "Reviewer" "Merges no ML change without a plan that passes."
        pipelineAuthor = person "ML engineer" "Emits KPIs, writes plans of checks, owns modules."

        cvntrade = softwareSystem "CVNTrade" "Trains models, predicts, trades." {
            // What was there before.
            api = container "API" "Serves predictions." "Python"
            runtime = container "Runtime" "Trades, on paper and live." "Python"
            airflow = container "Airflow" "Runs the pipelines, Hamilton's among them." "Python"
            configApi = container "Configuration API" "Keeps ftf_config." "Python"
            postgres = container "PostgreSQL" "Candles, features, ftf_config." "PostgreSQL" "database"
            grafana = container "Grafana" "The single entry point for people (ADR-26)." "Grafana"
            collector = container "OpenTelemetry Collector" "Takes logs and traces in (ADR-62)." "OpenTelemetry"
            prometheus = container "Prometheus" "Metrics, and rules over what serve says of itself." "Prometheus" "database"
            loki = container "Loki" "Logs." "Loki" "database"
            tempo = container "Tempo" "Traces." "Tempo" "database"

            !include containers.dsl

            // Technical: what is happening, and how.
            api -> collector "emit_event(), spans"
            runtime -> collector "emit_event(), spans"
            airflow -> collector "emit_event(), spans"
            collector -> loki "Logs"
            collector -> tempo "Traces"
            collector -> prometheus "Metrics"
            serve -> collector "Events that waited in the spool"
            serve -> prometheus "PromQL analyzers: drift of latency, errors, volume"
            prometheus -> serve "Scrapes /metrics"
            grafana -> loki "Logs"
            grafana -> tempo "Traces"
            grafana -> prometheus "Metrics"

            gate = container "Readiness gate" "tristrata readiness, in the pull request and every night: is there a plan, and is what it names there?" "Tristrata (C++)" {
                properties {
                    "source" "src/readiness"
                }
            }
            gate -> kpiStore "Each check is a KPI; looks up the metrics that a plan names"
            gate -> driftStore "Pushes what a plan names and is gone"
        }
        alertmanager = softwareSystem "Alertmanager" "Groups, and pages people."

        serve -> alertmanager "Alerts of incidents, each with its runbook"
        prometheus -> alertmanager "Alerts about serve itself"
        alertmanager -> operator "Pages"
        operator -> grafana "Looks"
        operator -> serve "tristrata incident ack, kill-switch disengage"
        pipelineAuthor -> airflow "Writes pipelines and plans"
        reviewer -> gate "Reads what it says of a pull request"
    }
    views {
        !include views.dsl

        systemContext cvntrade "Context" {
            include *
            autoLayout lr
        }
        container cvntrade "TechnicalLayer" {
            include api
            include runtime
            include airflow
            include serve
            include collector
            include prometheus
            include loki
            include tempo
            include grafana
            autoLayout lr
        }
        container cvntrade "Gate" {
            include reviewer
            include gate
            include kpiStore
            include driftStore
            autoLayout lr
        }
        styles {
            element "database" {
                shape cylinder
            }
            element "Person" {
                shape person
            }
        }
    }
}
