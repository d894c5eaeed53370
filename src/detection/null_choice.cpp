#include "null_choice.hpp"

#include "test_choice.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/log_gamma.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace tristrata::detection {

using core::ErrorKind;
using core::fail;

int season_class(std::int64_t time, Season season) noexcept {
    constexpr std::int64_t microseconds_a_day = 86'400'000'000;
    const auto floor_div = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); };
    const std::int64_t day = floor_div(time, microseconds_a_day);
    const int weekday = static_cast<int>(((day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday; Monday is 0.
    switch (season) {
        case Season::none:
            return 0;
        case Season::weekend:
            return weekday >= 5;
        case Season::weekday:
            return weekday;
        case Season::hour:
            return static_cast<int>((time - day * microseconds_a_day) / 3'600'000'000);
    }
    return 0;
}

bool reads_as_epoch(const dataset::Column& column) noexcept {
    constexpr std::size_t values_min = 10;
    constexpr double from_s = 978'307'200.0, to_s = 4'102'444'800.0;
    if (column.missing > 0 || column.numbers.size() < values_min || !std::ranges::is_sorted(column.numbers) ||
        column.numbers.front() == column.numbers.back() ||
        !std::ranges::all_of(column.numbers, [](double x) { return x == std::trunc(x); }))
        return false;
    for (const double unit : {1.0, 1e3, 1e6, 1e9})
        if (column.numbers.front() >= from_s * unit && column.numbers.back() < to_s * unit) return true;
    return false;
}

namespace {
constexpr std::string_view hint_begins = "; if their order matters, name ";
}

bool has_time_hint(std::string_view reason) noexcept {
    return reason.find(hint_begins) != std::string_view::npos;
}

std::string time_hint(std::string_view column) {
    return fmt::format("{}{} as the time column", hint_begins, core::quoted(column));
}

namespace {

core::Result<std::pair<Null, std::string>> null_of(const Plan& plan, const dataset::Schema& schema,
                                                   bool ordered, std::size_t windows) {
    const auto needed = static_cast<std::size_t>(std::ceil(1.0 / plan.alpha - 1e-9));
    const auto have = core::plural(windows, "window") + " of the current length in the reference";
    if (plan.null == Null::chunks || plan.null == Null::dependent) {
        if (!ordered)
            return fail(
                ErrorKind::usage,
                fmt::format("the null {} needs the order of the rows; name the time column with --time",
                            name(plan.null)));
        if (plan.null == Null::chunks && windows + 1 < needed)
            return fail(
                ErrorKind::usage,
                fmt::format("the null chunks cannot reach alpha {}: the smallest p of {} is 1/{}; "
                            "{} windows are needed, so take a longer reference, a shorter current window or "
                            "a larger alpha",
                            plan.alpha, core::plural(windows, "window"), windows + 1, needed - 1));
        return std::pair{plan.null, std::string("asked for")};
    }
    if (plan.null == Null::independent) return std::pair{plan.null, std::string("asked for")};
    // Windows are ranked by measures of their own: a plan that chooses tests wants those.
    if (ordered && windows + 1 >= needed && !choice_refuses_windows(plan))
        return std::pair{Null::chunks, fmt::format("{}, enough for alpha {}", have, plan.alpha)};
    if (ordered)
        return std::pair{
            Null::dependent,
            fmt::format(
                "rows are in order of time, and the reference holds {} of the current length, where ranking "
                "needs {}",
                core::plural(windows, "window"), needed - 1)};
    std::string reason = "no time column is named, so rows are taken as draws";
    for (const auto& field : schema.fields)
        if (field.type == dataset::Type::timestamp && plan.of(field.name).role == drift::Role::feature) {
            reason += time_hint(field.name);
            break;
        }
    return std::pair{Null::independent, std::move(reason)};
}

}  // namespace

core::Result<std::pair<Null, std::string>> choose_null(const Plan& plan, const dataset::Schema& schema,
                                                       bool ordered, std::size_t windows) {
    if (plan.engine() != Engine::tristrata && !plan.explain_difference) {
        // A peer's verdicts need no null of ours, and none that was asked for stands in their way.
        Plan theirs = plan;
        theirs.null = Null::automatic;
        return null_of(theirs, schema, ordered, windows);
    }
    if (auto status = refuse_unsuited(plan, schema); !status) return propagate(status);
    auto chosen = null_of(plan, schema, ordered, windows);
    if (!chosen) return chosen;
    if (auto status = refuse_null(plan, chosen->first); !status) return propagate(status);
    return chosen;
}

void state_false_days(drift::PlanSummary& summary, const Setting& setting, double checks) {
    if (!(checks > 0.0)) return;
    summary.expected_false_days_a_year = checks * setting.plan->alpha;
    if (setting.null != Null::chunks) return;
    const auto windows = static_cast<double>(setting.windows.size());
    const double a = std::floor(setting.plan->alpha * (windows + 1.0) + 1e-9), b = windows + 1.0 - a;
    summary.expected_false_days_a_year = checks * a / (windows + 1.0);
    const auto log_beta = [](double x, double y) {
        return stats::log_gamma(x) + stats::log_gamma(y) - stats::log_gamma(x + y);
    };
    double below = 0.0;
    for (double count = 0.0; count <= checks; count += 1.0) {
        below += std::exp(stats::log_gamma(checks + 1) - stats::log_gamma(count + 1) -
                          stats::log_gamma(checks - count + 1) + log_beta(count + a, checks - count + b) -
                          log_beta(a, b));
        if (!summary.expected_false_days_low && below >= 0.05) summary.expected_false_days_low = count;
        if (!summary.expected_false_days_high && below >= 0.95) summary.expected_false_days_high = count;
    }
}

}  // namespace tristrata::detection
