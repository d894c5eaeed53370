#include "tristrata/analyzer/rounds.hpp"

#include "query_text.hpp"
#include "tristrata/core/text.hpp"
#include "turn.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <span>
#include <thread>

namespace tristrata::analyzer {
namespace {

constexpr core::Duration asked_again{30'000'000};
constexpr core::Duration clock_asked_again{600'000'000};
constexpr core::Duration skew_told{5'000'000};
constexpr core::Duration longest_sleep{1'000'000};
/// Behind a query that was refused or cut.
constexpr core::Duration refused_again{60'000'000};
/// By then what is due was looked at, and who knows where incidents are open was asked.
constexpr core::Duration caught_up_after{5'000'000};
/// Of a window whose rows are on their way; and for how long, where they stand still and their store answers.
constexpr core::Duration looked_again{1'000'000}, stood_still_max{300'000'000};

std::vector<core::TimeRange> nothing_was_bad(std::string_view, std::string_view) { return {}; }

}  // namespace

struct Rounds::Shared {
    Shared(WantsGood wants, std::shared_ptr<Failures> in_a_row, OnTheWay rows, BadWindows bad)
        : wants_good(std::move(wants)),
          failures(in_a_row ? std::move(in_a_row) : std::make_shared<Failures>()),
          on_the_way(std::move(rows)),
          bad_windows(bad ? std::move(bad) : nothing_was_bad) {}

    const WantsGood wants_good;
    const std::shared_ptr<Failures> failures;
    const OnTheWay on_the_way;
    const BadWindows bad_windows;
    std::counting_semaphore<sql_connections> connections{sql_connections};
    std::mutex telling;
    std::atomic<std::uint64_t> judged{0}, failed{0}, not_asked{0}, passed_over{0}, skipped{0};

    void tell(const Observer& observer, const Definition& definition, const Judgement& judgement) {
        const std::scoped_lock lock(telling);
        observer(definition, judgement);
    }
};

/// A source with those who ask it.
struct Rounds::Lane {
    Lane(Shared& shared, Respondent& respondent) : shared_(shared), respondent_(respondent) {}

    /// Everything whose window ended by `now`, once.
    void once(core::Timestamp now, const Observer& observer, const core::Task& task) {
        begin();
        check_clock(now, observer, task);
        std::atomic<std::size_t> next{0};
        in_threads([&] {
            for (std::size_t i = next++; i < turns.size() && !task.stop.stop_requested(); i = next++)
                judge_window(turns[i], window_end(*turns[i].definition, now), observer, task, false);
        });
    }

    void run(const Observer& observer, const core::Task& task) {
        begin();
        in_threads([&] {
            while (!task.stop.stop_requested()) {
                const core::Timestamp now = task.clock->now();
                check_clock(now, observer, task);
                if (Turn* turn = due(now)) {
                    judge_window(*turn, window_end(*turn->definition, now), observer, task, true);
                    let_go(*turn);
                    continue;
                }
                if (Turn* turn = to_catch_up(task.clock->steady_now())) {
                    judge_behind(*turn, observer, task);
                    let_go(*turn);
                    continue;
                }
                (void)task.clock->sleep_for(until_due(now), task.stop);
            }
        });
    }

    void resume(const LookedAt& before, core::Timestamp now, std::vector<Gap>& gaps) {
        const std::scoped_lock lock(mutex_);
        for (Turn& turn : turns) {
            const auto found = before.find(turn.definition->name);
            // The latest is due at once in any case.
            const core::Timestamp latest = window_end(*turn.definition, now);
            turn.next = latest;
            if (found == before.end()) {
                turn.looked_at = core::Timestamp{latest.microseconds - turn.definition->every.microseconds};
                continue;
            }
            turn.looked_at = found->second;
            const MissedWindows missed = missed_windows(turn.definition->every, found->second, latest);
            if (missed.count() == 0) continue;
            shared_.skipped += missed.skipped;
            turn.behind.insert(turn.behind.end(), missed.owed.begin(), missed.owed.end());
            gaps.push_back({turn.definition->name, missed.from, missed.owed.size(), missed.skipped});
        }
    }

    [[nodiscard]] std::uint64_t waiting() {
        const std::scoped_lock lock(mutex_);
        std::uint64_t all = 0;
        for (const Turn& turn : turns) all += turn.again ? turn.owed.size() : 0;
        return all;
    }

    [[nodiscard]] std::uint64_t behind() {
        const std::scoped_lock lock(mutex_);
        std::uint64_t all = 0;
        for (const Turn& turn : turns) all += turn.behind.size();
        return all;
    }

    void looked_at(LookedAt& all) {
        const std::scoped_lock lock(mutex_);
        for (const Turn& turn : turns)
            if (turn.looked_at) all.emplace(turn.definition->name, *turn.looked_at);
    }

    std::vector<Turn> turns;

private:
    void begin() {
        const std::scoped_lock lock(mutex_);
        clock_due_.reset();
    }

    void let_go(Turn& turn) {
        const std::scoped_lock lock(mutex_);
        turn.in_hand = false;
    }

    /// Behind what was told of a turn.
    void note(Turn& turn, std::optional<core::Timestamp> judged) {
        const std::scoped_lock lock(mutex_);
        if (judged) turn.newest = std::max(turn.newest.value_or(*judged), *judged);
        if (const auto until = looked_up_to(turn)) turn.looked_at = until;
    }

    template <class Work>
    void in_threads(const Work& work) {
        const auto count = std::min<std::size_t>(respondent_.at_once(), turns.size());
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
        work();
    }

    [[nodiscard]] core::Timestamp due_at(const Turn& turn) const {
        const core::Timestamp next = turn.next ? *turn.next + turn.definition->delay : core::Timestamp{};
        return turn.again ? std::min(next, *turn.again) : next;
    }

    void note_hanging(Turn& turn, bool hangs) {
        const std::scoped_lock lock(mutex_);
        turn.hangs = hangs;
    }

    Turn* due(core::Timestamp now) {
        const std::scoped_lock lock(mutex_);
        Turn* first = nullptr;
        // Who was not answered in time waits for the others, and one of them at a time: who hangs holds them
        // up by nothing but its own thread.
        const auto rank = [&](const Turn& turn) { return std::pair(turn.hangs, due_at(turn)); };
        for (Turn& turn : turns)
            if (may_be_asked(turn, turns) && due_at(turn) <= now &&
                (first == nullptr || rank(turn) < rank(*first)))
                first = &turn;
        if (first == nullptr) return nullptr;
        const core::Timestamp end = window_end(*first->definition, now);
        const std::int64_t every = first->definition->every.microseconds;
        // Behind an outage they are owed, and so are those that ended before it was asked for the first time;
        // who is too slow looks at the latest.
        const bool is_too_slow = first->owed.empty() && first->newest;
        for (auto missed = first->next.value_or(end); missed < end;
             missed = missed + first->definition->every)
            if (is_too_slow) ++shared_.passed_over;
            else owe_to(*first, missed);
        first->in_hand = true;
        first->again.reset();
        first->next = core::Timestamp{end.microseconds + every};
        return first;
    }

    core::Duration until_due(core::Timestamp now) {
        const std::scoped_lock lock(mutex_);
        core::Duration wait = longest_sleep;
        for (const Turn& turn : turns)
            if (may_be_asked(turn, turns)) wait = std::min(wait, due_at(turn) - now);
        return std::max(wait, core::Duration{1'000});
    }

    core::Result<Answer> ask(const Definition& definition, core::Timestamp to,
                             std::span<const core::TimeRange> bad, const core::Task& task) {
        const core::Timestamp from = reference_of(definition, to, bad).from;
        if (from == reference_of(definition, to).from) return ask_place(definition, from, to, task);
        // Of up to twice as many windows.
        Definition longer = definition;
        longer.rows_max *= 2;
        return ask_place(longer, from, to, task);
    }

    core::Result<Answer> ask_place(const Definition& definition, core::Timestamp from, core::Timestamp to,
                                   const core::Task& task) {
        if (definition.place.kind != SourceKind::sql) return respondent_.ask(definition, from, to, task);
        while (!shared_.connections.try_acquire_for(std::chrono::milliseconds(50)))
            if (task.stop.stop_requested())
                return core::fail(core::ErrorKind::cancelled, "a stop was asked for");
        auto answer = respondent_.ask(definition, from, to, task);
        shared_.connections.release();
        return answer;
    }

    void owe_to(Turn& turn, core::Timestamp end) { shared_.passed_over += owe(turn.owed, end) ? 1 : 0; }

    /// By a lock, or while a table is renamed: tried again soon, and behind the next that has an answer.
    void keep_refused_until(Turn& turn, core::Timestamp end, core::Timestamp now) {
        shared_.passed_over += keep_refused(turn, end) ? 0 : 1;
        if (!turn.owed.empty() || !is_asked_again(turn, end)) return;
        const std::scoped_lock lock(mutex_);
        turn.again = now + refused_again;
    }

    /// What is owed first, and then this window: what fell into an outage of its source is judged behind it.
    void judge_window(Turn& turn, core::Timestamp to, const Observer& observer, const core::Task& task,
                      bool waits) {
        const Definition& definition = *turn.definition;
        if (turn.owed.empty() || turn.owed.back() < to) owe_to(turn, to);  // Else it waits for its rows.
        const auto closed = closed_for(definition, task.clock->steady_now());
        if (closed) {
            tell_not_asked(turn, *closed, to, observer);
            return note(turn, std::nullopt);
        }
        while (!turn.owed.empty()) {
            const core::Timestamp end = turn.owed.front();
            // Looked up before the store is asked: what had arrived by then is in the answer.
            const auto missing = waits ? missing_since(definition, end) : std::nullopt;
            if (missing && was_answered(definition, *missing, task.clock->steady_now()))
                return look_again(turn, task.clock->now());
            const auto bad = shared_.bad_windows(definition.module, definition.name);
            auto answer = ask(definition, end, bad, task);
            if (!answer && task.stop.stop_requested()) return;
            note_hanging(turn, !answer && answer.error().kind == core::ErrorKind::cancelled);
            if (!answer) {
                ++shared_.failed;
                const bool down = answer.error().kind == core::ErrorKind::unavailable;
                if (down) close(answer.error(), definition.module, task.clock->steady_now());
                shared_.tell(observer, definition,
                             judge_failure(definition, answer.error(), failed(definition, to), to));
                if (down) return note(turn, std::nullopt);
                turn.owed.pop_front();
                if (waits) keep_refused_until(turn, end, task.clock->now());
                note(turn, end);
                continue;
            }
            shared_.failures->answered(definition.name);
            if (missing && are_waited_for(definition, *missing, task.clock->steady_now()))
                return look_again(turn, task.clock->now());
            ++shared_.judged;
            shared_.tell(observer, definition, judged(definition, *answer, end, bad, missing, task));
            turn.owed.pop_front();
            {
                const std::scoped_lock lock(mutex_);
                take_up_refused(turn, end);
            }
            note(turn, end);
            if (task.stop.stop_requested()) return;
        }
    }

    /// Since when rows are on their way that a window with this end may have.
    std::optional<core::Timestamp> missing_since(const Definition& definition, core::Timestamp end) const {
        if (!shared_.on_the_way || definition.place.kind != SourceKind::sql) return std::nullopt;
        const auto since = shared_.on_the_way(store_read_by(definition), end);
        return since && *since < end ? since : std::nullopt;
    }
    /// Whether the source answered lately while just these were on their way: it need not be asked again.
    bool was_answered(const Definition& definition, core::Timestamp missing, core::Timestamp steady) {
        const std::scoped_lock lock(mutex_);
        const auto found = still_.find(store_read_by(definition));
        return found != still_.end() && found->second.since == missing &&
               steady < found->second.answered + asked_again &&
               steady < found->second.begun + stood_still_max;
    }
    /// Behind an answer. An outage of the source ends the count: nothing moves in one.
    bool are_waited_for(const Definition& definition, core::Timestamp missing, core::Timestamp steady) {
        const std::scoped_lock lock(mutex_);
        Still& still =
            still_.try_emplace(store_read_by(definition), Still{missing, steady, steady}).first->second;
        if (still.since != missing) still = {missing, steady, steady};
        still.answered = steady;
        return steady < still.begun + stood_still_max;
    }
    void look_again(Turn& turn, core::Timestamp now) {
        {
            const std::scoped_lock lock(mutex_);
            turn.again = now + looked_again;
        }
        note(turn, std::nullopt);
    }
    Judgement judged(const Definition& definition, const Answer& answer, core::Timestamp end,
                     std::span<const core::TimeRange> bad, std::optional<core::Timestamp> missing,
                     const core::Task& task) const {
        Judgement judgement = judge(definition, answer, end, task, shared_.wants_good, bad);
        if (missing)
            judgement.notes.push_back(fmt::format(
                "rows that were emitted since {} wait in the spool, and have not moved for {} min: "
                "what they would have said is not in this (tristrata spool status says why)",
                core::to_string(*missing), stood_still_max.microseconds / 60'000'000));
        return judgement;
    }

    [[nodiscard]] std::uint64_t failed(const Definition& definition, core::Timestamp to) {
        return shared_.failures->failed(definition.name, to, definition.every);
    }

    /// The analyzer that is furthest behind, where nothing else is due and its source answers.
    Turn* to_catch_up(core::Timestamp steady) {
        const std::scoped_lock lock(mutex_);
        if (!catching_up_) catching_up_ = steady + caught_up_after;
        if (steady < *catching_up_ || (closed_until_ && steady < *closed_until_)) return nullptr;
        Turn* furthest = nullptr;
        for (Turn& turn : turns) {
            if (turn.in_hand || turn.behind.empty()) continue;
            if (furthest == nullptr || turn.behind.front() < furthest->behind.front()) furthest = &turn;
        }
        if (furthest != nullptr) furthest->in_hand = true;
        return furthest;
    }

    /// One window of those that ended while nothing ran.
    void judge_behind(Turn& turn, const Observer& observer, const core::Task& task) {
        const Definition& definition = *turn.definition;
        const core::Timestamp end = turn.behind.front();
        const auto missing = missing_since(definition, end);
        if (missing && was_answered(definition, *missing, task.clock->steady_now()))
            return catch_up_at(task.clock->steady_now() + looked_again);
        const auto bad = shared_.bad_windows(definition.module, definition.name);
        auto answer = ask(definition, end, bad, task);
        if (!answer && task.stop.stop_requested()) return;
        if (!answer && answer.error().kind == core::ErrorKind::unavailable) {
            // Who is due next finds it down as well, and tells it as what it is now.
            return catch_up_at(task.clock->steady_now() + asked_again);
        }
        if (answer && missing && are_waited_for(definition, *missing, task.clock->steady_now()))
            return catch_up_at(task.clock->steady_now() + looked_again);
        ++(answer ? shared_.judged : shared_.failed);
        shared_.tell(observer, definition,
                     answer ? judged(definition, *answer, end, bad, missing, task)
                            : judge_failure(definition, answer.error(), failed(definition, end), end));
        {
            const std::scoped_lock lock(mutex_);
            turn.behind.pop_front();
            if (answer) turn.refusals.erase(end);
            else shared_.passed_over += keep_refused(turn, end) ? 0 : 1;
        }
        note(turn, end);
    }

    void catch_up_at(core::Timestamp steady) {
        const std::scoped_lock lock(mutex_);
        catching_up_ = steady;
    }

    struct Closed {
        core::Error error;
        bool told = false;  ///< This module knows.
    };
    std::optional<Closed> closed_for(const Definition& definition, core::Timestamp steady) {
        const std::scoped_lock lock(mutex_);
        if (!closed_until_ || steady >= *closed_until_) return std::nullopt;
        return Closed{closed_by_, !closed_told_.insert(definition.module).second};
    }
    void close(core::Error error, const std::string& module, core::Timestamp steady) {
        const std::scoped_lock lock(mutex_);
        if (!closed_until_ || steady >= *closed_until_) closed_told_.clear();
        closed_until_ = steady + asked_again;
        closed_by_ = std::move(error);
        closed_told_.insert(module);
        still_.clear();
    }
    void tell_not_asked(Turn& turn, const Closed& closed, core::Timestamp to, const Observer& observer) {
        ++shared_.failed;
        ++shared_.not_asked;
        Judgement judgement = judge_failure(*turn.definition, closed.error, failed(*turn.definition, to), to);
        judgement.notes.emplace_back("not asked: the source had just given another analyzer no answer");
        if (closed.told) judgement.events.clear();
        shared_.tell(observer, *turn.definition, judgement);
    }

    /// Asks for the source's clock where that is due; a source that does not answer is told by those who ask
    /// it.
    void check_clock(core::Timestamp now, const Observer& observer, const core::Task& task) {
        {
            const std::scoped_lock lock(mutex_);
            const core::Timestamp steady = task.clock->steady_now();
            if (clock_due_ && steady < *clock_due_) return;
            clock_due_ = steady + clock_asked_again;
        }
        auto ahead = respondent_.ahead(task);
        if (!ahead || std::abs(ahead->microseconds) < skew_told.microseconds) return;
        std::set<std::string> modules;
        for (const Turn& turn : turns) {
            const Definition& definition = *turn.definition;
            if (!modules.insert(definition.module).second) continue;
            shared_.tell(observer, definition, judge_clock(definition, *ahead, window_end(definition, now)));
        }
    }

    Shared& shared_;
    Respondent& respondent_;
    std::mutex mutex_;
    std::optional<core::Timestamp> clock_due_, closed_until_, catching_up_;
    struct Still {
        core::Timestamp since;            ///< When the oldest row on its way was emitted,
        core::Timestamp begun, answered;  ///< steady: first and last seen while the source answered.
    };
    std::map<std::string, Still> still_;  ///< By the store whose rows they are.
    core::Error closed_by_;
    std::set<std::string> closed_told_;
};

core::Result<Respondents> open_respondents(const std::vector<Definition>& definitions,
                                           const config::Settings& settings) {
    Respondents all;
    for (const Definition& one : definitions) {
        if (all.contains(one.place)) continue;
        auto opened = open_respondent(one.place, settings);
        if (!opened)
            return core::fail(opened.error().kind,
                              fmt::format("{}: the analyzer {} asks {}: {}", one.where,
                                          core::quoted(one.name), shown(one.place), opened.error().message));
        all.emplace(one.place, std::move(*opened));
    }
    return all;
}

Rounds::Rounds(std::vector<Definition> definitions, Respondents respondents, WantsGood wants_good,
               std::shared_ptr<Failures> failures, OnTheWay on_the_way, BadWindows bad_windows)
    : definitions_(std::move(definitions)),
      respondents_(std::move(respondents)),
      shared_(std::make_unique<Shared>(std::move(wants_good), std::move(failures), std::move(on_the_way),
                                       std::move(bad_windows))) {
    std::map<Place, Lane*> lane_of;
    for (const Definition& one : definitions_) {
        Lane*& lane = lane_of[one.place];
        if (lane == nullptr)
            lane = lanes_.emplace_back(std::make_unique<Lane>(*shared_, *respondents_.at(one.place))).get();
        lane->turns.emplace_back().definition = &one;
    }
}

Rounds::~Rounds() = default;

void Rounds::once(core::Timestamp now, const Observer& observer, const core::Task& task) {
    std::vector<std::jthread> threads;
    for (const auto& lane : lanes_) threads.emplace_back([&] { lane->once(now, observer, task); });
}

void Rounds::run(const Observer& observer, const core::Task& task) {
    std::vector<std::jthread> threads;
    for (const auto& lane : lanes_) threads.emplace_back([&] { lane->run(observer, task); });
}

std::vector<Gap> Rounds::resume(const LookedAt& before, core::Timestamp now) {
    std::vector<Gap> gaps;
    for (const auto& lane : lanes_) lane->resume(before, now, gaps);
    return gaps;
}

RoundFigures Rounds::figures() const {
    std::uint64_t behind = 0, waiting = 0;
    for (const auto& lane : lanes_) {
        behind += lane->behind();
        waiting += lane->waiting();
    }
    return {shared_->judged, shared_->failed, shared_->not_asked, shared_->passed_over,
            waiting,         behind,          shared_->skipped};
}

LookedAt Rounds::looked_at() const {
    LookedAt all;
    for (const auto& lane : lanes_) lane->looked_at(all);
    return all;
}

}  // namespace tristrata::analyzer
