#include "intake_server.hpp"

#include <fmt/format.h>

namespace tristrata::service {

using core::ErrorKind;
using core::fail;

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
    std::unique_ptr<IntakeServer> made(new IntakeServer);
    made->intake_ = std::make_shared<notification::Intake>(
        [session](const notification::ReceivedAlert& received) -> core::Status {
            auto event = notification::drift_event_of(received);
            if (!event) return propagate(event);
            auto pushed = session->push_drift_event(*event);
            return pushed ? core::Status() : core::Status(propagate(pushed));
        },
        [log](std::string_view sentence) { log->event(LogLevel::warn, "intake", sentence); });
    options.take = [intake = made->intake_](const http::Message& message) { return intake->answer(message); };
    auto server = http::Server::start(options, [](std::string_view) {
        return http::Reply{404, "text/plain; charset=utf-8", "webhooks are sent here by POST\n"};
    });
    if (!server) return refuse(server.error());
    made->server_ = std::move(*server);
    return made;
}

}  // namespace tristrata::service
