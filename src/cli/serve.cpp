#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "spool_left.hpp"
#include "tristrata/service/service.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

core::Result<int> run(const ServeOptions& options, const std::shared_ptr<service::Log>& log) {
    service::Options serving;
    serving.version = options.version;
    serving.retain = options.retain;
    auto address = http::parse_address(options.listen);
    if (!address)
        return core::fail(address.error().kind, fmt::format("--listen: {}", address.error().message));
    serving.address = *address;
    auto budget = core::parse_duration(options.budget);
    if (!budget) return core::fail(budget.error().kind, fmt::format("--budget: {}", budget.error().message));
    serving.budget = *budget;
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    const std::shared_ptr session = std::make_shared<session::Session>(
        std::move(*settings), core::system_clock(),
        [log](std::string_view sentence) { log->event(service::LogLevel::warn, "notice", sentence); },
        session::Carry::later);
    const std::stop_token stop = interrupted();
    (void)reload_asked();  // From here on SIGHUP ends nothing.
    serving.changed = [&options]() -> std::optional<core::Result<config::Settings>> {
        if (!reload_asked()) return std::nullopt;
        return read_settings(options.settings);
    };
    auto service = service::Service::start(session, serving, log);
    if (!service) return propagate(service);
    const std::string url = "http://" + http::to_string((*service)->address());
    if (auto told = write_file("-", url + "\n"); !told) return propagate(told);
    log->event(service::LogLevel::info, "listening", "metrics and health are answered", {{"url", url}});
    if (!http::is_loopback((*service)->address()))
        log->event(service::LogLevel::warn, "listening",
                   "other machines can reach this address, and there is no TLS and no password");
    if (const auto intake = (*service)->intake_address())
        log->event(service::LogLevel::info, "listening", "webhooks are taken in",
                   {{"address", http::to_string(*intake)}});
    const relay::Delivered rest = (*service)->run(stop);
    auto left = left_in_spool(session->settings(), rest);
    if (!left) return propagate(left);
    for (const auto& sentence : left->sentences()) log->event(service::LogLevel::warn, "left", sentence);
    for (const auto& sentence : left->uncarried) log->event(service::LogLevel::info, "left", sentence);
    log->event(service::LogLevel::info, "stopped",
               rest.pending || !left->ok() ? "something is left, and stays in the spool"
               : !left->uncarried.empty()  ? "all was carried but what nobody takes, which stays in the spool"
                                           : "all was carried",
               {{"stored", rest.stored}, {"duplicate", rest.duplicate}, {"dead", rest.dead}});
    if (!rest.pending && left->ok()) return 0;
    if (!rest.pending)
        return core::fail(core::ErrorKind::cancelled,
                          fmt::format("what is left stays in the spool: {}", left->sentences().front()));
    if (!rest.held.empty())
        return core::fail(core::ErrorKind::cancelled,
                          fmt::format("what is left stays in the spool: {}", rest.held.front().message));
    return core::fail(core::ErrorKind::cancelled,
                      fmt::format("not everything was carried within {}: what is left stays in the spool, "
                                  "and goes out with a longer --budget or the next time",
                                  options.budget));
}

}  // namespace

int serve(const ServeOptions& options) {
    const auto format = options.log_format == "json" ? service::LogFormat::json : service::LogFormat::text;
    const auto log = std::make_shared<service::Log>(
        format, core::system_clock(), [](std::string_view line) { fmt::print(stderr, "{}\n", line); });
    const auto code = run(options, log);
    if (code) return *code;
    // Who reads a log of JSON reads no other line.
    if (format == service::LogFormat::json) log->failed("failed", code.error());
    else return report_error(code.error());
    return core::traits(code.error().kind).exit_code;
}

}  // namespace tristrata::cli
