#include "posting.hpp"

#include "link.hpp"

#include "tristrata/core/authentication.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::notification {
namespace {

using core::ErrorKind;

constexpr std::size_t words_shown_max = 300;
/// So many in a row that are not taken: it is the receiver, and not what it is told.
constexpr std::size_t failures_max = 10;

bool is_refusal(long status) { return status == 400 || status == 413 || status == 422; }

/// What a receiver says for people.
std::string words_of(std::string_view body) {
    while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
    return body.empty() ? std::string() : ": " + core::quoted(core::valid_utf8(body), words_shown_max);
}

void write_texts(core::JsonWriter& json, const char* key, const Texts& texts) {
    json.key(key);
    json.begin_object();
    for (const auto& [name, text] : texts) json.member(name, text);
    json.end_object();
}

}  // namespace

bool is_same_page(const Alert& one, const Alert& other) {
    return one.labels == other.labels && one.starts_at == other.starts_at &&
           one.annotation("page") == other.annotation("page");
}

std::string alertmanager_body(const std::vector<Alert>& alerts, const Wording& wording, core::Timestamp now,
                              core::Duration open_for) {
    core::JsonWriter json;
    json.begin_array();
    for (const Alert& alert : alerts) {
        Texts annotations = alert.annotations;
        annotations.emplace("title", wording.title(alert));
        annotations.emplace("text", wording.text(alert));
        json.begin_object();
        write_texts(json, "labels", alert.labels);
        write_texts(json, "annotations", annotations);
        json.member("startsAt", core::to_string(alert.starts_at));
        json.member("endsAt",
                    core::to_string(alert.ends_at.value_or(std::max(now, alert.starts_at) + open_for)));
        if (const std::string link = link_of(alert.generator_url); !link.empty())
            json.member("generatorURL", link);
        json.end_object();
    }
    json.end_array();
    return json.take();
}

std::string webhook_body(const Alert& alert, const Wording& wording) {
    core::JsonWriter json;
    json.begin_object();
    json.member("version", "1");
    json.member("id", core::to_string(message_id(alert)));
    json.member("status", alert.ends_at ? "resolved" : "firing");
    // A digest is worded by whoever made it.
    json.member("title", is_digest(alert) ? std::string(alert.annotation("summary")) : wording.title(alert));
    json.member("text",
                is_digest(alert) ? std::string(alert.annotation("description")) : wording.text(alert));
    json.member("fingerprint", fingerprint(alert.labels));
    write_texts(json, "labels", alert.labels);
    write_texts(json, "annotations", alert.annotations);
    json.member("starts_at", core::to_string(alert.starts_at));
    json.member("ends_at", alert.ends_at ? std::optional(core::to_string(*alert.ends_at)) : std::nullopt);
    json.member("generator_url", alert.generator_url);
    json.end_object();
    return json.take();
}

std::string signature(const core::Secret& secret, std::string_view seconds, std::string_view body) {
    return "v1=" + core::hmac_sha256(secret, fmt::format("{}.{}", seconds, body));
}

Outcome Posting::post(const Receiver& to, const Receivers& all, const std::vector<Alert>& alerts) {
    const auto failed = [](core::Error error) { return Outcome{Outcome::Kind::failed, std::move(error)}; };
    if (!client_) {
        auto opened = http::Client::open();
        if (!opened) return failed(opened.error());
        client_ = std::move(*opened);
    }
    http::Request request;
    request.url = to.url.reveal();
    request.timeout = timeout_;
    request.headers.emplace_back("Content-Type", core::Secret("application/json"));
    std::string body;
    const core::Timestamp now = clock_.now();
    if (to.kind == Receiver::Kind::alertmanager) {
        body = alertmanager_body(alerts, all.wording, now, open_for_);
    } else {
        const auto secret = all.secret ? all.secret->read() : core::Result<core::Secret>(core::Secret());
        if (!secret) return failed(secret.error());
        body = webhook_body(alerts.front(), all.wording);
        constexpr std::int64_t second = 1'000'000;
        const std::string seconds = std::to_string(now.microseconds / second);
        request.headers.emplace_back("Tristrata-Id",
                                     core::Secret(core::to_string(message_id(alerts.front()))));
        request.headers.emplace_back("Tristrata-Timestamp", core::Secret(seconds));
        request.headers.emplace_back("Tristrata-Signature", core::Secret(signature(*secret, seconds, body)));
    }
    request.body = body;
    bool all_sent = false;
    request.all_sent = &all_sent;
    auto response = client_->post(request);
    if (!response) {
        core::Error error = response.error();
        if (to.kind == Receiver::Kind::alertmanager) return failed(std::move(error));
        // The client shows an URL with its path.
        error.message = fmt::format("{} does not take alerts: no answer, or none that can be used", to.shown);
        return {Outcome::Kind::failed, std::move(error), all_sent, all_sent};
    }
    if (response->status >= 200 && response->status < 300) return {};
    core::Error error{ErrorKind::unavailable,
                      fmt::format("{} answers {}{}", to.shown, response->status, words_of(response->body)),
                      std::to_string(response->status)};
    if (!is_refusal(response->status)) return {Outcome::Kind::failed, std::move(error), true};
    error.kind = ErrorKind::refused;
    return {Outcome::Kind::refused, std::move(error)};
}

std::vector<Outcome> Posting::send(const Receiver& to, const Receivers& all,
                                   const std::vector<Alert>& alerts) {
    std::vector<Outcome> outcomes;
    if (alerts.empty()) return outcomes;
    if (to.kind == Receiver::Kind::alertmanager && alerts.size() > 1) {
        const Outcome together = post(to, all, alerts);
        // Of those that are not taken together, some are perhaps: each is sent again by itself.
        if (together.kind != Outcome::Kind::refused && !together.of_itself) return {alerts.size(), together};
    }
    core::Timestamp until = clock_.steady_now() + timeout_;
    std::size_t failures = 0;  // In a row.
    std::size_t hung = 0;
    for (const Alert& alert : alerts) {
        const bool is_over = failures > 0 && (!outcomes.back().of_itself || failures >= failures_max ||
                                              hung > 1 || until < clock_.steady_now());
        const Outcome* before = is_over ? &outcomes.back() : nullptr;
        for (std::size_t i = 0; i < outcomes.size() && before == nullptr; ++i)
            if (outcomes[i].kind == Outcome::Kind::failed && is_same_page(alerts[i], alert))
                before = &outcomes[i];
        Outcome outcome = before != nullptr ? *before : post(to, all, {alert});
        if (before != nullptr) outcome.hung = false;  // It was not sent.
        if (outcome.hung) {
            ++hung;
            until = clock_.steady_now() + timeout_;
        }
        failures = outcome.kind == Outcome::Kind::failed ? failures + 1 : 0;
        outcomes.push_back(std::move(outcome));
        // A link that this program reads otherwise than the receiver does costs nobody the page.
        if (to.kind != Receiver::Kind::alertmanager || alert.generator_url.empty() ||
            outcomes.back().kind != Outcome::Kind::refused)
            continue;
        Alert without = alert;
        without.generator_url.clear();
        if (Outcome again = post(to, all, {without}); again.kind != Outcome::Kind::refused)
            outcomes.back() = std::move(again);
    }
    return outcomes;
}

}  // namespace tristrata::notification
