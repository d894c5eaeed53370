// How long a look at the kill switch takes on the hot path, how long it takes from an engagement until a
// reader refuses, and how many rows faults of the telemetry engage: of requests whose evidence is spoiled,
// and, for each tenth, of rows that are spoiled and judged by the engine. tristrata_kill_switch_bench
// [FAULTS]. Fails where an answer is wrong or, with --marks, a figure misses its mark.
#include "servers/postgres_server.hpp"
#include "telemetry_faults.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/kill_switch/reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace tristrata;
using namespace tristrata::kill_switch;

namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) {
    return std::chrono::duration<double>(Steady::now() - begin).count();
}

core::SecretSource source_of(const std::string& url) {
    return {"the benchmark's server", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

core::Timestamp now() { return core::system_clock().now(); }

[[noreturn]] void give_up(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::exit(1);
}

template <class T>
T taken(core::Result<T> result) {
    if (!result) give_up(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A switch that enforces: seven days in shadow lie behind it.
class Bench {
public:
    Bench() : database_(options()) {
        place_.backend = config::Backend::postgresql;
        place_.url = source_of(server_.url());
        (void)taken(init(place_, place_.url, "", core::system_clock()));
        taken(core::Result<void>(database_.run(
            "INSERT INTO kill_switch.evaluations (evaluation_id, mode, decision, reason, scope, incident, "
            "episode, "
            "source, who, why, program_version, asked_at, recorded_at) SELECT gen_random_uuid(), 'shadow', "
            "'nothing_open', 'r', 'global', 'none', 0, 'incident', 'w', 'y', '0', now(), now() - d * "
            "interval '1 day' "
            "FROM generate_series(1, 7) AS d")));
        policy_.mode = Mode::enforcing;
        policy_.scopes_max = 1'000'000;
        policy_.minimum_dwell = {1};
        switch_ = taken(KillSwitch::open(place_, policy_, core::system_clock()));
    }

    KillSwitch& at() { return *switch_; }
    const Place& place() const { return place_; }
    std::int64_t ask(std::string_view sql) { return taken(database_.query(sql)).integer(0, 0); }

private:
    database::PostgresOptions options() const {
        database::PostgresOptions made;
        made.url = source_of(server_.url());
        return made;
    }

    servers::PostgresServer server_;
    database::Postgres database_;
    Place place_;
    Policy policy_;
    std::unique_ptr<KillSwitch> switch_;
};

EngageRequest request_of(const std::string& scope, const std::string& incident, Source source) {
    EngageRequest request;
    request.scope = taken(parse_scope(scope));
    request.incident = incident;
    request.source = source;
    request.who = "the benchmark";
    request.why = "psi of close is 0.9";
    request.asked_at = now();
    Evidence evidence;
    evidence.analyzer = "psi_close";
    evidence.analyzer_version = "1";
    evidence.verdict = drift::Verdict::drift;
    evidence.severity = drift::Severity::crit;
    evidence.fired = evidence.evaluations = 3;
    evidence.rows = 1344;
    evidence.newest = request.asked_at;
    evidence.reference_value = 0.1;
    evidence.current_value = 0.9;
    evidence.threshold = 0.5;
    request.evidence = evidence;
    return request;
}

/// What a broken telemetry says of an incident: up to three things that are wrong in it.
void spoil(EngageRequest& request, std::mt19937& random) {
    const auto draw = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
    for (unsigned wrong = 1 + draw(3); wrong > 0 && request.evidence; --wrong) {
        Evidence& evidence = *request.evidence;
        switch (draw(10)) {
            case 0:
                request.evidence.reset();
                break;
            case 1:
                evidence.verdict = drift::Verdict::insufficient_data;
                break;
            case 2:
                evidence.verdict = drift::Verdict::not_tested;
                break;
            case 3:
                evidence.rows = draw(30);
                break;
            case 4:
                evidence.fired = draw(2);
                break;
            case 5:  // A source that stands still.
                evidence.newest =
                    request.asked_at + core::Duration{-3'700'000'000 - 1'000'000LL * draw(1'000'000)};
                break;
            case 6:  // A clock that goes wrong.
                evidence.newest =
                    request.asked_at + core::Duration{61'000'000 + 1'000'000LL * draw(1'000'000)};
                break;
            case 7:
                evidence.newest.reset();
                break;
            case 8:
                evidence.current_value = std::nan("");
                break;
            default:
                evidence.analyzer_version.clear();
                break;
        }
    }
}

/// Each fault once, and one real incident in a thousand. Returns the rows that faults engaged.
std::int64_t count_faults(Bench& bench, int faults) {
    constexpr unsigned seed = 20260727;
    std::mt19937 random(seed);
    const std::vector sources{Source::incident, Source::webhook, Source::airflow, Source::analyzer,
                              Source::system};
    std::int64_t real = 0, wrong = 0;
    const auto begin = Steady::now();
    for (int i = 0; i < faults; ++i) {
        auto request = request_of("crypto:F" + std::to_string(i), "fault" + std::to_string(i),
                                  sources[random() % sources.size()]);
        const bool is_real = i % 1000 == 999;
        real += is_real ? 1 : 0;
        if (!is_real) spoil(request, random);
        // By way of the bytes that a spool would hold.
        const auto outcome = taken(bench.at().engage(taken(decode(encode(request)))));
        wrong += outcome.decision == (is_real ? Decision::engaged : Decision::insufficient_evidence) ? 0 : 1;
    }
    const std::int64_t rows =
        bench.ask("SELECT count(*) FROM kill_switch.history WHERE scope LIKE 'crypto:F%'");
    fmt::print(
        "{} faults of the telemetry (seed {}): {} engaged without evidence, {} real incidents of {} engaged, "
        "{:.2f} "
        "ms each\n",
        faults, seed, rows - real, rows, real, seconds_since(begin) * 1000 / faults);
    if (wrong > 0) give_up(fmt::format("{} requests were decided otherwise than they should be", wrong));
    return rows - real;
}

/// Rows that are drawn, spoiled and judged window by window, made incidents, and shown to the switch. Returns
/// how many of them would engage.
int count_spoiled_rows(int draws) {
    using namespace service::telemetry;
    const auto begin = Steady::now();
    int engaged = 0, paged = 0, real = 0, real_engaged = 0;
    for (int i = 0; i < draws; ++i) {
        const auto kind = static_cast<std::size_t>(i) % (fault_count + 2);
        const auto played = play(static_cast<Fault>(kind), static_cast<unsigned>(i));
        if (kind >= fault_count) {
            ++real;
            real_engaged += played.engages ? 1 : 0;
            continue;
        }
        if (played.engages) fmt::print(stderr, "{}, seed {}, engages\n", fault_names[kind], i);
        engaged += played.engages ? 1 : 0;
        paged += played.is_crit ? 1 : 0;
    }
    fmt::print(
        "{} times rows of {} kinds of faults, judged by the engine: {} engaged, {} paged people; {} of {} "
        "that "
        "moved engaged, {:.1f} ms each\n",
        draws - real, fault_count, engaged, paged, real_engaged, real, seconds_since(begin) * 1000 / draws);
    if (2 * real_engaged < real) give_up("what moved by itself hardly engages");
    return engaged;
}

/// Of the hot path, in nanoseconds: the median of many runs.
double time_reading(const Watch& watch) {
    constexpr int runs = 51, looks = 20'000;
    std::vector<double> each;
    int clear = 0;
    for (int run = 0; run < runs; ++run) {
        const auto begin = Steady::now();
        for (int i = 0; i < looks; ++i) clear += watch.engaged() ? 0 : 1;
        each.push_back(seconds_since(begin) / looks * 1e9);
    }
    if (clear == 0) give_up("the switch never read as clear");
    std::ranges::sort(each);
    fmt::print("a look at the switch on the hot path: median {:.0f} ns, slowest of {} runs {:.0f} ns\n",
               each[runs / 2], runs, each.back());
    return each[runs / 2];
}

/// From the call that engages until a reader on another thread refuses, in seconds: the slowest of some.
double time_to_refusal(Bench& bench, int rounds) {
    Reader reader(state_source(bench.place()), boot_clock(), {});
    const Scope scope = taken(parse_scope("strategy:timed"));
    const auto watch = reader.watch(std::vector{scope});
    reader.start();
    const auto wait_for = [&](bool engaged) {
        const auto begin = Steady::now();
        while (watch.engaged() != engaged) {
            if (seconds_since(begin) > 30) give_up("the reader did not see a transition for 30 s");
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    };
    std::vector<double> each;
    for (int i = 0; i < rounds; ++i) {
        wait_for(false);
        const auto begin = Steady::now();
        (void)taken(
            bench.at().engage(request_of("strategy:timed", "round" + std::to_string(i), Source::incident)));
        wait_for(true);
        each.push_back(seconds_since(begin));
        DisengageRequest off;
        off.scope = scope;
        off.who = off.why = off.ticket = "benchmark";
        off.asked_at = now();
        (void)taken(bench.at().disengage(off, nullptr));
    }
    std::ranges::sort(each);
    fmt::print(
        "from engaging to a reader's refusal, {} times: median {:.0f} ms, slowest {:.0f} ms (it polls every "
        "100 ms)\n",
        rounds, each[each.size() / 2] * 1000, each.back() * 1000);
    return each.back();
}

}  // namespace

int main(int argc, char** argv) {
    const bool marks = argc > 1 && std::string_view(argv[argc - 1]) == "--marks";
    const int faults = argc > (marks ? 2 : 1) ? std::atoi(argv[1]) : 10'000;
    if (faults < 1) give_up("usage: tristrata_kill_switch_bench [FAULTS] [--marks]");
    Bench bench;
    Reader reader(state_source(bench.place()), boot_clock(), {});
    const auto watch =
        reader.watch(std::vector{taken(parse_scope("crypto:BTCUSDT")), taken(parse_scope("strategy:s"))});
    reader.start();
    for (int i = 0; i < 300 && watch.engaged(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const double look = time_reading(watch);
    reader.stop();
    const double refusal = time_to_refusal(bench, std::max(3, faults / 500));
    const std::int64_t engaged = count_faults(bench, faults);
    if (engaged != 0 || count_spoiled_rows(std::max(110, faults / 10)) != 0) return 1;
    return marks && (look > 1000 || refusal > 1) ? 1 : 0;
}
