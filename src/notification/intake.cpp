#include "tristrata/notification/intake.hpp"

#include "tristrata/core/json_writer.hpp"

#include <fmt/format.h>

namespace tristrata::notification {
namespace {

http::Reply reply_of(const core::Error& error) {
    core::JsonWriter json;
    json.begin_object();
    json.member("error", error.message);
    json.end_object();
    return {core::traits(error.kind).http_status, "application/json", json.take() + "\n"};
}

}  // namespace

Intake::Intake(std::function<core::Status(const ReceivedAlert&)> hand_on,
               std::function<void(std::string_view)> notice)
    : hand_on_(std::move(hand_on)), notice_(std::move(notice)) {}

core::Result<IntakeCounts> Intake::take(std::string_view body, std::string& refusal) {
    auto webhook = parse_webhook(body);
    const std::lock_guard lock(mutex_);
    if (!webhook) {
        ++counts_.unreadable;
        counts_.other_version += webhook.error().kind == core::ErrorKind::conflict ? 1 : 0;
        if (notice_) notice_(webhook.error().message);
        return propagate(webhook);
    }
    IntakeCounts now;
    now.truncated = webhook->truncated;
    counts_.truncated += webhook->truncated;
    for (const ReceivedAlert& received : webhook->alerts) {
        std::string name = fmt::format("{} {}", received.fingerprint, received.alert.starts_at.microseconds);
        const auto before = seen_.find(name);
        if (received.alert.ends_at) {
            if (before == seen_.end() || !before->second) {
                auto handed = hand_on_(received);
                if (!handed && core::traits(handed.error().kind).retry) return propagate(handed);
                if (handed) {
                    remember(std::move(name), received.alert.ends_at);
                    // Also of another start: it is the same alert.
                    const std::string same = received.fingerprint + " ";
                    for (auto one = seen_.lower_bound(same);
                         one != seen_.end() && one->first.starts_with(same); ++one)
                        one->second = received.alert.ends_at;
                }
            }
            ++now.resolved;
            ++counts_.resolved;
            continue;
        }
        if (before != seen_.end() && !before->second) {
            ++now.repeated;
            ++counts_.repeated;
            continue;
        }
        ReceivedAlert firing = received;
        if (before != seen_.end()) firing.again_since = before->second;
        if (auto handed = hand_on_(firing); !handed) {
            if (core::traits(handed.error().kind).retry) return propagate(handed);
            ++now.refused;
            ++counts_.refused;
            refusal = handed.error().message;
            if (notice_) notice_(refusal);
            continue;
        }
        ++now.taken;
        ++counts_.taken;
        remember(std::move(name), std::nullopt);
    }
    if (now.truncated > 0 && notice_)
        notice_(
            fmt::format("a webhook left {} alerts out; its sender's max_alerts is too low", now.truncated));
    return now;
}

void Intake::remember(std::string name, std::optional<core::Timestamp> ended_at) {
    if (!seen_.insert_or_assign(name, ended_at).second) return;
    order_.push_back(std::move(name));
    if (order_.size() <= remembered_max) return;
    seen_.erase(order_.front());
    order_.pop_front();
}

http::Reply Intake::answer(const http::Message& message) {
    std::string refusal;
    const auto now = take(message.body, refusal);
    if (!now) return reply_of(now.error());
    if (now->refused > 0 && now->taken + now->repeated + now->resolved == 0)
        return reply_of({core::ErrorKind::refused, refusal, {}});
    core::JsonWriter json;
    json.begin_object();
    json.member("taken", now->taken);
    json.member("repeated", now->repeated);
    json.member("resolved", now->resolved);
    json.member("refused", now->refused);
    json.member("truncated", now->truncated);
    if (!refusal.empty()) json.member("reason", refusal);
    json.end_object();
    constexpr int taken = 200;
    return {taken, "application/json", json.take() + "\n"};
}

IntakeCounts Intake::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

}  // namespace tristrata::notification
