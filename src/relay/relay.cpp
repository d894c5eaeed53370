#include "tristrata/relay/relay.hpp"

#include "retry.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
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

bool names_a_record(ErrorKind kind) {
    return kind == ErrorKind::invalid_input || kind == ErrorKind::refused ||
           kind == ErrorKind::limit_exceeded;
}

/// A destination, and how it has answered so far.
struct Route {
    std::shared_ptr<Destination> destination;
    core::Timestamp not_before;
    RouteStatus status;           ///< Written under its mutex; read without by who writes.
    std::size_t records_max = 0;  ///< Smaller for a while after a refused batch.
};

}  // namespace

/// The state that the relay's thread and its owner share.
class Relay::Courier {
public:
    Courier(spool::FileSystem& files, core::Clock& clock, Options options,
            const std::vector<std::shared_ptr<Destination>>& destinations)
        : files_(files), clock_(clock), options_(std::move(options)) {
        for (const auto& destination : destinations)
            routes_.push_back(
                {destination, {}, {.record_class = destination->record_class()}, options_.batch_records});
    }

    /// `until`: on the steady clock; nothing is begun after it.
    Delivered pass(const std::stop_token& stop, core::Timestamp until = for_ever);
    Delivered drain(core::Duration budget, const std::stop_token& stop);
    std::vector<RouteStatus> status() const {
        const std::lock_guard lock(telling_);
        std::vector<RouteStatus> all;
        for (const Route& route : routes_) all.push_back(route.status);
        return all;
    }
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            (void)pass(stop);
            (void)clock_.sleep_for(options_.poll, stop);
        }
    }

    std::thread thread;
    std::stop_source stopping;
    std::mutex ending;
    std::condition_variable changed;
    std::optional<Delivered> last;  ///< What the thread's end brought.
    bool left_behind = false;

private:
    void say(std::string_view sentence) const {
        if (options_.notice) options_.notice(sentence);
    }
    void open_slots(Delivered& done);
    /// False where the route has to wait.
    bool carry(std::unique_ptr<spool::Backlog>& backlog, Route& route, const std::stop_token& stop,
               core::Timestamp until, Delivered& done);
    core::Status send(spool::Backlog& backlog, Route& route, spool::Batch batch, Delivered& done);
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
    mutable std::mutex telling_;
    std::mutex passing_;
    std::vector<Route> routes_;
    std::map<std::string, std::unique_ptr<spool::Backlog>> backlogs_;
    std::set<std::string> said_;
    core::Timestamp swept_{INT64_MIN / 2};
    core::Timestamp looked_{INT64_MIN / 2};
};

void Relay::Courier::open_slots(Delivered& done) {
    auto entries = files_.list(options_.root);
    if (!entries) {
        if (entries.error().kind != ErrorKind::not_found) hold(entries.error(), done);
        return;
    }
    for (const auto& entry : *entries) {
        if (!entry.name.starts_with("slot_")) continue;
        auto& backlog = backlogs_[options_.root + "/" + entry.name];
        if (backlog) continue;
        auto opened = spool::Backlog::open(files_, clock_, options_.root + "/" + entry.name);
        if (!opened) hold(opened.error(), done);
        else backlog = std::move(*opened);
    }
}

void Relay::Courier::hold(const core::Error& error, Delivered& done) {
    if (said_.insert(error.message).second) say(error.message);
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
    route.not_before = clock_.steady_now() + wait;
    if (is_new)
        say(fmt::format("{} records wait: {}", sink::name(route.destination->record_class()), error.message));
}

core::Status Relay::Courier::send(spool::Backlog& backlog, Route& route, spool::Batch batch,
                                  Delivered& done) {
    while (true) {
        spool::Settlement settlement;
        if (!batch.records.empty()) {
            ++done.attempts;
            tell(route, [](RouteStatus& status) { ++status.attempts; });
            auto delivered = route.destination->deliver(batch);
            if (!delivered && !names_a_record(delivered.error().kind)) return propagate(delivered);
            if (!delivered && batch.records.size() > 1) {
                route.records_max = batch.records.size() / 2;
                auto half = backlog.halve(batch);
                if (!half) return propagate(half);
                batch = std::move(*half);
                continue;
            }
            if (delivered) settlement = std::move(*delivered);
            else settlement.dead.emplace_back(0, delivered.error());
        }
        for (const auto& [index, error] : settlement.dead)
            say(fmt::format("a {} record can never be stored and is kept as a dead letter: {}",
                            sink::name(batch.record_class), error.message));
        const std::uint64_t dead_before = backlog.ledger().classes[spool::place(batch.record_class)].dead;
        if (auto settled = backlog.settle(batch, settlement); !settled) return settled;
        const std::uint64_t dead =
            backlog.ledger().classes[spool::place(batch.record_class)].dead - dead_before;
        done.stored += settlement.stored;
        done.duplicate += settlement.duplicate;
        done.dead += dead;
        done.missing += batch.missing;
        ++done.batches;
        tell(route, [&](RouteStatus& status) {
            ++status.batches;
            status.stored += settlement.stored;
            status.duplicate += settlement.duplicate;
            status.dead += dead;
            status.parked += settlement.parked;
            status.last_delivered_at = clock_.now();
        });
        return {};
    }
}

bool Relay::Courier::carry(std::unique_ptr<spool::Backlog>& backlog, Route& route,
                           const std::stop_token& stop, core::Timestamp until, Delivered& done) {
    while (!stop.stop_requested() && clock_.steady_now() < until) {
        auto batch =
            backlog->next(route.destination->record_class(), route.records_max, options_.batch_bytes);
        if (!batch) {
            hold(batch.error(), done);  // This slot's disk, not the destination.
            // A newer program writes here: its own relay must get the slot.
            if (batch.error().kind == ErrorKind::conflict) backlog.reset();
            return true;
        }
        if (batch->empty()) return true;
        if (auto sent = send(*backlog, route, std::move(*batch), done); !sent) {
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

Delivered Relay::Courier::pass(const std::stop_token& stop, core::Timestamp until) {
    const std::lock_guard lock(passing_);
    Delivered done;
    open_slots(done);
    const core::Timestamp now = clock_.steady_now();
    for (Route& route : routes_) {
        if (route.status.held && now < route.not_before) continue;
        for (auto& [folder, backlog] : backlogs_)
            if (backlog && !carry(backlog, route, stop, until, done)) break;
    }
    for (const Route& route : routes_)
        if (route.status.held) done.held.push_back(*route.status.held);
    done.pending = done.pending || !done.held.empty();
    const bool sweep = done.batches > 0 || now - swept_ >= sweep_every;
    if (sweep) swept_ = now;
    const bool look = now - looked_ >= look_every;
    if (look) looked_ = now;
    for (auto& [folder, backlog] : backlogs_) {
        if (!backlog) continue;
        if (look)
            if (auto dropped = backlog->drop_oldest(sink::RecordClass::event, options_.event_bytes_max);
                !dropped)
                hold(dropped.error(), done);
        if (sweep)
            if (auto removed = backlog->remove_drained(options_.replay_window); !removed)
                hold(removed.error(), done);
        for (const auto& note : backlog->take_notes()) say(note);
    }
    return done;
}

Delivered Relay::Courier::drain(core::Duration budget, const std::stop_token& stop) {
    const core::Timestamp end = clock_.steady_now() + budget;
    Delivered all;
    while (true) {
        Delivered one = pass(stop, end);
        all.stored += one.stored;
        all.duplicate += one.duplicate;
        all.dead += one.dead;
        all.missing += one.missing;
        all.batches += one.batches;
        all.attempts += one.attempts;
        all.pending = one.pending;
        all.held = std::move(one.held);
        // What a newer program wrote stays, however long one waits.
        const bool only_newer =
            !all.held.empty() && std::ranges::all_of(all.held, [](const core::Error& error) {
                return error.kind == ErrorKind::conflict;
            });
        const core::Timestamp now = clock_.steady_now();
        if (!all.pending || only_newer || now >= end) return all;
        if (!clock_.sleep_for(std::min(options_.poll, end - now), stop)) return all;
    }
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

void Relay::start() {
    if (courier_->left_behind || courier_->thread.joinable()) return;
    courier_->stopping = {};
    courier_->thread =
        std::thread([courier = courier_, stop = courier_->stopping.get_token()] { courier->run(stop); });
}

Delivered Relay::stop(core::Duration budget) {
    Courier& courier = *courier_;
    if (courier.left_behind || !courier.thread.joinable()) return {};
    courier.stopping.request_stop();
    courier.last.reset();
    // Another thread lets the rest go out: whichever hangs in its destination is left behind with it.
    std::thread end([shared = courier_, budget] {
        shared->thread.join();
        Delivered rest = shared->drain(budget, {});
        const std::lock_guard lock(shared->ending);
        shared->last = std::move(rest);
        shared->changed.notify_all();
    });
    std::unique_lock lock(courier.ending);
    // Half a second above the budget: what has just been begun may end.
    const auto enough = std::chrono::microseconds(budget.microseconds + 500'000);
    if (courier.changed.wait_for(lock, enough, [&] { return courier.last.has_value(); })) {
        lock.unlock();
        end.join();
        return *courier.last;
    }
    end.detach();
    courier.left_behind = true;
    Delivered unknown;
    unknown.pending = true;
    unknown.held.push_back({ErrorKind::unavailable, "a delivery did not end within the budget", {}});
    return unknown;
}

}  // namespace tristrata::relay
