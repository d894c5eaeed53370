#include "alert_lines.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <thread>

namespace tristrata::notification {

namespace {

using core::ErrorKind;
using core::fail;

/// So many in a row that are not taken, and the others wait for the next turn.
constexpr std::size_t owed_failures_max = 10;

}  // namespace

core::Error of_now(core::Error error) {
    if (error.kind != ErrorKind::configuration) error.kind = ErrorKind::unavailable;
    return error;
}

void AlertDestination::Shared::failed(Line& line, const core::Error& error) {
    bool is_new = false;
    {
        const std::lock_guard lock(telling);
        is_new = !line.status.held || line.status.held->message != error.message;
        ++line.status.failures;
        line.status.held = error;
        constexpr unsigned doublings_max = 20;
        const auto wait =
            std::min(options.retry_max.microseconds,
                     options.retry_first.microseconds << std::min(line.failures_in_a_row, doublings_max));
        ++line.failures_in_a_row;
        line.not_before = clock.steady_now() + core::Duration{wait};
    }
    if (is_new) say(fmt::format("alerts wait: {}", error.message));
}

void AlertDestination::Shared::failed_alone(Line& line, const core::Error& error, std::uint64_t taken) {
    bool is_new = false;
    {
        const std::lock_guard lock(telling);
        is_new = !line.status.held || line.status.held->message != error.message;
        ++line.status.failures;
        line.status.held = error;
        line.status.taken += taken;
        if (taken > 0) line.status.refusal.reset();
        line.failures_in_a_row = 0;
        line.not_before = {INT64_MIN};
    }
    if (is_new) say(fmt::format("an alert waits by itself: {}", error.message));
}

void AlertDestination::Shared::worked(Line& line, std::uint64_t taken) {
    bool was_held = false;
    std::string shown;
    {
        const std::lock_guard lock(telling);
        const bool is_alone = line.alone.first().has_value();
        was_held = line.status.held.has_value() && !is_alone;
        if (!is_alone) line.status.held.reset();
        line.status.taken += taken;
        if (taken > 0) line.status.refusal.reset();
        line.failures_in_a_row = 0;
        line.not_before = {INT64_MIN};
        shown = line.status.shown;
    }
    if (was_held) say(fmt::format("{} takes alerts again", shown));
}

void AlertDestination::Shared::refused(Line& line, const core::Error& error, bool is_told) {
    {
        const std::lock_guard lock(telling);
        ++line.status.refused;
        line.status.refusal = {clock.now(), error, is_told};
    }
    say(fmt::format("an alert is never taken there: {}", error.message));
}

void AlertDestination::Shared::keep(Reception reception) {
    if (reception.refused.empty() || reception.alert.annotation("incident_id").empty()) return;
    reception.at = clock.now();
    if (auto kept = receptions.add(reception); !kept)
        say(fmt::format("incidents are not told that an alert was refused: {}", kept.error().message));
}

core::Status AlertDestination::Shared::owe(const Receiver& to, const Alert& alert, bool is_told) {
    auto given_way = owed.add(to.key, alert, is_told);
    if (!given_way) return propagate(given_way);
    if (*given_way == 0) return {};
    const auto line = line_of(to);
    bool is_new = false;
    {
        const std::lock_guard lock(telling);
        line->status.dropped += *given_way;
        is_new = !line->status.dropped_at;
        if (is_new) line->status.dropped_at = clock.now();
    }
    if (is_new)
        say(fmt::format("{} wait for {}, and no more are kept: of each further one it never gets the oldest",
                        core::plural(options.owed_max, "alert"), to.shown));
    return {};
}

core::Result<bool> AlertDestination::Shared::owe_to_named(const Owed::File& file, const Receivers& all) {
    if (file.is_told) return false;
    const auto alert = owed.read(file);
    if (!alert) return propagate(alert);
    bool is_owed = false;
    for (const Receiver& to : all.all) {
        if (!is_meant_for(*alert, to)) continue;
        if (auto kept = owe(to, *alert, false); !kept) return propagate(kept);
        is_owed = true;
    }
    if (!is_owed) return false;
    if (auto removed = owed.remove(file); !removed) return propagate(removed);
    return true;
}

core::Result<std::optional<Outcome>> AlertDestination::Shared::send_owed(const Owed::File& file,
                                                                         const Receiver& to,
                                                                         const Receivers& all, Line& line,
                                                                         Posting& posting) {
    const auto alert = owed.read(file);
    if (!alert && alert.error().kind == ErrorKind::not_found) return std::nullopt;
    if (!alert && alert.error().kind == ErrorKind::invalid_input) {
        say(fmt::format("{} is damaged and set aside: {}", file.path, alert.error().message));
        if (auto aside = owed.set_aside(file, "damaged"); !aside) return propagate(aside);
        return std::nullopt;
    }
    if (!alert) return tl::unexpected(of_now(alert.error()));
    Outcome outcome = posting.send(to, all, {*alert}).front();
    if (outcome.kind == Outcome::Kind::failed) {
        if (outcome.of_itself) line.alone.failed(*alert, clock.steady_now());
        return outcome;
    }
    if (outcome.kind == Outcome::Kind::refused) {
        // Who else is still to be told may take it.
        auto others = file.is_told ? core::Result<std::size_t>(1) : owed.others(file);
        if (!others) return propagate(others);
        const bool is_told = *others > 0;
        refused(line, outcome.error, is_told && !is_digest(*alert));
        keep({{}, *alert, {}, {outcome.error.message}, is_told});
        // It is in the spool no more, where a dead letter would be kept.
        if (!is_told)
            if (auto aside = owed.set_aside(file, "refused"); !aside) return propagate(aside);
    } else if (!file.is_told) {
        if (auto told = owed.told(file); !told) return propagate(told);
    }
    if (auto removed = owed.remove(file); !removed) return propagate(removed);
    line.alone.forget(file.id);
    return outcome;
}

core::Result<AlertDestination::Shared::Turn> AlertDestination::Shared::settle_owed(const Receiver& to,
                                                                                   const Receivers& all,
                                                                                   Line& line) {
    auto files = owed.list();
    if (!files) return propagate(files);
    std::erase_if(*files, [&](const auto& file) { return file.receiver != to.key; });
    Turn turn;
    std::set<std::string> ids;
    for (const auto& file : *files) ids.insert(file.id);
    line.alone.keep_only(ids);
    const auto is_settled = [&] {
        const std::lock_guard told(telling);
        line.status.dropped_at.reset();
        return turn;
    };
    if (files->empty()) return is_settled();
    const core::Timestamp until = clock.steady_now() + options.timeout;
    auto lock = owed.lock(to.key);
    if (!lock) return propagate(lock);
    if (*lock == nullptr) return fail(ErrorKind::conflict, "another process sends what is owed there");
    const auto stays = [&](const Owed::File& file) {
        turn.behind.insert(file.id);
        if (auto other = line.alone.opposite(file.id); !other.empty()) turn.behind.insert(std::move(other));
    };
    std::size_t failures = 0;  // In a row.
    for (const auto& file : *files) {
        if (turn.behind.contains(file.id) || line.alone.has(file.id)) {
            stays(file);
            continue;
        }
        if (until < clock.steady_now() || failures >= owed_failures_max) {
            turn.is_all = false;
            return turn;
        }
        auto outcome = send_owed(file, to, all, line, line.posting);
        if (!outcome) return propagate(outcome);
        if (!*outcome) continue;
        const bool failed = (*outcome)->kind == Outcome::Kind::failed;
        if (failed && !(*outcome)->of_itself) return tl::unexpected((*outcome)->error);
        failures = failed ? failures + 1 : 0;
        if (failed) {
            stays(file);
            turn.alone = (*outcome)->error;
        }
        turn.taken += (*outcome)->kind == Outcome::Kind::taken ? 1 : 0;
        turn.is_all = !(*outcome)->hung;  // The time is over.
        if (!turn.is_all) return turn;
    }
    return turn.behind.empty() ? is_settled() : turn;
}

core::Result<AlertDestination::Shared::Turn> AlertDestination::Shared::settle_alone(const Receiver& to,
                                                                                    const Receivers& all,
                                                                                    Line& line) {
    auto files = owed.list();
    if (!files) return propagate(files);
    const core::Timestamp now = clock.steady_now(), until = now + options.timeout;
    std::vector<std::pair<core::Timestamp, Owed::File>> due;
    for (auto& file : *files) {
        const auto not_before = line.alone.not_before(file.id);
        if (file.receiver == to.key && not_before && *not_before <= now)
            due.emplace_back(*not_before, std::move(file));
    }
    std::ranges::stable_sort(due, {}, [](const auto& one) { return one.first; });
    Turn turn;
    std::size_t failures = 0;  // In a row.
    for (const auto& [not_before, file] : due) {
        if (until < clock.steady_now() || failures >= owed_failures_max) break;
        // Another of the same words has failed just now.
        if (const auto anew = line.alone.not_before(file.id); !anew || *anew != not_before) continue;
        auto outcome = send_owed(file, to, all, line, line.posting_alone);
        if (!outcome) return propagate(outcome);
        if (!*outcome) continue;
        const bool failed = (*outcome)->kind == Outcome::Kind::failed;
        if (failed && !(*outcome)->of_itself) return tl::unexpected((*outcome)->error);
        failures = failed ? failures + 1 : 0;
        if (failed) turn.alone = (*outcome)->error;
        turn.taken += (*outcome)->kind == Outcome::Kind::taken ? 1 : 0;
        if ((*outcome)->hung) break;
    }
    return turn;
}

std::uint64_t AlertDestination::Shared::settle(const Receiver& to, const Receivers& all, Line& line) {
    std::uint64_t taken = 0;
    const auto is_done = [&](const core::Result<Turn>& settled) {
        if (!settled && settled.error().kind != ErrorKind::conflict) failed(line, settled.error());
        if (!settled) return true;
        if (settled->alone) failed_alone(line, *settled->alone, settled->taken);
        else worked(line, settled->taken);
        taken += settled->taken;
        return !settled->is_all;
    };
    const auto settle_in_order = [&] {
        const std::unique_lock lock(line.sending, std::try_to_lock);
        return !lock || is_done(settle_owed(to, all, line));
    };
    if (settle_in_order() || !line.alone.first()) return taken;
    const std::uint64_t before = taken;
    // What was behind one of these may go now.
    if (!is_done(settle_alone(to, all, line)) && taken > before) (void)settle_in_order();
    return taken;
}

std::optional<Outcomes> AlertDestination::Shared::send(const Receiver& to, const Receivers& all,
                                                       const std::vector<Alert>& alerts) {
    const auto line = line_of(to);
    const std::unique_lock lock(line->sending, std::try_to_lock);
    if (!lock) return std::nullopt;
    auto settled = settle_owed(to, all, *line);
    if (settled && !settled->is_all) {
        if (settled->alone) failed_alone(*line, *settled->alone, settled->taken);
        else worked(*line, settled->taken);
        return std::nullopt;
    }
    if (!settled) {
        // Another process is not to blame.
        if (settled.error().kind != ErrorKind::conflict) failed(*line, settled.error());
        return Outcomes(alerts.size(), {Outcome::Kind::failed, settled.error()});
    }
    // What is behind an older word of its page that is owed is owed, too.
    Outcomes outcomes(alerts.size(),
                      {Outcome::Kind::failed,
                       {ErrorKind::unavailable,
                        fmt::format("{} has not taken what came of this page before", to.shown),
                        {}},
                       true});
    std::vector<Alert> free;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < alerts.size(); ++i) {
        if (settled->behind.contains(core::to_string(message_id(alerts[i])))) continue;
        free.push_back(alerts[i]);
        places.push_back(i);
    }
    const Outcomes sent = line->posting.send(to, all, free);
    for (std::size_t i = 0; i < sent.size(); ++i) outcomes[places[i]] = sent[i];
    const auto taken = settled->taken + static_cast<std::uint64_t>(
                                            std::ranges::count(sent, Outcome::Kind::taken, &Outcome::kind));
    const auto silent = std::ranges::find_if(
        sent, [](const Outcome& one) { return one.kind == Outcome::Kind::failed && !one.of_itself; });
    const auto failure = std::ranges::find(sent, Outcome::Kind::failed, &Outcome::kind);
    // Whether it is this alert or all of them is not known: who else takes them does not wait for it.
    const bool hung = taken == 0 && std::ranges::any_of(sent, &Outcome::hung);
    if (silent != sent.end()) failed(*line, silent->error);
    else if (hung) failed(*line, failure->error);
    else if (failure != sent.end()) failed_alone(*line, failure->error, taken);
    else if (settled->alone) failed_alone(*line, *settled->alone, taken);
    else worked(*line, taken);
    return outcomes;
}

void AlertDestination::Shared::send_to(const std::vector<std::size_t>& places, const Receivers& all,
                                       const std::vector<Alert>& alerts,
                                       std::vector<std::optional<Outcomes>>& outcomes) {
    std::vector<std::jthread> threads;
    for (const std::size_t place : places)
        threads.emplace_back([&, place] { outcomes[place] = send_meant(all.all[place], all, alerts); });
}

std::optional<Outcomes> AlertDestination::Shared::send_meant(const Receiver& to, const Receivers& all,
                                                             const std::vector<Alert>& alerts) {
    std::vector<Alert> meant;
    for (const Alert& alert : alerts)
        if (is_meant_for(alert, to)) meant.push_back(alert);
    if (meant.size() == alerts.size()) return send(to, all, alerts);
    Outcomes outcomes(alerts.size(), {Outcome::Kind::not_meant});
    if (meant.empty()) return outcomes;
    const auto sent = send(to, all, meant);
    if (!sent) return std::nullopt;
    auto next = sent->begin();
    for (std::size_t i = 0; i < alerts.size(); ++i)
        if (is_meant_for(alerts[i], to)) outcomes[i] = *next++;
    return outcomes;
}

}  // namespace tristrata::notification
