#pragma once

#include "vocabulary.hpp"

/// Words of sentences that deny a section's subject, "There is no shadow this time", and of such as only look
/// so.
namespace tristrata::readiness::denial_words {

using vocabulary::words;

/// What people say in several words, and the one for it; none where it changes nothing. In order of the first
/// word, of two with one the longer first.
struct Phrase {
    std::string_view said, meant;
};
inline constexpr auto phrases = std::to_array<Phrase>({{"after the merge", "later"},
                                                       {"after the release", "later"},
                                                       {"any more", ""},
                                                       {"as yet", ""},
                                                       {"at the same time", "at-once"},
                                                       {"at the moment", ""},
                                                       {"at all", ""},
                                                       {"at once", "at-once"},
                                                       {"big - bang", "big-bang"},
                                                       {"big bang", "big-bang"},
                                                       {"brought back", "reverted"},
                                                       {"ca never", "cannot"},
                                                       {"ca not", "cannot"},
                                                       {"called off", "cancelled"},
                                                       {"can never", "cannot"},
                                                       {"can not", "cannot"},
                                                       {"carried out", "run"},
                                                       {"date of the full rollout", "full-rollout"},
                                                       {"date of full rollout", "full-rollout"},
                                                       {"drift check", "drift-detection"},
                                                       {"drift checks", "drift-detection"},
                                                       {"drift detection", "drift-detection"},
                                                       {"drift job", "drift-detection"},
                                                       {"drift monitoring", "drift-detection"},
                                                       {"drift watch", "drift-detection"},
                                                       {"for the moment", ""},
                                                       {"for this change", ""},
                                                       {"for this model", ""},
                                                       {"for this release", ""},
                                                       {"for this story", ""},
                                                       {"for now", ""},
                                                       {"for us", ""},
                                                       {"full - rollout", "full-rollout"},
                                                       {"full rollout", "full-rollout"},
                                                       {"go back", "revert"},
                                                       {"going back", "rollback"},
                                                       {"going to", "will"},
                                                       {"health metric", "health-metric"},
                                                       {"in the next sprint", "later"},
                                                       {"in production", ""},
                                                       {"in this change", ""},
                                                       {"in this plan", ""},
                                                       {"in this release", ""},
                                                       {"in this story", ""},
                                                       {"in force", "there"},
                                                       {"in place", "there"},
                                                       {"left out", "skipped"},
                                                       {"look at", "watch"},
                                                       {"looked at", "watched"},
                                                       {"looks after", "watches"},
                                                       {"looks at", "watches"},
                                                       {"n / a", "none"},
                                                       {"no longer", "never"},
                                                       {"no one", "nobody"},
                                                       {"none of", "no"},
                                                       {"one - way", "irreversible"},
                                                       {"out of scope", "skipped"},
                                                       {"outcome metric", "outcome-metric"},
                                                       {"part of this change", "planned"},
                                                       {"part of this story", "planned"},
                                                       {"performance gap", "performance-gap"},
                                                       {"prediction rate", "prediction-rate"},
                                                       {"put off", "postponed"},
                                                       {"review at the sunset", "review"},
                                                       {"roll back", "revert"},
                                                       {"rolled back", "reverted"},
                                                       {"rolling back", "rollback"},
                                                       {"ruled out", "skipped"},
                                                       {"set up", "configured"},
                                                       {"so far", "until"},
                                                       {"staged rollout", "staged-rollout"},
                                                       {"switched back", "reverted"},
                                                       {"switched off", "disabled"},
                                                       {"switched on", "live"},
                                                       {"take back", "revert"},
                                                       {"take place", "happen"},
                                                       {"taken back", "reverted"},
                                                       {"taken place", "happened"},
                                                       {"this time", ""},
                                                       {"turned back", "reverted"},
                                                       {"turned off", "disabled"},
                                                       {"turning back", "rollback"},
                                                       {"way to revert it", "rollback"},
                                                       {"way to undo it", "rollback"},
                                                       {"way to revert", "rollback"},
                                                       {"way to undo", "rollback"},
                                                       {"way back", "rollback"}});
inline constexpr auto fillers =
    words({"actually", "anymore", "currently", "either", "ever", "here", "hence", "now", "really", "simply",
           "still", "therefore", "today", "unfortunately", "yet"});
inline constexpr auto doubts =
    words({"may", "maybe", "might", "perhaps", "possibly", "presumably", "probably"});

// Around the subject.

inline constexpr auto articles =
    words({"a", "all", "an", "any", "both", "config", "feature", "its", "kill", "our", "p1", "such",
           "planned", "production", "that", "the", "these", "this", "those"});
/// Behind the subject, of it: "the shadow period", "the alert rules".
inline constexpr auto stages =
    words({"above",      "below",  "check", "checks", "detection", "job",     "jobs", "mode",
           "monitoring", "period", "phase", "plan",   "review",    "reviews", "rule", "rules",
           "run",        "runs",   "stage", "step",   "switch",    "window"});
inline constexpr auto joins = words({"and", "nor", "or"});
inline constexpr auto there = words({"there"});
inline constexpr auto to = words({"to"});
inline constexpr auto colon = words({":"});
/// Of the present, and of what is to come.
inline constexpr auto links =
    words({"are",  "be", "been", "being",  "ca",      "can", "do",    "does", "get",   "gets", "has",
           "have", "is", "ll",   "remain", "remains", "s",   "shall", "stay", "stays", "will", "wo"});
inline constexpr auto any_links = words({"are", "be", "been", "being", "did", "do", "does", "had", "has",
                                         "have", "is", "s", "shall", "was", "were", "will", "wo"});
inline constexpr auto is = words({"are", "is"});
inline constexpr auto was = words({"was", "were"});

// What denies.

inline constexpr auto no = words({"neither", "no", "without"});
inline constexpr auto without = words({"without"});
inline constexpr auto nobody = words({"nobody", "none", "noone", "nothing"});
inline constexpr auto nots = words({"cannot", "never", "not"});
inline constexpr auto negations = words({"cannot", "hardly", "neither", "never", "no", "nobody", "none",
                                         "noone", "nor", "not", "nothing", "nowhere", "without"});

/// Of which the subject is nothing without: "is not written".
inline constexpr auto done =
    words({"active",    "applied",   "apply",      "apply",      "assigned",  "available", "begin",
           "begun",     "begins",    "built",      "calculated", "checked",   "chosen",    "collected",
           "compared",  "computed",  "configured", "created",    "decided",   "defined",   "deployed",
           "detected",  "done",      "emitted",    "enabled",    "evaluated", "executed",  "exist",
           "exists",    "foreseen",  "happen",     "happened",   "happens",   "held",      "implemented",
           "kept",      "live",      "made",       "measured",   "monitored", "named",     "necessary",
           "needed",    "performed", "planned",    "pass",       "passed",    "possible",  "provisioned",
           "reachable", "ready",     "recorded",   "required",   "run",       "running",   "scheduled",
           "set",       "start",     "started",    "starts",     "supported", "there",     "tracked",
           "used",      "watched",   "work",       "working",    "works",     "written"});
/// Of what is set to off by whoever uses it.
inline constexpr auto working = words({"available", "built", "created", "defined", "exist", "exists",
                                       "implemented", "ready", "there", "work", "working", "works"});
inline constexpr auto watched = words({"calculated", "checked", "compared", "computed", "detected",
                                       "evaluated", "measured", "monitored", "tracked", "watched"});
inline constexpr auto dropped = words(
    {"abandoned",   "absent",      "broken",       "cancelled",  "canceled",  "dead",       "deactivated",
     "defunct",     "deferred",    "deleted",      "disabled",   "dropped",   "empty",      "gone",
     "ignored",     "impossible",  "inactive",     "missing",    "muted",     "off",        "omitted",
     "optional",    "placeholder", "placeholders", "postponed",  "removed",   "silenced",   "skipped",
     "stub",        "superfluous", "suspended",    "unassigned", "undefined", "unfinished", "unknown",
     "unmonitored", "unnecessary", "unavailable",  "unwatched",  "unwritten", "vacant",     "waived"});
inline constexpr auto gone =
    words({"absent", "broken", "deleted", "missing", "stub", "unavailable", "undefined"});
inline constexpr auto ignored = words({"ignored", "unmonitored", "unwatched"});
/// A decision about this plan, told as past.
inline constexpr auto decided =
    words({"cancelled", "canceled", "dropped", "omitted", "removed", "skipped", "waived"});
inline constexpr auto nothing_said = words({"nil", "no", "none"});
inline constexpr auto effect = words({"effect"});
inline constexpr auto makings =
    words({"add",     "added",   "agreed",    "announced",  "appointed",   "assigned",  "build",
           "built",   "chosen",  "configure", "configured", "confirmed",   "create",    "created",
           "decided", "define",  "defined",   "determined", "done",        "drafted",   "enabled",
           "follow",  "found",   "hired",     "implement",  "implemented", "introduce", "introduced",
           "made",    "planned", "monitored", "measured",   "name",        "named",     "provisioned",
           "set",     "watched", "write",     "written"});
/// Of a lever, which is set to this and that by whoever uses it: that it is still to be made.
inline constexpr auto built =
    words({"added", "built", "created", "defined", "implemented", "introduced", "written"});
/// What is put off: "drift detection will follow".
inline constexpr auto follows = words({"come", "comes", "follow", "follows"});
inline constexpr auto will = words({"shall", "will"});
/// Begin a time that is still to come, behind "will".
inline constexpr auto conditions = words({"once", "when"});
/// A term of which the next one is still to come.
inline constexpr auto terms = words(
    {"iteration", "month", "phase", "quarter", "release", "sprint", "story", "version", "week", "year"});
inline constexpr auto before_terms = words({"by", "during", "for", "in", "the", "with"});
inline constexpr auto later =
    words({"afterwards", "eventually", "later", "someday", "sometime", "soon", "tomorrow"});

// Who does it.

inline constexpr auto people = words({"i", "team", "they", "we"});
inline constexpr auto dropping =
    words({"cancel", "cancelled", "canceled", "drop", "dropped", "dropping", "lack", "omit", "omitted",
           "omitting", "skip", "skipped", "skipping", "waive", "waived", "waiving"});
inline constexpr auto having =
    words({"check",     "configure", "configured", "do",      "have",  "hold",  "include",
           "keep",      "make",      "measure",    "monitor", "name",  "need",  "plan",
           "provision", "run",       "use",        "want",    "watch", "write", "written"});
inline constexpr auto watching = words({"checks", "check", "configured", "maintains", "monitors", "monitor",
                                        "reads", "uses", "watch", "watches", "written"});
inline constexpr auto answers = words({"accountable", "answers", "appointed", "assigned", "cares",
                                       "maintains", "named", "owns", "responsible"});
inline constexpr auto for_it = words({"change", "for", "it", "model", "the", "this"});
inline constexpr auto quits = words({"left", "quit", "resigned", "retired"});
inline constexpr auto company = words({"company", "desk", "firm", "team", "the", "us"});

// The change: whether it can be taken back, where it goes; the review.

inline constexpr auto changes =
    words({"change", "deployment", "door", "everything", "feature", "it", "merge", "model", "release",
           "selector", "step", "story", "this", "we", "which"});
inline constexpr auto cannot = words({"cannot"});
inline constexpr auto reverted = words({"reverse", "reversed", "revert", "reverted", "undo", "undone"});
inline constexpr auto irreversible = words({"irreversible", "irrevocable"});
inline constexpr auto reversible = words({"reversible", "revertible", "revocable"});
inline constexpr auto rehearsed = words({"rehearsed"});
inline constexpr auto of_rehearsal =
    words({"change", "flag", "it", "key", "lever", "rollback", "switch", "this"});
inline constexpr auto committee = words({"committee", "team"});
inline constexpr auto plan = words({"it", "plan"});
inline constexpr auto pending = words({"failed", "open", "outstanding", "pending"});
inline constexpr auto signs = words({"agreed", "approved", "convened", "decided", "met", "signed"});
inline constexpr auto reviewed = words({"approved", "read", "reviewed", "seen"});
/// That go somewhere.
inline constexpr auto movers =
    words({"change", "everything", "feature", "it", "model", "selector", "story", "this", "we"});
inline constexpr auto goes =
    words({"are", "be",  "deploy",  "deployed", "do",   "gets",  "go",   "goes",    "going", "is",  "live",
           "ll",  "out", "release", "released", "roll", "rolls", "ship", "shipped", "ships", "will"});
inline constexpr auto into = words({"a", "in", "into", "on", "the", "to"});
inline constexpr auto straight = words({"directly", "straight"});
inline constexpr auto whole = words({"all", "coins", "cryptos", "every", "everybody", "everyone",
                                     "everywhere", "full-rollout", "prod", "production", "symbols"});
inline constexpr auto at_once = words({"at-once", "directly", "immediately"});
inline constexpr auto big_bang = words({"big-bang"});

// What takes the denial from a clause.

/// Of nothing named: "we do not monitor anything", "nothing of this is monitored".
inline constexpr auto anything =
    words({"any", "anything", "for", "it", "model", "of", "the", "them", "these", "this"});
inline constexpr auto monitor = words({"measure", "monitor", "track", "watch"});
inline constexpr auto paged = words({"alerted", "notified", "paged", "woken"});
inline constexpr auto everything = words({"everything"});
inline constexpr auto rollout = words({"release", "rollout"});
inline constexpr auto staged = words({"gradual", "staged"});

/// Between clauses of a sentence.
inline constexpr auto divides = words({"(", ")", ",", "-", ":", ";", "although", "and", "as", "because",
                                       "but", "hence", "however", "since", "so", "though"});
/// A condition, a time past, a limit, another thing, or what is only thought or said.
inline constexpr auto limits =
    words({"above",    "after",      "ago",       "assuming", "at",        "before",  "below",  "beyond",
           "but",      "case",       "depending", "did",      "during",    "else",    "except", "formerly",
           "had",      "if",         "in",        "instead",  "last",      "next",    "of",     "old",
           "on",       "once",       "only",      "other",    "otherwise", "outside", "over",   "per",
           "previous", "previously", "provided",  "rather",   "should",    "than",    "that",   "then",
           "till",     "under",      "unless",    "until",    "was",       "were",    "when",   "whenever",
           "where",    "whether",    "which",     "while",    "with",      "within",  "would"});

}  // namespace tristrata::readiness::denial_words
