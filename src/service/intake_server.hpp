#pragma once

#include "figures.hpp"
#include "seldom.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/http/server.hpp"
#include "tristrata/notification/intake.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace tristrata::service {

/// What came to the intake and was not taken as a request, by why; and says so in the log.
class IntakeRefusals {
public:
    IntakeRefusals(core::Clock& clock, std::shared_ptr<Log> log) : seldom_(clock), log_(std::move(log)) {}
    void note(int status);
    /// A sentence about what was taken as a request.
    void say(std::string_view sentence);
    /// By reason: unauthorized, too_long, token_unreadable, method, malformed.
    [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> counts() const;

private:
    Seldom seldom_;
    std::shared_ptr<Log> log_;
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t, std::less<>> counts_;
};

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
    [[nodiscard]] IntakeFigures figures() const;
    void stop() { server_->stop(); }

private:
    IntakeServer() = default;
    std::shared_ptr<IntakeRefusals> refusals_;
    std::shared_ptr<notification::Intake> intake_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace tristrata::service
