#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::cli {

/// How a result is written: --format, --out, and how much a terminal can show.
struct Output {
    std::string format = "table";  ///< table, json, html, junit.
    std::string out;               ///< A file; empty: standard output.
    std::string html;              ///< A file for the HTML page too.
};

/// Settings given as arguments, which stand above the environment and tristrata.toml.
struct SettingOptions {
    std::string config;     ///< Another tristrata.toml.
    std::string kpi_url;    ///< --kpi-url
    std::string drift_url;  ///< --drift-url
    std::string spool;      ///< --spool
    std::string tags;       ///< --tags
    std::string events;     ///< --events
};

/// DATA that is a query: --sql and --store.
struct QueryOptions {
    std::string sql;
    std::string store;
};

/// The tables that a command line names, in order: files, folders, - for standard input; a query stands for
/// the last.
struct NamedTables {
    std::vector<std::string> data;
    QueryOptions query;

    [[nodiscard]] std::size_t count() const noexcept { return data.size() + (query.sql.empty() ? 0 : 1); }
};

struct DriftCheckOptions {
    NamedTables tables;        ///< REFERENCE CURRENT, or DATA.
    std::string profile;       ///< A saved reference, as a file.
    std::string reference_of;  ///< A saved reference, as the one promoted for this module.
    std::string time;
    std::string reference;  ///< FROM..TO
    std::string current;
    std::string plan;
    std::vector<std::string> columns;
    std::string by;
    bool multivariate = false;
    std::optional<std::uint64_t> groups_max;
    std::optional<std::string> method;
    std::vector<std::string> tests;
    bool explain_difference = false;
    std::optional<std::string> null;
    std::optional<std::string> season;
    std::optional<double> alpha;
    std::optional<std::uint64_t> seed;
    std::string fail_on = "crit";
    bool push = false;
    std::string module;
    std::string run_id;
    std::string at;
    unsigned threads = 0;  ///< 0: as many as the machine has.
    std::uint64_t memory_mb = 512;
    Output output;
    SettingOptions settings;
};

struct DriftBacktestOptions {
    NamedTables tables;  ///< One: DATA.
    std::string time;
    std::string chunk;  ///< A period of the calendar.
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> count;
    std::string remainder = "keep";
    std::string zone = "UTC";
    std::optional<std::uint64_t> window;
    std::string reference;  ///< FROM..TO
    bool yearly = false;
    std::vector<std::string> events;  ///< TIME=NAME
    std::string plan;
    std::vector<std::string> columns;
    std::optional<std::string> method;
    std::optional<std::string> null;
    std::optional<std::string> season;
    std::optional<double> alpha;
    std::optional<std::uint64_t> seed;
    std::string state;
    std::string detector;                 ///< In place of chunks: an online detector.
    std::vector<std::string> parameters;  ///< PARAMETER=NUMBER
    std::string fail_on = "crit";
    std::string at;
    unsigned threads = 0;  ///< 0: as many as the machine has.
    Output output;
    SettingOptions settings;
};

struct DriftProfileOptions {
    NamedTables tables;   ///< One: DATA.
    std::string profile;  ///< What is written.
    std::string like;
    std::string time;
    std::string window;  ///< FROM..TO
    std::string plan;
    std::vector<std::string> columns;
    std::uint64_t exact_mb = 64;
    unsigned threads = 0;
    std::uint64_t memory_mb = 512;
    Output output;
    SettingOptions settings;
};

struct DriftMergeOptions {
    std::vector<std::string> profiles;
    std::string profile;  ///< What is written.
    bool allow_overlap = false;
    Output output;
};

struct ReferenceOptions {
    std::string profile;  ///< promote
    std::string module;
    std::string who;
    std::string why;
    std::string expires;
    std::optional<std::int64_t> to;  ///< rollback: the version to return to.
    std::string at;
    std::uint64_t limit = 100;
    Output output;
    SettingOptions settings;
};

struct QualityOptions {
    NamedTables tables;  ///< REFERENCE CURRENT, or DATA.
    std::string labels;  ///< A file of labels that came later, or -.
    std::string problem;
    std::string y_true = "y_true";
    std::string y_pred = "y_pred";
    std::vector<std::string> y_proba;
    std::string positive;
    std::string key;
    std::string time;
    std::string reference;  ///< FROM..TO
    std::string current;
    std::vector<std::string> features;
    std::string chunk;
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> count;
    std::string remainder = "keep";
    std::string zone = "UTC";
    double alpha = 0.05;
    std::uint64_t seed = 0;
    std::string fail_on = "crit";
    bool push = false;
    std::string module;
    std::string run_id;
    std::string at;
    unsigned threads = 0;
    Output output;
    SettingOptions settings;
};

struct DriftMethodsOptions {
    std::string engine;  ///< Empty: all.
    Output output;
};

struct DriftPushOptions {
    std::string report;
    std::string module;
    std::string run_id;
    std::string drift_type;
    std::string at;
    SettingOptions settings;
};

struct DriftListOptions {
    std::string module;
    std::string run_id;
    std::string drift_type;
    std::string severity;
    std::string from;
    std::string to;
    std::uint64_t limit = 100;
    Output output;
    SettingOptions settings;
};

struct DriftShowOptions {
    std::string id;
    Output output;
    SettingOptions settings;
};

struct KpiEmitOptions {
    std::string module;
    std::string run_id;
    std::string dag_node;
    std::optional<std::int64_t> duration_ms;
    std::optional<std::string> success;
    std::vector<std::string> tags;     ///< K=V
    std::vector<std::string> metrics;  ///< NAME=VALUE
    std::string time;
    std::string event_id;
    SettingOptions settings;
};

struct EventEmitOptions {
    std::string name;
    std::vector<std::string> fields;  ///< KEY=VALUE
    std::string trace_id;
    std::string span_id;
    std::string time;
    SettingOptions settings;
};

struct IncidentOptions {
    std::string id;
    std::string who;
    std::string why;
    std::string until;   ///< snooze: a duration or a time.
    std::string window;  ///< silence: FROM..TO
    std::string module;
    std::string drift_type;
    std::string severity;
    std::string from;
    std::string to;
    std::string fail_on = "never";
    bool closed = false;
    std::uint64_t limit = 100;
    Output output;
    SettingOptions settings;
};

struct HypothesesOptions {
    std::string adopted;
    std::string at;
    bool sample = false;
    std::string found;
    std::string who;
    std::string why;
    Output output;
    SettingOptions settings;
};

struct KpiQueryOptions {
    std::string module;
    std::string metric;
    std::string run_id;
    std::string from;
    std::string to;
    std::string by;
    std::uint64_t limit = 1000;
    Output output;
    SettingOptions settings;
};

struct StoreOptions {
    bool print = false;
    std::string backend;      ///< init --print: of which backend; empty: the configured one.
    std::string accept;       ///< init: "plain".
    std::string role_prefix;  ///< init
    Output output;
    SettingOptions settings;
};

struct RetainOptions {
    std::uint64_t kpi_days = 90;
    std::uint64_t drift_days = 365;
    std::uint64_t info_days = 31;
    std::string from;  ///< archive
    std::string to;    ///< archive
    bool dry_run = false;
    bool clock_is_right = false;
    Output output;
    SettingOptions settings;
};

struct RestoreOptions {
    std::string from;
    std::string to;
    std::string layer;  ///< kpi or drift; empty: what is configured.
    std::string name;
    std::string into;  ///< A folder.
    bool with_foreign_parts = false;
    Output output;
    SettingOptions settings;
};

struct CopyOptions {
    std::string source;  ///< sqlite:///path
    Output output;
    SettingOptions settings;
};

struct EraseOptions {
    std::string run_id;
    std::string module;
    bool yes = false;
    bool without_lost_parts = false;
    bool with_foreign_parts = false;
    Output output;
    SettingOptions settings;
};

struct SweepOptions {
    std::uint64_t days = 60;
    bool dry_run = false;
    Output output;
    SettingOptions settings;
};

struct UninstallOptions {
    std::string folder;  ///< --export
    Output output;
    SettingOptions settings;
};

struct SpoolOptions {
    bool follow = false;         ///< drain
    bool parked = false;         ///< drain
    std::string budget = "60s";  ///< drain
    std::string since;           ///< replay
    std::string version;         ///< check
    Output output;
    SettingOptions settings;
};

struct ServeOptions {
    std::string listen = "127.0.0.1:9871";
    std::string log_format = "text";
    std::string budget = "5s";
    bool retain = false;
    std::string version;
    SettingOptions settings;
};

struct KillSwitchOptions {
    bool print = false;       ///< init
    std::string role_prefix;  ///< init
    std::string scope;
    std::string who;
    std::string why;
    std::string incident;  ///< engage
    std::int64_t episode = 1;
    std::string source = "cli";
    std::string ticket;  ///< disengage
    std::string override_text;
    std::optional<std::int64_t> expected_version;
    std::vector<std::string> open_incidents;
    bool evaluations = false;  ///< history
    std::uint64_t limit = 50;
    Output output;
    SettingOptions settings;
};

struct TagsCheckOptions {
    std::string uses;
    Output output;
    SettingOptions settings;
};

struct AnalyzeOptions {
    std::string file = "analyzers.toml";
    std::vector<std::string> names;  ///< Only these; empty: all.
    std::string from;                ///< backtest
    std::string to;                  ///< backtest
    bool once = false;               ///< run
    bool dry_run = false;            ///< run
    std::string at;                  ///< run --once
    std::string fail_on = "crit";
    Output output;
    SettingOptions settings;
};

struct ReadinessOptions {
    std::vector<std::string> files;        ///< check: plans; scope: paths; explain: rules.
    std::vector<std::string> files_named;  ///< check --file
    std::string root;
    std::string scope;  ///< readiness.scope.toml
    std::string base;
    std::string head;  ///< Empty: HEAD, and plans as the working tree has them.
    std::string story;
    bool all = false;
    std::vector<std::string> sections;
    std::string issue_body;
    std::string issue;
    std::string pr_body;
    std::string verify;
    bool against_store = false;
    bool strict = false;
    bool advisory = false;
    bool emit = false;
    std::string change;  ///< check: of which pull request or branch its KPIs are.
    bool push = false;
    std::string at;
    unsigned threads = 0;
    std::string version;
    std::string title;        ///< init
    std::string owner;        ///< init
    std::uint64_t days = 14;  ///< due
    bool fail_overdue = false;
    std::string from;  ///< report
    std::string to;
    Output output;
    SettingOptions settings;
};

struct DoctorOptions {
    Output output;
    SettingOptions settings;
};

}  // namespace tristrata::cli
