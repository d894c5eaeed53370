#include "rows.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace tristrata::incident {
namespace {

using core::ErrorKind;
using core::fail;
using json = nlohmann::json;

constexpr std::array incident_columns{
    "incident_id", "module",       "drift_type",  "phase",         "severity",      "first_seen",
    "first_layer", "last_seen",    "opened_at",   "cooling_since", "closed_at",     "ending",
    "heard_at",    "bad_at",       "occurrences", "reopened",      "starts_at",     "paged_at",
    "hold",        "inhibited_by", "acked_by",    "acked_at",      "snoozed_until", "dismissed_at",
    "owner",       "route",        "runbook",     "seq",           "evidence"};
constexpr std::array incident_times{"first_seen", "last_seen", "opened_at",     "cooling_since",
                                    "closed_at",  "heard_at",  "bad_at",        "starts_at",
                                    "paged_at",   "acked_at",  "snoozed_until", "dismissed_at"};

Value maybe_time(const std::optional<core::Timestamp>& time) {
    return time ? Value(stored_time(*time)) : Value();
}
Value maybe_id(const std::optional<core::Uuid>& id) { return id ? Value(core::to_string(*id)) : Value(); }

/// Reads a row's values one after another; the first that is not what was written ends it.
class RowReader {
public:
    explicit RowReader(const Row& row) : row_(row) {}
    std::string text() { return next().value_or(""); }
    std::int64_t integer() {
        const Value& value = next();
        std::int64_t number = 0;
        if (!value || std::from_chars(value->data(), value->data() + value->size(), number).ec != std::errc())
            spoil("a whole number", value);
        return number;
    }
    std::optional<double> real() {
        const Value& value = next();
        if (!value) return std::nullopt;
        double number = 0;
        if (std::from_chars(value->data(), value->data() + value->size(), number).ec != std::errc())
            spoil("a number", value);
        return number;
    }
    core::Timestamp time() { return maybe_time(true).value_or(core::Timestamp{}); }
    std::optional<core::Timestamp> maybe_time(bool required = false) {
        const Value& value = next();
        if (!value && !required) return std::nullopt;
        if (auto time = time_of(value)) return *time;
        spoil("a time", value);
        return std::nullopt;
    }
    core::Uuid id() { return maybe_id().value_or(core::Uuid{}); }
    std::optional<core::Uuid> maybe_id() {
        const Value& value = next();
        if (!value) return std::nullopt;
        if (auto id = core::parse_uuid(*value)) return *id;
        spoil("a UUID", value);
        return std::nullopt;
    }
    template <class Parsed>
    Parsed parsed(core::Result<Parsed> (*parse)(std::string_view), Parsed otherwise) {
        const Value& value = next();
        auto result = parse(value.value_or(""));
        if (result) return *result;
        spoil("a known word", value);
        return otherwise;
    }
    template <class Word>
    std::optional<Word> word(std::size_t count) {
        const Value& value = next();
        if (!value) return std::nullopt;
        for (std::size_t i = 0; i < count; ++i)
            if (name(static_cast<Word>(i)) == *value) return static_cast<Word>(i);
        spoil("a known word", value);
        return std::nullopt;
    }
    [[nodiscard]] core::Status status() const {
        if (spoilt_.empty()) return {};
        return fail(ErrorKind::storage, spoilt_);
    }

private:
    const Value& next() {
        static const Value none;
        return at_ < row_.size() ? row_[at_++] : none;
    }
    void spoil(std::string_view expected, const Value& found) {
        if (spoilt_.empty())
            spoilt_ = fmt::format("column {} of a row in the schema response is {}; expected {}", at_,
                                  found ? core::quoted(*found) : "NULL", expected);
    }

    const Row& row_;
    std::size_t at_ = 0;
    std::string spoilt_;
};

core::Timestamp time_in(const json& object, const char* key) {
    return core::parse_timestamp(object.at(key).get<std::string>()).value_or(core::Timestamp{});
}
std::optional<core::Uuid> id_in(const json& object, const char* key) {
    const auto& value = object.at(key);
    if (!value.is_string()) return std::nullopt;
    auto id = core::parse_uuid(value.get<std::string>());
    return id ? std::optional(*id) : std::nullopt;
}
template <class Kind>
std::optional<Kind> maybe_in(const json& object, const char* key) {
    const auto& value = object.at(key);
    return value.is_null() ? std::nullopt : std::optional(value.get<Kind>());
}

core::Status read_evidence(const std::string& text, Incident& incident) {
    try {
        const json document = json::parse(text);
        incident.findings_left_out = document.at("left_out").get<std::uint64_t>();
        incident.tellings = document.value("tellings", std::uint64_t{incident.paged_at ? 1U : 0U});
        incident.has_cooled = document.value("has_cooled", incident.reopened > 0);
        const auto held = document.value("news_hold", std::string());
        for (std::uint8_t i = 0; i < 6; ++i)
            if (name(static_cast<Hold>(i)) == held) incident.news_hold = static_cast<Hold>(i);
        for (const json& one : document.at("findings")) {
            Finding finding;
            finding.metric = one.at("metric").get<std::string>();
            finding.severity =
                drift::parse_severity(one.at("severity").get<std::string>()).value_or(drift::Severity::warn);
            finding.first_seen = time_in(one, "first_seen");
            finding.last_seen = time_in(one, "last_seen");
            finding.occurrences = one.at("occurrences").get<std::uint64_t>();
            finding.reference_value = maybe_in<double>(one, "reference_value");
            finding.current_value = maybe_in<double>(one, "current_value");
            finding.measured = one.value("measured", std::string());  // Rows of before have none.
            finding.significance = maybe_in<double>(one, "significance");
            finding.event_id = id_in(one, "event_id").value_or(core::Uuid{});
            finding.report_id = id_in(one, "report_id");
            finding.run_id = maybe_in<std::string>(one, "run_id");
            finding.reference_version = maybe_in<std::string>(one, "reference_version").value_or("");
            finding.sentence = one.at("sentence").get<std::string>();
            finding.payload = one.at("payload").dump();
            // Rows of before do not say it: their page spoke of all.
            const bool was_told = incident.paged_at || incident.acked_at || incident.dismissed_at;
            finding.told = one.value(
                "told", std::uint64_t{was_told && finding.severity == drift::Severity::crit ? 1U : 0U});
            if (one.contains("recovered_at") && one.at("recovered_at").is_string())
                finding.recovered_at = time_in(one, "recovered_at");
            incident.findings.push_back(std::move(finding));
        }
    } catch (const json::exception& error) {
        return fail(ErrorKind::storage, fmt::format("the evidence of incident {} cannot be read: {}",
                                                    core::to_string(incident.incident_id), error.what()));
    }
    return {};
}

std::string recent_of(const Signal& signal) {
    core::JsonWriter out;
    out.begin_array();
    for (const Evaluation& one : signal.recent) {
        out.begin_array();
        out.value(one.at.microseconds);
        out.value(core::to_string(one.event_id));
        out.value(maybe_id(one.report_id));
        out.value(drift::name(one.level));
        out.value(maybe_id(one.incident_id));
        out.value(one.is_evidence);
        out.value(one.found_missing);
        if (one.alert) out.value(core::to_string(*one.alert));
        else out.null();
        out.value(one.ended);
        out.end_array();
    }
    out.end_array();
    return out.take();
}

core::Status read_recent(const std::string& text, Signal& signal) {
    try {
        for (const json& one : json::parse(text)) {
            Evaluation evaluation;
            evaluation.at.microseconds = one.at(0).get<std::int64_t>();
            evaluation.event_id = core::parse_uuid(one.at(1).get<std::string>()).value_or(core::Uuid{});
            if (one.at(2).is_string())
                if (auto id = core::parse_uuid(one.at(2).get<std::string>())) evaluation.report_id = *id;
            evaluation.level =
                drift::parse_severity(one.at(3).get<std::string>()).value_or(drift::Severity::info);
            // What an earlier version wrote ends here.
            if (one.size() > 4 && one.at(4).is_string())
                if (auto id = core::parse_uuid(one.at(4).get<std::string>())) evaluation.incident_id = *id;
            if (one.size() > 5) evaluation.is_evidence = one.at(5).get<bool>();
            if (one.size() > 6) evaluation.found_missing = one.at(6).get<bool>();
            if (one.size() > 7 && one.at(7).is_string())
                if (auto id = core::parse_uuid(one.at(7).get<std::string>())) evaluation.alert = *id;
            if (one.size() > 8) evaluation.ended = one.at(8).get<bool>();
            signal.recent.push_back(evaluation);
        }
    } catch (const json::exception& error) {
        return fail(ErrorKind::storage,
                    fmt::format("the evaluations of {} of {} cannot be read: {}", core::quoted(signal.metric),
                                core::quoted(signal.module), error.what()));
    }
    return {};
}

}  // namespace

void write_finding(core::JsonWriter& json, const Finding& finding) {
    json.begin_object();
    json.member("metric", finding.metric);
    json.member("severity", drift::name(finding.severity));
    json.member("first_seen", core::to_string(finding.first_seen));
    json.member("last_seen", core::to_string(finding.last_seen));
    json.member("occurrences", finding.occurrences);
    json.member("reference_value", finding.reference_value);
    json.member("current_value", finding.current_value);
    json.member("measured", finding.measured);
    json.member("significance", finding.significance);
    json.member("event_id", core::to_string(finding.event_id));
    json.member("report_id", maybe_id(finding.report_id));
    json.member("run_id", finding.run_id);
    json.member("reference_version",
                finding.reference_version.empty() ? std::nullopt : std::optional(finding.reference_version));
    json.member("sentence", finding.sentence);
    json.key("payload");
    json.raw(finding.payload.empty() ? "{}" : finding.payload);
    json.member("told", finding.told);
    json.member("recovered_at",
                finding.recovered_at ? std::optional(core::to_string(*finding.recovered_at)) : std::nullopt);
    json.end_object();
}

std::string evidence_of(const Incident& incident) {
    core::JsonWriter out;
    out.begin_object();
    out.member("left_out", incident.findings_left_out);
    out.member("tellings", incident.tellings);
    out.member("has_cooled", incident.has_cooled);
    out.member("news_hold", name(incident.news_hold));
    out.key("findings");
    out.begin_array();
    for (const Finding& finding : incident.findings) write_finding(out, finding);
    out.end_array();
    out.end_object();
    return out.take();
}

core::Result<std::vector<Incident>> read_incidents(Connection& database, const std::string& condition,
                                                   const std::vector<Value>& parameters) {
    std::string columns;
    for (const std::string column : incident_columns) {
        const bool is_time = std::ranges::find(incident_times, column) != incident_times.end();
        columns += columns.empty() ? "" : ", ";
        columns += is_time ? database.time(column) : column == "evidence" ? database.json(column) : column;
    }
    auto rows =
        database.query(fmt::format("SELECT {} FROM response.incidents {}", columns, condition), parameters);
    if (!rows) return propagate(rows);
    std::vector<Incident> incidents;
    for (const Row& row : *rows) {
        RowReader read(row);
        Incident one;
        one.incident_id = read.id();
        one.module = read.text();
        one.drift_type = read.parsed(drift::parse_drift_type, drift::DriftType::data_drift);
        one.phase = read.word<Phase>(3).value_or(Phase::open);
        one.severity = read.parsed(drift::parse_severity, drift::Severity::warn);
        one.first_seen = read.time();
        one.first_layer = read.text();
        one.last_seen = read.time();
        one.opened_at = read.time();
        one.cooling_since = read.maybe_time();
        one.closed_at = read.maybe_time();
        one.ending = read.word<Ending>(3);
        one.heard_at = read.time();
        one.bad_at = read.time();
        one.occurrences = static_cast<std::uint64_t>(read.integer());
        one.reopened = static_cast<std::uint64_t>(read.integer());
        one.starts_at = read.maybe_time();
        one.paged_at = read.maybe_time();
        one.hold = read.word<Hold>(6).value_or(Hold::none);
        one.inhibited_by = read.maybe_id();
        one.acked_by = read.text();
        one.acked_at = read.maybe_time();
        one.snoozed_until = read.maybe_time();
        one.dismissed_at = read.maybe_time();
        one.owner = read.text();
        one.route = read.text();
        one.runbook = read.text();
        one.seq = read.integer();
        const std::string evidence = read.text();
        if (auto status = read.status(); !status) return propagate(status);
        if (auto status = read_evidence(evidence, one); !status) return propagate(status);
        incidents.push_back(std::move(one));
    }
    return incidents;
}

core::Status write_incident(Connection& database, const Incident& one) {
    std::string columns, places, changes;
    for (std::size_t i = 0; i < incident_columns.size(); ++i) {
        columns += fmt::format("{}{}", i == 0 ? "" : ", ", incident_columns.at(i));
        places += fmt::format("{}${}", i == 0 ? "" : ", ", i + 1);
        if (i > 0)
            changes += fmt::format("{0}{1} = excluded.{1}", i == 1 ? "" : ", ", incident_columns.at(i));
    }
    const std::vector<Value> values{core::to_string(one.incident_id),
                                    one.module,
                                    std::string(drift::name(one.drift_type)),
                                    std::string(name(one.phase)),
                                    std::string(drift::name(one.severity)),
                                    stored_time(one.first_seen),
                                    one.first_layer,
                                    stored_time(one.last_seen),
                                    stored_time(one.opened_at),
                                    maybe_time(one.cooling_since),
                                    maybe_time(one.closed_at),
                                    one.ending ? Value(name(*one.ending)) : Value(),
                                    stored_time(one.heard_at),
                                    stored_time(one.bad_at),
                                    std::to_string(one.occurrences),
                                    std::to_string(one.reopened),
                                    maybe_time(one.starts_at),
                                    maybe_time(one.paged_at),
                                    std::string(name(one.hold)),
                                    maybe_id(one.inhibited_by),
                                    one.acked_by,
                                    maybe_time(one.acked_at),
                                    maybe_time(one.snoozed_until),
                                    maybe_time(one.dismissed_at),
                                    one.owner,
                                    one.route,
                                    one.runbook,
                                    std::to_string(one.seq),
                                    evidence_of(one)};
    auto done = database.query(fmt::format("INSERT INTO response.incidents ({}) VALUES ({}) ON CONFLICT "
                                           "(incident_id) DO UPDATE SET {}",
                                           columns, places, changes),
                               values);
    return done ? core::Status() : propagate(done);
}

core::Status write_transition(Connection& database, const Transition& one, std::int64_t epoch) {
    auto done = database.query(
        "INSERT INTO response.transitions (incident_id, seq, at, kind, who, why, event_id, epoch) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8)",
        {core::to_string(one.incident_id), std::to_string(one.seq), stored_time(one.at), one.kind, one.who,
         one.why, maybe_id(one.event_id), std::to_string(epoch)});
    return done ? core::Status() : propagate(done);
}

core::Result<std::vector<Signal>> read_signals(Connection& database, const std::string& condition,
                                               const std::vector<Value>& parameters) {
    auto rows = database.query(
        fmt::format("SELECT module, drift_type, metric, CASE WHEN by_report THEN 1 ELSE 0 END, {}, "
                    "incident_id FROM response.signals {}",
                    database.json("recent"), condition),
        parameters);
    if (!rows) return propagate(rows);
    std::vector<Signal> signals;
    for (const Row& row : *rows) {
        RowReader read(row);
        Signal one;
        one.module = read.text();
        one.drift_type = read.parsed(drift::parse_drift_type, drift::DriftType::data_drift);
        one.metric = read.text();
        one.by_report = read.integer() == 1;
        const std::string recent = read.text();
        one.incident_id = read.maybe_id();
        if (auto status = read.status(); !status) return propagate(status);
        if (auto status = read_recent(recent, one); !status) return propagate(status);
        signals.push_back(std::move(one));
    }
    return signals;
}

core::Status write_signal(Connection& database, const Signal& one, core::Timestamp now) {
    auto done = database.query(
        "INSERT INTO response.signals (module, drift_type, metric, by_report, recent, heard_at, incident_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (module, drift_type, metric) DO UPDATE SET "
        "by_report = excluded.by_report, recent = excluded.recent, heard_at = excluded.heard_at, incident_id "
        "= excluded.incident_id",
        {one.module, std::string(drift::name(one.drift_type)), one.metric, one.by_report ? "1" : "0",
         recent_of(one), stored_time(now), maybe_id(one.incident_id)});
    return done ? core::Status() : propagate(done);
}

core::Result<std::vector<Page>> read_pages(Connection& database, core::Timestamp from) {
    auto rows =
        database.query(fmt::format("SELECT page_id, incident_id, module, kind, {} FROM response.pages "
                                   "WHERE due_at >= $1",
                                   database.time("due_at")),
                       {stored_time(from)});
    if (!rows) return propagate(rows);
    std::vector<Page> pages;
    for (const Row& row : *rows) {
        RowReader read(row);
        Page one;
        one.page_id = read.id();
        one.incident_id = read.id();
        one.module = read.text();
        one.kind = read.word<Page::Kind>(3).value_or(Page::Kind::firing);
        one.due_at = read.time();
        if (auto status = read.status(); !status) return propagate(status);
        pages.push_back(std::move(one));
    }
    return pages;
}

/// What is not its incident's first page says which it is: by that it is another message.
core::Status write_page(Connection& database, const Page& page, const notification::Alert& alert) {
    auto paged = database.query(
        "SELECT count(*) FROM response.transitions WHERE incident_id = $1 AND kind = 'paged' HAVING count(*) "
        "> 1",
        {core::to_string(page.incident_id)});
    if (!paged) return propagate(paged);
    notification::Alert said = alert;
    if (!paged->empty() && page.kind != Page::Kind::budget)
        said.annotations["page"] = paged->front()[0].value_or("");
    auto done = database.query(
        "INSERT INTO response.pages (page_id, incident_id, module, kind, due_at, alert) VALUES ($1, $2, $3, "
        "$4, $5, $6)",
        {core::to_string(page.page_id), core::to_string(page.incident_id), page.module,
         std::string(name(page.kind)), stored_time(page.due_at), to_json(said)});
    return done ? core::Status() : propagate(done);
}

core::Result<std::vector<Silence>> read_silences(Connection& database, core::Timestamp now) {
    auto rows = database.query(
        fmt::format("SELECT module, drift_type, {}, {}, who, why FROM response.silences WHERE ends_at > $1 "
                    "ORDER BY begins_at",
                    database.time("begins_at"), database.time("ends_at")),
        {stored_time(now)});
    if (!rows) return propagate(rows);
    std::vector<Silence> silences;
    for (const Row& row : *rows) {
        RowReader read(row);
        Silence one;
        one.module = read.text();
        if (const std::string type = read.text(); !type.empty()) {
            auto parsed = drift::parse_drift_type(type);
            if (!parsed) return propagate(parsed);
            one.drift_type = *parsed;
        }
        one.from = read.time();
        one.to = read.time();
        one.who = read.text();
        one.why = read.text();
        if (auto status = read.status(); !status) return propagate(status);
        silences.push_back(std::move(one));
    }
    return silences;
}

std::string event_columns(const Connection& database) {
    return fmt::format(
        "e.event_id, e.report_id, e.run_id, e.module, e.drift_type, e.metric, e.reference_value, "
        "e.current_value, e.significance, e.severity, {}, {}",
        database.json("e.payload"), database.time("e.detected_at"));
}

core::Result<drift::Event> event_of(const Row& row) {
    RowReader read(row);
    drift::Event event;
    event.event_id = read.id();
    event.report_id = read.maybe_id();
    if (const std::string run_id = read.text(); row.size() > 2 && row[2]) event.run_id = run_id;
    event.module = read.text();
    event.drift_type = read.parsed(drift::parse_drift_type, drift::DriftType::data_drift);
    event.metric = read.text();
    event.reference_value = read.real();
    event.current_value = read.real();
    event.significance = read.real();
    event.severity = read.parsed(drift::parse_severity, drift::Severity::info);
    event.payload = read.text();
    if (event.payload.empty()) event.payload = "{}";
    event.detected_at = read.time();
    if (auto status = read.status(); !status) return propagate(status);
    return event;
}

}  // namespace tristrata::incident
