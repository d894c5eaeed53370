#include "tristrata/notification/alert_destination.hpp"

#include "alert_lines.hpp"
#include "answers.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::notification {

namespace {

using core::ErrorKind;

}  // namespace

AlertDestination::AlertDestination(std::function<core::Result<Receivers>()> named, spool::FileSystem& files,
                                   core::Clock& clock, AlertOptions options)
    : shared_(std::make_unique<Shared>(std::move(named), files, clock, std::move(options))) {}

AlertDestination::~AlertDestination() = default;

core::Result<spool::Settlement> AlertDestination::deliver(const spool::Batch& batch) {
    const auto named = shared_->named();
    if (!named) return tl::unexpected(of_now(named.error()));
    spool::Settlement settlement;
    std::vector<Alert> alerts;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        auto alert = decode(batch.records[i]);
        if (!alert && alert.error().kind == ErrorKind::conflict) return propagate(alert);
        if (!alert) {
            settlement.dead.emplace_back(i, alert.error());
            continue;
        }
        alerts.push_back(std::move(*alert));
        places.push_back(i);
    }
    if (alerts.empty()) return settlement;

    std::vector<std::optional<Outcomes>> outcomes(named->all.size());
    const auto answers = [&](std::size_t i) { return answers_to(alerts[i], i, *named, outcomes); };
    // Who has just failed is asked only where nobody else takes them.
    std::vector<std::size_t> ready, waiting;
    for (std::size_t r = 0; r < named->all.size(); ++r)
        (shared_->waits(*shared_->line_of(named->all[r])) ? waiting : ready).push_back(r);
    shared_->send_to(ready, *named, alerts, outcomes);
    const auto taken_of_all = [&] {
        std::size_t taken = 0;
        for (std::size_t i = 0; i < alerts.size(); ++i) taken += answers(i).is_taken ? 1 : 0;
        return taken;
    };
    if (taken_of_all() < alerts.size()) shared_->send_to(waiting, *named, alerts, outcomes);

    // Before anything is noted: then it is all of them again, to everybody.
    for (std::size_t i = 0; i < alerts.size(); ++i) {
        const Answers found = answers(i);
        if (!found.waits || is_digest(alerts[i])) continue;
        const bool is_owed = shared_->is_retried && found.failure && found.all_asked &&
                             (taken_of_all() > 0 || (batch.resent && found.of_itself));
        if (!is_owed)
            return tl::unexpected(of_now(found.failure.value_or(
                core::Error{ErrorKind::unavailable, "a receiver is being sent what it is owed", {}})));
    }
    for (std::size_t i = 0; i < alerts.size(); ++i) {
        const Answers found = answers(i);
        const bool is_dead = !found.is_taken && !found.waits;
        // A digest tells nobody of a page.
        const bool is_told = found.is_taken || is_digest(alerts[i]);
        Reception reception{{}, alerts[i], {}, found.refusals, !is_dead};
        for (std::size_t r = 0; r < outcomes.size(); ++r) {
            const auto& of = outcomes[r];
            const Receiver& receiver = named->all[r];
            if (of && (*of)[i].kind == Outcome::Kind::taken) reception.taken_by.push_back(receiver.shown);
            if (of && (*of)[i].kind == Outcome::Kind::refused)
                shared_->refused(*shared_->line_of(receiver), (*of)[i].error, !is_dead);
            if (is_dead || !is_meant_for(alerts[i], receiver)) continue;
            if (of && (*of)[i].kind != Outcome::Kind::failed) continue;
            // An error: all of them again, to everybody.
            if (auto owed = shared_->owe(receiver, alerts[i], is_told); !owed)
                return tl::unexpected(of_now(owed.error()));
            if (of && (*of)[i].hung)
                shared_->line_of(receiver)->alone.failed(alerts[i], shared_->clock.steady_now());
        }
        shared_->keep(std::move(reception));
        if (is_dead) {
            settlement.dead.emplace_back(
                places[i],
                core::Error{ErrorKind::refused, fmt::format("{}", fmt::join(found.refusals, "; ")), {}});
            continue;
        }
        ++settlement.stored;
    }
    std::ranges::sort(settlement.dead, {}, [](const auto& dead) { return dead.first; });
    return settlement;
}

core::Result<std::uint64_t> AlertDestination::retry_owed() {
    shared_->is_retried = true;
    auto files = shared_->owed.list();
    if (!files) return propagate(files);
    if (files->empty()) return std::uint64_t{0};
    const auto named = shared_->named();
    if (!named) return propagate(named);
    std::uint64_t owed_anew = 0;
    for (const auto& file : *files) {
        if (std::ranges::find(named->all, file.receiver, &Receiver::key) != named->all.end()) continue;
        auto moved = shared_->owe_to_named(file, *named);
        if (moved && *moved) {
            ++owed_anew;
            continue;
        }
        if (!moved && moved.error().kind == ErrorKind::not_found) continue;  // Another process did.
        shared_->say_once(
            fmt::format("{} is owed to a receiver that is named no longer; it stays until the "
                        "receiver is named again or somebody removes it{}",
                        file.path, moved ? "" : ": " + moved.error().message));
    }
    if (owed_anew > 0) {
        shared_->say(
            fmt::format("{} that nobody took, and whose receiver is named no longer: owed to those that are",
                        core::plural(owed_anew, "alert")));
        files = shared_->owed.list();
        if (!files) return propagate(files);
    }
    std::uint64_t taken = 0;
    for (const Receiver& receiver : named->all) {
        const auto line = shared_->line_of(receiver);
        if (shared_->waits(*line) ||
            std::ranges::find(*files, receiver.key, &Owed::File::receiver) == files->end())
            continue;
        taken += shared_->settle(receiver, *named, *line);
    }
    return taken;
}

std::vector<ReceiverStatus> AlertDestination::status() const {
    // So that the figures of each begin at 0.
    const auto named = shared_->named();
    if (named)
        for (const Receiver& receiver : named->all) (void)shared_->line_of(receiver);
    auto files = shared_->owed.list();
    std::vector<ReceiverStatus> all;
    const std::lock_guard lock(shared_->telling);
    for (const auto& [key, line] : shared_->lines) {
        // Nobody asks it any more, and what it last answered would be told for ever.
        if (named && std::ranges::find(named->all, key, &Receiver::key) == named->all.end()) continue;
        ReceiverStatus& one = all.emplace_back(line->status);
        one.alone = line->alone.first();
        if (files)
            one.owed = static_cast<std::uint64_t>(std::ranges::count(*files, key, &Owed::File::receiver));
        if (files)
            one.untold = static_cast<std::uint64_t>(std::ranges::count_if(
                *files, [&](const auto& file) { return file.receiver == key && !file.is_told; }));
        one.is_full = one.owed >= shared_->options.owed_max;
    }
    return all;
}

}  // namespace tristrata::notification
