#include "tristrata/relay/relay.hpp"

#include "dead_letters.hpp"
#include "retry.hpp"
#include "route.hpp"
#include "tristrata/core/thread_start.hpp"
#include "tristrata/spool/inspection.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace tristrata::relay {
namespace {

using core::ErrorKind;

/// How often drained segments are looked for where nothing else happens.
constexpr core::Duration sweep_every{60'000'000};
/// How often a slot is looked at that may run full of events.
constexpr core::Duration look_every{1'000'000};
constexpr core::Timestamp for_ever{INT64_MAX};
/// What has just been begun when the budget ends may end.
core::Duration and_a_little(core::Duration budget) { return {budget.microseconds + 500'000}; }
constexpr core::Duration no_limit{86'400'000'000LL * 365};

bool names_a_record(ErrorKind kind) {
    return kind == ErrorKind::invalid_input || kind == ErrorKind::refused ||
           kind == ErrorKind::limit_exceeded;
}

/// What a newer program wrote stays, and a wrong password stays wrong, however long one waits.
bool waiting_is_vain(const Delivered& done) {
    return !done.held.empty() && std::ranges::all_of(done.held, [](const core::Error& error) {
        return error.kind == ErrorKind::conflict || error.kind == ErrorKind::configuration;
    });
}

}  // namespace

/// The state that the relay's threads and its owner share.
class Relay::Courier : public std::enable_shared_from_this<Relay::Courier> {
public:
    Courier(spool::FileSystem& files, core::Clock& clock, Options options,
            const std::vector<std::shared_ptr<Destination>>& destinations)
        : files_(files), clock_(clock), options_(std::move(options)) {
        for (const auto& destination : destinations)
            routes_.push_back(std::make_unique<Route>(destination, options_.batch_records));
    }

    Delivered pass(const std::stop_token& stop);
    Delivered drain(core::Duration budget, const std::stop_token& stop);
    void start();
    void add(std::shared_ptr<Destination> destination);
    Delivered stop(core::Duration budget);
    std::vector<RouteStatus> status() const {
        const std::lock_guard lock(telling_);
        std::vector<RouteStatus> all;
        for (const auto& route : routes_) all.push_back(route->status);
        return all;
    }

private:
    using Errands = std::vector<std::shared_ptr<Errand>>;

    void say(std::string_view sentence) {
        const std::lock_guard lock(saying_);
        if (options_.notice) options_.notice(sentence);
    }
    using What = std::function<Delivered(Courier&, Route*)>;
    /// An errand a route; one without a route where there is none: slots are looked after all the same.
    Errands send_out(const What& what);
    std::shared_ptr<Errand> send_out(Route* route, const What& what);
    /// What start() sends out for.
    [[nodiscard]] What until_stopped() const;
    /// What they brought until then, with what was counted since; who has not come back is left behind.
    Delivered wait_for(Errands& errands, core::Duration patience, const Counts& before);
    /// What the routes have counted so far.
    [[nodiscard]] Counts counts() const;

    /// Once over all slots; `until`: on the steady clock, nothing is begun after it.
    Delivered carry(Route* route, const std::stop_token& stop, core::Timestamp until = for_ever);
    /// Again and again, until nothing is pending or the time has come.
    Delivered carry_all(Route* route, const std::stop_token& stop, core::Timestamp until);
    std::vector<std::shared_ptr<Slot>> open_slots(Delivered& done);
    /// False where the route has to wait.
    bool carry(Slot& slot, Route& route, const std::stop_token& stop, core::Timestamp until, Delivered& done);
    /// What waits for the route has waited on, in every slot.
    void count_refusal(const std::vector<std::shared_ptr<Slot>>& slots, const Route& route, Delivered& done);
    core::Status send(Slot& slot, Route& route, spool::Batch batch);
    void settled(Route& route, const spool::Batch& batch, const spool::Settlement& settlement);
    /// Makes room in the slots, and says what was found there.
    void tend(const std::vector<std::shared_ptr<Slot>>& slots, const Route* route, bool delivered,
              Delivered& done);
    void hold(Route& route, const core::Error& error);
    /// Why a slot cannot be read; said when it is new.
    void hold(const core::Error& error, Delivered& done);

    /// What a route tells of itself is changed under the mutex of who reads it.
    template <class Change>
    void tell(Route& route, const Change& change) {
        const std::lock_guard lock(telling_);
        change(route.status);
    }

    spool::FileSystem& files_;
    core::Clock& clock_;
    Options options_;
    std::vector<std::unique_ptr<Route>> routes_;
    mutable std::mutex telling_;  ///< Of the routes' statuses and of what was said.
    std::set<std::string> said_;
    std::mutex saying_;
    std::mutex opening_;
    std::map<std::string, std::shared_ptr<Slot>> slots_;
    std::mutex tending_;
    core::Timestamp swept_{INT64_MIN / 2};
    core::Timestamp looked_{INT64_MIN / 2};

    std::mutex ending_;  ///< Of what errands brought.
    std::condition_variable ended_;
    Errands running_;  ///< Since start().
    std::stop_source stopping_;
    core::Timestamp last_moment_;  ///< Written before the stop is asked for.
    Counts before_;                ///< Counted before start().
    bool left_behind_ = false;
};

Counts Relay::Courier::counts() const {
    Counts all;
    for (const RouteStatus& route : status()) all += route;
    return all;
}

Relay::Courier::Errands Relay::Courier::send_out(const What& what) {
    Errands errands;
    for (const auto& route : routes_) errands.push_back(send_out(route.get(), what));
    if (errands.empty()) errands.push_back(send_out(nullptr, what));
    return errands;
}

std::shared_ptr<Errand> Relay::Courier::send_out(Route* route, const What& what) {
    auto errand = std::make_shared<Errand>();
    if (route != nullptr) errand->record_class = route->destination->record_class();
    auto started = core::start_thread<std::thread>([courier = shared_from_this(), errand, route, what] {
        Delivered brought = what(*courier, route);
        const std::lock_guard lock(courier->ending_);
        errand->brought = std::move(brought);
        courier->ended_.notify_all();
    });
    if (started) {
        errand->thread = std::move(*started);
        return errand;
    }
    errand->brought.emplace();
    errand->brought->pending = true;
    errand->brought->held.push_back(
        {started.error().kind,
         fmt::format("{} records wait: {}", sink::name(errand->record_class), started.error().message),
         started.error().foreign_code});
    return errand;
}

Delivered Relay::Courier::wait_for(Errands& errands, core::Duration patience, const Counts& before) {
    std::unique_lock lock(ending_);
    // The owner waits by the real clock, whatever the relay's own says.
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(patience.microseconds);
    (void)ended_.wait_until(lock, until, [&] {
        return std::ranges::all_of(errands, [](const auto& errand) { return errand->brought.has_value(); });
    });
    Delivered all;
    Errands back;
    std::vector<core::Error> late;
    for (const auto& errand : errands) {
        if (!errand->brought) {
            all.pending = left_behind_ = true;
            late.push_back({ErrorKind::unavailable,
                            fmt::format("{} records wait: a delivery did not end within the budget",
                                        sink::name(errand->record_class)),
                            {}});
            errand->thread.detach();
            continue;
        }
        all.pending = all.pending || errand->brought->pending;
        for (auto& error : errand->brought->held)  // A slot that cannot be read is met by each.
            if (std::ranges::find(all.held, error.message, &core::Error::message) == all.held.end())
                all.held.push_back(std::move(error));
        for (auto& folder : errand->brought->elsewhere)
            if (std::ranges::find(all.elsewhere, folder) == all.elsewhere.end())
                all.elsewhere.push_back(std::move(folder));
        back.push_back(errand);
    }
    lock.unlock();
    for (const auto& error : late) hold(error, all);
    for (const auto& errand : back)
        if (errand->thread.joinable()) errand->thread.join();
    errands.clear();
    all += counts() - before;
    return all;
}

std::vector<std::shared_ptr<Slot>> Relay::Courier::open_slots(Delivered& done) {
    std::vector<std::shared_ptr<Slot>> open;
    auto folders = spool::slots(files_, options_.root);
    if (!folders) {
        if (folders.error().kind != ErrorKind::not_found) hold(folders.error(), done);
        return open;
    }
    const std::lock_guard lock(opening_);
    for (const auto& folder : *folders) {
        auto& slot = slots_[folder];
        if (!slot) slot = std::make_shared<Slot>();
        const std::lock_guard of_slot(slot->mutex);
        if (!slot->backlog) {
            auto opened = spool::Backlog::open(files_, clock_, folder);
            if (!opened) hold(opened.error(), done);
            else if (*opened == nullptr) done.elsewhere.push_back(folder);
            else slot->backlog = std::move(*opened);
        }
        if (slot->backlog) open.push_back(slot);
    }
    return open;
}

void Relay::Courier::hold(const core::Error& error, Delivered& done) {
    bool is_new = false;
    {
        const std::lock_guard lock(telling_);
        is_new = said_.insert(error.message).second;
    }
    if (is_new) say(error.message);
    done.held.push_back(error);
}

void Relay::Courier::hold(Route& route, const core::Error& error) {
    const bool is_new = !route.status.held || route.status.held->message != error.message;
    tell(route, [&](RouteStatus& status) {
        ++status.failures;
        ++status.failures_in_a_row;
        status.held = status.last_error = error;
        status.last_error_at = clock_.now();
    });
    const core::Duration wait =
        wait_after(route.status.failures_in_a_row, options_.retry_first, options_.retry_max, options_.seed);
    route.not_before = clock_.steady_now() + std::max(wait, route.destination->wait_at_least());
    if (is_new)
        say(fmt::format("{} records wait: {}", sink::name(route.destination->record_class()), error.message));
}

core::Status Relay::Courier::send(Slot& slot, Route& route, spool::Batch batch) {
    while (true) {
        spool::Settlement settlement;
        if (!batch.records.empty()) {
            tell(route, [](RouteStatus& status) { ++status.attempts; });
            auto delivered = route.destination->deliver(batch);
            if (!delivered && !names_a_record(delivered.error().kind)) return propagate(delivered);
            if (!delivered && batch.parked) return propagate(delivered);
            if (!delivered && batch.records.size() > 1) {
                route.records_max = batch.records.size() / 2;
                const std::lock_guard lock(slot.mutex);
                auto half = slot.backlog->halve(batch);
                if (!half) return propagate(half);
                batch = std::move(*half);
                continue;
            }
            if (delivered) settlement = std::move(*delivered);
            else settlement.dead.emplace_back(0, delivered.error());
        }
        for (const auto& sentence : sentences_of(batch.record_class, settlement.dead)) say(sentence);
        {
            const std::lock_guard lock(slot.mutex);
            if (auto done = slot.backlog->settle(batch, settlement); !done) return done;
        }
        settled(route, batch, settlement);
        return {};
    }
}

void Relay::Courier::settled(Route& route, const spool::Batch& batch, const spool::Settlement& settlement) {
    // Every row that was not stored and not there already is dead: refused, damaged or missing.
    const std::uint64_t dead = batch.to_row - batch.from_row - settlement.stored - settlement.duplicate;
    tell(route, [&](RouteStatus& status) {
        ++status.batches;
        status.stored += settlement.stored;
        status.duplicate += settlement.duplicate;
        status.dead += dead;
        status.missing += batch.missing;
        status.parked += settlement.parked;
        status.last_delivered_at = clock_.now();
    });
}

bool Relay::Courier::carry(Slot& slot, Route& route, const std::stop_token& stop, core::Timestamp until,
                           Delivered& done) {
    while (!stop.stop_requested() && clock_.steady_now() < until) {
        auto batch = [&]() -> core::Result<spool::Batch> {
            const std::lock_guard lock(slot.mutex);
            if (!slot.backlog) return spool::Batch();  // Another route has met a newer program there.
            if (options_.parked)
                if (auto old = slot.backlog->next_parked(route.destination->record_class());
                    !old || !old->empty()) {
                    slot.out += old.has_value();
                    return old;
                }
            auto next = slot.backlog->next(route.destination->record_class(), route.records_max,
                                           options_.batch_bytes);
            // A newer program writes here: its own relay must get the slot.
            if (!next && next.error().kind == ErrorKind::conflict && slot.out == 0) slot.backlog.reset();
            slot.out += next && !next->empty();
            return next;
        }();
        if (!batch) {
            hold(batch.error(), done);  // This slot's disk, not the destination.
            return true;
        }
        if (batch->empty()) return true;
        const auto sent = send(slot, route, std::move(*batch));
        {
            const std::lock_guard lock(slot.mutex);
            --slot.out;
        }
        if (!sent) {
            hold(route, sent.error());
            return false;
        }
        if (route.status.held)
            say(fmt::format("{} records are delivered again", sink::name(route.destination->record_class())));
        tell(route, [](RouteStatus& status) {
            status.held.reset();
            status.failures_in_a_row = 0;
        });
        route.records_max = std::min(route.records_max * 2, options_.batch_records);
    }
    done.pending = true;
    return true;
}

Delivered Relay::Courier::carry(Route* route, const std::stop_token& stop, core::Timestamp until) {
    Delivered done;
    const auto slots = open_slots(done);
    bool delivered = false;
    std::unique_lock<std::mutex> turn;
    if (route != nullptr) {
        turn = std::unique_lock(route->turn);
        const std::uint64_t batches = route->status.batches;
        if (!route->status.held || clock_.steady_now() >= route->not_before)
            for (const auto& slot : slots)
                if (!carry(*slot, *route, stop, until, done)) {
                    count_refusal(slots, *route, done);
                    break;
                }
        if (route->status.held) done.held.push_back(*route->status.held);
        delivered = route->status.batches > batches;
    }
    tend(slots, route, delivered, done);
    done.pending = done.pending || !done.held.empty();
    return done;
}

void Relay::Courier::count_refusal(const std::vector<std::shared_ptr<Slot>>& slots, const Route& route,
                                   Delivered& done) {
    for (const auto& slot : slots) {
        const std::lock_guard lock(slot->mutex);
        if (!slot->backlog) continue;
        if (auto parked = slot->backlog->not_taken(route.destination->record_class(), options_.max_age);
            !parked)
            hold(parked.error(), done);
    }
}

void Relay::Courier::tend(const std::vector<std::shared_ptr<Slot>>& slots, const Route* route, bool delivered,
                          Delivered& done) {
    const std::unique_lock tending(tending_, std::try_to_lock);
    if (!tending) return;  // Another route does it.
    const core::Timestamp now = clock_.steady_now();
    const bool sweep = delivered || now - swept_ >= sweep_every;
    if (sweep) swept_ = now;
    bool look = now - looked_ >= look_every;
    if (look) looked_ = now;
    // What is on its way is not dropped meanwhile.
    std::unique_lock<std::mutex> no_events;
    for (const auto& other : routes_)
        if (other.get() != route && other->destination->record_class() == sink::RecordClass::event && look) {
            no_events = std::unique_lock(other->turn, std::try_to_lock);
            look = no_events.owns_lock();
        }
    for (const auto& slot : slots) {
        std::vector<std::string> notes;
        {
            const std::lock_guard lock(slot->mutex);
            if (!slot->backlog) continue;
            if (look)
                if (auto dropped =
                        slot->backlog->drop_oldest(sink::RecordClass::event, options_.event_bytes_max);
                    !dropped)
                    hold(dropped.error(), done);
            if (sweep)
                if (auto removed = slot->backlog->remove_drained(options_.replay_window); !removed)
                    hold(removed.error(), done);
            notes = slot->backlog->take_notes();
        }
        for (const auto& note : notes) say(note);
    }
}

Delivered Relay::Courier::carry_all(Route* route, const std::stop_token& stop, core::Timestamp until) {
    while (true) {
        Delivered done = carry(route, stop, until);
        const core::Timestamp now = clock_.steady_now();
        if (!done.pending || waiting_is_vain(done) || now >= until) return done;
        if (!clock_.sleep_for(std::min(options_.poll, until - now), stop)) return done;
    }
}

Delivered Relay::Courier::pass(const std::stop_token& stop) {
    const Counts before = counts();
    Errands errands = send_out([stop](Courier& courier, Route* route) { return courier.carry(route, stop); });
    return wait_for(errands, no_limit, before);
}

Delivered Relay::Courier::drain(core::Duration budget, const std::stop_token& stop) {
    const Counts before = counts();
    const core::Timestamp until = clock_.steady_now() + budget;
    Errands errands = send_out(
        [stop, until](Courier& courier, Route* route) { return courier.carry_all(route, stop, until); });
    return wait_for(errands, and_a_little(budget), before);
}

Relay::Courier::What Relay::Courier::until_stopped() const {
    return [stop = stopping_.get_token()](Courier& courier, Route* route) {
        while (!stop.stop_requested()) {
            (void)courier.carry(route, stop);
            (void)courier.clock_.sleep_for(courier.options_.poll, stop);
        }
        return courier.carry_all(route, {}, courier.last_moment_);
    };
}

void Relay::Courier::start() {
    if (left_behind_ || !running_.empty()) return;
    stopping_ = {};
    before_ = counts();
    running_ = send_out(until_stopped());
    for (const auto& errand : running_)
        if (!errand->thread.joinable()) say(errand->brought->held.front().message);
}

void Relay::Courier::add(std::shared_ptr<Destination> destination) {
    auto made = std::make_unique<Route>(std::move(destination), options_.batch_records);
    Route* route = made.get();
    {
        // Of who looks over all routes: who tends, and who tells.
        const std::scoped_lock both(tending_, telling_);
        routes_.push_back(std::move(made));
    }
    if (running_.empty()) return;
    running_.push_back(send_out(route, until_stopped()));
    if (!running_.back()->thread.joinable()) say(running_.back()->brought->held.front().message);
}

Delivered Relay::Courier::stop(core::Duration budget) {
    if (running_.empty()) return {};
    last_moment_ = clock_.steady_now() + budget;
    stopping_.request_stop();
    return wait_for(running_, and_a_little(budget), before_);
}

Relay::Relay(spool::FileSystem& files, core::Clock& clock, Options options,
             const std::vector<std::shared_ptr<Destination>>& destinations)
    : courier_(std::make_shared<Courier>(files, clock, std::move(options), destinations)) {}

Relay::~Relay() { (void)stop({0}); }

Delivered Relay::pass(const std::stop_token& stop) { return courier_->pass(stop); }

Delivered Relay::drain(core::Duration budget, const std::stop_token& stop) {
    return courier_->drain(budget, stop);
}

std::vector<RouteStatus> Relay::status() const { return courier_->status(); }

void Relay::start() { courier_->start(); }

void Relay::add(std::shared_ptr<Destination> destination) { courier_->add(std::move(destination)); }

Delivered Relay::stop(core::Duration budget) { return courier_->stop(budget); }

}  // namespace tristrata::relay
