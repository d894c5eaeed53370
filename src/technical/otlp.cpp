#include "tristrata/technical/otlp.hpp"

#include "otlp_part.hpp"
#include "tristrata/core/program_part.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>

namespace tristrata::technical {
namespace {

using core::ErrorKind;
using core::fail;

constexpr core::Duration wait_max{3'600'000'000};
constexpr core::Duration direct_max{1'000'000};
constexpr std::size_t body_shown_max = 200;

bool is_for_now(long status) { return status == 429 || status == 502 || status == 503 || status == 504; }

/// What a server says for people; a protobuf is nothing for them.
std::string words_of(std::string_view body) {
    const bool readable = !body.empty() && core::is_utf8(body) && std::ranges::none_of(body, [](char c) {
        return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
    });
    return readable ? ": " + core::quoted(body, body_shown_max) : std::string();
}

/// The relay looks in a batch for who is to blame of an invalid_input: no record is, of what fails here.
core::Error of_the_sending(core::Error error) {
    if (error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::refused ||
        error.kind == ErrorKind::limit_exceeded)
        error.kind = ErrorKind::unavailable;
    return error;
}

}  // namespace

struct OtlpDestination::Opened {
    std::unique_ptr<http::Client> client;
    const OtlpPart* part = nullptr;
};

OtlpDestination::OtlpDestination(core::Result<OtlpEndpoint> endpoint,
                                 std::function<void(std::string_view)> notice)
    : endpoint_(std::move(endpoint)), notice_(std::move(notice)) {}

OtlpDestination::~OtlpDestination() = default;

core::Status OtlpDestination::open() {
    if (!endpoint_) return propagate(endpoint_);
    if (opened_) return {};
    auto part = load_otlp_part(core::program_part(otlp_part_file));
    if (!part) return propagate(part);
    auto client = http::Client::open();
    if (!client) return propagate(client);
    opened_ = std::make_unique<Opened>(Opened{std::move(*client), *part});
    return {};
}

void OtlpDestination::say(std::string sentence) {
    if (!notice_ || sentence == said_) return;
    said_ = std::move(sentence);
    notice_(said_);
}

core::Result<http::Response> OtlpDestination::post(const std::vector<Event>& events) {
    if (auto opened = open(); !opened) return propagate(opened);
    http::Request request;
    request.url = endpoint_->url;
    request.headers = endpoint_->headers;
    request.headers.emplace_back("Content-Type", core::Secret("application/x-protobuf"));
    request.headers.emplace_back("User-Agent", core::Secret("OTel-OTLP-Exporter-Cpp/" TRISTRATA_VERSION));
    std::string body = opened_->part->encode(events, TRISTRATA_VERSION);
    if (std::string packed = endpoint_->gzip ? opened_->part->gzip(body) : std::string(); !packed.empty()) {
        body = std::move(packed);
        request.headers.emplace_back("Content-Encoding", core::Secret("gzip"));
    }
    request.body = body;
    request.timeout = endpoint_->timeout;
    request.certificate = endpoint_->certificate;
    request.client_certificate = endpoint_->client_certificate;
    request.client_key = endpoint_->client_key;
    auto response = opened_->client->post(request);
    if (!response) return tl::unexpected(of_the_sending(response.error()));
    return response;
}

core::Status OtlpDestination::probe() {
    auto response = post({});
    if (!response) return propagate(response);
    if (response->status >= 200 && response->status < 300) return {};
    return fail(ErrorKind::unavailable,
                fmt::format("{} answers {}{}", http::shown_url(endpoint_->url), response->status,
                            words_of(response->body)),
                std::to_string(response->status));
}

core::Result<spool::Settlement> OtlpDestination::deliver(const spool::Batch& batch) {
    wait_at_least_ = {0};
    std::vector<Event> events;
    std::vector<std::size_t> places;
    spool::Settlement settlement;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        auto event = decode(batch.records[i]);
        if (!event) {
            settlement.dead.emplace_back(i, event.error());
            continue;
        }
        events.push_back(std::move(*event));
        places.push_back(i);
    }
    if (events.empty()) return settlement;

    auto response = post(events);
    if (!response) return propagate(response);
    auto settled = this->settled(*response, places);
    if (!settled) return settled;
    settlement.stored = settled->stored;
    std::ranges::move(settled->dead, std::back_inserter(settlement.dead));
    std::ranges::sort(settlement.dead, {}, [](const auto& dead) { return dead.first; });
    return settlement;
}

core::Result<spool::Settlement> OtlpDestination::settled(const http::Response& response,
                                                         const std::vector<std::size_t>& places) {
    const std::string where = http::shown_url(endpoint_->url);
    const std::string code = std::to_string(response.status);
    const bool taken = response.status >= 200 && response.status < 300;
    if (!taken && is_for_now(response.status)) {
        wait_at_least_ = std::min(response.retry_after.value_or(core::Duration{0}), wait_max);
        const std::string wait =
            response.retry_after ? ", and asks to be left alone for " + core::to_string(wait_at_least_) : "";
        return fail(ErrorKind::unavailable,
                    fmt::format("{} answers {}{}{}", where, code, wait, words_of(response.body)), code);
    }
    if (response.status == 413)
        return fail(ErrorKind::limit_exceeded,
                    fmt::format("{} answers 413: {} are too much for it", where,
                                core::plural(places.size(), "event")),
                    code);
    spool::Settlement settlement;
    if (!taken) {
        const core::Error refused{ErrorKind::refused,
                                  fmt::format("{} answers {}{}, and what it refused must not be sent again",
                                              where, code, words_of(response.body)),
                                  code};
        for (const std::size_t place : places) settlement.dead.emplace_back(place, refused);
        return settlement;
    }
    OtlpAnswer answer;
    // An answer that is none says nothing against the records: the status has taken them.
    if (!opened_->part->decode(response.body, answer)) answer = {};
    const std::size_t rejected = std::min<std::uint64_t>(answer.rejected, places.size());
    settlement.stored = places.size() - rejected;
    if (rejected > 0) {
        const core::Error one{
            ErrorKind::refused,
            fmt::format("{} rejected {} of the {} that were sent together, and says not which ({}); the last "
                        "count as those",
                        where, rejected, core::plural(places.size(), "event"),
                        core::quoted(answer.message, 500)),
            code};
        for (std::size_t i = settlement.stored; i < places.size(); ++i)
            settlement.dead.emplace_back(places[i], one);
    } else if (!answer.message.empty()) {
        say(fmt::format("{} took all events, and says: {}", where, core::quoted(answer.message, 500)));
    }
    return settlement;
}

OtlpSink::OtlpSink(core::Result<OtlpEndpoint> endpoint, std::function<void(std::string_view)> notice)
    : destination_(
          [&] {
              if (endpoint) endpoint->timeout = std::min(endpoint->timeout, direct_max);
              return std::move(endpoint);
          }(),
          std::move(notice)) {}

core::Result<sink::Acknowledgement> OtlpSink::append(std::span<const sink::Record> records) {
    spool::Batch batch;
    batch.record_class = sink::RecordClass::event;
    batch.records.assign(records.begin(), records.end());
    batch.to_row = records.size();
    const std::uint64_t failures_before = failures_;
    const std::unique_lock lock(mutex_, std::chrono::microseconds(direct_max.microseconds));
    if (!lock) return fail(ErrorKind::unavailable, "other events of this process are still being sent");
    // Who has waited for one that failed has waited enough.
    if (failures_ != failures_before) return tl::unexpected(*last_failure_);
    auto settlement = destination_.deliver(batch);
    if (!settlement) {
        last_failure_ = settlement.error();
        wait_at_least_us_ = destination_.wait_at_least().microseconds;
        ++failures_;
        return propagate(settlement);
    }
    if (!settlement->dead.empty()) return tl::unexpected(settlement->dead.front().second);
    return sink::Acknowledgement{sink::Durability::committed, settlement->stored, 0};
}

}  // namespace tristrata::technical
