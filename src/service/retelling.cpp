#include "retelling.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace tristrata::service {

std::vector<core::Error> note_failures(std::vector<PeerFigures>& peers,
                                       const std::vector<std::pair<std::string, core::Error>>& failed) {
    std::vector<core::Error> news;
    const std::vector<PeerFigures> before = peers;
    for (PeerFigures& one : peers) one.error.reset();
    for (const auto& [peer, error] : failed) {
        auto found = std::ranges::find(peers, peer, &PeerFigures::peer);
        if (found == peers.end()) found = peers.insert(found, PeerFigures{peer, 0, std::nullopt});
        ++found->failures;
        found->error = error;
        if (error.message.find(peer) == std::string::npos)
            found->error->message = fmt::format("{}: {}", peer, error.message);
        const auto earlier = std::ranges::find(before, peer, &PeerFigures::peer);
        if (earlier == before.end() || !earlier->error || earlier->error->message != found->error->message)
            news.push_back(*found->error);
    }
    return news;
}

std::vector<notification::Alert> without_begun_anew(std::vector<notification::Alert> alerts,
                                                    std::span<const notification::Alert> lasting) {
    std::erase_if(alerts, [&](const notification::Alert& one) {
        return one.ends_at &&
               std::ranges::find(lasting, one.labels, &notification::Alert::labels) != lasting.end();
    });
    return alerts;
}

Retelling::Retelling(Named named, core::Clock& clock, std::shared_ptr<Log> log)
    : resender_(std::move(named), clock), log_(std::move(log)) {}

core::Status Retelling::turn(const std::vector<notification::Alert>& alerts) {
    auto told = resender_.step(alerts);
    if (told && !told->was_due) return {};
    std::vector<core::Error> news;
    {
        const std::lock_guard lock(mutex_);
        const auto before = std::exchange(found_.error, std::nullopt);
        found_.taken_by.clear();
        if (!told) {
            found_.error = told.error();
            if (!before || before->message != told.error().message) news.push_back(told.error());
        } else {
            found_.told += told->open + told->resolved;
            found_.taken_by = told->taken_by;
            news = note_failures(found_.peers, told->failed);
        }
    }
    for (const core::Error& one : news) log_->failed("alerts", one);
    return told ? core::Status() : core::Status(propagate(told));
}

RetellingFigures Retelling::figures() const {
    const std::lock_guard lock(mutex_);
    return found_;
}

}  // namespace tristrata::service
