#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/http/server.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace tristrata::service {

struct Options {
    http::Address address{"127.0.0.1", 9871};
    core::Duration budget{5'000'000};        ///< How long the end waits for what is under way.
    core::Duration sample{2'000'000};        ///< How often the spool is looked at.
    core::Duration partitions{300'000'000};  ///< How often partitions ahead are looked at.
    bool retain = false;                     ///< Archive and drop what is old, at once and then once a day.
    /// Asked every so often, by run(): the settings as they read now, where somebody asked for that.
    std::function<std::optional<core::Result<config::Settings>>()> changed = {};
    core::Duration look{250'000};  ///< How often that is asked.
    std::string version;
};

/// How many checks the file holds that the setting "checks" names. configuration: every mistake of it, a line
/// each; a store is not set that their reports go to.
[[nodiscard]] core::Result<std::uint64_t> count_checks(const config::Settings& settings);

/// What runs beside a spool for as long as the machine does: the relay from the spool to the stores,
/// partitions kept ahead, retention where it is asked for, analyzers (the setting "analyzers"), incidents
/// ("response_url"), what the kill switch is shown of them ("kill_switch_url"), the webhooks of other tools
/// ("intake_listen"), and an HTTP server that tells how it goes.
///
/// Reload    analyzers, incidents' policy and owners, and how pages are worded follow settings that were read
///           anew; stores, spool and addresses are those with which it began. Settings that cannot be used
///           are refused as a whole, which /healthz says: the old ones count.
///
/// Paths     /metrics: Prometheus' text format. /healthz: 200, or 503 where somebody has to do something,
///           with a JSON object that says what. /livez: 200 as long as the process answers; a restart would
///           not mend what /healthz says.
/// Errors    configuration: the spool or every store is not set, retention is asked for without an archive,
/// a file of analyzers, owners or policy cannot be used; unavailable: the address is taken, or another
/// service has the spool; storage:
///           the spool's folder cannot be made or read.
/// Threads   start() and run() by one caller. What it looks after has a thread each: one that hangs holds
///           neither the others nor the end.
class Service {
public:
    [[nodiscard]] static core::Result<std::unique_ptr<Service>> start(
        std::shared_ptr<session::Session> session, Options options, std::shared_ptr<Log> log);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    [[nodiscard]] const http::Address& address() const noexcept;
    /// Where webhooks are taken in; absent where they are not.
    [[nodiscard]] std::optional<http::Address> intake_address() const;
    /// Until a stop is asked for; then lets what is pending go out within the budget and says what is left.
    relay::Delivered run(const std::stop_token& stop);

private:
    class Work;
    explicit Service(std::shared_ptr<Work> work);
    std::shared_ptr<Work> work_;
};

}  // namespace tristrata::service
