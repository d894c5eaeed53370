#include "tristrata/notification/intake.hpp"

#include "link.hpp"

#include "tristrata/core/ascii.hpp"
#include "tristrata/core/blank.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;
using nlohmann::json;

auto no_webhook(std::string_view what) {
    return fail(ErrorKind::invalid_input, fmt::format("not a webhook of Alertmanager or Grafana: {}", what));
}

core::Result<std::string> text_of(const json& object, const char* key, std::string_view where) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        return no_webhook(fmt::format("{}.{} is no text", where, key));
    return found->get<std::string>();
}

core::Result<Texts> texts_of(const json& object, const char* key, std::string_view where) {
    Texts texts;
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return texts;
    if (!found->is_object()) return no_webhook(fmt::format("{}.{} is no object", where, key));
    for (const auto& [name, text] : found->items()) {
        if (!text.is_string())
            return no_webhook(fmt::format("{}.{}.{} is no text", where, key, core::quoted(name)));
        texts.emplace(name, text.get<std::string>());
    }
    return texts;
}

/// Go writes as many digits of a second as there are, up to nine.
core::Result<core::Timestamp> time_of(const json& object, const char* key, std::string_view where) {
    auto text = text_of(object, key, where);
    if (!text) return propagate(text);
    constexpr std::size_t digits_max = 6;
    if (const auto dot = text->find('.'); dot != std::string::npos) {
        auto end = text->find_first_not_of("0123456789", dot + 1);
        if (end == std::string::npos) end = text->size();
        if (end - dot - 1 > digits_max) text->erase(dot + 1 + digits_max, end - dot - 1 - digits_max);
    }
    auto time = core::parse_timestamp(*text);
    if (!time) return no_webhook(fmt::format("{}.{}: {}", where, key, time.error().message));
    return *time;
}

core::Result<ReceivedAlert> alert_of(const json& one, std::string_view where) {
    if (!one.is_object()) return no_webhook(fmt::format("{} is no object", where));
    ReceivedAlert received;
    auto status = text_of(one, "status", where);
    if (!status) return propagate(status);
    if (*status != "firing" && *status != "resolved")
        return no_webhook(
            fmt::format("{}.status is {}; expected firing or resolved", where, core::quoted(*status)));
    auto labels = texts_of(one, "labels", where);
    if (!labels) return propagate(labels);
    if (labels->empty()) return no_webhook(fmt::format("{} has no labels", where));
    auto annotations = texts_of(one, "annotations", where);
    if (!annotations) return propagate(annotations);
    auto starts_at = time_of(one, "startsAt", where);
    if (!starts_at) return propagate(starts_at);
    received.alert = {std::move(*labels), std::move(*annotations), *starts_at, {}, {}};
    if (*status == "resolved") {
        auto ends_at = time_of(one, "endsAt", where);
        if (!ends_at) return propagate(ends_at);
        received.alert.ends_at = *ends_at;
    }
    if (one.contains("generatorURL")) {
        auto url = text_of(one, "generatorURL", where);
        if (!url) return propagate(url);
        received.alert.generator_url = std::move(*url);
    }
    received.fingerprint = fingerprint(received.alert.labels);
    if (one.contains("fingerprint")) {
        auto given = text_of(one, "fingerprint", where);
        if (!given) return propagate(given);
        if (!given->empty()) received.fingerprint = std::move(*given);
    }
    return received;
}

/// Where a text holds what no text of PostgreSQL does; empty: nowhere.
std::string place_of_zero(const ReceivedAlert& received) {
    const auto has = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
    for (const auto& [what, texts] :
         {std::pair{"label", &received.alert.labels}, {"annotation", &received.alert.annotations}})
        for (const auto& [name, text] : *texts)
            if (has(name) || has(text)) return fmt::format("the {} {}", what, core::quoted(name));
    if (has(received.fingerprint)) return "its fingerprint";
    return has(received.alert.generator_url) ? "its generatorURL" : "";
}

/// The beginning of a text that whoever wrote a rule gave it, whole characters of it.
std::string beginning(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string(text);
    constexpr std::string_view more = "…";
    std::size_t end = bytes_max - more.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + std::string(more);
}

/// What a person is told of it: what its rule says, and since when where that is long ago.
std::string reason_of(const Alert& alert, bool is_old) {
    constexpr std::size_t sentence_max = 500;
    const auto said =
        alert.annotation("summary").empty() ? alert.annotation("description") : alert.annotation("summary");
    std::string reason = beginning(said, sentence_max);
    if (is_old)
        reason +=
            fmt::format("{}it fires since {}", reason.empty() ? "" : "; ", core::to_string(alert.starts_at));
    return reason;
}

/// Its name and, in the order of their names, the labels by which two of that name are told apart; of what is
/// longer than a store keeps the beginning and the fingerprint.
std::string metric_of(const Alert& alert, std::string_view fingerprint) {
    constexpr std::size_t name_bytes_max = 200, shown_of_fingerprint = 16;
    std::string name(alert.label("alertname"));
    std::string labels;
    for (const auto& [key, text] : alert.labels) {
        // What is said elsewhere, or of the rule: "__alert_rule_uid__".
        constexpr std::array<std::string_view, 5> others{"alertname", "drift_type", "grafana_folder",
                                                         "module", "severity"};
        if (text.empty() || key.starts_with("__") || std::ranges::find(others, key) != others.end()) continue;
        labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", key, core::quoted(text, text.size()));
    }
    if (labels.empty() || name.size() > name_bytes_max) return name;
    std::string metric = fmt::format("{}{{{}}}", name, labels);
    if (metric.size() <= name_bytes_max) return metric;
    const std::string end = fmt::format("{{{}}}", beginning(fingerprint, shown_of_fingerprint));
    return beginning(metric, name_bytes_max - end.size()) + end;
}

/// A link without its credentials; where it cannot be told what they are, with all hidden that may be.
std::string shown_link(const std::string& url) {
    const std::string link = link_of(url);
    return core::without_credentials(link.empty() ? url : link);
}

std::optional<drift::Severity> severity_of(std::string_view label) {
    const std::string text = core::lowered(label);
    if (text == "crit" || text == "critical" || text == "page") return drift::Severity::crit;
    if (text == "warn" || text == "warning") return drift::Severity::warn;
    if (text == "info") return drift::Severity::info;
    return std::nullopt;
}

}  // namespace

core::Result<Webhook> parse_webhook(std::string_view body) {
    const auto document = json::parse(body, nullptr, false);
    if (!document.is_object()) return no_webhook("it is no JSON object");
    const auto version = document.find("version");
    if (version == document.end() || !version->is_string()) return no_webhook("it does not say its version");
    Webhook webhook;
    if (*version == "1") webhook.sender = Webhook::Sender::grafana;
    else if (*version != "4")
        return fail(
            ErrorKind::conflict,
            fmt::format("the webhook has version {}; this program reads \"4\" (Alertmanager) and \"1\" "
                        "(Grafana)",
                        core::quoted(version->get<std::string>())));
    const auto alerts = document.find("alerts");
    if (alerts == document.end() || !alerts->is_array()) return no_webhook("its alerts are no array");
    for (std::size_t i = 0; i < alerts->size(); ++i) {
        auto received = alert_of((*alerts)[i], fmt::format("alerts[{}]", i));
        if (!received) return propagate(received);
        webhook.alerts.push_back(std::move(*received));
    }
    const auto truncated = document.find("truncatedAlerts");
    if (truncated != document.end() && truncated->is_number_unsigned())
        webhook.truncated = truncated->get<std::uint64_t>();
    return webhook;
}

core::Result<drift::EventRequest> drift_event_of(const ReceivedAlert& received, core::Timestamp now,
                                                 core::Duration looked_back) {
    const Alert& alert = received.alert;
    const auto refuse = [&](std::string_view what) {
        return fail(ErrorKind::refused,
                    fmt::format("the received alert {} {}", core::quoted(alert.label("alertname")), what));
    };
    if (const auto where = place_of_zero(received); !where.empty())
        return refuse(
            fmt::format("holds the character U+0000 in {}, which no store of PostgreSQL keeps", where));
    for (const char* name : {"alertname", "module", "drift_type"})
        if (core::is_blank(alert.label(name)))
            return refuse(fmt::format("has no label {}; give it to the rule that sends it", name));
    auto type = drift::parse_drift_type(alert.label("drift_type"));
    if (!type) return refuse(fmt::format("has no drift_type: {}", type.error().message));
    const auto severity = severity_of(alert.label("severity"));
    if (!severity)
        return refuse(
            fmt::format("has the severity {}; expected crit, critical or page, warn or warning, or "
                        "info",
                        core::quoted(alert.label("severity"))));
    drift::EventRequest request;
    request.drift_type = *type;
    request.module = alert.label("module");
    request.metric = metric_of(alert, received.fingerprint);
    request.severity = alert.ends_at ? drift::Severity::info : *severity;
    std::string named = fmt::format("received {} {}", received.fingerprint, alert.starts_at.microseconds);
    core::JsonWriter payload;
    payload.begin_object();
    payload.member("received", true);
    if (alert.ends_at) payload.member("ended", true);
    request.time = std::max(alert.starts_at, alert.ends_at.value_or(alert.starts_at));
    if (received.again_since) {
        request.time = std::max(*request.time, *received.again_since + core::Duration{1});
        named += fmt::format(" again {}", received.again_since->microseconds);
    }
    const bool is_old = alert.starts_at < now + core::Duration{-looked_back.microseconds};
    if (is_old) {
        constexpr std::int64_t day = 86'400'000'000;
        const core::Timestamp today{now.microseconds - now.microseconds % day};
        // What ended is as of its end, which lies behind the days that were told.
        request.time = alert.ends_at || received.again_since ? std::max(*request.time, today) : today;
        named += fmt::format(" {}", today.microseconds);
    }
    if (alert.ends_at) {
        named += fmt::format(" ended {}", alert.ends_at->microseconds);
        payload.member("reason", fmt::format("resolved at {}", core::to_string(*alert.ends_at)));
        payload.member("ends_at", core::to_string(*alert.ends_at));
    } else if (const std::string reason = reason_of(alert, is_old); !reason.empty()) {
        payload.member("reason", reason);
    }
    request.event_id = core::uuid_v5(core::tristrata_namespace(), named);
    payload.member("starts_at", core::to_string(alert.starts_at));
    payload.member("fingerprint", received.fingerprint);
    payload.member("generator_url", shown_link(alert.generator_url));
    // Evidence of more than 8 KiB no incident keeps.
    constexpr std::size_t annotation_max = 1000;
    for (const auto& [key, texts] :
         {std::pair{"labels", &alert.labels}, {"annotations", &alert.annotations}}) {
        payload.key(key);
        payload.begin_object();
        for (const auto& [name, text] : *texts)
            payload.member(name, texts == &alert.annotations ? beginning(text, annotation_max) : text);
        payload.end_object();
    }
    payload.end_object();
    request.payload = payload.take();
    return request;
}

}  // namespace tristrata::notification
