#include "tristrata/notification/alert_destination.hpp"

#include "alone.hpp"
#include "answers.hpp"
#include "owed.hpp"
#include "posting.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/notification/reception.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;
using Outcomes = std::vector<Outcome>;

/// The relay looks in a batch for who is to blame of a refusal: no alert is, of what fails here.
core::Error of_now(core::Error error) {
    if (error.kind != ErrorKind::configuration) error.kind = ErrorKind::unavailable;
    return error;
}

}  // namespace

/// What is known of one receiver.
struct AlertDestination::Line {
    Line(core::Clock& clock, const AlertOptions& options)
        : posting(clock, options.timeout, options.open_for), alone(options.retry_first, options.retry_max) {}
    std::mutex sending;  ///< Held while something is sent to it.
    Posting posting;
    Alone alone;
    // Under the mutex of all.
    ReceiverStatus status;
    unsigned failures_in_a_row = 0;
    core::Timestamp not_before{INT64_MIN};
};

struct AlertDestination::Shared {
    Shared(std::function<core::Result<Receivers>()> receivers, spool::FileSystem& files,
           core::Clock& its_clock, AlertOptions its_options)
        : named(std::move(receivers)),
          clock(its_clock),
          options(std::move(its_options)),
          owed(files, clock, options.owed_folder, options.owed_max),
          receptions(files, options.receptions_folder) {}

    std::function<core::Result<Receivers>()> named;
    core::Clock& clock;
    AlertOptions options;
    Owed owed;
    Receptions receptions;
    mutable std::mutex telling;
    std::map<std::string, std::shared_ptr<Line>, std::less<>> lines;
    std::set<std::string> said;
    std::atomic<bool> is_retried = false;  ///< Somebody sends what is owed.

    void say(const std::string& sentence) const {
        if (options.notice) options.notice(sentence);
    }
    void say_once(const std::string& sentence) {
        {
            const std::lock_guard lock(telling);
            if (!said.insert(sentence).second) return;
        }
        say(sentence);
    }
    std::shared_ptr<Line> line_of(const Receiver& receiver) {
        const std::lock_guard lock(telling);
        auto& line = lines[receiver.key];
        if (!line) line = std::make_shared<Line>(clock, options);
        line->status.shown = receiver.shown;
        return line;
    }
    bool waits(const Line& line) const {
        const std::lock_guard lock(telling);
        return clock.steady_now() < line.not_before;
    }
    void failed(Line& line, const core::Error& error);
    /// Not all was taken by one that answers: what it did not take is sent again by itself.
    void failed_alone(Line& line, const core::Error& error, std::uint64_t taken);
    void worked(Line& line, std::uint64_t taken);
    void refused(Line& line, const core::Error& error, bool is_told);
    /// For who keeps incidents: that it cannot be kept is said, and holds no alert.
    void keep(Reception reception);
    /// It is owed one more. What fails here holds the alert, whoever took it.
    core::Status owe(const Receiver& to, const Alert& alert, bool is_told);
    struct Turn {
        std::uint64_t taken = 0;
        bool is_all = true;  ///< Nothing is owed to it any more, but for what it does not take.
        std::optional<core::Error> alone = {};  ///< Of what it did not take, and answered.
        std::set<std::string> behind = {};      ///< Words of pages that are owed: not to overtake.
    };
    /// Which of what is owed: in front of new alerts nothing that it has not taken before.
    enum class Round : std::uint8_t { before_new, due };
    /// What is owed to it, in its order, for as long as one request may last; the error where it does not
    /// answer.
    core::Result<Turn> settle_owed(const Receiver& to, const Receivers& all, Line& line, Round round);
    /// One of these: taken or refused, it is removed.
    core::Result<Outcome> send_owed(const Owed::File& file, const Alert& alert, const Receiver& to,
                                    const Receivers& all, Line& line);
    /// What is owed to it first, so that nothing overtakes; nothing where it is being sent to already, or is
    /// still owed something when its turn is over: the others do not wait for thousands.
    std::optional<Outcomes> send(const Receiver& to, const Receivers& all, const std::vector<Alert>& alerts);
    /// What is meant for it, likewise.
    std::optional<Outcomes> send_meant(const Receiver& to, const Receivers& all,
                                       const std::vector<Alert>& alerts);
    /// To each of these at once.
    void send_to(const std::vector<std::size_t>& places, const Receivers& all,
                 const std::vector<Alert>& alerts, std::vector<std::optional<Outcomes>>& outcomes);
};

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
        line.status.alone = line.alone.first();
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
        line.status.alone = line.alone.first();
        was_held = line.status.held.has_value() && !line.status.alone;
        if (!line.status.alone) line.status.held.reset();
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

core::Result<Outcome> AlertDestination::Shared::send_owed(const Owed::File& file, const Alert& alert,
                                                          const Receiver& to, const Receivers& all,
                                                          Line& line) {
    Outcome outcome = line.posting.send(to, all, {alert}).front();
    if (outcome.kind == Outcome::Kind::failed) {
        if (outcome.answered) line.alone.failed(file.path, alert, clock.steady_now());
        return outcome;
    }
    if (outcome.kind == Outcome::Kind::refused) {
        // Who else is still to be told may take it.
        auto others = file.is_told ? core::Result<std::size_t>(1) : owed.others(file);
        if (!others) return propagate(others);
        const bool is_told = *others > 0;
        refused(line, outcome.error, is_told && !is_digest(alert));
        keep({{}, alert, {}, {outcome.error.message}, is_told});
        // It is in the spool no more, where a dead letter would be kept.
        if (!is_told)
            if (auto aside = owed.set_aside(file, "refused"); !aside) return propagate(aside);
    } else if (!file.is_told) {
        if (auto told = owed.told(file); !told) return propagate(told);
    }
    if (auto removed = owed.remove(file); !removed) return propagate(removed);
    line.alone.forget(file.path);
    return outcome;
}

core::Result<AlertDestination::Shared::Turn> AlertDestination::Shared::settle_owed(const Receiver& to,
                                                                                   const Receivers& all,
                                                                                   Line& line, Round round) {
    auto files = owed.list();
    if (!files) return propagate(files);
    std::erase_if(*files, [&](const auto& file) { return file.receiver != to.key; });
    Turn turn;
    std::set<std::string> paths;
    for (const auto& file : *files) paths.insert(file.path);
    line.alone.keep_only(paths);
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
        if (const auto other = line.alone.opposite(file.path); !other.empty()) turn.behind.emplace(other);
    };
    // So many in a row that are not taken, and the others wait for the next turn.
    constexpr std::size_t failures_max = 10;
    std::size_t failures = 0;
    for (const auto& file : *files) {
        const bool is_behind = turn.behind.contains(file.id);
        if (is_behind || line.alone.waits(file.path, clock.steady_now()) ||
            (round == Round::before_new && line.alone.has(file.path))) {
            stays(file);
            continue;
        }
        if (until < clock.steady_now() || failures >= failures_max) {
            turn.is_all = false;
            return turn;
        }
        auto alert = owed.read(file);
        if (!alert && alert.error().kind == ErrorKind::not_found) continue;
        if (!alert && alert.error().kind == ErrorKind::invalid_input) {
            say(fmt::format("{} is damaged and set aside: {}", file.path, alert.error().message));
            if (auto aside = owed.set_aside(file, "damaged"); !aside) return propagate(aside);
            continue;
        }
        if (!alert) return tl::unexpected(of_now(alert.error()));
        auto outcome = send_owed(file, *alert, to, all, line);
        if (!outcome) return propagate(outcome);
        if (outcome->kind == Outcome::Kind::failed && !outcome->answered)
            return tl::unexpected(outcome->error);
        failures = outcome->kind == Outcome::Kind::failed ? failures + 1 : 0;
        if (failures > 0) {
            stays(file);
            turn.alone = outcome->error;
        }
        turn.taken += outcome->kind == Outcome::Kind::taken ? 1 : 0;
    }
    return turn.behind.empty() ? is_settled() : turn;
}

std::optional<Outcomes> AlertDestination::Shared::send(const Receiver& to, const Receivers& all,
                                                       const std::vector<Alert>& alerts) {
    const auto line = line_of(to);
    const std::unique_lock lock(line->sending, std::try_to_lock);
    if (!lock) return std::nullopt;
    auto settled = settle_owed(to, all, *line, Round::before_new);
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
        sent, [](const Outcome& one) { return one.kind == Outcome::Kind::failed && !one.answered; });
    const auto failure = std::ranges::find(sent, Outcome::Kind::failed, &Outcome::kind);
    if (silent != sent.end()) failed(*line, silent->error);
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
                             (taken_of_all() > 0 || (batch.resent && found.answered));
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
    std::uint64_t taken = 0;
    for (const Receiver& receiver : named->all) {
        const auto line = shared_->line_of(receiver);
        if (shared_->waits(*line) ||
            std::ranges::find(*files, receiver.key, &Owed::File::receiver) == files->end())
            continue;
        const std::unique_lock lock(line->sending, std::try_to_lock);
        if (!lock) continue;
        auto settled = shared_->settle_owed(receiver, *named, *line, Shared::Round::due);
        if (!settled) {
            if (settled.error().kind != ErrorKind::conflict) shared_->failed(*line, settled.error());
            continue;
        }
        if (settled->alone) shared_->failed_alone(*line, *settled->alone, settled->taken);
        else shared_->worked(*line, settled->taken);
        taken += settled->taken;
    }
    for (const auto& file : *files)
        if (std::ranges::find(named->all, file.receiver, &Receiver::key) == named->all.end())
            shared_->say_once(
                fmt::format("{} is owed to a receiver that is named no longer; it stays until the "
                            "receiver is named again or somebody removes it",
                            file.path));
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
