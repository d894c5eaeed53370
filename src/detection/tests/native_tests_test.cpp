#include "native_tests.hpp"

#include "comparing.hpp"
#include "tristrata/detection/method.hpp"

#include <algorithm>
#include <cmath>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

bool takes(const detection::Method& method, drift::Kind kind) {
    return std::ranges::find(method.kinds, kind) != method.kinds.end();
}

/// Reports of an undrifted and of a moved column by this test.
std::pair<drift::ColumnReport, drift::ColumnReport> judged(const detection::Method& method,
                                                           detection::Plan plan) {
    if (!detection::choose_tests(plan, {std::string(method.name)})) ADD_FAILURE() << method.name;
    const bool numeric = takes(method, drift::Kind::numeric);
    const auto report =
        numeric ? compare({{"still", normal(1000, 1)}, {"moved", normal(1000, 2)}},
                          {{"still", normal(300, 3)}, {"moved", normal(300, 4, 0.8)}}, plan)
                : compare({{"still", labels(1000, 1, {"a", "b"})}, {"moved", labels(1000, 2, {"a", "b"})}},
                          {{"still", labels(300, 3, {"a", "b"})},
                           {"moved", labels(300, 4, {"a", "b", "b", "b"})}},
                          plan);
    EXPECT_TRUE(report) << report.error().message;
    return {column(*report, "still"), column(*report, "moved")};
}

std::vector<std::int64_t> hourly(std::size_t n) {
    std::vector<std::int64_t> times(n);
    for (std::size_t i = 0; i < n; ++i) times[i] = static_cast<std::int64_t>(i) * 3'600'000'000;
    return times;
}

}  // namespace

TEST(NativeTests, every_test_of_the_table_gives_verdicts_with_the_effect_gate_beside_it) {
    std::size_t tested = 0;
    for (const auto& method : detection::methods()) {
        if (method.engine != detection::Engine::tristrata || !method.has_p || method.name == "two_part")
            continue;
        const auto [still, moved] = judged(method, {});
        EXPECT_EQ(still.verdict, Verdict::no_drift) << method.name << ": " << still.reason;
        EXPECT_EQ(moved.verdict, Verdict::drift) << method.name << ": " << moved.reason;
        ASSERT_TRUE(moved.test);
        EXPECT_EQ(moved.test->method, method.name);
        ++tested;
    }
    EXPECT_EQ(tested, 10u);
}

TEST(NativeTests, every_test_that_knows_dependence_pays_for_it) {
    // A random walk looks drifted to whoever takes its rows for draws.
    stats::Random random(5, 5);
    std::vector<double> series;
    double at = 0.0;
    for (int i = 0; i < 6000; ++i) series.push_back(at = 0.97 * at + random.normal());
    const std::vector<double> before(series.begin(), series.begin() + 5000);
    const std::vector<double> after(series.begin() + 5000, series.end());
    for (const auto& method : detection::methods()) {
        if (method.engine != detection::Engine::tristrata || !takes(method, drift::Kind::numeric) ||
            method.nulls.find("dependent ") == std::string_view::npos)
            continue;
        const auto p = [&](detection::Null null) {
            detection::Plan plan;
            plan.time = "t";
            plan.null = null;
            EXPECT_TRUE(detection::choose_tests(plan, {std::string(method.name)}));
            const auto report =
                compare({{"t", hourly(5000)}, {"x", before}}, {{"t", hourly(1000)}, {"x", after}}, plan);
            EXPECT_TRUE(report) << method.name << ": " << report.error().message;
            return column(*report, "x").test->p.value_or(NAN);
        };
        EXPECT_GT(p(detection::Null::dependent), p(detection::Null::independent)) << method.name;
        EXPECT_GT(p(detection::Null::dependent), 0.001) << method.name;
    }
}

TEST(NativeTests, a_test_of_a_mean_pays_for_as_long_as_the_mean_repeats_itself) {
    stats::Random random(6, 6);
    std::vector<double> series;
    double at = 0.0;
    for (int i = 0; i < 4000; ++i) series.push_back(at = 0.9 * at + random.normal());
    const auto deciles = std::get<stats::Dependence>(stats::integrated_autocorrelation_time(series, 96));
    for (const std::string_view test : {"welch", "mann_whitney"})
        EXPECT_GT(detection::rows_worth(test, series, 96, deciles).dependence.tau, 1.3 * deciles.tau) << test;
    EXPECT_LT(detection::rows_worth("cramer_von_mises", series, 96, deciles).mean_ratio, 1.0);
    for (double& x : series) x = std::exp(0.7 * x) * random.normal();  // Its spread comes in clusters.
    const auto volatile_deciles =
        std::get<stats::Dependence>(stats::integrated_autocorrelation_time(series, 96));
    for (const std::string_view test : {"kuiper", "epps_singleton"})
        EXPECT_GT(detection::rows_worth(test, series, 96, volatile_deciles).dependence.tau,
                  1.2 * volatile_deciles.tau)
            << test;
    const std::vector<double> constant(100, 1.0);
    EXPECT_EQ(detection::rows_worth("welch", constant, 96, deciles).dependence.tau, deciles.tau)
        << "a mean that never varied says nothing";
}

TEST(NativeTests, a_mean_that_hangs_on_one_long_run_is_insufficient_data_with_the_number_that_is_needed) {
    // Three in a hundred rows, in one run: no decile repeats itself for long, the mean does.
    auto before = normal(3000, 1);
    for (std::size_t i = 1000; i < 1090; ++i) before[i] += 100.0;
    detection::Plan plan;
    plan.time = "t";
    plan.null = detection::Null::dependent;
    const auto by = [&](const char* test) {
        plan.tests.numeric = test;
        const auto report =
            compare({{"t", hourly(3000)}, {"x", before}}, {{"t", hourly(96)}, {"x", normal(96, 2)}}, plan);
        EXPECT_TRUE(report) << report.error().message;
        return column(*report, "x");
    };
    const auto welch = by("welch");
    EXPECT_EQ(welch.verdict, Verdict::insufficient_data) << welch.reason;
    EXPECT_NE(welch.reason.find("2 are needed"), std::string::npos) << welch.reason;
    ASSERT_TRUE(welch.effective_n_current);
    EXPECT_LT(*welch.effective_n_current, 2.0);
    EXPECT_EQ(by("mann_whitney").verdict, Verdict::no_drift) << "ranks do not hang on it";
}

TEST(NativeTests, sparse_labels_under_g_go_by_permutation_under_dependence_too) {
    std::vector<std::string> words;
    for (int i = 0; i < 40; ++i) words.push_back("w" + std::to_string(i));
    detection::Plan plan;
    plan.time = "t";
    plan.null = detection::Null::dependent;
    plan.tests.categorical = "g";
    const auto how = [&](const std::vector<std::string>& of, std::size_t rows) {
        const auto report = compare({{"t", hourly(1500)}, {"c", labels(1500, 1, of)}},
                                    {{"t", hourly(rows)}, {"c", labels(rows, 2, of)}}, plan);
        EXPECT_TRUE(report) << report.error().message;
        return column(*report, "c").test->how;
    };
    EXPECT_EQ(how(words, 200), "permutation, times tau") << "five expected";
    EXPECT_EQ(how({"a", "b"}, 200), "asymptotic") << "a hundred expected";
}

TEST(NativeTests, welch_of_few_values_goes_by_permutation) {
    detection::Plan plan;
    plan.tests.numeric = "welch";
    const auto how = [&](std::size_t n, std::size_t m) {
        return column(*compare({{"x", normal(n, 1)}}, {{"x", normal(m, 2)}}, plan), "x").test->how;
    };
    EXPECT_EQ(how(2000, 999), "permutation");
    EXPECT_EQ(how(2000, 1000), "asymptotic");
}

TEST(NativeTests, two_constants_drift_by_every_test_of_numbers) {
    for (const auto& method : detection::methods()) {
        if (method.engine != detection::Engine::tristrata || !takes(method, drift::Kind::numeric)) continue;
        detection::Plan plan;
        if (!detection::choose_tests(plan, {std::string(method.name)})) continue;  // A measure.
        const auto report =
            compare({{"moved", std::vector(200, 0.1)}, {"still", std::vector(200, 0.1)}},
                    {{"moved", std::vector(200, 1.1)}, {"still", std::vector(200, 0.1)}}, plan);
        ASSERT_TRUE(report) << method.name;
        EXPECT_EQ(column(*report, "moved").verdict, Verdict::drift)
            << method.name << ": " << column(*report, "moved").reason;
        EXPECT_EQ(column(*report, "still").verdict, Verdict::no_drift) << method.name;
    }
}

TEST(NativeTests, few_values_without_ties_have_no_drawn_p) {
    for (const char* test : {"kuiper", "cramer_von_mises"}) {
        const auto p_of = [&](std::uint64_t seed) {
            detection::Plan plan;
            plan.seed = seed;
            EXPECT_TRUE(detection::choose_tests(plan, {test}));
            const auto report = compare({{"x", normal(37, 1)}}, {{"x", normal(31, 2)}}, plan);
            return report->columns[0].test->p;
        };
        EXPECT_EQ(p_of(1), p_of(2)) << test;
    }
}

TEST(NativeTests, a_null_that_a_test_does_not_know_is_refused_with_those_that_do) {
    detection::Plan plan;
    plan.time = "t";
    plan.null = detection::Null::dependent;
    plan.tests.numeric = "mmd";
    const auto refused = compare({{"t", hourly(500)}, {"x", normal(500, 1)}},
                                 {{"t", hourly(100)}, {"x", normal(100, 2)}}, plan);
    ASSERT_FALSE(refused);
    for (const char* word : {"mmd", "independent", "cramer_von_mises"})
        EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
    plan.null = detection::Null::automatic;
    plan.tests.numeric = "kuiper";
    const auto report = compare({{"t", hourly(5000)}, {"x", normal(5000, 1)}},
                                {{"t", hourly(100)}, {"x", normal(100, 2)}}, plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "x").test->null, "dependent")
        << "fifty windows could be ranked, but by measures of their own";
}

TEST(NativeTests, a_columns_own_test_stands_above_its_kinds) {
    detection::Plan plan;
    plan.tests.numeric = "kuiper";
    plan.column["x"].test = "welch";
    const auto report =
        compare({{"x", normal(300, 1)}, {"y", normal(300, 2)}, {"c", labels(300, 3, {"a", "b"})}},
                {{"x", normal(200, 4)}, {"y", normal(200, 5)}, {"c", labels(200, 6, {"a", "b"})}}, plan);
    EXPECT_EQ(column(*report, "x").test->method, "welch");
    EXPECT_EQ(column(*report, "y").test->method, "kuiper");
    EXPECT_EQ(column(*report, "c").test->method, "chi_square");
}

TEST(NativeTests, a_default_that_is_named_is_a_choice) {
    std::vector<double> many_zeros = normal(1000, 11), fewer_zeros = normal(600, 12);
    for (std::size_t i = 0; i < many_zeros.size(); ++i)
        if (i % 10 < 7) many_zeros[i] = 0.0;
    for (std::size_t i = 0; i < fewer_zeros.size(); ++i)
        if (i % 10 < 6) fewer_zeros[i] = 0.0;
    const std::vector<MemoryColumn> reference{{"zeros", many_zeros}, {"x", normal(1000, 13)}};
    const std::vector<MemoryColumn> current{{"zeros", fewer_zeros}, {"x", normal(600, 14)}};
    const auto used = [&](const char* test, const char* name) {
        detection::Plan plan;
        if (*test != '\0') plan.tests.numeric = test;
        const auto report = compare(reference, current, plan);
        EXPECT_TRUE(report);
        return column(*report, name).test->method;
    };
    EXPECT_EQ(used("", "zeros"), "two_part");
    EXPECT_EQ(used("", "x"), "ks");
    EXPECT_EQ(used("ks", "zeros"), "ks");
    EXPECT_EQ(used("ks", "x"), "ks");
    EXPECT_EQ(used("two_part", "zeros"), "two_part");
    EXPECT_EQ(used("two_part", "x"), "two_part");
    detection::Plan plan;
    plan.column["x"].test = "two_part";
    const auto report = compare(reference, current, plan);
    ASSERT_TRUE(report);
    EXPECT_EQ(column(*report, "x").test->method, "two_part");
    EXPECT_EQ(column(*report, "zeros").test->method, "two_part");
}

TEST(NativeTests, a_columns_test_of_another_kind_is_refused_with_those_that_suit) {
    const std::vector<MemoryColumn> reference{
        {"x", normal(300, 1)}, {"c", labels(300, 3, {"a", "b"})}, {"at", hourly(300)}};
    const std::vector<MemoryColumn> current{
        {"x", normal(200, 2)}, {"c", labels(200, 4, {"a", "b"})}, {"at", hourly(200)}};
    const auto refusal = [&](const char* name, const char* test) {
        detection::Plan plan;
        plan.column[name].test = test;
        const auto report = compare(reference, current, plan);
        EXPECT_FALSE(report) << name << " " << test;
        return report ? std::string() : report.error().message;
    };
    for (const char* test : {"chi_square", "g", "z_proportions"}) {
        const auto message = refusal("x", test);
        for (const char* word : {"\"x\"", test, "categorical", "numeric", "ks", "mmd"})
            EXPECT_NE(message.find(word), std::string::npos) << message;
    }
    for (const char* test : {"ks", "two_part", "mann_whitney"}) {
        const auto message = refusal("c", test);
        for (const char* word : {"\"c\"", test, "chi_square", "z_proportions"})
            EXPECT_NE(message.find(word), std::string::npos) << message;
    }
    EXPECT_NE(refusal("at", "kuiper").find("gaps"), std::string::npos);
}

TEST(NativeTests, a_named_default_stands_under_the_null_that_it_knows) {
    const std::vector<MemoryColumn> reference{{"t", hourly(5000)}, {"x", normal(5000, 1)}};
    const std::vector<MemoryColumn> current{{"t", hourly(100)}, {"x", normal(100, 2)}};
    const auto null_of = [&](const char* test) {
        detection::Plan plan;
        plan.time = "t";
        plan.tests.numeric = test;
        const auto report = compare(reference, current, plan);
        EXPECT_TRUE(report);
        return column(*report, "x").test->null;
    };
    EXPECT_EQ(null_of("ks"), "chunks");
    EXPECT_EQ(null_of("two_part"), "dependent");
}

TEST(NativeTests, every_measure_of_the_table_stands_in_the_report_of_its_kinds) {
    const auto report = compare({{"x", normal(500, 1)}, {"c", labels(500, 2, {"a", "b", "c"})}},
                                {{"x", normal(300, 3)}, {"c", labels(300, 4, {"a", "b", "c"})}});
    for (const auto& method : detection::methods()) {
        if (method.engine != detection::Engine::tristrata || method.has_p) continue;
        for (const auto& [name, kind] :
             {std::pair{"x", drift::Kind::numeric}, {"c", drift::Kind::categorical}}) {
            const auto& measures = column(*report, name).measures;
            const bool there =
                std::ranges::any_of(measures, [&](const auto& one) { return one.first == method.name; });
            EXPECT_EQ(there, takes(method, kind)) << method.name << " of " << name;
        }
    }
}
