#pragma once

#include "vocabulary.hpp"

/// Words of sentences that deny a section's subject, "There is no shadow this time", and of such as only look
/// so.
namespace tristrata::readiness::denial_words {

using vocabulary::words;

// Negations.

inline constexpr auto none = words({"no", "without", "neither"});
inline constexpr auto nobody = words({"nobody", "none", "noone"});
inline constexpr auto negations = words({"not", "never", "no", "nothing", "nobody", "cannot", "none", "noone",
                                         "without", "neither", "nor", "hardly", "nowhere"});
/// Of what a subject does.
inline constexpr auto denies = words({"not", "never", "no", "nothing", "nobody", "cannot"});

// Around the subject.

inline constexpr auto articles =
    words({"a", "an", "any", "the", "this", "our", "its", "real", "such", "further"});
inline constexpr auto leads = words(
    {"actually", "therefore", "time",    "now",   "hence", "unfortunately", "here",      "these", "those",
     "all",      "both",      "p1",      "p2",    "p3",    "also",          "currently", "still", "then",
     "yet",      "kill",      "feature", "config"});
/// Behind the subject, of it.
inline constexpr auto stages =
    words({"stage", "period", "phase", "run",       "runs",       "mode",    "rollout",  "plan",   "window",
           "step",  "at",     "all",   "rule",      "rules",      "review",  "reviews",  "check",  "checks",
           "job",   "jobs",   "watch", "detection", "monitoring", "monitor", "monitors", "report", "switch"});
/// What makes a thing of a signal: "drift detection".
inline constexpr auto watches = words({"detection", "watch", "monitoring", "monitor", "monitors", "check",
                                       "checks", "job", "jobs", "report", "reports", "alarm", "alarms"});
inline constexpr auto links =
    words({"is", "are",   "was",   "were",   "will",    "be",    "been",  "has",    "have", "had",
           "do", "does",  "did",   "can",    "could",   "would", "shall", "should", "wo",   "ca",
           "to", "going", "being", "remain", "remains", "stay",  "stays", "gets",   "get"});
inline constexpr auto adverbs = words({"yet", "actually", "really", "even", "ever", "currently", "still",
                                       "simply", "just", "now", "therefore", "also", "not"});
/// Between a subject and its verb.
inline constexpr auto adverbs_before =
    words({"yet", "actually", "really", "currently", "still", "simply", "therefore", "also", "now", "just"});
/// What goes on behind "no shadow" and leaves it denied.
inline constexpr auto ends = words(
    {"this",       "here",     "yet",     "now",    "today",   "needed", "necessary", "required",  "planned",
     "possible",   "foreseen", "anymore", "either", "there",   "exists", "exist",     "available", "assigned",
     "configured", "done",     "nor",     "run",    "written", "works",  "work",      "happens"});
/// Words that a clause may end with and say nothing more by.
inline constexpr auto tails =
    words({"for",     "at",     "in",         "on",    "of",   "with", "to",   "this",  "the",    "that",
           "change",  "story",  "release",    "model", "time", "plan", "case", "it",    "us",     "sunset",
           "quarter", "sprint", "drift",      "these", "now",  "yet",  "here", "there", "moment", "today",
           "anymore", "either", "afterwards", "again", "be",   "is",   "was",  "any",   "more",   "at",
           "all",     "ever",   "them",       "so",    "far",  "too"});

// What it is, or does not.

inline constexpr auto needs =
    words({"needed",    "necessary", "required", "planned",    "possible", "foreseen", "done",
           "run",       "there",     "happen",   "happening",  "take",     "exist",    "exists",
           "available", "used",      "assigned", "configured", "held",     "apply",    "applied"});
/// Of which nothing may follow: "not written by hand".
inline constexpr auto made =
    words({"work",        "works",     "working", "written",     "ready",    "looked",   "kept",
           "executed",    "performed", "start",   "starts",      "started",  "begin",    "begins",
           "implemented", "built",     "made",    "provisioned", "defined",  "deployed", "created",
           "active",      "enabled",   "live",    "reachable",   "named",    "chosen",   "decided",
           "respond",     "exist",     "exists",  "running",     "followed", "fire"});
inline constexpr auto dropped =
    words({"skipped",     "dropped",     "waived",     "omitted",     "cancelled", "canceled",  "unnecessary",
           "impossible",  "removed",     "disabled",   "missing",     "off",       "abandoned", "vacant",
           "unavailable", "superfluous", "deleted",    "deactivated", "suspended", "postponed", "deferred",
           "absent",      "gone",        "unassigned", "undefined",   "optional"});
inline constexpr auto silent =
    words({"muted", "silenced", "unwritten", "broken", "inactive", "defunct", "unknown", "ignored",
           "unwatched", "unmonitored", "dead", "empty", "unfinished"});
/// Of what is set to off by whoever uses it.
inline constexpr auto gone = words({"missing", "broken", "absent", "undefined", "unavailable", "deleted"});
/// Behind "left", "switched"; the first alone says nothing.
struct Pair {
    std::string_view first, second;
};
inline constexpr auto dropped_pairs = std::to_array<Pair>({{"left", "out"},
                                                           {"switched", "off"},
                                                           {"turned", "off"},
                                                           {"ruled", "out"},
                                                           {"called", "off"},
                                                           {"put", "off"}});
/// "still to be named", "will be written later".
inline constexpr auto makings =
    words({"named",       "decided",     "found", "written",   "defined",    "assigned",
           "chosen",      "determined",  "set",   "done",      "built",      "configured",
           "added",       "created",     "made",  "agreed",    "confirmed",  "announced",
           "provisioned", "implemented", "hired", "appointed", "introduced", "enabled"});
inline constexpr auto later =
    words({"later", "soon", "afterwards", "eventually", "someday", "tomorrow", "sometime"});
inline constexpr auto quits = words({"left", "quit", "resigned", "retired"});

// Who does it.

inline constexpr auto people =
    words({"we", "i", "they", "the", "team", "and", "so", "but", "then", "it", "this", "have", "there"});
inline constexpr auto dropping =
    words({"skip", "skipped", "skips", "drop", "dropped", "omit", "omitted", "waive", "waived", "cancel",
           "cancelled", "canceled", "lack", "lacks", "skipping", "dropping", "omitting", "waiving"});
inline constexpr auto having =
    words({"run",       "have",      "need",  "do",      "plan",  "use",     "want",      "hold",  "make",
           "get",       "has",       "needs", "include", "watch", "monitor", "measure",   "check", "write",
           "configure", "provision", "name",  "keep",    "set",   "written", "configured"});
/// What a change is called, that cannot be taken back.
inline constexpr auto changes =
    words({"change",     "it",      "this",     "that",    "model",  "release", "deployment",
           "deploy",     "feature", "selector", "rollout", "we",     "one",     "which",
           "everything", "story",   "merge",    "step",    "nobody", "whole",   "new"});
inline constexpr auto irreversible = words({"irreversible", "irrevocable"});
inline constexpr auto reversible = words({"reversible", "revertible", "revocable"});
inline constexpr auto goes =
    words({"go",      "goes",     "going",   "roll",     "rolls",  "rolled", "ship", "ships",
           "shipped", "released", "release", "deployed", "deploy", "went",   "out",  "live",
           "is",      "are",      "will",    "be",       "it",     "gets"});
inline constexpr auto straight = words({"straight", "directly"});
inline constexpr auto everything =
    words({"full", "production", "prod", "all", "live", "everyone", "everybody", "every", "100"});

// What takes the certainty, or the denial.

/// What follows is said of that case; what stands in a later clause too.
inline constexpr auto cases =
    words({"if", "unless", "should", "whenever", "when", "provided", "otherwise", "then", "assuming"});
inline constexpr auto conditions =
    words({"when",      "once",     "if",        "unless",   "until",     "till",    "after",
           "before",    "whenever", "depending", "provided", "subject",   "pending", "assuming",
           "whichever", "where",    "while",     "should",   "otherwise", "as"});
inline constexpr auto doubts = words({"may", "might", "maybe", "perhaps", "probably", "possibly", "whether"});
inline constexpr auto joins = words({"but", "so", "although", "though", "however", "and"});
/// "no later than", "not only", "not before".
inline constexpr auto compares =
    words({"later",   "earlier", "sooner", "longer", "less",   "more",   "fewer",  "shorter",
           "greater", "higher",  "lower",  "worse",  "better", "slower", "faster", "larger",
           "smaller", "only",    "just",   "before", "until",  "after",  "merely", "least"});
/// Behind "nobody": it holds of the others.
inline constexpr auto others = words({"else", "but", "other", "except", "besides"});
/// Of a part of the time, or of a way to do it, begin these, and are these.
inline constexpr auto limits = words({"at", "by", "in", "on", "outside", "beyond", "within", "of", "over"});
inline constexpr auto limited =
    words({"night", "nights", "hand", "shadow", "canary", "weekend", "weekends", "holiday", "holidays",
           "backtest", "backtests", "staging", "deploy", "deploys", "maintenance", "replay", "default"});
inline constexpr auto meanwhile = words({"during", "while"});
/// That something has none of them takes nothing from it.
inline constexpr auto harmless = words(
    {"deploy",   "deployment", "deploys",  "release", "build",   "order",  "orders",  "trade",    "trades",
     "money",    "capital",    "downtime", "restart", "data",    "rows",   "row",     "loss",     "losses",
     "exchange", "code",       "manual",   "human",   "impact",  "effect", "traffic", "position", "positions",
     "risk",     "cost",       "costs",    "change",  "changes", "delay",  "gap",     "noise",    "ticket",
     "hotfix",   "migration",  "remarks",  "six",     "one"});
/// That it does not do so either.
inline constexpr auto harmless_deeds = words(
    {"trade",    "trades",    "order",     "block",    "blocks", "delay",   "cost",     "costs",   "touch",
     "touches",  "write",     "change",    "changes",  "decide", "affect",  "affects",  "share",   "wait",
     "need",     "needs",     "require",   "requires", "place",  "replace", "replaces", "lose",    "loses",
     "count",    "influence", "interrupt", "slow",     "depend", "depends", "stop",     "touched", "changed",
     "extended", "shortened", "cached",    "affected", "blocked"});
/// Of a time that is over.
inline constexpr auto pasts = words({"last", "previously", "formerly", "ago", "past", "earlier"});
inline constexpr auto were = words({"was", "were", "had", "did", "ran", "cost"});

}  // namespace tristrata::readiness::denial_words
