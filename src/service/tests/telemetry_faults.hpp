#pragma once

#include "evidence.hpp"
#include "tristrata/analyzer/judgement.hpp"
#include "tristrata/incident/apply.hpp"
#include "tristrata/kill_switch/policy.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>

/// Telemetry that is drawn, spoiled on its way, judged by the engine, made an incident and shown to the kill
/// switch: from rows to what the switch would do.
namespace tristrata::service::telemetry {

enum class Fault : std::uint8_t {
    frozen,        ///< The last value before, in every row.
    sticky,        ///< Each value is held for a third of a window.
    copied,        ///< Seven of ten rows hold what one row held.
    zeros,         ///< Half of the values are filled in as 0.
    lost_stretch,  ///< The first 42 % of a window did not come, of values that rise within it.
    lost_half,     ///< Each second row did not come.
    doubled,       ///< The rows of the larger values came twice.
    late,          ///< The rows of a window's second half have the times of the next one.
    null,          ///< The larger half of the values are NULL.
    moved,         ///< No fault: all values are three times what they were.
    fell,          ///< No fault: all values are two fifths of what they were.
    none
};
inline constexpr std::array<std::string_view, 12> fault_names{
    "frozen", "sticky", "copied",           "zeros",           "lost stretch", "lost half", "doubled",
    "late",   "null",   "moved (no fault)", "fell (no fault)", "none"};
inline constexpr std::size_t fault_count = 9;  ///< Those before `moved`.

/// Rows, of which a window has some fifty, at a steady step or at any time.
struct Telemetry {
    static constexpr std::int64_t second = 1'000'000, window = 600 * second, begin = 2'800'000 * window;
    static constexpr int windows = 60, bad_windows = 4, rows = 50;

    Telemetry(Fault of, unsigned seed) : fault(of), random(seed) {
        answer.numbers.push_back({"v", {}});
        const bool steady = seed % 2 == 0 && fault != Fault::lost_stretch;
        const double step = static_cast<double>(window) / rows;
        std::exponential_distribution<double> wait(1.0 / step);
        std::lognormal_distribution<double> level(0.0, 0.4);
        double at = static_cast<double>(begin - windows * window);
        while (true) {
            at += steady ? step : wait(random);
            const auto time = static_cast<std::int64_t>(at);
            if (time >= begin + bad_windows * window) break;
            double value = level(random);
            if (fault == Fault::lost_stretch)
                value = 1.0 + static_cast<double>(time % window) / static_cast<double>(window) + 0.05 * value;
            if (time < begin) add(time, last = value);
            else spoil(time, value);
        }
    }

    analyzer::Answer answer;

private:
    void add(std::int64_t time, double value) {
        answer.times.push_back(time);
        answer.numbers.front().values.push_back(value);
    }
    bool happens(double share) { return std::uniform_real_distribution<double>()(random) < share; }
    void spoil(std::int64_t time, double value) {
        constexpr double large = 1.0;  // The median.
        const std::int64_t within = time % window;
        switch (fault) {
            case Fault::frozen:
                return add(time, last);
            case Fault::sticky:
                if (within / (window / 3) != held_in) last = value;
                held_in = within / (window / 3);
                return add(time, last);
            case Fault::copied:
                return add(time, happens(0.7) ? 3.0 * last : value);
            case Fault::zeros:
                return add(time, happens(0.5) ? 0.0 : value);
            case Fault::lost_stretch:
                if (within * 100 >= window * 42) add(time, value);
                return;
            case Fault::lost_half:
                if (happens(0.5)) add(time, value);
                return;
            case Fault::doubled:
                add(time, value);
                if (value > large) add(time, value);
                return;
            case Fault::late:
                return add(within * 2 < window ? time : time + window, value);
            case Fault::null:
                return add(time, value > large ? std::numeric_limits<double>::quiet_NaN() : value);
            case Fault::moved:
                return add(time, 3.0 * value);
            case Fault::fell:
                return add(time, 0.4 * value);
            case Fault::none:
                return add(time, value);
        }
    }

    Fault fault;
    std::mt19937 random;
    double last = 0.0;
    std::int64_t held_in = -1;
};

inline analyzer::Definition definition_of() {
    analyzer::Definition one;
    one.name = one.metric = "v";
    one.place.store = "kpi";
    one.query = "SELECT time, v FROM t";
    one.query_sha256 = core::sha256(one.query);
    one.window = one.every = one.step = {Telemetry::window};
    one.reference_windows = Telemetry::windows - Telemetry::bad_windows;
    one.reference_min = 20;
    one.timeout = {Telemetry::second};
    one.rows_max = 1'000'000;
    one.series_max = 1000;
    one.drift_type = drift::DriftType::model_confidence_drift;
    one.module = "m";
    return one;
}

/// What came of it.
struct Played {
    bool engages = false;  ///< By itself, in any of the bad windows.
    bool is_crit = false;  ///< Somebody was paged.
    std::string why_not;   ///< Of the last window in which an incident was shown to the switch.
};

inline Played play(Fault fault, unsigned seed) {
    const analyzer::Definition definition = definition_of();
    const Telemetry telemetry(fault, seed);
    incident::State state;
    std::vector<core::TimeRange> bad;
    Played played;
    for (int i = 1; i <= Telemetry::bad_windows; ++i) {
        const core::Timestamp to{Telemetry::begin + i * Telemetry::window};
        const auto said = analyzer::judge(definition, telemetry.answer, to, {}, {}, bad);
        std::vector<drift::Event> events;
        for (const auto& one : said.events)
            events.push_back({*one.event_id,
                              {},
                              {},
                              one.module,
                              one.drift_type,
                              one.metric,
                              one.reference_value,
                              one.current_value,
                              one.significance,
                              one.severity.value_or(drift::Severity::info),
                              one.payload,
                              to});
        (void)incident::apply({}, {}, state, events, to);
        if (bad.empty() && !state.incidents.empty()) bad.push_back({to, {}});
        for (const auto& one : state.incidents) {
            if (!is_escalated(one)) continue;
            played.is_crit = true;
            const auto crit = crit_incident_of(one, state.signals, {});
            kill_switch::EngageRequest request;
            request.asked_at = to;
            request.evidence = crit.evidence;
            played.why_not = missing_evidence(request, {});
            played.engages = played.engages || played.why_not.empty();
            for (const auto& further : crit.further) {
                request.evidence = further;
                played.engages = played.engages || missing_evidence(request, {}).empty();
            }
        }
    }
    return played;
}

}  // namespace tristrata::service::telemetry
