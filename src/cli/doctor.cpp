#include "commands.hpp"
#include "console.hpp"
#include "no_evidence.hpp"
#include "opening.hpp"

#include "tristrata/analyzer/rounds.hpp"
#include "tristrata/config/exposure.hpp"
#include "tristrata/config/owners.hpp"
#include "tristrata/config/unknown_variable.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/http/client.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/wording.hpp"
#include "tristrata/kill_switch/escalation.hpp"
#include "tristrata/notification/receivers.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/service/service.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"
#include "tristrata/store/probe.hpp"
#include "tristrata/technical/otlp.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>

namespace tristrata::cli {
namespace {

constexpr std::array<std::string_view, 3> watch_keys{"analyzers", "checks", "response_url"};
constexpr std::uint64_t incidents_max = 10'000;
constexpr std::size_t failures_shown = 10;

struct Finding {
    std::string setting;
    std::string value;
    std::string origin;
    bool works = true;
    std::string state;
};

/// Room for a segment: without it emits are refused when the last is full, and /healthz says so.
core::Status require_room(const std::string& folder, std::uint64_t bytes_free) {
    if (bytes_free >= spool::segment_bytes_default) return {};
    return core::fail(
        core::ErrorKind::storage,
        fmt::format("{} bytes are free on the disk of {}, less than a segment of {}: where none "
                    "stands there, or the last is full, emits are refused until somebody "
                    "makes room",
                    bytes_free, folder, spool::segment_bytes_default));
}

/// Whether an emit can make what is not there yet: a folder beside it is made, and goes again.
core::Result<std::string> examine_no_spool(const std::string& root) {
    std::error_code code;
    auto above = std::filesystem::absolute(root, code);
    while (!std::filesystem::exists(above, code) && above.has_relative_path()) above = above.parent_path();
    std::string tried = (above / ".tristrata_doctor_XXXXXX").string();
    if (::mkdtemp(tried.data()) == nullptr)
        return core::fail(core::ErrorKind::storage,
                          fmt::format("cannot make {}: {} takes no folder: {}", root, above.string(),
                                      std::generic_category().message(errno)));
    (void)::rmdir(tried.c_str());
    auto free = spool::posix_file_system().bytes_free(above.string());
    if (!free) return propagate(free);
    if (auto room = require_room(above.string(), *free); !room) return propagate(room);
    return fmt::format("{} is not there yet: the first emit makes it", root);
}

/// Where the spool is, how much room it has and what waits in it.
core::Result<std::string> examine_spool(const std::string& root) {
    auto place = spool::examine_place(spool::posix_file_system(), root);
    if (!place && place.error().kind == core::ErrorKind::not_found) return examine_no_spool(root);
    if (!place) return propagate(place);
    if (auto room = require_room(root, place->bytes_free); !room) return propagate(room);
    std::string text = fmt::format("works: {} disk, {:.1f} GB free", spool::name(place->kind),
                                   static_cast<double>(place->bytes_free) / 1e9);
    auto slots = spool::status(spool::posix_file_system(), root);
    if (!slots) return propagate(slots);
    std::uint64_t pending = 0;
    std::optional<core::Timestamp> since;
    for (const auto& slot : *slots) {
        if (slot.unreadable) return tl::unexpected<core::Error>(*slot.unreadable);
        for (const auto& one : slot.classes) {
            pending += one.pending;
            if (one.pending_since && (!since || *one.pending_since < *since)) since = one.pending_since;
        }
    }
    text +=
        fmt::format(", {}, {} pending", core::plural(slots->size(), "slot"), core::plural(pending, "row"));
    if (since) text += fmt::format(" since {}", core::to_string(*since));
    if (place->kind == spool::FileSystemKind::memory) text += "; it survives the process, not the power";
    if (place->kind == spool::FileSystemKind::overlay)
        text += "; it goes with its container: mount a volume there";
    return text;
}

/// As whom a URL was taken, and of its user's rights those that nobody needs.
std::string server_of(const store::ServerProbe& probe) {
    return fmt::format("works: {} {} as {}",
                       store::name(probe.kind) == "plain" ? "postgresql" : store::name(probe.kind),
                       probe.version, probe.user);
}

std::string excess_of(const store::ServerProbe& probe) {
    if (probe.excess.empty()) return "";
    // A superuser has every right there is.
    if (probe.excess.front() == "superuser") return "; has too much: superuser";
    return fmt::format("; has too much: {}", fmt::join(probe.excess, ", "));
}

/// What a reader would see of a store of PostgreSQL.
core::Result<std::string> what_is_read(const config::Setting& setting, store::Layer layer) {
    auto store = store::open_postgres(config::source_of(setting), layer, store::OpenMode::read);
    if (!store) return propagate(store);
    auto found = (*store)->status();
    if (!found) return propagate(found);
    return fmt::format("{} schema {}, {}", schema_name(layer), found->schema_version,
                       core::plural(found->tables.front().rows, "row"));
}

/// A file that takes a transaction, of nothing, which leaves it as it was.
core::Result<std::string> examine_file(const std::string& path, store::Layer layer) {
    // Asked before it is opened: SQLite leaves its -wal and -shm behind where it may not write the file.
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0 && errno != ENOENT && errno != ENOTDIR) {
        const std::error_code code(errno, std::generic_category());
        return core::fail(core::ErrorKind::storage,
                          fmt::format("{} cannot be written by this user: {}; emit as its owner, or let its "
                                      "owner grant the file and its folder",
                                      path, code.message()));
    }
    auto store = store::open_sqlite(path, layer, store::OpenMode::write);
    if (!store) return propagate(store);
    auto found = (*store)->status();
    if (!found) return propagate(found);
    if (auto taken = (*store)->ingest({}, std::nullopt); !taken) return propagate(taken);
    return fmt::format("works: {}, schema {}, {}", found->backend, found->schema_version,
                       core::plural(found->tables.front().rows, "row"));
}

/// A store by its own URL, as the writer that it names, whoever reads it.
core::Result<std::string> examine_store(session::Session& session, store::Layer layer,
                                        const config::Setting& setting) {
    auto url = session.store_url(layer);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite) return examine_file(url->path, layer);
    auto probe = store::probe_postgres(config::source_of(setting), layer == store::Layer::kpi
                                                                       ? store::Purpose::kpi_writer
                                                                       : store::Purpose::drift_writer);
    if (!probe) return propagate(probe);
    auto store = store::open_postgres(config::source_of(setting), layer, store::OpenMode::write);
    if (!store) return propagate(store);
    if (!probe->missing.empty())
        return core::fail(core::ErrorKind::configuration,
                          fmt::format("{}: {} may not write: misses {}", probe->where, probe->user,
                                      fmt::join(probe->missing, ", ")));
    std::string text = server_of(*probe) + "; may write";
    if (session.settings().find("read_url") != nullptr) return text + excess_of(*probe);
    auto read = what_is_read(setting, layer);
    constexpr std::string_view insufficient_privilege = "42501";
    if (read) return text + "; " + *read;
    if (read.error().foreign_code != insufficient_privilege) return propagate(read);
    return text + "; may not read: queries need TRISTRATA_READ_URL";
}

/// The user of all queries: each store on PostgreSQL as it sees it.
core::Result<std::string> examine_reader(session::Session& session, const config::Setting& setting) {
    auto probe = store::probe_postgres(config::source_of(setting), store::Purpose::reader);
    if (!probe) return propagate(probe);
    std::string text = server_of(*probe);
    for (const auto& one : probe->missing) text += "; misses " + one;
    for (const auto& [layer, key] : layers) {
        if (session.settings().find(key) == nullptr) continue;
        auto url = session.store_url(layer);
        // What is wrong with another setting stands at that one.
        if (!url || url->backend != config::Backend::postgresql) continue;
        auto read = what_is_read(setting, layer);
        if (!read) return propagate(read);
        text += "; " + *read;
    }
    return text + excess_of(*probe);
}

/// Whether a URL answers, and what its user may.
core::Result<std::string> examine_role(session::Session& session, const config::Setting& setting,
                                       std::string_view key) {
    auto url = config::parse_store_url(setting);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite && key == "admin_url")
        return std::string("not used: SQLite has no roles");
    if (url->backend == config::Backend::sqlite) {
        auto opened = database::Sqlite::open(url->path, "store", database::Access::read, false);
        if (!opened) return propagate(opened);
        auto tables = opened->prepare("SELECT count(*) FROM store.sqlite_schema WHERE type = 'table'");
        if (!tables) return propagate(tables);
        if (auto row = tables->step(); !row) return propagate(row);
        return fmt::format("works: sqlite, {} to read",
                           core::plural(static_cast<std::uint64_t>(tables->integer(0)), "table"));
    }
    if (key == "read_url") return examine_reader(session, setting);
    if (key == "analyzer_url") {
        auto probe = store::probe_postgres(config::source_of(setting), store::Purpose::reader);
        return probe ? core::Result<std::string>(server_of(*probe)) : core::propagate(probe);
    }
    auto probe = store::probe_postgres(config::source_of(setting), store::Purpose::administrator);
    if (!probe) return propagate(probe);
    std::string text = server_of(*probe);
    for (const auto& one : probe->missing) text += "; misses " + one;
    return probe->missing.empty() ? text + "; may make the tables" : text;
}

/// Who takes alerts: each Alertmanager is asked; a webhook would page somebody.
core::Result<std::string> examine_receivers(const config::Settings& settings, std::string_view key) {
    using enum notification::Receiver::Kind;
    const auto kind = key == "alertmanager_url" ? alertmanager : webhook;
    auto found = notification::receivers(settings);
    if (!found) return propagate(found);
    std::uint64_t count = 0;
    for (const auto& receiver : found->all) {
        if (receiver.kind != kind || !(key == "digest_url" ? receiver.digests : receiver.alerts)) continue;
        ++count;
        if (kind == webhook) continue;
        if (auto takes = notification::probe(receiver); !takes) return propagate(takes);
    }
    return kind == alertmanager ? fmt::format("works: {} alerts",
                                              core::plural(count, "Alertmanager takes", "Alertmanagers take"))
                                : fmt::format("set: {}, not tried, since it would page somebody",
                                              core::plural(count, "webhook"));
}

core::Result<std::string> examine_switch(const config::Settings& settings, const config::Setting& setting) {
    auto place = kill_switch::place_of(settings);
    if (!place) return propagate(place);
    auto policy = kill_switch::Policy::read(settings);
    if (!policy) return propagate(policy);
    const std::string vain = no_evidence(settings, *policy);
    auto opened = kill_switch::KillSwitch::open(*place, std::move(*policy), core::system_clock());
    if (!opened) return propagate(opened);
    auto found = (*opened)->overview();
    if (!found) return propagate(found);
    const auto engaged =
        std::ranges::count_if(found->states, [](const auto& state) { return state.engaged; });
    const std::string text = fmt::format(", {} mode, {} engaged", kill_switch::name(found->mode),
                                         core::plural(static_cast<std::uint64_t>(engaged), "scope"));
    if (place->backend == config::Backend::sqlite) return "works: " + found->backend + text + vain;
    auto probe = store::probe_postgres(config::source_of(setting), store::Purpose::kill_switch);
    if (!probe) return propagate(probe);
    return server_of(*probe) + text + "; " + probe->may + excess_of(*probe) + vain;
}

/// Every query is asked once, as `serve` does: within its own time, and without a push of what it comes to.
core::Result<std::string> examine_analyzers(const config::Settings& settings, const std::string& file) {
    auto definitions = analyzer::require_definitions(file);
    if (!definitions) return propagate(definitions);
    if (auto store = settings.require("drift_url"); !store) return propagate(store);
    auto respondents = analyzer::open_respondents(*definitions, settings);
    if (!respondents) return propagate(respondents);
    const std::uint64_t analyzers = definitions->size(), sources = respondents->size();
    std::map<std::string, std::string> failed;  // In the order of their names.
    core::ErrorKind kind = core::ErrorKind::unavailable;
    core::Task task;
    task.stop = interrupted();
    analyzer::Rounds(std::move(*definitions), std::move(*respondents))
        .once(
            core::system_clock().now(),
            [&](const analyzer::Definition&, const analyzer::Judgement& one) {
                if (!one.failure) return;
                kind = *one.failure;
                failed.emplace(one.analyzer, one.reason);
            },
            task);
    if (task.stop.stop_requested()) return core::fail(core::ErrorKind::cancelled, "a stop was asked for");
    if (failed.empty())
        return fmt::format("works: {}, each query answered; {}", core::plural(analyzers, "analyzer"),
                           core::plural(sources, "source"));
    std::string text =
        fmt::format("{} of {} had no answer", failed.size(), core::plural(analyzers, "analyzer"));
    std::size_t shown = 0;
    for (const auto& [name, reason] : failed) {
        if (shown++ == failures_shown) break;
        text += fmt::format("; {}: {}", name, reason);
    }
    if (failed.size() > failures_shown) text += fmt::format("; and {} more", failed.size() - failures_shown);
    return core::fail(kind, text);
}

core::Result<std::string> examine_incidents(const config::Settings& settings) {
    auto policy = incident::policy_of(settings);
    if (!policy) return propagate(policy);
    auto store = incident::IncidentStore::open(settings);
    if (!store) return propagate(store);
    incident::IncidentQuery query;
    query.limit = incidents_max;
    auto open = store->list(query);
    if (!open) return propagate(open);
    std::string text =
        fmt::format("works: {}, {} not closed", store->where(), core::plural(open->size(), "incident"));
    if (policy->digest && !notification::takes_digests(settings))
        text += fmt::format(
            "; note: [incident.digest] is set, and nobody is told: no webhook takes digests; set {} or {}, "
            "or "
            "take [incident.digest] out",
            config::variable_of("digest_url"), config::variable_of("webhook_url"));
    return text;
}

/// What `serve` watches and pages by.
core::Result<std::string> examine_watch(const config::Settings& settings, std::string_view key,
                                        const config::Setting& setting) {
    if (key == "analyzers") return examine_analyzers(settings, setting.value.reveal());
    if (key == "response_url") return examine_incidents(settings);
    auto checks = service::count_checks(settings);
    if (!checks) return propagate(checks);
    return "works: " + core::plural(*checks, "check");
}

Finding examine(session::Session& session, const config::SettingName& name) {
    Finding finding;
    finding.setting = name.variable;
    const auto* setting = session.settings().find(name.key);
    if (setting == nullptr) {
        finding.state = fmt::format("not set (for example {})", name.example);
        return finding;
    }
    finding.value = config::shown(name, *setting);
    finding.origin = setting->origin;
    finding.state = "set";
    core::Status status;
    if (name.key == "kpi_url" || name.key == "drift_url") {
        const auto layer = name.key == "kpi_url" ? store::Layer::kpi : store::Layer::drift;
        if (auto found = examine_store(session, layer, *setting); !found) status = propagate(found);
        else finding.state = *found;
    } else if (name.key == "read_url" || name.key == "admin_url" || name.key == "analyzer_url") {
        if (auto found = examine_role(session, *setting, name.key); !found) status = propagate(found);
        else finding.state = *found;
    } else if (name.key == "alertmanager_url" || name.key == "webhook_url" || name.key == "digest_url") {
        auto found = examine_receivers(session.settings(), name.key);
        if (!found) status = propagate(found);
        else finding.state = *found;
    } else if (std::ranges::find(watch_keys, name.key) != watch_keys.end()) {
        if (auto found = examine_watch(session.settings(), name.key, *setting); !found)
            status = propagate(found);
        else finding.state = *found;
    } else if (name.key == "kill_switch_url") {
        if (auto found = examine_switch(session.settings(), *setting); !found) status = propagate(found);
        else finding.state = *found;
    } else if (name.key == "kill_switch_engage") {
        if (auto scopes = kill_switch::engaged_at_boot(session.settings()); !scopes)
            status = propagate(scopes);
        else finding.state = "engages when a process begins: " + core::plural(scopes->size(), "scope");
    } else if (name.key == "archive") {
        auto objects = session.open_objects();
        if (!objects) status = propagate(objects);
        else if (status = (*objects)->probe(); status)
            finding.state = "works: an object was put, read back and removed";
    } else if (name.key == "spool") {
        if (auto found = examine_spool(setting->value.reveal()); !found) status = propagate(found);
        else finding.state = *found;
    } else if (name.key == "events") {
        if (auto catalogue = session.event_catalogue(); !catalogue) status = propagate(catalogue);
        else finding.state = "works: " + core::plural((*catalogue)->kinds().size(), "event");
    } else if (name.key == "owners") {
        if (auto owners = config::Owners::of(session.settings()); !owners) status = propagate(owners);
        else {
            finding.state = fmt::format("works: {}; {} owns what none names",
                                        core::plural(owners->entries().size(), "entry", "entries"),
                                        owners->fallback().owner);
            if (const auto place = incident::runbooks_without_url(*owners))
                finding.state += fmt::format(
                    "; a page names runbooks in {}, which nobody can open from there: "
                    "give runbooks = \"https://…\" there, in [default] or a module's table",
                    core::quoted(*place));
        }
    } else if (name.key == "tags" || name.key == "sensitive") {
        if (auto policy = session.tag_policy(); !policy) status = propagate(policy);
        else finding.state = "works: " + core::plural((*policy)->keys().size(), "key");
    }
    if (!status) {
        finding.works = false;
        finding.state = status.error().message;
    }
    if (name.key == "read_url")
        for (const auto& sentence : stores_not_read(session.settings()))
            finding.state += "; note: " + sentence;
    if (const auto exposed = config::exposure_of(*setting)) finding.state += "; warning: " + *exposed;
    return finding;
}

/// Where events go: OpenTelemetry's variables, which are no settings of this program.
Finding examine_collector(const config::Settings& settings) {
    auto telemetry = technical::telemetry_settings(settings);
    Finding finding;
    finding.setting = "OTEL_EXPORTER_OTLP_ENDPOINT";
    if (!telemetry.exported) {
        finding.state = "not used: OTEL_SDK_DISABLED or OTEL_LOGS_EXPORTER switches the export of events off";
        return finding;
    }
    core::Status status;
    if (!telemetry.endpoint) {
        status = propagate(telemetry.endpoint);
    } else {
        if (!telemetry.endpoint->is_named) {
            finding.state = "not set (for example http://localhost:4318, where events go then)";
            return finding;
        }
        finding.setting = telemetry.endpoint->origin;
        finding.value = http::shown_url(telemetry.endpoint->url);
        finding.origin = telemetry.endpoint->origin;
        finding.state = "works: the collector takes events";
        status = technical::OtlpDestination(std::move(telemetry.endpoint)).probe();
    }
    finding.works = status.has_value();
    if (!status) finding.state = status.error().message;
    for (const auto& warning : telemetry.warnings) finding.state += "; warning: " + warning;
    return finding;
}

core::Result<int> run(const DoctorOptions& options) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    std::vector<Finding> findings;
    bool works = true;
    for (const auto& name : config::setting_names()) {
        findings.push_back(examine(**session, name));
        works = works && findings.back().works;
    }
    findings.push_back(examine_collector((*session)->settings()));
    works = works && findings.back().works;
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.member("works", works);
        json.key("settings");
        json.begin_array();
        for (const auto& finding : findings) {
            json.begin_object();
            json.member("setting", finding.setting);
            json.member("value", finding.origin.empty() ? std::nullopt : std::optional(finding.value));
            json.member("origin", finding.origin.empty() ? std::nullopt : std::optional(finding.origin));
            json.member("works", finding.works);
            json.member("state", finding.state);
            json.end_object();
        }
        json.end_array();
        json.key("unknown_variables");
        json.begin_array();
        for (const auto& [name, nearest] : (*session)->settings().unknown()) {
            json.begin_object();
            json.member("variable", name);
            json.member("nearest", optional_text(nearest));
            json.end_object();
        }
        json.end_array();
        json.end_object();
        text = json.take() + "\n";
    } else {
        std::vector<std::vector<std::string>> rows;
        for (const auto& finding : findings)
            rows.push_back({finding.setting, finding.value.empty() ? "-" : finding.value,
                            finding.origin.empty() ? "-" : finding.origin, finding.state});
        text = report::aligned({"setting", "value", "from", "state"}, rows);
        for (const auto& variable : (*session)->settings().unknown())
            text += fmt::format("note: {}\n", config::sentence_of(variable));
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return works ? 0 : 2;
}

}  // namespace

int doctor(const DoctorOptions& options) { return code_of(run(options)); }

}  // namespace tristrata::cli
