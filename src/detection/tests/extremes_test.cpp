#include "comparing.hpp"
#include "tristrata/detection/method.hpp"
#include "tristrata/detection/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Values at and near the ends of a double: shape says how they lie, scale how far out.
std::vector<double> extreme(std::size_t n, std::uint64_t shape, double scale, stats::Random& random) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) {
        double& x = values[i];
        const double normal = random.normal(), uniform = random.uniform();
        switch (shape) {
            case 0:
                x = normal * scale;
                break;
            case 1:
                x = uniform < 0.26 ? (uniform < 0.13 ? scale : -scale) : normal;
                break;
            case 2:
                x = uniform < 0.7 ? 1.0 : -std::log(uniform) * scale;
                break;
            case 3:
                x = scale;
                break;
            case 4:
                x = i + 1 == n ? scale : 0.1 * static_cast<double>(i);
                break;
            case 5:
                x = uniform < 0.3 ? (uniform < 0.15 ? infinity : -infinity) : normal * scale;
                break;
            default:
                x = static_cast<double>(i) * scale;
        }
        if (!std::isfinite(x) && shape != 5)
            x = x > 0 ? std::numeric_limits<double>::max() : -std::numeric_limits<double>::max();
        if (random.below(20) == 0) x = NAN;
    }
    return values;
}

constexpr double scales[]{5e-324, 1e-308, 1e-160, 1.0,   1e76,
                          1e154,  1e156,  1e300,  1e307, 1.7976931348623157e308};

/// The report is written without a number that JSON has not, and is read back to the same bytes.
void expect_whole(const core::Result<drift::Report>& report, const std::string& where) {
    if (!report) return;  // Said in a sentence.
    const std::string json = drift::to_json(*report);
    EXPECT_EQ(json.find("\"not_finite\""), std::string::npos) << where;
    const auto back = drift::parse_report(json);
    ASSERT_TRUE(back) << where << ": " << back.error().message;
    EXPECT_EQ(drift::to_json(*back), json) << where;
}

struct Sides {
    std::vector<double> reference, current;
};

Sides drawn(std::uint64_t shape, double scale, stats::Random& random) {
    Sides sides{extreme(31 + random.below(60), shape, scale, random), {}};
    if (random.below(2) == 0) sides.current = extreme(6 + random.below(40), random.below(7), scale, random);
    else
        for (std::size_t i = 0; i < 30; ++i)
            sides.current.push_back(sides.reference[random.below(sides.reference.size())]);
    return sides;
}

}  // namespace

TEST(Extremes, every_test_and_every_method_of_a_peer_gives_a_whole_report) {
    stats::Random random(41, 1);
    for (const auto& method : detection::methods()) {
        if (method.engine == detection::Engine::tristrata && !method.has_p) continue;
        for (const double scale : scales)
            for (std::uint64_t shape = 0; shape < 7; ++shape) {
                const auto [reference, current] = drawn(shape, scale, random);
                detection::Plan plan;
                plan.method = name(method.engine);
                plan.null = detection::Null::independent;
                if (!detection::choose_tests(plan, {std::string(method.name)})) continue;
                expect_whole(compare({{"x", reference}}, {{"x", current}}, plan, 1),
                             std::string(name(method.engine)) + " " + std::string(method.name) + " shape " +
                                 std::to_string(shape) + " scale " + std::to_string(scale));
            }
    }
}

TEST(Extremes, groups_columns_together_and_rows_in_order_give_a_whole_report) {
    stats::Random random(41, 2);
    for (const double scale : scales)
        for (std::uint64_t shape = 0; shape < 7; ++shape) {
            const std::string where = "shape " + std::to_string(shape) + " scale " + std::to_string(scale);
            const auto side = [&](std::size_t rows, std::int64_t from) {
                std::vector<std::int64_t> times(rows);
                for (std::size_t i = 0; i < rows; ++i)
                    times[i] = from + static_cast<std::int64_t>(i) * 900'000'000;
                return std::vector<MemoryColumn>{{"t", std::move(times)},
                                                 {"x", extreme(rows, shape, scale, random)},
                                                 {"y", extreme(rows, random.below(7), scale, random)},
                                                 {"g", labels(rows, shape + 1, {"a", "b"})}};
            };
            const auto reference = side(400, 0), current = side(20, 400LL * 900'000'000);
            detection::Plan plan;
            plan.time = "t";
            for (const auto null :
                 {detection::Null::independent, detection::Null::dependent, detection::Null::chunks}) {
                plan.null = null;
                plan.alpha = 0.1;
                expect_whole(compare(reference, current, plan, 1), where);
            }
            plan.null = detection::Null::independent;
            plan.by = "g";
            plan.multivariate = shape % 3 == 0;  // Trees take their time.
            expect_whole(compare(reference, current, plan, 1), where + " by g");
        }
}

TEST(Extremes, a_bound_of_nannyml_that_is_infinite_is_none_and_says_why) {
    auto reference = normal(300, 1);
    reference[7] = 1e156;
    detection::Plan plan;
    plan.method = "nannyml";
    plan.nannyml.continuous_methods = {"wasserstein"};
    const auto report = compare({{"x", reference}}, {{"x", normal(300, 2)}}, plan);
    ASSERT_TRUE(report) << report.error().message;
    const auto& peer = report->columns[0].peer.at(0);
    EXPECT_FALSE(peer.upper);
    EXPECT_EQ(peer.alerts, 0u) << "nothing is above it";
    EXPECT_NE(peer.reason.find("no alert is possible"), std::string::npos) << peer.reason;
    EXPECT_NE(report->columns[0].reason.find("upper bound is inf"), std::string::npos)
        << report->columns[0].reason;
    EXPECT_NE(drift::to_json(*report).find("\"upper\":null,\"reason\":\"the upper bound is inf"),
              std::string::npos);
}

TEST(Extremes, a_test_whose_arithmetic_leaves_a_double_has_no_verdict) {
    detection::Plan plan;
    plan.tests.numeric = "mmd";
    std::vector<double> reference(60), current(60);
    for (std::size_t i = 0; i < 60; ++i) {
        reference[i] = 0.1 * static_cast<double>(i);
        current[i] = 1e154 * static_cast<double>(i);
    }
    reference[59] = 1e308;
    const auto report =
        compare({{"x", reference}, {"y", normal(60, 1)}}, {{"x", current}, {"y", normal(60, 2)}}, plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_NE(column(*report, "x").verdict, Verdict::drift) << column(*report, "x").reason;
    EXPECT_EQ(column(*report, "y").verdict, Verdict::no_drift) << "no other column suffers";
}
