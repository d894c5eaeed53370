#include "intake_server.hpp"

#include "tristrata/incident/policy.hpp"

#include <fmt/format.h>

namespace tristrata::service {

using core::ErrorKind;
using core::fail;

namespace {

std::string_view reason_of(int status) {
    switch (status) {
        case 401:
            return "unauthorized";
        case 405:
            return "method";
        case 408:
            return "too_slow";
        case 413:
            return "too_long";
        case 503:
            return "token_unreadable";
        default:
            return "malformed";
    }
}

}  // namespace

void IntakeRefusals::note(int status) {
    const std::string reason(reason_of(status));
    {
        const std::lock_guard lock(mutex_);
        ++counts_[reason];
    }
    const auto kept_back = seldom_.turn(reason);
    if (!kept_back) return;
    log_->event(LogLevel::warn, "intake", "a request was refused before it was read",
                {{"reason", reason}, {"status", status}, {"not_said_before", *kept_back}});
}

void IntakeRefusals::say(std::string_view sentence) {
    if (const auto kept_back = seldom_.turn("taken"))
        log_->event(LogLevel::warn, "intake", sentence, {{"not_said_before", *kept_back}});
}

std::map<std::string, std::uint64_t, std::less<>> IntakeRefusals::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

IntakeFigures IntakeServer::figures() const { return {intake_->counts(), refusals_->counts()}; }

core::Result<std::unique_ptr<IntakeServer>> IntakeServer::start(
    const std::shared_ptr<session::Session>& session, const std::shared_ptr<Log>& log) {
    const config::Settings& settings = session->settings();
    const config::Setting* listen = settings.find("intake_listen");
    if (listen == nullptr) return std::unique_ptr<IntakeServer>();
    const auto refuse = [&](const core::Error& error) {
        return fail(error.kind, fmt::format("{}: {}", listen->origin, error.message));
    };
    if (auto store = settings.require("drift_url"); !store) return refuse(store.error());
    http::Options options;
    auto address = http::parse_address(listen->value.reveal());
    if (!address) return refuse(address.error());
    options.address = *address;
    options.body_bytes_max = body_bytes_max;
    options.seconds_max = 10;
    options.tls = {settings.text("intake_certificate"), settings.text("intake_key"),
                   settings.text("intake_client_authority")};
    if (options.tls.certificate.empty() != options.tls.key.empty() ||
        (options.tls.certificate.empty() && !options.tls.client_authority.empty()))
        return fail(ErrorKind::configuration,
                    "TRISTRATA_INTAKE_CERTIFICATE and TRISTRATA_INTAKE_KEY go together, and "
                    "TRISTRATA_INTAKE_CLIENT_AUTHORITY needs both; set what is missing");
    if (const auto* token = settings.find("intake_token")) options.bearer = config::source_of(*token);
    if (!http::is_loopback(options.address) && !options.bearer && options.tls.client_authority.empty())
        return fail(ErrorKind::configuration,
                    fmt::format("{} names {}, which other machines reach, and anybody could send; set "
                                "TRISTRATA_INTAKE_TOKEN_FILE, or certificates with "
                                "TRISTRATA_INTAKE_CLIENT_AUTHORITY",
                                listen->origin, http::to_string(options.address)));
    auto policy = incident::policy_of(settings);
    if (!policy) return propagate(policy);
    std::unique_ptr<IntakeServer> made(new IntakeServer);
    made->refusals_ = std::make_shared<IntakeRefusals>(session->clock(), log);
    made->intake_ = std::make_shared<notification::Intake>(
        [session,
         looked_back = policy->max_age](const notification::ReceivedAlert& received) -> core::Status {
            auto event = notification::drift_event_of(received, session->clock().now(), looked_back);
            if (!event) return propagate(event);
            auto pushed = session->push_drift_event(*event);
            return pushed ? core::Status() : core::Status(propagate(pushed));
        },
        [refusals = made->refusals_](std::string_view sentence) { refusals->say(sentence); });
    options.refused = [refusals = made->refusals_](int status) { refusals->note(status); };
    options.take = [intake = made->intake_](const http::Message& message) { return intake->answer(message); };
    auto server = http::Server::start(options, [](std::string_view) {
        return http::Reply{404, "text/plain; charset=utf-8", "webhooks are sent here by POST\n"};
    });
    if (!server) return refuse(server.error());
    made->server_ = std::move(*server);
    return made;
}

}  // namespace tristrata::service
