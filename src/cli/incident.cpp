#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "pages_in_spool.hpp"

#include "tristrata/config/module_pattern.hpp"
#include "tristrata/config/owners.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/digest.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/wording.hpp"
#include "tristrata/notification/receivers.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <set>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using incident::Incident;

std::string moment(const std::optional<core::Timestamp>& time) {
    if (!time) return "-";
    const auto text = core::to_string(*time);
    return text.substr(0, text.find_first_of(".Z")) + "Z";
}

std::string maybe(const std::optional<double>& value) { return value ? core::readable(*value) : "-"; }

core::Result<incident::IncidentStore> open_incidents(const config::Settings& settings) {
    return incident::IncidentStore::open(settings);
}

constexpr std::string_view what_to_do_untold =
    "tell who has to know, and mend that receiver; ack says that somebody knows, snooze --for 1m pages anew";

/// What became of its last page; `in_spool`: where nobody has taken it yet.
std::string last_told(const Incident& one, const std::set<std::string>& in_spool) {
    if (one.dismissed_at) return "dismissed";
    if (one.snoozed_until && (one.acked_by.empty() || one.hold == incident::Hold::snoozed)) return "snoozed";
    if (one.snoozed_until) return "snoozed, acked by " + one.acked_by;
    if (!one.acked_by.empty()) return "acked by " + one.acked_by;
    if (one.paged_at && one.is_page_waiting) return "not told: not handed over";
    if (one.paged_at && in_spool.contains(core::to_string(one.incident_id))) return "not told: in the spool";
    if (one.paged_at) return one.refusal && !one.refusal->is_told ? "not told: refused" : "paged";
    if (one.severity == drift::Severity::warn) return "digest";
    return one.hold == incident::Hold::none ? "due" : "held: " + std::string(name(one.hold));
}

/// What became of its page, in a word, and of that of what is new to it where that is held back.
std::string told(const Incident& one, const std::set<std::string>& in_spool = {}) {
    std::string last = last_told(one, in_spool);
    if (incident::held_news_of(one).empty()) return last;
    return fmt::format("{}; new is held: {}", last, name(one.news_hold));
}

void write_time(core::JsonWriter& json, std::string_view key, const std::optional<core::Timestamp>& time) {
    json.member(key, time ? std::optional(core::to_string(*time)) : std::nullopt);
}

/// The members of an incident, into an object that is open.
void write_members(core::JsonWriter& json, const Incident& one, const std::set<std::string>& in_spool) {
    json.member("incident_id", core::to_string(one.incident_id));
    json.member("module", one.module);
    json.member("drift_type", drift::name(one.drift_type));
    json.member("phase", name(one.phase));
    json.member("severity", drift::name(one.severity));
    json.member("first_seen", core::to_string(one.first_seen));
    json.member("first_layer", one.first_layer);
    json.member("last_seen", core::to_string(one.last_seen));
    json.member("opened_at", core::to_string(one.opened_at));
    write_time(json, "cooling_since", one.cooling_since);
    write_time(json, "closed_at", one.closed_at);
    json.member("ending", one.ending ? std::optional(std::string(name(*one.ending))) : std::nullopt);
    json.member("occurrences", one.occurrences);
    json.member("reopened", one.reopened);
    write_time(json, "starts_at", one.starts_at);
    write_time(json, "paged_at", one.paged_at);
    json.member("page", told(one, in_spool));
    json.member("refused", one.refusal ? std::optional(incident::page_of(one)) : std::nullopt);
    json.member("hold", name(one.hold));
    const std::string held = incident::held_news_of(one);
    json.member("held_news", held.empty() ? std::nullopt
                                          : std::optional(fmt::format("{}: {}", name(one.news_hold), held)));
    json.member("inhibited_by",
                one.inhibited_by ? std::optional(core::to_string(*one.inhibited_by)) : std::nullopt);
    json.member("acked_by", optional_text(one.acked_by));
    write_time(json, "acked_at", one.acked_at);
    write_time(json, "snoozed_until", one.snoozed_until);
    write_time(json, "dismissed_at", one.dismissed_at);
    json.member("owner", one.owner);
    json.member("route", one.route);
    json.member("runbook", incident::runbook_of(one.runbook, one.drift_type, one.severity));
    json.member("summary", incident::summary_of(one));
    json.member("source_url", optional_text(incident::source_url_of(one)));
    json.member("next_command", incident::next_command(one));
}

void write_findings(core::JsonWriter& json, const Incident& one) {
    json.key("findings");
    json.begin_array();
    for (const auto& finding : one.findings) incident::write_finding(json, finding);
    json.end_array();
    json.member("findings_left_out", one.findings_left_out);
}

/// --fail-on: whether one that is not closed is that bad, of all that the query asks for, shown or not.
core::Result<bool> fails(const std::string& fail_on, incident::IncidentStore& store,
                         incident::IncidentQuery query) {
    if (fail_on != "warn" && fail_on != "crit") return false;
    const auto least = fail_on == "crit" ? drift::Severity::crit : drift::Severity::warn;
    query.severity_at_least = std::max(query.severity_at_least.value_or(least), least);
    query.closed = false;
    query.limit = 1;
    auto found = store.list(query);
    if (!found) return propagate(found);
    return !found->empty();
}

/// Whether an incident of such a module was ever opened.
core::Result<bool> is_known(incident::IncidentStore& store, const std::string& module) {
    incident::IncidentQuery ever;
    ever.module = module;
    ever.closed = true;
    ever.limit = 1;
    auto any = store.list(ever);
    if (!any) return propagate(any);
    return !any->empty();
}

/// What stands where none is found: a name that nobody ever heard of is perhaps another's.
core::Result<std::string> none_found(incident::IncidentStore& store, const IncidentOptions& options) {
    const std::string what = options.closed ? "no incidents" : "no open incidents";
    const std::string closed = options.closed ? "" : "; --closed shows those that ended";
    if (options.module.empty()) return what + closed;
    auto known = is_known(store, options.module);
    if (!known) return propagate(known);
    return fmt::format(
        "{} of {}{}", what, core::quoted(options.module),
        *known ? closed : ": none of such a module was ever opened; look whether its name is right");
}

core::Result<int> list(const IncidentOptions& options) {
    if (!options.module.empty())
        if (auto fit = config::check_module_pattern(options.module, "\"train.*\""); !fit)
            return fail(ErrorKind::usage, fit.error().message);
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto store = open_incidents(*settings);
    if (!store) return propagate(store);
    incident::IncidentQuery query;
    query.module = optional_text(options.module);
    query.closed = options.closed;
    query.limit = options.limit + 1;  // One more than is shown tells whether there are more.
    if (!options.severity.empty()) {
        auto severity = drift::parse_severity(options.severity);
        if (!severity) return propagate(severity);
        query.severity_at_least = *severity;
    }
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    query.opened = *range;
    auto found = store->list(query);
    if (!found) return propagate(found);
    const bool truncated = found->size() > options.limit;
    if (truncated) found->resize(options.limit);
    const auto in_spool = pages_in_spool(*settings, options.output.format != "json");
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.key("incidents");
        json.begin_array();
        for (const Incident& one : *found) {
            json.begin_object();
            write_members(json, one, in_spool);
            json.end_object();
        }
        json.end_array();
        json.member("truncated", truncated);
        json.end_object();
        text = json.take() + "\n";
    } else if (found->empty() && !truncated) {
        auto none = none_found(*store, options);
        if (!none) return propagate(none);
        text = *none + "\n";
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const Incident& one : *found)
            rows.push_back({core::to_string(one.incident_id).substr(0, 8),
                            std::string(drift::name(one.severity)), std::string(name(one.phase)),
                            report::printable(one.module), std::string(drift::name(one.drift_type)),
                            moment(incident::since_of(one)), std::to_string(one.occurrences), one.owner,
                            told(one, in_spool)});
        text = report::aligned(
            {"incident", "severity", "phase", "module", "drift_type", "since", "events", "owner", "page"},
            rows);
        if (truncated)
            text += fmt::format("only the newest {} are shown; --limit shows more\n", options.limit);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    auto failed = fails(options.fail_on, *store, query);
    if (!failed) return propagate(failed);
    return *failed ? 1 : 0;
}

core::Result<int> show(const IncidentOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto policy = incident::policy_of(*settings);
    if (!policy) return propagate(policy);
    auto store = open_incidents(*settings);
    if (!store) return propagate(store);
    auto one = store->find(options.id);
    if (!one) return propagate(one);
    auto history = store->history(one->incident_id);
    if (!history) return propagate(history);
    const auto links = incident::links_of(*policy, *one);
    const auto in_spool = pages_in_spool(*settings, options.output.format != "json");
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        write_members(json, *one, in_spool);
        write_findings(json, *one);
        json.key("links");
        json.begin_object();
        for (const auto& [link, url] : links) json.member(link, url);
        json.end_object();
        json.key("history");
        json.begin_array();
        for (const auto& row : *history) {
            json.begin_object();
            json.member("seq", row.seq);
            json.member("at", core::to_string(row.at));
            json.member("kind", row.kind);
            json.member("who", optional_text(row.who));
            json.member("why", row.why);
            json.member("event_id",
                        row.event_id ? std::optional(core::to_string(*row.event_id)) : std::nullopt);
            json.end_object();
        }
        json.end_array();
        json.end_object();
        text = json.take() + "\n";
    } else {
        text = report::wrapped(report::printable(incident::summary_of(*one)), terminal_width());
        std::vector<std::vector<std::string>> rows{
            {"phase", fmt::format("{}, {}", name(one->phase), told(*one, in_spool))},
            {"since", fmt::format("{} ({} layer saw it first), last {}", moment(incident::since_of(*one)),
                                  one->first_layer, moment(one->last_seen))},
            {"events", fmt::format("{}, reopened {}", one->occurrences, core::plural(one->reopened, "time"))},
            {"owner", fmt::format("{} (route {})", one->owner, one->route)},
            {"runbook", incident::runbook_of(one->runbook, one->drift_type, one->severity)}};
        if (const auto held = incident::held_news_of(*one); !held.empty())
            rows.push_back({"new, held", fmt::format("{}: {}", name(one->news_hold), held)});
        if (one->refusal || one->is_page_waiting)
            rows.push_back({"page", report::printable(incident::page_of(*one))});
        if (incident::is_untold(*one)) rows.push_back({"do", std::string(what_to_do_untold)});
        if (const auto source = incident::source_url_of(*one); !source.empty())
            rows.push_back({"source", report::printable(source)});
        for (const auto& [link, url] : links) rows.push_back({link, url});
        text += report::aligned({"incident", core::to_string(one->incident_id)}, rows) + "\n";
        std::vector<std::vector<std::string>> moved;
        for (const auto& finding : one->findings)
            moved.push_back({report::printable(finding.metric), std::string(drift::name(finding.severity)),
                             finding.measured.empty() ? "-" : report::printable(finding.measured),
                             maybe(finding.reference_value), maybe(finding.current_value),
                             std::to_string(finding.occurrences), moment(incident::since_of(finding)),
                             incident::compared_with(finding),
                             core::to_string(finding.event_id).substr(0, 8)});
        text += report::aligned({"what moved", "severity", "of", "reference", "current", "times", "since",
                                 "against reference", "event"},
                                moved);
        if (one->findings_left_out > 0)
            text += fmt::format("and {} more\n", core::plural(one->findings_left_out, "event"));
        for (const auto& finding : one->findings)
            if (!finding.sentence.empty())
                text += report::wrapped(
                    report::printable(fmt::format("{}: {}", finding.metric, finding.sentence)),
                    terminal_width());
        for (const auto& finding : one->findings)
            if (const auto where = incident::looked_at(finding); !where.empty())
                text += report::wrapped(report::printable(fmt::format("{}: {}", finding.metric, where)),
                                        terminal_width());
        text += "\n";
        std::vector<std::vector<std::string>> steps;
        for (const auto& row : *history)
            steps.push_back(
                {moment(row.at), row.kind, row.who.empty() ? "-" : row.who, report::printable(row.why)});
        text += report::aligned({"history", "what", "who", "why"}, steps);
        text += fmt::format("\nnext: {}\n", incident::next_command(*one));
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

enum class Act { ack, snooze, dismiss };

core::Result<int> act(const IncidentOptions& options, Act what) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto store = open_incidents(*settings);
    if (!store) return propagate(store);
    const core::Timestamp now = core::system_clock().now();
    const std::string who = person_of(options.who);
    core::Result<Incident> changed;
    if (what == Act::ack) {
        changed = store->acknowledge(options.id, who, options.why, now);
    } else if (what == Act::dismiss) {
        changed = store->dismiss(options.id, who, options.why, now);
    } else {
        core::Timestamp until;
        if (auto duration = core::parse_duration(options.until)) {
            until = now + *duration;
        } else {
            auto time = time_or_now("--for", options.until);
            if (!time)
                return fail(
                    ErrorKind::usage,
                    fmt::format("--for: {} is neither how long (30m, 4h, 2d) nor until when (ISO 8601, such "
                                "as 2026-12-01T08:00Z)",
                                core::quoted(options.until)));
            until = *time;
        }
        changed = store->snooze(options.id, until, who, options.why, now);
    }
    if (!changed) return propagate(changed);
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        write_members(json, *changed, pages_in_spool(*settings, false));
        json.end_object();
        if (auto written = write_result(options.output, json.take() + "\n"); !written)
            return propagate(written);
        return 0;
    }
    std::string covers;
    if (const std::string metrics = incident::crit_metrics_of(*changed);
        what != Act::snooze && !metrics.empty())
        covers = fmt::format("{}: {}; another metric that is crit pages\n",
                             what == Act::ack ? "acknowledged" : "dismissed", report::printable(metrics));
    auto written =
        write_result(options.output,
                     fmt::format("incident {} is {}\n{}", core::to_string(changed->incident_id).substr(0, 8),
                                 report::printable(told(*changed)), covers));
    return written ? core::Result<int>(0) : propagate(written);
}

core::Result<int> silence(const IncidentOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto store = open_incidents(*settings);
    if (!store) return propagate(store);
    auto window = window_given("--window", options.window);
    if (!window) return propagate(window);
    if (!window->from || !window->to)
        return fail(ErrorKind::usage, "--window has no beginning or no end; expected FROM..TO");
    incident::Silence silence{options.module, std::nullopt,           *window->from,
                              *window->to,    person_of(options.who), options.why};
    if (!options.drift_type.empty()) {
        auto type = drift::parse_drift_type(options.drift_type);
        if (!type) return propagate(type);
        silence.drift_type = *type;
    }
    if (auto done = store->silence(silence, core::system_clock()); !done) return propagate(done);
    fmt::print("no pages of {} from {} to {}\n", report::printable(silence.module),
               core::to_string(silence.from), core::to_string(silence.to));
    auto known = is_known(*store, silence.module);
    if (!known) return propagate(known);
    if (!*known)
        fmt::print(stderr,
                   "note: no incident of such a module was ever opened; look whether its name is right\n");
    return 0;
}

core::Result<int> digest(const IncidentOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto policy = incident::policy_of(*settings);
    if (!policy) return propagate(policy);
    auto store = open_incidents(*settings);
    if (!store) return propagate(store);
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    if (!range->from) {
        const core::Timestamp to = range->to.value_or(core::system_clock().now());
        range->from = core::Timestamp{to.microseconds - 86'400'000'000};
    }
    auto found = store->digest(*range);
    if (!found) return propagate(found);
    const auto in_spool = pages_in_spool(*settings, true);
    if (auto written = write_result(options.output, incident::to_text(*found, *policy, in_spool)); !written)
        return propagate(written);
    return 0;
}

core::Result<int> step(const IncidentOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    const config::Settings& settings = (*session)->settings();
    auto policy = incident::policy_of(settings);
    if (!policy) return propagate(policy);
    auto owners = config::Owners::of(settings);
    if (!owners) return propagate(owners);
    auto alerts = (*session)->open_spool();
    if (!alerts) return propagate(alerts);
    auto store = open_incidents(settings);
    if (!store) return propagate(store);
    note_receptions(settings);
    incident::StepOptions step;
    step.policy = &*policy;
    step.owners = &*owners;
    step.takes_digests = notification::takes_digests(settings);
    step.spool = settings.text("spool");
    step.holder = fmt::format("step {} {}", ::getpid(), core::to_string(core::uuid_v7((*session)->clock())));
    incident::Stepped all;
    for (bool more = true; more;) {
        auto done = store->step(step, **alerts);
        if (!done) return propagate(done);
        for (const auto& notice : done->notices) fmt::print(stderr, "note: {}\n", notice);
        more = done->leader && done->more && !done->not_appended;
        done->taken += all.taken;
        done->opened += all.opened;
        done->closed += all.closed;
        done->withheld += all.withheld;
        done->appended += all.appended;
        all = std::move(*done);
    }
    if (!all.leader) {
        fmt::print("nothing done: {} evaluates{}\n", all.holder,
                   all.until ? ", until " + core::to_string(*all.until) + " at least" : "");
        return 0;
    }
    if (auto left = store->resign(step.holder); !left) return propagate(left);
    if (all.digest_untold)
        fmt::print(stderr,
                   "note: a digest was due at {}, and nobody is told: neither {} nor {} is set; it is made "
                   "when one is\n",
                   core::to_string(*all.digest_untold), config::variable_of("digest_url"),
                   config::variable_of("webhook_url"));
    if (all.no_digest) fmt::print(stderr, "note: the digest waits: {}\n", all.no_digest->message);
    if (all.not_appended) return tl::unexpected<core::Error>(*all.not_appended);
    if (auto kept = (*alerts)->flush(); !kept) return propagate(kept);
    fmt::print("{} taken: {} opened, {} closed, {} spooled, {} withheld\n", core::plural(all.taken, "event"),
               all.opened, all.closed, core::plural(all.appended, "alert"), all.withheld);
    return 0;
}

}  // namespace

int incident_list(const IncidentOptions& options) { return code_of(list(options)); }
int incident_show(const IncidentOptions& options) { return code_of(show(options)); }
int incident_ack(const IncidentOptions& options) { return code_of(act(options, Act::ack)); }
int incident_snooze(const IncidentOptions& options) { return code_of(act(options, Act::snooze)); }
int incident_dismiss(const IncidentOptions& options) { return code_of(act(options, Act::dismiss)); }
int incident_silence(const IncidentOptions& options) { return code_of(silence(options)); }
int incident_digest(const IncidentOptions& options) { return code_of(digest(options)); }
int incident_step(const IncidentOptions& options) { return code_of(step(options)); }

}  // namespace tristrata::cli
