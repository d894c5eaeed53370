#include "tristrata/notification/silencer.hpp"

#include "posting.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/printable.hpp"
#include "tristrata/notification/alert_destination.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view creator = "tristrata", alerts_end = "/alerts";
constexpr std::size_t answer_max = 64U << 20U;

struct Standing {
    std::string id;
    std::string comment;
    std::string starts_at;  ///< As the peer writes it: one whose start changes would be another silence.
    core::Timestamp ends_at;
};

/// How the comments of an incident's silences begin.
std::string beginning_of(const core::Uuid& incident_id) {
    return fmt::format("incident {},", core::to_string(incident_id));
}

std::string text_of(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Of the answer: ours that are not over.
core::Result<std::vector<Standing>> standing_in(const Receiver& peer, const std::string& body) {
    const auto all = nlohmann::json::parse(body, nullptr, false);
    if (!all.is_array())
        return fail(ErrorKind::unavailable,
                    fmt::format("{} lists no silences; expected Alertmanager's API version 2", peer.shown));
    std::vector<Standing> standing;
    for (const auto& one : all) {
        if (!one.is_object() || text_of(one, "createdBy") != creator) continue;
        const auto status = one.find("status");
        if (status == one.end() || !status->is_object() || text_of(*status, "state") == "expired") continue;
        const auto ends_at = core::parse_timestamp(text_of(one, "endsAt"));
        if (ends_at)
            standing.push_back(
                {text_of(one, "id"), text_of(one, "comment"), text_of(one, "startsAt"), *ends_at});
    }
    // Of two that were made at the same moment both programs keep the same.
    std::ranges::sort(standing, {}, &Standing::id);
    return standing;
}

std::string body_of(const Answered& answered, const Standing* extended, core::Timestamp now,
                    core::Duration lasts) {
    core::JsonWriter json;
    json.begin_object();
    if (extended != nullptr) json.member("id", extended->id);
    json.key("matchers");
    json.begin_array();
    const auto match = [&](std::string_view name, std::string_view value) {
        json.begin_object();
        json.member("name", name);
        json.member("value", value);
        json.member("isRegex", false);
        json.member("isEqual", true);
        json.end_object();
    };
    for (const auto& [name, value] : answered.alert.labels) match(name, value);
    // Who answered for the first page did not answer for what is new: that has one label more.
    if (!answered.alert.labels.contains("page")) match("page", "");
    json.end_array();
    json.member("startsAt", extended != nullptr ? extended->starts_at : core::to_string(now));
    json.member("endsAt", core::to_string(now + lasts));
    json.member("createdBy", creator);
    json.member("comment", fmt::format("{} acknowledged by {}: {}", beginning_of(answered.incident_id),
                                       core::printable(answered.who), core::printable(answered.why)));
    json.end_object();
    return json.take();
}

}  // namespace

/// One Alertmanager, and the connection to it.
struct Silencer::Peer {
    Peer(core::Clock& its_clock, const SilenceOptions& its_options)
        : clock(its_clock), options(its_options), posting(its_clock, its_options.timeout, open_for_default) {}

    core::Status settle(const Receiver& to, const Receivers& all, const std::vector<Answered>& answered,
                        Silenced& done);
    core::Status settle_one(const Receiver& to, const Receivers& all, const Answered& one,
                            std::vector<Standing> own, Silenced& done);
    core::Result<http::Response> ask(const Receiver& to, http::Method method, std::string_view path,
                                     std::string_view body = {});
    core::Status make(const Receiver& to, const Answered& answered, const Standing* extended);
    core::Status end(const Receiver& to, const Standing& silence);

    core::Clock& clock;
    SilenceOptions options;
    Posting posting;
    std::unique_ptr<http::Client> client;
};

struct Silencer::Peers {
    std::map<std::string, Peer, std::less<>> all;
};

core::Result<http::Response> Silencer::Peer::ask(const Receiver& to, http::Method method,
                                                 std::string_view path, std::string_view body) {
    if (!client) {
        auto opened = http::Client::open();
        if (!opened) return propagate(opened);
        client = std::move(*opened);
    }
    http::Request request;
    std::string_view base = to.url.reveal();
    base.remove_suffix(alerts_end.size());
    request.url = std::string(base) + std::string(path);
    request.timeout = options.timeout;
    request.answer_bytes_max = answer_max;
    request.body = body;
    if (method == http::Method::post)
        request.headers.emplace_back("Content-Type", core::Secret("application/json"));
    auto response = client->send(method, request);
    if (!response) return propagate(response);
    if (response->status >= 200 && response->status < 300) return response;
    return fail(ErrorKind::unavailable,
                fmt::format("{} answers {} where silences are kept", to.shown, response->status),
                std::to_string(response->status));
}

core::Status Silencer::Peer::make(const Receiver& to, const Answered& answered, const Standing* extended) {
    auto made =
        ask(to, http::Method::post, "/silences", body_of(answered, extended, clock.now(), options.lasts));
    return made ? core::Status() : core::Status(propagate(made));
}

core::Status Silencer::Peer::end(const Receiver& to, const Standing& silence) {
    auto ended = ask(to, http::Method::remove, "/silence/" + silence.id);
    return ended ? core::Status() : core::Status(propagate(ended));
}

core::Status Silencer::Peer::settle(const Receiver& to, const Receivers& all,
                                    const std::vector<Answered>& answered, Silenced& done) {
    auto listed = ask(to, http::Method::get, "/silences");
    if (!listed) return propagate(listed);
    auto standing = standing_in(to, listed->body);
    if (!standing) return propagate(standing);
    core::Status first;
    for (const Answered& one : answered) {
        std::vector<Standing> own;
        for (const Standing& silence : *standing)
            if (silence.comment.starts_with(beginning_of(one.incident_id))) own.push_back(silence);
        auto settled = settle_one(to, all, one, std::move(own), done);
        if (settled) continue;
        // What it answers is of this one alone; whom it does not answer waits for each of them.
        const bool has_answered = !settled.error().foreign_code.empty();
        if (first) first = std::move(settled);
        if (!has_answered) break;
    }
    return first;
}

core::Status Silencer::Peer::settle_one(const Receiver& to, const Receivers& all, const Answered& one,
                                        std::vector<Standing> own, Silenced& done) {
    if (one.alert.ends_at) {
        if (own.empty()) return {};
        const Outcome told = posting.send(to, all, {one.alert}).front();
        if (told.kind != Outcome::Kind::taken) return tl::unexpected(told.error);
    } else if (own.empty()) {
        if (auto made = make(to, one, nullptr); !made) return made;
        ++done.begun;
    } else {
        const core::Duration left = own.front().ends_at - clock.now();
        if (left.microseconds <= options.lasts.microseconds / 2) {
            if (auto extended = make(to, one, &own.front()); !extended) return extended;
            ++done.extended;
        }
        own.erase(own.begin());
    }
    for (const Standing& silence : own) {
        if (auto ended = end(to, silence); !ended) return ended;
        ++done.ended;
    }
    return {};
}

Silencer::Silencer(std::function<core::Result<Receivers>()> named, core::Clock& clock, SilenceOptions options)
    : named_(std::move(named)), clock_(clock), options_(options), peers_(std::make_unique<Peers>()) {}

Silencer::~Silencer() = default;

core::Result<Silenced> Silencer::step(const std::vector<Answered>& answered) {
    Silenced all;
    if (answered.empty()) return all;
    const auto named = named_();
    if (!named) return propagate(named);
    std::vector<const Receiver*> peers;
    for (const Receiver& receiver : named->all)
        if (receiver.kind == Receiver::Kind::alertmanager) peers.push_back(&receiver);
    std::vector<Silenced> done(peers.size());
    std::vector<core::Status> settled(peers.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < peers.size(); ++i) {
            Peer& peer = peers_->all.try_emplace(peers[i]->key, clock_, options_).first->second;
            threads.emplace_back([&, i, to = peers[i], by = &peer] {
                settled[i] = by->settle(*to, *named, answered, done[i]);
            });
        }
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
        all.begun += done[i].begun;
        all.extended += done[i].extended;
        all.ended += done[i].ended;
        if (!settled[i]) all.failed.emplace_back(peers[i]->shown, settled[i].error());
    }
    return all;
}

}  // namespace tristrata::notification
