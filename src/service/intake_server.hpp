#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/http/server.hpp"
#include "tristrata/notification/intake.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <memory>

namespace tristrata::service {

/// Takes the webhooks of Alertmanager and Grafana in, at an address of its own, and makes drift events of
/// them.
class IntakeServer {
public:
    static constexpr std::size_t body_bytes_max = 4u << 20u;

    /// Null where the setting "intake_listen" is not set. configuration: an address that other machines can
    /// reach without a token or clients' certificates, a certificate without its key, no drift store;
    /// unavailable: the address is taken.
    [[nodiscard]] static core::Result<std::unique_ptr<IntakeServer>> start(
        const std::shared_ptr<session::Session>& session, const std::shared_ptr<Log>& log);
    [[nodiscard]] const http::Address& address() const noexcept { return server_->address(); }
    [[nodiscard]] notification::IntakeCounts counts() const { return intake_->counts(); }
    void stop() { server_->stop(); }

private:
    IntakeServer() = default;
    std::shared_ptr<notification::Intake> intake_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace tristrata::service
