#include "tristrata/notification/alert.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;

constexpr int record_format = 1;
constexpr std::array<std::string_view, 4> always{"alertname", "module", "drift_type", "severity"};

std::string_view text_of(const Texts& texts, std::string_view name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string_view() : std::string_view(found->second);
}

/// What Prometheus and Alertmanager allow as a label's name.
bool is_label_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// A number with a fraction or an exponent, which nobody gives as a name.
bool is_measured(std::string_view text) {
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc() && end == text.data() + text.size() &&
           text.find_first_of(".eEn") != std::string_view::npos;
}

auto wrong(std::string_view what) {
    return fail(ErrorKind::invalid_input, fmt::format("not an alert's record: {}", what));
}

void write_texts(core::JsonWriter& json, std::string_view key, const Texts& texts) {
    json.key(key);
    json.begin_object();
    for (const auto& [name, text] : texts) json.member(name, text);
    json.end_object();
}

core::Result<Texts> read_texts(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_object()) return wrong(fmt::format("its {} are no object", key));
    Texts texts;
    for (const auto& [name, text] : found->items()) {
        if (!text.is_string()) return wrong(fmt::format("{} of its {} is no text", core::quoted(name), key));
        texts.emplace(name, text.get<std::string>());
    }
    return texts;
}

}  // namespace

std::string_view Alert::label(std::string_view name) const { return text_of(labels, name); }
std::string_view Alert::annotation(std::string_view name) const { return text_of(annotations, name); }

bool is_digest(const Alert& alert) { return alert.label("alertname") == digest_name; }

core::Status check(const Alert& alert) {
    const auto refuse = [&](std::string_view what) {
        return fail(ErrorKind::refused,
                    fmt::format("the alert {} {}", core::quoted(alert.label("alertname")), what));
    };
    for (const auto name : always)
        if (alert.label(name).empty())
            return refuse(fmt::format("has no label {}; expected {}", name, fmt::join(always, ", ")));
    if (auto known = drift::parse_severity(alert.label("severity")); !known)
        return refuse(fmt::format("has no severity: {}", known.error().message));
    for (const auto& [name, text] : alert.labels) {
        if (!is_label_name(name))
            return refuse(
                fmt::format("has the label {}; expected letters, digits and _, not beginning with "
                            "a digit",
                            core::quoted(name)));
        if (text.empty()) return refuse(fmt::format("has the label {} without a text", name));
        if (is_measured(text))
            return refuse(
                fmt::format("has the measured value {} as its label {}, and would be another alert "
                            "with the next one; put it into an annotation",
                            text, name));
    }
    for (const auto& [name, text] : alert.annotations)
        if (!is_label_name(name))
            return refuse(
                fmt::format("has the annotation {}; expected letters, digits and _, not beginning "
                            "with a digit",
                            core::quoted(name)));
    if (alert.ends_at && *alert.ends_at < alert.starts_at)
        return refuse(fmt::format("ends at {}, before it starts at {}", core::to_string(*alert.ends_at),
                                  core::to_string(alert.starts_at)));
    return {};
}

std::string fingerprint(const Texts& labels) {
    constexpr std::uint64_t begin = 14'695'981'039'346'656'037U, prime = 1'099'511'628'211U;
    std::uint64_t hash = begin;
    const auto add = [&](std::uint8_t byte) { hash = (hash ^ byte) * prime; };
    for (const auto& [name, text] : labels)
        for (const std::string* part : {&name, &text}) {
            for (const char c : *part) add(static_cast<std::uint8_t>(c));
            add(0xff);
        }
    return fmt::format("{:016x}", hash);
}

core::Uuid message_id(const Alert& alert) {
    // The labels themselves, since two sets may share 64 bits.
    std::string name =
        fmt::format("alert {} {}", alert.starts_at.microseconds, alert.ends_at ? "resolved" : "firing");
    for (const auto& [key, text] : alert.labels) name += fmt::format("\n{}:{}={}", key, text.size(), text);
    if (const auto page = alert.annotation("page"); !page.empty()) name += fmt::format("\npage {}", page);
    return core::uuid_v5(core::tristrata_namespace(), name);
}

sink::Record encode(const Alert& alert) {
    core::JsonWriter json;
    json.begin_object();
    json.member("format", record_format);
    write_texts(json, "labels", alert.labels);
    write_texts(json, "annotations", alert.annotations);
    json.member("starts_at_us", alert.starts_at.microseconds);
    json.key("ends_at_us");
    if (alert.ends_at) json.value(alert.ends_at->microseconds);
    else json.null();
    json.member("generator_url", alert.generator_url);
    json.end_object();
    sink::Record record{sink::RecordClass::alert, json.take()};
    record.crit = alert.label("severity") == drift::name(drift::Severity::crit);
    return record;
}

core::Result<Alert> decode(const sink::Record& record) {
    if (record.record_class != sink::RecordClass::alert)
        return wrong("its class is " + std::string(sink::name(record.record_class)));
    const auto object = nlohmann::json::parse(record.bytes, nullptr, false);
    if (!object.is_object()) return wrong("it is no JSON object");
    const auto format = object.find("format");
    if (format == object.end() || !format->is_number_integer()) return wrong("it does not say its format");
    if (*format != record_format)
        return fail(ErrorKind::conflict,
                    fmt::format("the alert's record has format {}; this program reads {}", format->dump(),
                                record_format));
    Alert alert;
    auto labels = read_texts(object, "labels");
    if (!labels) return propagate(labels);
    alert.labels = std::move(*labels);
    auto annotations = read_texts(object, "annotations");
    if (!annotations) return propagate(annotations);
    alert.annotations = std::move(*annotations);
    const auto starts_at = object.find("starts_at_us"), ends_at = object.find("ends_at_us");
    if (starts_at == object.end() || !starts_at->is_number_integer())
        return wrong("its starts_at_us is no whole number");
    alert.starts_at = {starts_at->get<std::int64_t>()};
    if (ends_at == object.end() || !(ends_at->is_null() || ends_at->is_number_integer()))
        return wrong("its ends_at_us is neither a whole number nor null");
    if (!ends_at->is_null()) alert.ends_at = core::Timestamp{ends_at->get<std::int64_t>()};
    const auto url = object.find("generator_url");
    if (url == object.end() || !url->is_string()) return wrong("its generator_url is no text");
    alert.generator_url = url->get<std::string>();
    return alert;
}

}  // namespace tristrata::notification
