#include "tristrata/notification/receivers.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/http/client.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <string_view>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view alerts_path = "/api/v2/alerts";
constexpr std::size_t key_digits = 16;

std::vector<std::string> urls_of(std::string_view text) {
    constexpr std::string_view between = " ,\t\r\n";
    std::vector<std::string> urls;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
        if (text.empty()) return urls;
        urls.emplace_back(text.substr(0, text.find_first_of(between)));
        text.remove_prefix(urls.back().size());
    }
}

/// Scheme and host.
std::string host_of(const std::string& url) {
    const std::string shown = http::shown_url(url);
    return shown.substr(0, shown.find('/', shown.find("://") + 3));
}

bool is_http(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (url.starts_with(scheme)) return url.size() > scheme.size() && url[scheme.size()] != '/';
    return false;
}

enum class Takes : std::uint8_t { alerts, digests };

core::Status add(const config::Settings& settings, std::string_view key, Receiver::Kind kind, Takes takes,
                 std::vector<Receiver>& all) {
    const config::Setting* setting = settings.find(key);
    if (setting == nullptr) return {};
    auto text = config::source_of(*setting).read();
    if (!text) return propagate(text);
    std::size_t place = 0;
    for (std::string url : urls_of(text->reveal())) {
        ++place;
        if (!is_http(url))
            return fail(ErrorKind::configuration,
                        fmt::format("{}: entry {} is no URL; expected http://HOST:PORT or https://HOST/PATH",
                                    setting->origin, place));
        if (kind == Receiver::Kind::alertmanager && !url.ends_with(alerts_path)) {
            while (url.ends_with('/')) url.pop_back();
            url += alerts_path;
        }
        const std::string shown = kind == Receiver::Kind::alertmanager ? http::shown_url(url) : host_of(url);
        std::string named = core::sha256(url).substr(0, key_digits);
        Receiver one{kind,  takes == Takes::alerts, takes == Takes::digests, core::Secret(std::move(url)),
                     shown, std::move(named)};
        if (const auto before = std::ranges::find(all, one.key, &Receiver::key); before == all.end()) {
            all.push_back(std::move(one));
        } else {  // Named twice.
            before->alerts = before->alerts || one.alerts;
            before->digests = before->digests || one.digests;
        }
    }
    return {};
}

/// Of those of one host nothing else may be shown: their place among them, as they are named, tells them
/// apart.
void tell_apart(std::vector<Receiver>& all) {
    std::map<std::string, std::size_t> alike, seen;
    for (const Receiver& one : all) ++alike[one.shown];
    for (Receiver& one : all)
        if (const std::size_t count = alike[one.shown]; count > 1) {
            const std::size_t place = ++seen[one.shown];
            one.shown += fmt::format(" ({} of {})", place, count);
        }
}

}  // namespace

bool is_meant_for(const Alert& alert, const Receiver& receiver) {
    return is_digest(alert) ? receiver.digests : receiver.alerts;
}

bool has_receivers(const config::Settings& settings) {
    return settings.find("alertmanager_url") != nullptr || settings.find("webhook_url") != nullptr;
}

bool takes_digests(const config::Settings& settings) {
    return settings.find("digest_url") != nullptr || settings.find("webhook_url") != nullptr;
}

core::Status probe(const Receiver& alertmanager) {
    auto client = http::Client::open();
    if (!client) return propagate(client);
    http::Request request;
    request.url = alertmanager.url.reveal();
    request.timeout = {5'000'000};
    request.headers.emplace_back("Content-Type", core::Secret("application/json"));
    request.body = "[]";
    auto response = (*client)->post(request);
    if (!response) return propagate(response);
    constexpr long taken = 200;
    if (response->status == taken) return {};
    return fail(ErrorKind::unavailable,
                fmt::format("{} answers {}; expected Alertmanager's API version 2 there", alertmanager.shown,
                            response->status),
                std::to_string(response->status));
}

core::Result<Receivers> receivers(const config::Settings& settings) {
    Receivers found;
    if (auto added =
            add(settings, "alertmanager_url", Receiver::Kind::alertmanager, Takes::alerts, found.all);
        !added)
        return propagate(added);
    if (auto added = add(settings, "webhook_url", Receiver::Kind::webhook, Takes::alerts, found.all); !added)
        return propagate(added);
    const bool apart = settings.find("digest_url") != nullptr;
    if (auto added = add(settings, apart ? "digest_url" : "webhook_url", Receiver::Kind::webhook,
                         Takes::digests, found.all);
        !added)
        return propagate(added);
    if (std::ranges::find(found.all, Receiver::Kind::webhook, &Receiver::kind) != found.all.end()) {
        auto secret = settings.require("webhook_secret");
        if (!secret) return propagate(secret);
        found.secret = config::source_of(*secret);
    }
    if (std::ranges::none_of(found.all, &Receiver::alerts))
        return fail(ErrorKind::configuration,
                    "nobody is named who takes alerts; set TRISTRATA_ALERTMANAGER_URL (for example "
                    "http://alertmanager-0.internal:9093) or TRISTRATA_WEBHOOK_URL");
    tell_apart(found.all);
    auto wording = Wording::of(settings);
    if (!wording) return propagate(wording);
    found.wording = std::move(*wording);
    return found;
}

}  // namespace tristrata::notification
