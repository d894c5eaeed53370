#include "tristrata/notification/resender.hpp"

#include "posting.hpp"

#include <algorithm>
#include <map>
#include <thread>

namespace tristrata::notification {

struct Resender::Lines {
    std::map<std::string, Posting, std::less<>> postings;
};

Resender::Resender(std::function<core::Result<Receivers>()> named, core::Clock& clock, ResendOptions options)
    : named_(std::move(named)), clock_(clock), options_(options), lines_(std::make_unique<Lines>()) {}

Resender::~Resender() = default;

bool Resender::is_due() const { return clock_.steady_now() >= next_; }

core::Result<Resent> Resender::step(const std::vector<Alert>& alerts) {
    Resent resent;
    const core::Timestamp steady = clock_.steady_now();
    if (!is_due()) {
        resent.next = next_ - steady;
        return resent;
    }
    const core::Duration half{options_.group_wait.microseconds / 2};
    next_ = steady + half;
    resent.was_due = true;
    resent.next = half;
    const auto named = named_();
    if (!named) return propagate(named);

    std::vector<Alert> sent;
    const core::Timestamp now = clock_.now();
    for (const Alert& alert : alerts) {
        if (alert.ends_at && now - *alert.ends_at > options_.resolved_for) continue;
        ++(alert.ends_at ? resent.resolved : resent.open);
        sent.push_back(alert);
    }
    std::vector<const Receiver*> peers;
    for (const Receiver& receiver : named->all)
        if (receiver.kind == Receiver::Kind::alertmanager) peers.push_back(&receiver);
    std::vector<std::vector<Outcome>> outcomes(peers.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < peers.size(); ++i) {
            Posting& posting =
                lines_->postings.try_emplace(peers[i]->key, clock_, options_.timeout, options_.open_for)
                    .first->second;
            threads.emplace_back(
                [&, i, to = peers[i], by = &posting] { outcomes[i] = by->send(*to, *named, sent); });
        }
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
        const auto bad = std::ranges::find_if(
            outcomes[i], [](const Outcome& one) { return one.kind != Outcome::Kind::taken; });
        if (bad != outcomes[i].end()) resent.failed.emplace_back(peers[i]->shown, bad->error);
        else resent.taken_by.push_back(peers[i]->shown);
    }
    return resent;
}

}  // namespace tristrata::notification
