#include "tristrata/kill_switch/request.hpp"

#include "tristrata/core/blank.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tuple>

namespace tristrata::kill_switch {
namespace {

using core::ErrorKind;
using core::fail;
using Json = nlohmann::json;

constexpr int record_format = 1;
constexpr std::size_t longest_text = 2000;

std::optional<double> number_of(const Json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

core::Result<std::optional<Evidence>> evidence_of(const Json& document) {
    if (document.is_null()) return std::optional<Evidence>();
    Evidence evidence;
    auto verdict = drift::parse_verdict(document.at("verdict").get<std::string>());
    auto severity = drift::parse_severity(document.at("severity").get<std::string>());
    if (!verdict) return propagate(verdict);
    if (!severity) return propagate(severity);
    evidence.verdict = *verdict;
    evidence.severity = *severity;
    evidence.analyzer = document.at("analyzer").get<std::string>();
    evidence.analyzer_version = document.at("analyzer_version").get<std::string>();
    evidence.fired = document.at("fired").get<std::uint64_t>();
    evidence.evaluations = document.at("evaluations").get<std::uint64_t>();
    evidence.rows = document.at("rows").get<std::uint64_t>();
    if (const auto& newest = document.at("newest_us"); !newest.is_null())
        evidence.newest = core::Timestamp{newest.get<std::int64_t>()};
    evidence.reference_value = number_of(document.at("reference_value"));
    evidence.current_value = number_of(document.at("current_value"));
    evidence.threshold = number_of(document.at("threshold"));
    evidence.doubt = document.value("doubt", std::string());
    return std::optional(std::move(evidence));
}

}  // namespace

std::string to_json(const Evidence& evidence) {
    core::JsonWriter out;
    out.begin_object();
    out.member("analyzer", evidence.analyzer);
    out.member("analyzer_version", evidence.analyzer_version);
    out.member("verdict", drift::name(evidence.verdict));
    out.member("severity", drift::name(evidence.severity));
    out.member("fired", evidence.fired);
    out.member("evaluations", evidence.evaluations);
    out.member("rows", evidence.rows);
    out.key("newest_us");
    if (evidence.newest) out.value(evidence.newest->microseconds);
    else out.null();
    out.member("reference_value", evidence.reference_value);
    out.member("current_value", evidence.current_value);
    out.member("threshold", evidence.threshold);
    if (!evidence.doubt.empty()) out.member("doubt", evidence.doubt);
    out.end_object();
    return out.take();
}

core::Status check(const EngageRequest& request) {
    for (const auto& [what, text] : {std::tuple{"incident", &request.incident},
                                     std::tuple{"who", &request.who}, std::tuple{"why", &request.why}})
        if (core::is_blank(*text) || text->size() > longest_text)
            return fail(ErrorKind::usage,
                        fmt::format("{} is {}; expected 1 to {} bytes", what,
                                    core::is_blank(*text) ? "empty" : core::quoted(*text, 40), longest_text));
        else if (!core::is_utf8(*text))
            return fail(ErrorKind::usage,
                        fmt::format("{} is {}, which is not UTF-8", what, core::quoted(*text, 40)));
    return {};
}

sink::Record encode(const EngageRequest& request) {
    core::JsonWriter out;
    out.begin_object();
    out.member("format", record_format);
    out.member("scope", to_string(request.scope));
    out.member("incident", request.incident);
    out.member("episode", request.episode);
    out.member("source", name(request.source));
    out.member("who", request.who);
    out.member("why", request.why);
    out.member("asked_at_us", request.asked_at.microseconds);
    out.key("evidence");
    if (request.evidence) out.raw(to_json(*request.evidence));
    else out.null();
    out.end_object();
    return {sink::RecordClass::engage, out.take(), 1, true};
}

core::Result<EngageRequest> decode(const sink::Record& record) {
    const auto wrong = [](std::string_view what) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("not an engage record: {}", core::valid_utf8(what)));
    };
    if (record.record_class != sink::RecordClass::engage)
        return wrong("its class is " + std::string(sink::name(record.record_class)));
    try {
        const Json document = Json::parse(record.bytes);
        if (const int format = document.at("format").get<int>(); format != record_format)
            return fail(
                ErrorKind::conflict,
                fmt::format("the engage record has format {}; this program reads {}", format, record_format));
        auto scope = parse_scope(document.at("scope").get<std::string>());
        auto source = parse_source(document.at("source").get<std::string>());
        auto evidence = evidence_of(document.at("evidence"));
        if (!scope) return wrong(scope.error().message);
        if (!source) return wrong(source.error().message);
        if (!evidence) return wrong(evidence.error().message);
        EngageRequest request;
        request.scope = std::move(*scope);
        request.source = *source;
        request.evidence = std::move(*evidence);
        request.incident = document.at("incident").get<std::string>();
        request.episode = document.at("episode").get<std::int64_t>();
        request.who = document.at("who").get<std::string>();
        request.why = document.at("why").get<std::string>();
        request.asked_at = {document.at("asked_at_us").get<std::int64_t>()};
        if (auto whole = check(request); !whole) return wrong(whole.error().message);
        return request;
    } catch (const Json::exception& error) {
        return wrong(error.what());
    }
}

}  // namespace tristrata::kill_switch
