#include "comparing.hpp"
#include "evidently_tests.hpp"
#include "tristrata/detection/method.hpp"

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

using namespace tristrata;
using namespace tristrata::checking;
using detection::Engine;
using detection::EvidentlyLine;

namespace {

const auto golden = std::filesystem::path(TRISTRATA_SOURCE) / "tests/golden/evidently_stattests.json";

detection::Plan evidently_plan(std::optional<std::string> test = std::nullopt) {
    detection::Plan plan;
    plan.method = "evidently";
    if (test) plan.column["x"].test = *test;
    return plan;
}

/// A column of the golden file, as its kind says.
MemoryColumn column_from(const nlohmann::json& values, bool numeric) {
    if (numeric) return {"x", values.get<std::vector<double>>()};
    return {"x", values.get<std::vector<std::string>>()};
}

const drift::PeerTest* peer_of(const drift::Report& report) {
    const auto& peer = report.columns[0].peer;
    return peer.empty() ? nullptr : &peer.front();
}

}  // namespace

TEST(Evidently, every_test_of_every_golden_sample_has_evidentlys_score_and_verdict) {
    std::ifstream file(golden);
    ASSERT_TRUE(file) << golden;
    const auto document = nlohmann::json::parse(file);
    std::size_t compared = 0, refused = 0;
    for (const auto& one : document.at("cases")) {
        const bool numeric = one.at("kind") == "num";
        const auto reference = column_from(one.at("ref"), numeric),
                   current = column_from(one.at("cur"), numeric);
        for (const auto& [test, said] : one.at("evidently").items()) {
            const std::string where = one.at("name").get<std::string>() + " " + test;
            auto plan = evidently_plan(test);
            // The golden file names the kind; 0.7 would take few whole numbers for categories.
            plan.column["x"].kind = numeric ? drift::Kind::numeric : drift::Kind::categorical;
            const auto report = compare({reference}, {current}, plan);
            ASSERT_TRUE(report) << where << ": " << report.error().message;
            const auto* peer = peer_of(*report);
            if (said.contains("error")) {
                EXPECT_EQ(peer, nullptr) << where;
                EXPECT_EQ(report->columns[0].verdict, Verdict::not_tested) << where;
                EXPECT_NE(report->columns[0].reason.find("Evidently would end its report"),
                          std::string::npos);
                ++refused;
                continue;
            }
            ASSERT_NE(peer, nullptr) << where << ": " << report->columns[0].reason;
            EXPECT_EQ(peer->drifted, said.at("drifted").get<bool>()) << where;
            EXPECT_EQ(peer->upper ? *peer->upper : *peer->lower, said.at("threshold").get<double>()) << where;
            EXPECT_EQ(report->columns[0].verdict, peer->drifted ? Verdict::drift : Verdict::no_drift)
                << where;
            ++compared;
            if (said.at("score").is_string()) {
                EXPECT_FALSE(peer->score) << where << ": NaN there";
                continue;
            }
            const double score = said.at("score").get<double>();
            ASSERT_TRUE(peer->score) << where;
            if (test == "TVD") {
                // Two draws of 1,000 permutations: four standard errors of their difference.
                EXPECT_NEAR(*peer->score, score, 4.0 * std::sqrt(2.0 * score * (1.0 - score) / 1000.0) + 1e-9)
                    << where;
            } else {
                // Sums of the same terms in another order, 1e-10 of the score; a p that is 1 less a sum has
                // lost what is below 1e-14.
                EXPECT_NEAR(*peer->score, score, 1e-10 * std::abs(score) + 1e-14) << where;
            }
        }
        const auto report = compare({reference}, {current}, [&] {
            auto plan = evidently_plan();
            plan.column["x"].kind = numeric ? drift::Kind::numeric : drift::Kind::categorical;
            return plan;
        }());
        ASSERT_NE(peer_of(*report), nullptr);
        EXPECT_EQ(peer_of(*report)->method, one.at("default_test").get<std::string>()) << one.at("name");
    }
    EXPECT_GE(compared, 70u);
    EXPECT_GE(refused, 5u);
}

TEST(Evidently, a_row_of_the_table_is_a_test_and_a_test_is_a_row) {
    std::size_t rows = 0;
    detection::EvidentlyColumn column;
    column.numeric = true;
    column.reference = stats::SortedSample(normal(50, 1));
    column.current = stats::SortedSample(normal(50, 2));
    column.n = column.m = 50;
    for (const auto& method : detection::methods()) {
        if (method.engine != Engine::evidently) continue;
        ++rows;
        const auto score = detection::evidently_score(method.name, column, stats::Random(1, 1));
        EXPECT_EQ(score.failure.find("there is no test"), std::string::npos) << method.name;
    }
    EXPECT_EQ(rows, 18u);
}

TEST(Evidently, the_reference_size_and_the_distinct_values_choose_the_test) {
    const auto chosen = [](std::size_t n, std::vector<double> values) {
        std::vector<double> reference(n), current(200);
        for (std::size_t i = 0; i < n; ++i)
            reference[i] = values.empty() ? static_cast<double>(i) * 0.5 : values[i % values.size()];
        for (std::size_t i = 0; i < 200; ++i)
            current[i] = values.empty() ? static_cast<double>(i) * 0.5 : values[i % values.size()];
        auto plan = evidently_plan();
        plan.column["x"].kind = drift::Kind::numeric;
        return peer_of(*compare({{"x", reference}}, {{"x", current}}, plan))->method;
    };
    EXPECT_EQ(chosen(1000, {}), "ks");
    EXPECT_EQ(chosen(1001, {}), "wasserstein");
    EXPECT_EQ(chosen(1000, {1, 2, 3, 4, 5}), "chisquare") << "on the edge: five are few";
    EXPECT_EQ(chosen(1000, {1, 2, 3, 4, 5, 6}), "ks");
    EXPECT_EQ(chosen(1000, {1, 2}), "z");
    EXPECT_EQ(chosen(1001, {1, 2, 3, 4, 5}), "jensenshannon");
    const auto labelled = [](std::size_t n, std::vector<std::string> words) {
        return peer_of(
                   *compare({{"x", labels(n, 1, words)}}, {{"x", labels(300, 2, words)}}, evidently_plan()))
            ->method;
    };
    EXPECT_EQ(labelled(1000, {"a", "b"}), "z");
    EXPECT_EQ(labelled(1000, {"a", "b", "c"}), "chisquare");
    EXPECT_EQ(labelled(1001, {"a", "b", "c"}), "jensenshannon");
}

TEST(Evidently, a_columns_own_test_and_threshold_stand_above_its_kinds_and_those_above_all) {
    const auto said = [](const detection::Plan& plan) {
        const auto report = compare({{"x", normal(500, 1)}}, {{"x", normal(300, 2, 0.1)}}, plan);
        return *peer_of(*report);
    };
    auto plan = evidently_plan();
    plan.evidently.method = "psi";
    plan.evidently.threshold = 0.3;
    EXPECT_EQ(said(plan).method, "psi");
    EXPECT_EQ(said(plan).upper, 0.3);
    plan.evidently.num_method = "ks";
    plan.evidently.num_threshold = 0.01;
    EXPECT_EQ(said(plan).method, "ks");
    EXPECT_EQ(said(plan).lower, 0.01);
    plan.column["x"].test = "hellinger";
    plan.column["x"].threshold = 0.2;
    EXPECT_EQ(said(plan).method, "hellinger");
    EXPECT_EQ(said(plan).upper, 0.2);
    plan = evidently_plan();
    plan.evidently.threshold = 0.07;
    EXPECT_EQ(said(plan).lower, 0.07) << "a threshold without a method is that of whatever test is chosen";
}

TEST(Evidently, the_line_decides_the_kinds) {
    std::vector<std::string> free;
    for (int i = 0; i < 200; ++i) free.push_back("text " + std::to_string(i));
    const auto text = compare({{"x", free}}, {{"x", free}}, evidently_plan());
    EXPECT_EQ(text->columns[0].verdict, Verdict::not_tested);
    EXPECT_NE(text->columns[0].reason.find("classifier"), std::string::npos) << text->columns[0].reason;
    auto legacy = evidently_plan();
    legacy.evidently.line = detection::EvidentlyLine::legacy;
    EXPECT_EQ(peer_of(*compare({{"x", free}}, {{"x", free}}, legacy))->method, "chisquare");
}

TEST(Evidently, what_it_would_end_its_report_at_is_a_row_here) {
    auto plan = evidently_plan();
    plan.column["flat"].test = "anderson";
    const auto report = compare({{"good", normal(500, 1)},
                                 {"void", std::vector<double>(500, NAN)},
                                 {"flat", std::vector<double>(500, 2.5)},
                                 {"gone", normal(500, 2)}},
                                {{"good", normal(200, 3, 2.0)},
                                 {"void", normal(200, 4)},
                                 {"flat", std::vector<double>(200, 2.5)},
                                 {"more", normal(200, 5)}},
                                plan);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "good").verdict, Verdict::drift);
    EXPECT_EQ(column(*report, "good").severity, drift::Severity::warn);
    EXPECT_EQ(column(*report, "void").verdict, Verdict::not_tested);
    EXPECT_NE(column(*report, "flat").reason.find("more than one distinct value"), std::string::npos)
        << column(*report, "flat").reason;
    EXPECT_EQ(column(*report, "gone").verdict, Verdict::not_tested);
    ASSERT_EQ(report->notes.size(), 1u);
    EXPECT_NE(report->notes[0].find("\"more\""), std::string::npos);
    ASSERT_EQ(report->signals.size(), 1u) << "one of one tested column drifted";
    EXPECT_EQ(report->signals[0].kind, drift::SignalKind::dataset_drift);
    EXPECT_EQ(report->summary.severity, drift::Severity::crit);
}

TEST(Evidently, one_value_on_a_side_is_enough_for_its_anderson_darling) {
    // Evidently 0.7.23, SciPy 1.10.1 and 1.17.1: anderson_ksamp([reference, [9.5]])[2].
    const auto said = [](const std::vector<double>& reference, const std::vector<double>& current) {
        const auto report = compare({{"x", reference}}, {{"x", current}}, evidently_plan("anderson"));
        return report->columns[0];
    };
    const auto one = said({0.5, 1.25, 2.0, 2.75, 3.5, 4.25, 5.0, 5.75}, {9.5});
    ASSERT_EQ(one.peer.size(), 1u) << one.reason;
    EXPECT_NEAR(*one.peer[0].score, 0.036038504317853624, 1e-12);
    const auto three = said({0.5, 1.25}, {9.5});
    ASSERT_EQ(three.peer.size(), 1u) << three.reason;
    EXPECT_FALSE(three.peer[0].score) << "its variance divides by 0: NaN there";
    EXPECT_FALSE(three.peer[0].drifted);
    EXPECT_EQ(said({0.5}, {9.5}).verdict, Verdict::not_tested);
}

TEST(Evidently, an_answer_that_it_has_and_we_have_not_is_not_called_an_error_of_its_report) {
    auto plan = evidently_plan("fisher_exact");
    plan.column["x"].kind = drift::Kind::categorical;
    const auto fisher = compare({{"x", std::vector<std::string>{"a", "b", "a", "b"}}},
                                {{"x", std::vector<std::string>{"a", "c", "a", "c"}}}, plan);
    EXPECT_NE(fisher->columns[0].reason.find("one of several p"), std::string::npos)
        << fisher->columns[0].reason;
    EXPECT_EQ(fisher->columns[0].reason.find("end its report"), std::string::npos);
    auto few = evidently_plan("es");
    few.column["x"].kind = drift::Kind::numeric;
    const auto es = compare({{"x", normal(50, 1)}}, {{"x", normal(4, 2)}}, few);
    EXPECT_NE(es->columns[0].reason.find("NaN"), std::string::npos) << es->columns[0].reason;
}

TEST(Evidently, equal_sums_of_its_total_variation_are_lost_to_rounding) {
    // Four labels of 200 rows a side, for which Evidently 0.7.23 gives .425: with every tie the p is .527.
    const auto of_counts = [](std::initializer_list<int> counts) {
        std::vector<std::string> labels;
        char label = 'a';
        for (const int count : counts)
            labels.insert(labels.end(), static_cast<std::size_t>(count), {label++});
        return labels;
    };
    auto plan = evidently_plan("TVD");
    plan.column["x"].kind = drift::Kind::categorical;
    const auto report =
        compare({{"x", of_counts({54, 49, 50, 47})}}, {{"x", of_counts({48, 57, 42, 53})}}, plan);
    ASSERT_EQ(report->columns[0].peer.size(), 1u) << report->columns[0].reason;
    EXPECT_NEAR(*report->columns[0].peer[0].score, 0.435, 0.06) << "four standard errors of 1,000 draws";
}

TEST(Evidently, the_share_of_drifted_columns_decides_of_the_table) {
    const auto with_share = [](double share) {
        auto plan = evidently_plan();
        plan.evidently.drift_share = share;
        return compare({{"a", normal(500, 1)}, {"b", normal(500, 2)}},
                       {{"a", normal(300, 3, 3.0)}, {"b", normal(300, 4)}}, plan);
    };
    EXPECT_EQ(with_share(0.5)->signals.size(), 1u) << "half is enough";
    EXPECT_TRUE(with_share(0.51)->signals.empty());
}

TEST(Evidently, epps_singleton_of_two_constants_is_0_unless_the_middle_half_is_one_of_them) {
    const auto of = [](std::size_t n, double a, std::size_t m, double b) {
        return *compare({{"x", std::vector<double>(n, a)}}, {{"x", std::vector<double>(m, b)}},
                        evidently_plan("es"));
    };
    // Evidently 0.7.23 answers 0.0 for both.
    for (const auto& report : {of(80, 3.7, 80, 4.7), of(40, 0.0, 55, 1.0)}) {
        ASSERT_NE(peer_of(report), nullptr) << report.columns[0].reason;
        EXPECT_EQ(peer_of(report)->score, 0.0);
        EXPECT_EQ(report.columns[0].verdict, Verdict::drift);
    }
    // And ends its report here.
    for (const auto& report : {of(51, -5.0, 14, 4.0), of(80, 3.7, 80, 3.7)}) {
        EXPECT_EQ(peer_of(report), nullptr);
        EXPECT_NE(report.columns[0].reason.find("interquartile range 0"), std::string::npos);
    }
}

TEST(Evidently, a_column_of_text_counts_in_the_share_though_it_is_not_tested) {
    // Evidently 0.7.23 says 1 of 2 of a drifted number beside undrifted text, and 2 of 2 where its classifier
    // tells the words apart.
    std::vector<std::string> free;
    for (int i = 0; i < 300; ++i) free.push_back("text " + std::to_string(i));
    const auto with_share = [&](double share, EvidentlyLine line = EvidentlyLine::current) {
        auto plan = evidently_plan();
        plan.evidently.drift_share = share;
        plan.evidently.line = line;
        return *compare({{"x", normal(300, 1)}, {"y", normal(300, 2)}, {"t", free}},
                        {{"x", normal(300, 3, 3.0)}, {"y", normal(300, 4)}, {"t", free}}, plan);
    };
    const auto open = with_share(0.5);
    EXPECT_TRUE(open.signals.empty()) << "1 of 3, not 1 of 2";
    ASSERT_EQ(open.notes.size(), 1u);
    EXPECT_NE(open.notes[0].find("(1 of text, of 3): a share of 0.333 to 0.667"), std::string::npos)
        << open.notes[0];
    EXPECT_NE(open.notes[0].find("depends on them"), std::string::npos) << open.notes[0];
    const auto drifted = with_share(0.3);
    ASSERT_EQ(drifted.signals.size(), 1u);
    EXPECT_NE(drifted.signals[0].reason.find("1 of 3 columns"), std::string::npos)
        << drifted.signals[0].reason;
    EXPECT_NE(drifted.notes.at(0).find("drifted by its rule whatever"), std::string::npos);
    const auto calm = with_share(0.7);
    EXPECT_TRUE(calm.signals.empty());
    EXPECT_NE(calm.notes.at(0).find("did not drift by its rule whatever"), std::string::npos);
    const auto legacy = with_share(0.3, EvidentlyLine::legacy);
    EXPECT_EQ(legacy.summary.tested, 3u) << "every string is a category there";
    EXPECT_EQ(legacy.signals.size(), 1u);
    EXPECT_TRUE(legacy.notes.empty());
}

TEST(Evidently, a_null_of_ours_that_cannot_be_met_stands_in_no_peers_way) {
    std::vector<double> hours(200);
    std::iota(hours.begin(), hours.end(), 0.0);
    for (double& hour : hours) hour = 1.68e9 + 3600.0 * hour;
    auto plan = evidently_plan();
    plan.time = "t";
    plan.null = detection::Null::chunks;
    const auto asked = [&] {
        return compare({{"t", hours}, {"x", normal(200, 1)}}, {{"t", hours}, {"x", normal(200, 2)}}, plan);
    };
    ASSERT_TRUE(asked()) << asked().error().message;
    EXPECT_EQ(column(*asked(), "x").peer.size(), 1u);
    plan.explain_difference = true;
    EXPECT_FALSE(asked()) << "our verdict stands beside it";
}

TEST(Evidently, a_wild_value_is_told_in_widths_that_zeros_do_not_make_nothing) {
    const auto said = [](double wild) {
        auto reference = normal(2000, 1), current = normal(2000, 2, 0.8);
        // Three quarters are zero but for one: the interquartile range is next to nothing.
        for (std::size_t i = 0; i < 2000; ++i)
            if (i % 4 != 0) reference[i] = current[i] = 0.0;
        reference[1] = 1e-9;
        current[4] = wild;
        auto plan = evidently_plan("psi");
        plan.explain_difference = true;
        const auto report = compare({{"x", reference}}, {{"x", current}}, plan);
        EXPECT_TRUE(report) << report.error().message;
        return report->columns[0].difference.value_or(drift::Difference{}).explanation;
    };
    EXPECT_EQ(said(3.0).find("from the median"), std::string::npos) << said(3.0);
    EXPECT_NE(said(1e6).find("a value of current lies"), std::string::npos) << said(1e6);
}

TEST(Evidently, infinite_values_are_left_out_and_missing_ones_are_no_drift) {
    auto current = normal(300, 6);
    for (std::size_t i = 0; i < 150; ++i) current[i] = i % 2 == 0 ? NAN : INFINITY;
    const auto report = compare({{"x", normal(500, 5)}}, {{"x", current}}, evidently_plan());
    EXPECT_EQ(report->columns[0].verdict, Verdict::no_drift) << report->columns[0].reason;
    EXPECT_TRUE(report->columns[0].signals.empty());
}

TEST(Evidently, mmd_finds_a_shift_and_agrees_with_itself) {
    const auto p = [](double shift) {
        const auto plan = evidently_plan("empirical_mmd");
        return *peer_of(*compare({{"x", normal(200, 7)}}, {{"x", normal(150, 8, shift)}}, plan))->score;
    };
    EXPECT_EQ(p(1.0), 0.0);
    EXPECT_GT(p(0.0), 0.05);
    EXPECT_EQ(p(0.0), p(0.0));
}

namespace {

/// Evidently's numbers, written from its documentation over plain containers.
struct Naive {
    std::vector<double> a, b;

    [[nodiscard]] std::map<double, std::pair<double, double>> per_value() const {
        std::map<double, std::pair<double, double>> shares;
        for (const double x : a) shares[x].first += 1.0 / static_cast<double>(a.size());
        for (const double x : b) shares[x].second += 1.0 / static_cast<double>(b.size());
        return shares;
    }
    [[nodiscard]] double at(const std::vector<double>& values, double x) const {
        return static_cast<double>(std::ranges::count_if(values, [x](double v) { return v <= x; })) /
               static_cast<double>(values.size());
    }
    [[nodiscard]] double area(double power) const {
        std::set<double> points(a.begin(), a.end());
        points.insert(b.begin(), b.end());
        double sum = 0.0;
        for (auto it = points.begin(); std::next(it) != points.end(); ++it)
            sum += std::pow(std::abs(at(a, *it) - at(b, *it)), power) * (*std::next(it) - *it);
        return sum;
    }
    [[nodiscard]] double sd() const {
        double mean = 0.0, squares = 0.0;
        for (const double x : a) mean += x / static_cast<double>(a.size());
        for (const double x : a) squares += (x - mean) * (x - mean);
        return std::sqrt(squares / static_cast<double>(a.size()));
    }
};

double scored(std::string_view test, const Naive& data) {
    detection::EvidentlyColumn column;
    column.numeric = true;
    column.reference = stats::SortedSample(std::span<const double>(data.a));
    column.current = stats::SortedSample(std::span<const double>(data.b));
    column.n = data.a.size();
    column.m = data.b.size();
    return detection::evidently_score(test, column, stats::Random(1, 1)).score.value_or(NAN);
}

Naive drawn_data() {
    const auto values = rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 12), [](int x) { return x * 0.5; }));
    Naive data{*values, *values};
    RC_PRE(data.a.size() > 1 && data.b.size() > 1);
    return data;
}

}  // namespace

RC_GTEST_PROP(EvidentlyFormulas, distances_of_samples, ()) {
    const Naive data = drawn_data();
    RC_ASSERT(std::abs(scored("wasserstein", data) - data.area(1.0) / std::max(data.sd(), 0.001)) <= 1e-9);
    RC_ASSERT(std::abs(scored("ed", data) - std::sqrt(2.0 * data.area(2.0))) <= 1e-9);
}

RC_GTEST_PROP(EvidentlyFormulas, distances_over_single_values, ()) {
    const Naive data = drawn_data();
    const auto shares = data.per_value();
    double js = 0.0, psi = 0.0;
    // A dozen values in a sample of some tens: no share is below 1e-4, so that empty bins hold 1e-4.
    for (const auto& [x, pair] : shares) {
        const auto [p, q] = pair;
        const double middle = (p + q) / 2.0;
        if (p > 0.0) js += p * std::log(p / middle);
        if (q > 0.0) js += q * std::log(q / middle);
        const double filled_p = p > 0.0 ? p : 1e-4, filled_q = q > 0.0 ? q : 1e-4;
        psi += (filled_p - filled_q) * std::log(filled_p / filled_q);
    }
    RC_ASSERT(std::abs(scored("jensenshannon", data) - std::sqrt(std::max(0.0, js) / 2.0)) <= 1e-7);
    RC_ASSERT(std::abs(scored("psi", data) - psi) <= 1e-9 * (1.0 + psi));
}
