#pragma once

#include "vocabulary.hpp"

#include <array>
#include <string_view>

/// What each field of a plan may be written with: its words, in small letters, and the line that whoever is
/// refused is shown. A word that is not here does not fit; nothing is searched for words that deny.
namespace tristrata::readiness::accepted {

// Lengths of time.

/// Before a length that may be longer; before one that need not be reached.
inline constexpr auto lower_bounds =
    std::to_array<std::string_view>({"at least", "a minimum of", "minimum of", "minimum", "min", ">=", ">"});
inline constexpr auto upper_bounds = std::to_array<std::string_view>(
    {"at most", "up to", "a maximum of", "maximum of", "maximum", "max", "<=", "<"});
/// What a word that denies makes the other bound: "never less than".
inline constexpr auto denials = vocabulary::words({"not", "no", "never"});
inline constexpr auto comparisons_below =
    std::to_array<std::string_view>({"less than", "fewer than", "shorter than", "under", "below"});
inline constexpr auto comparisons_above =
    std::to_array<std::string_view>({"more than", "longer than", "greater than", "over", "above"});
/// Behind a length: "7 days or more", "7 days at most".
inline constexpr auto open_ends =
    std::to_array<std::string_view>({"or more", "or longer", "and more", "at least", "minimum", "min", "+",
                                     "or above", "and never less", "never less", "and no less", "not less"});
inline constexpr auto closed_ends =
    std::to_array<std::string_view>({"or less", "or fewer", "or shorter", "at most", "at the most", "maximum",
                                     "max", "no more", "not more", "and no more", "and not more", "tops"});

// Shadow: LENGTH, or from DAY to DAY, or both.

inline constexpr std::string_view shadow_line =
    "\"Shadow: 14 days, from 2026-05-04 to 2026-05-18\", or \"2 weeks\"";
inline constexpr auto shadow_before =
    vocabulary::words({"shadow", "the", "a", "it", "stage", "mode", "period", "run", "runs", "for", "lasts",
                       "during", "duration", "length", "is"});
inline constexpr auto shadow_behind = vocabulary::words(
    {"of",      "shadow", "shadowing", "window",   "period",  "run",       "running", "long",
     "are",     "is",     "compared",  "recorded", "in",      "mode",      "live",    "data",
     "traffic", "on",     "all",       "cryptos",  "symbols", "pairs",     "markets", "beside",
     "the",     "old",    "new",       "selector", "model",   "inclusive", "utc"});
/// A clause behind a comma: what is done meanwhile, and where.
inline constexpr auto shadow_clauses = vocabulary::words(
    {"looked", "checked", "compared", "watched",  "reviewed",  "monitored", "measured", "recorded",
     "read",   "run",     "running",  "beside",   "alongside", "on",        "with",     "without",
     "all",    "each",    "every",    "in",       "deciding",  "inclusive", "both",     "daily",
     "hourly", "nightly", "weekly",   "parallel", "total",     "extended"});
/// In brackets or behind a dash: what the length is.
inline constexpr auto shadow_remarks = vocabulary::words(
    {"at",      "least",    "minimum",  "min",      "or",     "more",      "longer",  "total",
     "in",      "all",      "full",     "week",     "weeks",  "each",      "both",    "compared",
     "watched", "recorded", "weekends", "monday",   "sunday", "mon",       "sun",     "saturday",
     "sat",     "friday",   "fri",      "tuesday",  "tue",    "wednesday", "wed",     "thursday",
     "thu",     "daily",    "hourly",   "parallel", "incl",   "including", "nightly", "extended"});
inline constexpr auto window_begins =
    std::to_array<std::string_view>({"from", "starting on", "starting", "starts on", "starts", "beginning on",
                                     "beginning", "begins on", "begins", "between", "since", "on"});
inline constexpr auto window_ends =
    std::to_array<std::string_view>({"to", "until", "till", "through", "thru", "and", "ending", "ends"});

// Canary: SYMBOL, then why.

inline constexpr std::string_view canary_line = "\"Canary: BTCUSDC, because its order book is the deepest\"";
/// Beside the symbol, before the reason.
inline constexpr auto canary_beside = vocabulary::words(
    {"on",    "the",    "crypto", "pair",      "symbol", "market",  "coin",   "one",     "first",   "only",
     "alone", "for",    "at",     "of",        "in",     "capital", "canary", "is",      "with",    "host",
     "hosts", "hosted", "it",     "by",        "from",   "to",      "stage",  "traffic", "percent", "run",
     "runs",  "goes",   "live",   "day",       "days",   "d",       "week",   "weeks",   "w",       "hour",
     "hours", "h",      "a",      "positions", "trades", "size",    "volume", "orders",  "notional"});
/// Before a reason that comes first: "as the deepest book, BTCUSDC hosts it".
inline constexpr auto canary_reason_first = vocabulary::words({"as", "because", "since", "being", "having"});
/// Behind a symbol, they add another.
inline constexpr auto adds = vocabulary::words({"and", "or", "plus", "also"});
/// Before a symbol that is compared, or left out.
inline constexpr auto not_this =
    vocabulary::words({"not", "than", "unlike", "versus", "vs", "never", "before"});
/// No coins, though they stand before a quote.
inline constexpr auto no_coins = vocabulary::words({("TB"
                                                     "D"),
                                                    "TBA", "TBC", "ANY", "SOME", "NONE", "NO", "ALL"});

// Days: one, and where it counts.

inline constexpr auto day_before = vocabulary::words(
    {"planned", "for", "on",     "from",    "at",        "the",      "day",    "date",     "starts",
     "begins",  "is",  "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
     "mon",     "tue", "wed",    "thu",     "fri",       "sat",      "sun"});
inline constexpr auto day_behind = vocabulary::words(
    {"on",       "all",   "for",     "at",      "everywhere", "each",     "every",   "to",       "with",
     "of",       "the",   "cryptos", "crypto",  "symbols",    "pairs",    "markets", "traffic",  "capital",
     "percent",  "utc",   "monday",  "tuesday", "wednesday",  "thursday", "friday",  "saturday", "sunday",
     "mon",      "tue",   "wed",     "thu",     "fri",        "sat",      "sun",     "hosts",    "strategies",
     "variants", "users", "live",    "d",       "day",        "days"});
/// In brackets or behind a dash: what the day is.
inline constexpr auto day_remarks =
    vocabulary::words({"planned", "target", "full", "rollout", "plus", "after", "sunset", "due", "first",
                       "updated", "revised", "canary", "shadow", "stage"});
inline constexpr auto rollout_names = std::to_array<std::string_view>(
    {"the full rollout", "full rollout", "the rollout", "rollout", "full roll out"});

// Lever: a kind and an identifier, and the value that brings the old behaviour back.

inline constexpr std::string_view lever_line =
    "\"Lever: the key `feature_selection.method` of `ftf_config`, back to `mutual_info`\"";
inline constexpr auto lever_kinds = vocabulary::words(
    {"flag",     "alias",  "key",           "switch",    "toggle",     "variable", "var",        "setting",
     "settings", "config", "configuration", "parameter", "weight",     "row",      "ftf_config", "knob",
     "option",   "env",    "configmap",     "factor",    "percentage", "field"});
inline constexpr auto lever_words = vocabulary::words(
    {"we",       "the",        "a",        "an",          "its",          "our",         "one",
     "by",       "of",         "in",       "on",          "for",          "at",          "from",
     "to",       "is",         "be",       "and",         "then",         "with",        "per",
     "flip",     "flips",      "flipped",  "flipping",    "set",          "sets",        "switched",
     "switches", "toggled",    "turn",     "turns",       "turned",       "move",        "moves",
     "moved",    "point",      "points",   "pointed",     "put",          "puts",        "change",
     "changes",  "changed",    "reset",    "resets",      "restore",      "restores",    "restored",
     "disable",  "disables",   "disabled", "enable",      "enables",      "enabled",     "unset",
     "goes",     "go",         "back",     "again",       "old",          "previous",    "last",
     "good",     "version",    "value",    "off",         "false",        "true",        "null",
     "none",     "zero",       "mlflow",   "ftf",         "feature",      "kill",        "environment",
     "model",    "registry",   "helm",     "values",      "table",        "column",      "database",
     "yaml",     "json",       "toml",     "file",        "global",       "runtime",     "remote",
     "boolean",  "traffic",    "canary",   "variant",     "name",         "named",       "default",
     "champion", "challenger", "worker",   "workers",     "service",      "scheduler",   "airflow",
     "dag",      "job",        "run",      "runs",        "next",         "read",        "each",
     "every",    "takes",      "take",     "effect",      "within",       "minute",      "minutes",
     "second",   "seconds",    "once",     "immediately", "restart",      "restarts",    "reload",
     "reloads",  "live",       "hot",      "only",        "alone",        "which",       "this",
     "it",       "s",          "seed",     "selector",    "postgres",     "console",     "cli",
     "as",       "through",    "via",      "roll",        "rolls",        "revert",      "reverts",
     "returns",  "return",     "pinned",   "pin",         "where",        "edit",        "edits",
     "update",   "select",     "export",   "unleash",     "launchdarkly", "openfeature", "rollout",
     "percent",  "all",        "weights",  "cfg",         "ms",           "m",           "min",
     "sec",      "x",          "h"});
/// Endings of pages, which are no keys: "README.md".
inline constexpr auto pages = vocabulary::words({"adoc", "htm", "html", "md", "pdf", "rst", "txt"});
/// In brackets or behind a dash: what the lever is, or that it needs no deploy.
inline constexpr auto lever_remarks = vocabulary::words(
    {"no",     "without", "a",        "deploy", "deployment", "build",  "release", "code",
     "needed", "config",  "only",     "flag",   "key",        "alias",  "feature", "boolean",
     "switch", "toggle",  "variable", "env",    "seconds",    "minutes"});
/// Of building and deploying; a lever needs none.
inline constexpr auto builds = vocabulary::words(
    {"deploy",  "deploys", "deployed",  "deploying", "deployment", "redeploy", "build",   "builds",
     "rebuild", "image",   "container", "docker",    "release",    "merge",    "commit",  "pr",
     "push",    "code",    "hotfix",    "branch",    "patch",      "rollback", "kubectl", "terraform"});
inline constexpr auto without = vocabulary::words({"no", "without"});
inline constexpr auto beside_builds =
    vocabulary::words({"a", "any", "new", "code", "further", "image", "of"});
inline constexpr auto behind_builds =
    vocabulary::words({"is", "are", "needed", "necessary", "required", "for", "it", "that", "this"});

// DRI and owner: one handle, or one name; then a role, or the end of a term.

inline constexpr std::string_view undone_line =
    "\"Outcome: revisited in CVN-N002-EF-S01, rolled back on 2026-06-03\"";
inline constexpr std::string_view person_line =
    "\"@maria\", \"Maria Silva\", \"@maria (ML engineer)\" or \"@maria, until 2026-08-23\"";
inline constexpr auto roles = vocabulary::words(
    {"dri",  "owner",   "engineer", "lead",      "scientist",  "quant",  "researcher", "developer",
     "head", "manager", "analyst",  "architect", "author",     "trader", "maintainer", "mle",
     "sre",  "cto",     "pm",       "ops",       "operations", "team",   "science",    "reachable"});
inline constexpr auto beside_roles = vocabulary::words(
    {"ml",       "mlops",    "data",    "research",  "platform", "trading",  "risk",         "features",
     "feature",  "training", "model",   "models",    "senior",   "staff",    "principal",    "the",
     "of",       "for",      "and",     "technical", "tech",     "software", "quantitative", "machine",
     "learning", "desk",     "project", "product",   "s"});
/// Within a name: "María de la Cruz".
inline constexpr auto particles = vocabulary::words(
    {"de",  "la",  "del", "della", "da", "das", "do", "dos", "di",  "du", "le", "van", "von",
     "der", "den", "ter", "ten",   "zu", "al",  "el", "bin", "ibn", "y",  "e",  "af",  "av"});
/// Accounts that are no person's.
inline constexpr auto no_persons = vocabulary::words(
    {"here",           "all",        "channel", "everyone", "me",      "us",      "admin",      "root",
     "owner",          "owners",     "noreply", "no-reply", "ghost",   "self",    "dependabot", "renovate",
     "github-actions", "github",     "actions", "codecov",  "mergify", "copilot", "ds",         "mle",
     "quant",          "dri",        "ml",      "system",   "user",    "author",  "reviewer",   "reviewers",
     "committee",      "codeowners", "someone", "whoever"});
/// Words of a post, or of a place, that no name has.
inline constexpr auto no_names = vocabulary::words(
    {"unassigned", "hiring",         "vacant", "vacancy", "position",    "role",       "hire",  "pager",
     "on",         "responsibility", "maybe",  "perhaps", "header",      "above",      "below", "same",
     "progress",   "pending",        "ask",    "equipe",  "\u00e9quipe", "\u00c9quipe"});
inline constexpr auto until =
    std::to_array<std::string_view>({"until", "till", "accountable until", "to", "up to", "through"});
inline constexpr auto sunset = std::to_array<std::string_view>({"the sunset", "its sunset", "sunset"});
/// Who answers while the DRI is away: another person, and no second DRI.
inline constexpr auto deputies =
    vocabulary::words({"backup", "cover", "covered", "deputy", "replacement", "substitute", "vice"});

// Reviews: the session's id, then its verdict, alone in its clause; a history ends with what counts.

inline constexpr std::string_view review_line = "\"Review: session 3e0a3008, PASSED\"";
/// Of the header.
inline constexpr std::string_view reviewed_line = "\"Reviewed by committee: 3e0a3008, PASSED\"";
inline constexpr auto passed = vocabulary::words({"passed", "pass", "approved", "approve", "accepted",
                                                  "accept", "cleared", "granted", "ok", "okay", "go"});
inline constexpr auto not_passed = vocabulary::words(
    {"failed", "fail", "fails", "rejected", "reject", "rejects", "refused", "refuse", "blocked", "denied",
     "declined", "vetoed", "veto", "withdrawn", "revoked", "deferred", "postponed", "cancelled", "pending"});
inline constexpr auto review_words = vocabulary::words({"session",
                                                        "sessions",
                                                        "review",
                                                        "reviewed",
                                                        "reviews",
                                                        "committee",
                                                        "the",
                                                        "of",
                                                        "by",
                                                        "on",
                                                        "at",
                                                        "in",
                                                        "id",
                                                        "no",
                                                        "nr",
                                                        "verdict",
                                                        "result",
                                                        "was",
                                                        "is",
                                                        "it",
                                                        "round",
                                                        "first",
                                                        "second",
                                                        "third",
                                                        "one",
                                                        "two",
                                                        "three",
                                                        "and",
                                                        "then",
                                                        "meeting",
                                                        "minutes",
                                                        "mlops",
                                                        "readiness",
                                                        "final",
                                                        "again",
                                                        "remarks",
                                                        "remark",
                                                        "unanimously",
                                                        "unanimous",
                                                        "votes",
                                                        "vote",
                                                        "utc",
                                                        "from",
                                                        "link",
                                                        "notes",
                                                        "see",
                                                        "avg",
                                                        "average",
                                                        "mean",
                                                        "score",
                                                        "scores",
                                                        "recommendation",
                                                        "recommendations",
                                                        "applied",
                                                        "all",
                                                        "them",
                                                        "revision",
                                                        "revisions",
                                                        "strong",
                                                        "minor",
                                                        "consensus",
                                                        "pr",
                                                        "plan",
                                                        "pr_review",
                                                        "plan_review",
                                                        "point",
                                                        "points",
                                                        "dissent",
                                                        "dissents"});
/// Of these a history ends with none that passed, wherever they stand.
inline constexpr auto taken_from =
    vocabulary::words({"withdrawn", "revoked", "cancelled", "pending", "deferred", "postponed"});
/// Behind "no": any other word takes a verdict back.
inline constexpr auto behind_no =
    vocabulary::words({"remarks", "remark", "questions", "comments", "objections", "objection", "blocker",
                       "blockers", "dissent", "dissents"});

// Metrics.

inline constexpr auto kind_words =
    vocabulary::words({"prediction", "predictions", "rate",      "outcome", "outcomes", "health", "and",
                       "metric",     "metrics",     "kpi",       "model",   "business", "data",   "service",
                       "system",     "technical",   "quality",   "as",      "well",     "of",     "the",
                       "gauge",      "counter",     "histogram", "existing"});
// Thresholds: numbers, beside words of comparing and units; of a metric its own words, too.

inline constexpr std::string_view threshold_line = "\"0.52 / 0.50\", \"5 % / 10 %\" or \"< 60 s\"";
inline constexpr auto threshold_beside =
    vocabulary::words({"warn",       "warning",   "warns",      "crit",
                       "critical",   "threshold", "thresholds", "default",
                       "defaults",   "alert",     "alerts",     "page",
                       "pages",      "at",        "from",       "when",
                       "where",      "if",        "below",      "above",
                       "under",      "over",      "beneath",    "beyond",
                       "past",       "less",      "more",       "fewer",
                       "lower",      "greater",   "higher",     "than",
                       "or",         "and",       "to",         "then",
                       "equal",      "equals",    "is",         "are",
                       "falls",      "fall",      "drops",      "drop",
                       "rises",      "rise",      "exceeds",    "reaches",
                       "of",         "in",        "per",        "for",
                       "the",        "a",         "an",         "each",
                       "every",      "all",       "any",        "by",
                       "with",       "on",        "min",        "max",
                       "minimum",    "maximum",   "least",      "most",
                       "bound",      "limit",     "upper",      "p50",
                       "p90",        "p95",       "p99",        "median",
                       "mean",       "average",   "drift",      "psi",
                       "population", "stability", "index",      "performance",
                       "perf",       "gap",       "perf_gap",   "performance_gap",
                       "adr",        "metric",    "metrics",    "model",
                       "level",      "levels",    "signal",     "we",
                       "use",        "uses",      "used",       "apply",
                       "applies",    "has",       "have",       "compared",
                       "against",    "versus",    "vs",         "checked",
                       "computed",   "measured",  "watched",    "daily",
                       "weekly",     "nightly",   "hourly",     "monthly",
                       "promoted",   "last",      "previous",   "live",
                       "production", "data",      "input",      "inputs",
                       "it",         "as",        "what",       "expected",
                       "baseline",   "usual",     "orders",     "order",
                       "yellow",     "amber",     "orange",     "red"});
/// That begin none.
inline constexpr auto threshold_behind =
    vocabulary::words({"in", "for", "on", "by", "with", "per", "to", "of", "any", "all"});
inline constexpr auto threshold_units = vocabulary::words(
    {"percent",  "pct",      "pp",        "points",   "point",      "bp",         "bps",         "basis",
     "x",        "times",    "sigma",     "\u03c3",   "sd",         "std",        "s",           "sec",
     "secs",     "second",   "seconds",   "ms",       "us",         "m",          "min",         "mins",
     "minute",   "minutes",  "h",         "hr",       "hrs",        "hour",       "hours",       "d",
     "day",      "days",     "w",         "week",     "weeks",      "row",        "rows",        "run",
     "runs",     "fold",     "folds",     "trade",    "trades",     "prediction", "predictions", "event",
     "events",   "error",    "errors",    "failure",  "failures",   "request",    "requests",    "bar",
     "bars",     "candle",   "candles",   "feature",  "features",   "column",     "columns",     "value",
     "values",   "null",     "nulls",     "nan",      "nans",       "rate",       "ratio",       "share",
     "fraction", "usd",      "usdc",      "usdt",     "eur",        "btc",        "kb",          "mb",
     "gb",       "k",        "kib",       "mib",      "gib",        "crypto",     "cryptos",     "symbol",
     "symbols",  "variant",  "variants",  "training", "validation", "window",     "windows",     "reference",
     "signals",  "decision", "decisions", "missing",  "late",       "old"});
/// Beside them in brackets, or behind a dash: what they are.
inline constexpr auto threshold_reasons = vocabulary::words(
    {"the",   "default", "defaults", "as",      "in",        "of",      "template", "adr",   "standard",
     "usual", "bins",    "bin",      "deciles", "quantiles", "buckets", "equal",    "width", "warn",
     "crit",  "warning", "critical", "each",    "all",       "feature", "features", "per"});

// Runbooks: a path, an address or a page, and which part of it.

inline constexpr auto runbook_remarks =
    vocabulary::words({"section", "sections", "heading", "part", "chapter", "page", "step", "steps", "see",
                       "the", "of", "and", "for", "in", "on", "runbook", "wiki"});

// Rehearsals: what leads to the day.

inline constexpr auto rehearsal_before = vocabulary::words(
    {"rehearsed", "rehearsal", "drill", "drilled", "tested", "tried",  "on",      "the",        "of",
     "in",        "at",        "by",    "was",     "were",   "it",     "has",     "been",       "and",
     "way",       "back",      "lever", "flag",    "key",    "alias",  "staging", "production", "run",
     "see",       "full",      "a",     "with",    "dry",    "last",   "most",    "recently",   "first",
     "yes",       "done",      "from",  "as",      "test",   "switch", "to",      "config",     "shadow",
     "once",      "twice",     "both",  "times",   "since"});

// Severities.

inline constexpr std::string_view severity_line = "P1, P2 or P3";
inline constexpr auto severity_beside = vocabulary::words(
    {"sev",    "severity", "prio",        "priority",  "level", "crit",    "critical", "warn",     "warning",
     "info",   "high",     "medium",      "low",       "page",  "pages",   "paged",    "pager",    "paging",
     "ticket", "email",    "mail",        "chat",      "slack", "phone",   "sms",      "call",     "calls",
     "on",     "urgent",   "at",          "night",     "by",    "day",     "in",       "business", "working",
     "hours",  "now",      "immediately", "immediate", "next",  "morning", "wakes",    "the",      "dri",
     "silent", "silence",  "money",       "loss",      "loses", "of"});

// Variants.

/// Beside the names of metrics in a cell.
inline constexpr auto metric_beside = vocabulary::words(
    {"and",    "or",      "by",       "per",       "of",      "the",      "for",   "each",
     "crypto", "variant", "variants", "fold",      "folds",   "existing", "new",   "metric",
     "kpi",    "gauge",   "counter",  "histogram", "rate",    "share",    "ratio", "over",
     "in",     "on",      "all",      "p50",       "p95",     "p99",      "mean",  "median",
     "max",    "min",     "total",    "sum",       "average", "tagged",   "with",  "from",
     "d",      "day",     "days",     "h",         "hour",    "hours",    "week",  "weeks",
     "w",      "m",       "minutes",  "last",      "rolling", "window",   "daily", "weekly"});
inline constexpr std::string_view tag_line = "\"Each carries the tag `variant`.\"";
inline constexpr auto tag_words = vocabulary::words(
    {"each",     "all",        "every",   "they",  "metrics", "metric", "kpi",   "kpis",    "of",
     "them",     "the",        "these",   "those", "three",   "both",   "carry", "carries", "are",
     "is",       "has",        "have",    "bear",  "bears",   "tagged", "tag",   "tags",    "label",
     "labels",   "labelled",   "labeled", "with",  "by",      "their",  "its",   "id",      "variant",
     "variants", "variant_id", "and",     "as",    "a",       "in",     "per",   "emitted", "recorded",
     "row",      "rows",       "crypto",  "run",   "run_id",  "series", "above", "table",   "on",
     "carried",  "set",        "it",      "which", "that"});
inline constexpr auto not_applicable = std::to_array<std::string_view>(
    {"not applicable", "n / a", "na", "does not apply", "do not apply", "no variant", "no variants",
     "one variant", "only one variant", "there is one variant", "there is only one variant"});

}  // namespace tristrata::readiness::accepted
