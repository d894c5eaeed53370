// Include this in the block `views`. The software system is called cvntrade.
container cvntrade "ObservabilityLayers" {
    include kpiStore
    include driftStore
    include driftEngine
    include evidently
    include grafana
    include api
    include runtime
    include airflow
    include configApi
    include postgres
    autoLayout lr
    title "CVN-N010: 3-layer observability"
    description "KPI Store, Drift Store and drift engine beside the technical observability that is there already."
}

container cvntrade "WhatCarriesIt" {
    include api
    include runtime
    include airflow
    include configApi
    include spool
    include serve
    include kpiStore
    include driftStore
    include response
    include coldStorage
    exclude "* -> kpiStore"
    exclude "kpiStore -> driftStore"
    include "serve -> kpiStore"
    autoLayout lr
    title "From an emit to a person"
    description "Nothing is lost between a pipeline and its store; what drifted becomes an incident, and an incident an alert."
}
