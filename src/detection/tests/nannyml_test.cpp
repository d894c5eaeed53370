#include "comparing.hpp"
#include "nannyml_methods.hpp"

#include <rapidcheck/gtest.h>
#include <zlib.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <sstream>

using namespace tristrata;
using namespace tristrata::checking;

namespace {

using Words = std::vector<std::string>;

/// A gzipped CSV of the golden inputs, column by name; empty fields stay empty words.
std::map<std::string, Words> read_input(const std::string& name) {
    const auto path = std::filesystem::path(TRISTRATA_SOURCE) / "tests/golden/inputs" / name;
    const auto file = gzopen(path.c_str(), "rb");
    EXPECT_NE(file, nullptr) << path;
    std::string text;
    std::array<char, 65536> block{};
    for (int read = 0; (read = gzread(file, block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(read));
    gzclose(file);
    std::map<std::string, Words> columns;
    Words header;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line + ",");
        Words row;
        for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
        if (header.empty()) header = row;
        else
            for (std::size_t i = 0; i < header.size(); ++i)
                columns[header[i]].push_back(i < row.size() ? row[i] : "");
    }
    return columns;
}

Words present(const Words& words) {
    Words out;
    std::ranges::copy_if(words, std::back_inserter(out), [](const auto& word) { return !word.empty(); });
    return out;
}
std::vector<double> numbers(const Words& words) {
    std::vector<double> out;
    for (const auto& word : present(words)) out.push_back(std::stod(word));
    return out;
}

detection::Plan nannyml_plan(const std::string& method) {
    detection::Plan plan;
    plan.method = "nannyml";
    const bool labels_too = method == "jensen_shannon" || method == "hellinger";
    if (method == "chi2" || method == "l_infinity" || labels_too) plan.nannyml.categorical_methods = {method};
    if ((method != "chi2" && method != "l_infinity") || labels_too)
        plan.nannyml.continuous_methods = {method};
    return plan;
}

/// The method's value of the whole of current, as one chunk.
template <class Values>
double whole(const std::string& method, const Values& reference, const Values& current) {
    auto plan = nannyml_plan(method);
    plan.nannyml.chunking = dataset::ByCount{1, dataset::Remainder::keep};
    const auto report = compare({{"A", reference}}, {{"A", current}}, plan);
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->columns[0].peer.empty()) << report->columns[0].reason;
    return report->columns[0].peer.at(0).score.value_or(NAN);
}

/// numpy.random.seed(1) and RandomState.normal of it: Mersenne twister, Marsaglia's polar method.
class LegacyNumpy {
public:
    std::vector<double> normal_values(double mean, double sd, std::size_t n) {
        std::vector<double> values(n);
        for (double& x : values) x = mean + sd * gauss();
        return values;
    }

private:
    double uniform() {
        const double high = static_cast<double>(twister_() >> 5u),
                     low = static_cast<double>(twister_() >> 6u);
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }
    double gauss() {
        if (kept_) return *std::exchange(kept_, std::nullopt);
        double x = 0.0, y = 0.0, radius = 0.0;
        do {
            x = 2.0 * uniform() - 1.0;
            y = 2.0 * uniform() - 1.0;
            radius = x * x + y * y;
        } while (radius >= 1.0 || radius == 0.0);
        const double scale = std::sqrt(-2.0 * std::log(radius) / radius);
        kept_ = scale * x;
        return scale * y;
    }
    std::mt19937 twister_{1};
    std::optional<double> kept_;
};

double rounded(double value, int digits) {
    const double scale = std::pow(10.0, digits);
    return std::round(value * scale) / scale;
}

}  // namespace

// Golden figures: NannyML 0.13.1's own tests, by the names of peer_test_cases.json or of its test file;
// rounded as it states them.

TEST(Nannyml, estimated_ks_of_its_sample_data_by_size_and_by_month) {
    const auto table = read_input("nannyml_sample_drift_data.csv.gz");
    const auto f1 = numbers(table.at("f1"));
    std::vector<std::int64_t> times;
    for (auto text : table.at("timestamp")) {
        text[10] = 'T';
        times.push_back(core::parse_timestamp(text + "Z")->microseconds);
    }
    const auto rows = static_cast<std::ptrdiff_t>(std::ranges::count(table.at("period"), "reference"));
    ASSERT_EQ(rows, 10080);
    const std::vector<double> reference(f1.begin(), f1.begin() + rows);
    const std::vector<std::int64_t> reference_times(times.begin(), times.begin() + rows);
    const auto values = [&](const dataset::Chunking& chunking) {
        auto plan = nannyml_plan("kolmogorov_smirnov");
        plan.time = "timestamp";
        plan.nannyml.chunking = chunking;
        const auto report = compare({{"timestamp", reference_times}, {"f1", reference}},
                                    {{"timestamp", times}, {"f1", f1}}, plan);
        EXPECT_TRUE(report) << report.error().message;
        std::vector<double> found;
        for (const auto& chunk : column(*report, "f1").peer.at(0).chunks)
            found.push_back(rounded(*chunk.value, 6));
        return found;
    };
    EXPECT_EQ(values(dataset::BySize{5000, dataset::Remainder::keep}),
              (std::vector<double>{0.004968, 0.004833, 0.01186, 0.243595, 0.210516}))
        << "nml.ks.size5000";
    EXPECT_EQ(values(dataset::ByPeriod{dataset::Period::month, "UTC"}),
              (std::vector<double>{0.007547, 0.007895, 0.009354, 0.090575, 0.256093}))
        << "nml.ks.period_M";
}

TEST(Nannyml, distances_of_the_files_beside_its_cases) {
    const auto distance = [](const char* method, const char* file) {
        const auto table = read_input(file);
        return whole(method, numbers(table.at("reference")), numbers(table.at("analysis")));
    };
    EXPECT_EQ(rounded(distance("jensen_shannon", "nml_js_both_continuous.csv.gz"), 2), 0.05) << "nml.js.cont";
    EXPECT_EQ(rounded(distance("hellinger", "nml_js_quasi.csv.gz"), 2), 0.72) << "nml.hell.quasi";
    EXPECT_EQ(rounded(distance("jensen_shannon", "nml_js_quasi.csv.gz"), 2), 0.73);
    EXPECT_EQ(rounded(distance("wasserstein", "nml_wasserstein_w1.csv.gz"), 2), 1.01) << "nml.wass.w1";
    // What the same cases' independent_value says, to all its digits.
    EXPECT_NEAR(distance("jensen_shannon", "nml_js_both_continuous.csv.gz"), 0.04723640867484653, 1e-12);
    EXPECT_NEAR(distance("hellinger", "nml_js_quasi.csv.gz"), 0.7191571098871171, 1e-12);
    EXPECT_NEAR(distance("wasserstein", "nml_wasserstein_w1.csv.gz"), 1.0114503162687982, 1e-12);
    const auto table = read_input("nml_js_categorical.csv.gz");
    const auto reference = present(table.at("reference")), current = present(table.at("analysis"));
    EXPECT_NEAR(whole("jensen_shannon", reference, current), 0.5038171420802398, 1e-12) << "nml.js.cat";
    EXPECT_EQ(rounded(whole("hellinger", reference, current), 2), 0.5);
}

TEST(Nannyml, distances_of_normal_samples_drawn_as_its_tests_draw_them) {
    LegacyNumpy first;
    const auto drawn = first.normal_values(0, 1, 10'000);
    EXPECT_EQ(drawn[0], 1.6243453636632417) << "numpy's own, as in nml_wasserstein_w1";
    EXPECT_EQ(rounded(whole("wasserstein", drawn, drawn), 2), 0.0);
    EXPECT_EQ(rounded(whole("hellinger", drawn, drawn), 2), 0.0);
    EXPECT_EQ(rounded(whole("hellinger", drawn, first.normal_values(7, 1, 10'000)), 2), 1.0);
    LegacyNumpy second;
    const auto again = second.normal_values(0, 1, 10'000);
    EXPECT_EQ(rounded(whole("hellinger", again, second.normal_values(-2, 1, 10'000)), 2), 0.63);
    LegacyNumpy third;
    const auto many = third.normal_values(0, 1, 100'000);
    EXPECT_EQ(rounded(whole("wasserstein", many, third.normal_values(-4, 1, 1000)), 2), 3.99);
    LegacyNumpy fourth;
    const auto narrow = fourth.normal_values(0, 1, 15'000);
    const double wide = whole("wasserstein", narrow, fourth.normal_values(0, 10, 1'000'000));
    EXPECT_NEAR(wide, 7.18014600630422, 1e-9) << "nml.wass.w3";
    EXPECT_EQ(rounded(wide, 3), 7.180);
}

TEST(Nannyml, l_infinity_of_new_same_and_lost_labels) {
    const Words reference{"a", "a", "b", "b", "c", "c"};
    EXPECT_EQ(rounded(whole("l_infinity", reference, Words{"a", "a", "b", "b", "c", "c", "d"}), 2), 0.14);
    EXPECT_EQ(whole("l_infinity", reference, reference), 0.0);
    EXPECT_EQ(rounded(whole("l_infinity", reference, Words{"b", "b", "b", "b", "b"}), 2), 0.67);
}

TEST(Nannyml, bounds_are_an_offset_and_deviations_held_against_limits) {
    std::vector<double> upto(30);
    std::iota(upto.begin(), upto.end(), 0.0);
    detection::NannymlThreshold threshold;
    threshold.offset_from = detection::NannymlThreshold::Offset::min;
    threshold.std_lower_multiplier = 0.3;
    threshold.std_upper_multiplier = 3.1;
    const auto [lower, upper] = detection::nannyml_bounds(threshold, upto, std::nullopt, std::nullopt);
    EXPECT_NEAR(*lower, -2.5966324345197567, 1e-14) << "nml.thr.2";
    EXPECT_NEAR(*upper, 26.83186849003749, 1e-13);
    const auto limited = detection::nannyml_bounds(threshold, upto, 0.0, 1.0);
    EXPECT_EQ(limited, (detection::Bounds{0.0, 1.0}));
    threshold = {};
    upto.push_back(NAN);
    const auto plain = detection::nannyml_bounds(threshold, upto, 0.0, std::nullopt);
    EXPECT_FALSE(plain.first) << "its methods have no lower bound of their own";
    EXPECT_NEAR(*plain.second, 14.5 + 3.0 * std::sqrt(899.0 / 12.0), 1e-12);
    EXPECT_EQ(detection::nannyml_bounds(threshold, std::vector<double>{NAN}, 0.0, 1.0), detection::Bounds{});
}

TEST(Nannyml, alerts_are_counted_and_one_is_enough) {
    auto plan = nannyml_plan("jensen_shannon");
    plan.nannyml.chunking = dataset::BySize{100, dataset::Remainder::keep};
    auto current = normal(400, 2);
    const auto shifted = normal(150, 3, 3.0);
    current.insert(current.end(), shifted.begin(), shifted.end());
    const auto report = compare({{"x", normal(1000, 1)}}, {{"x", current}}, plan);
    const auto& test = report->columns[0].peer.at(0);
    EXPECT_EQ(test.alerts, 2u);
    ASSERT_EQ(test.chunks.size(), 6u);
    EXPECT_EQ(test.chunks[5].key, "[500:549]");
    EXPECT_TRUE(test.chunks[5].alert);
    EXPECT_EQ(report->columns[0].verdict, Verdict::drift);
    EXPECT_NE(report->columns[0].reason.find("2 of 6 chunks alert"), std::string::npos)
        << report->columns[0].reason;
    EXPECT_EQ(compare({{"x", normal(1000, 1)}}, {{"x", normal(400, 2)}}, plan)->columns[0].verdict,
              Verdict::no_drift);
}

TEST(Nannyml, a_chunk_without_a_value_never_alerts_but_by_the_chi2_before_it) {
    auto plan = nannyml_plan("jensen_shannon");
    plan.nannyml.chunking = dataset::BySize{100, dataset::Remainder::keep};
    std::vector<double> current = normal(100, 2, 5.0);
    current.insert(current.end(), 100, NAN);
    const auto report = compare({{"x", normal(1000, 1)}}, {{"x", current}}, plan);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    const auto& js = report->columns[0].peer.at(0);
    EXPECT_TRUE(js.chunks[0].alert);
    EXPECT_FALSE(js.chunks[1].alert);
    EXPECT_FALSE(js.chunks[1].value);
}

TEST(Nannyml, chunks_that_are_shorter_in_current_are_said) {
    const auto notes = [](std::size_t rows, dataset::Chunking chunking) {
        auto plan = nannyml_plan("jensen_shannon");
        plan.nannyml.chunking = std::move(chunking);
        const auto report = compare({{"x", normal(1000, 1)}}, {{"x", normal(rows, 2)}}, plan);
        EXPECT_TRUE(report) << report.error().message;
        std::string all;
        for (const auto& note : report->notes) all += note + "\n";
        return all;
    };
    const dataset::ByCount ten{10, dataset::Remainder::keep};
    EXPECT_NE(notes(300, ten).find("hold 100 rows of the reference and 30 rows of current"),
              std::string::npos)
        << notes(300, ten);
    EXPECT_NE(notes(300, ten).find("chunk_size = 30"), std::string::npos);
    for (const std::size_t rows : {900u, 1000u, 3000u}) EXPECT_EQ(notes(rows, ten), "");
    EXPECT_EQ(notes(300, dataset::BySize{100, dataset::Remainder::keep}), "");
}

TEST(Nannyml, what_it_would_end_its_fit_at_is_a_row_here) {
    auto infinite = normal(500, 1);
    infinite[7] = INFINITY;
    const auto report =
        compare({{"wild", infinite}, {"good", normal(500, 2)}},
                {{"wild", normal(300, 3)}, {"good", normal(300, 4)}}, nannyml_plan("jensen_shannon"));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(column(*report, "wild").verdict, Verdict::not_tested);
    EXPECT_EQ(column(*report, "good").peer.at(0).chunks.size(), 10u);
    auto few = nannyml_plan("jensen_shannon");
    EXPECT_NE(compare({{"x", normal(500, 2)}}, {{"x", normal(5, 4)}}, few)->columns[0].reason.find("10"),
              std::string::npos);
}

TEST(Nannyml, chi2_is_corrected_by_yates_where_there_are_two_labels) {
    // scipy 1.10.1: chi2_contingency([[30, 20], [10, 25]]) and of [[30, 20, 5], [10, 25, 9]].
    const std::uint64_t two[]{30, 20}, two_chunk[]{10, 25}, three[]{30, 20, 5}, three_chunk[]{10, 25, 9};
    const auto of_two = detection::fit_label_method("chi2", two),
               of_three = detection::fit_label_method("chi2", three);
    EXPECT_NEAR(of_two->measure(two_chunk), 6.949930555555551, 1e-12);
    EXPECT_NEAR(*of_two->p(two_chunk), 0.00838224869725173, 1e-12);
    EXPECT_NEAR(of_three->measure(three_chunk), 10.607142857142858, 1e-12);
    EXPECT_NEAR(*of_three->p(three_chunk), 0.0049737985820949415, 1e-12);
    const std::uint64_t one[]{5, 0}, same[]{3, 0};
    EXPECT_EQ(*detection::fit_label_method("chi2", one)->p(same), 1.0);
}

namespace {

double share_at(const std::vector<double>& values, double x) {
    return static_cast<double>(std::ranges::count_if(values, [x](double v) { return v <= x; })) /
           static_cast<double>(values.size());
}

}  // namespace

RC_GTEST_PROP(NannymlFormulas, exact_ks_and_wasserstein_are_those_of_the_steps, ()) {
    const auto values = rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(-9, 9), [](int x) { return x * 0.25; }));
    std::vector<double> a = *values, b = *values;
    RC_PRE(!a.empty() && !b.empty());
    std::ranges::sort(a);  // A chunk is in any order.
    std::set<double> points(a.begin(), a.end());
    points.insert(b.begin(), b.end());
    double distance = 0.0, area = 0.0;
    for (auto it = points.begin(); it != points.end(); ++it) {
        const double gap = std::abs(share_at(a, *it) - share_at(b, *it));
        distance = std::max(distance, gap);
        if (std::next(it) != points.end()) area += gap * (*std::next(it) - *it);
    }
    detection::ChunkValues chunk(b);
    detection::NumberReference reference(a);
    RC_ASSERT(std::abs(detection::fit_number_method("kolmogorov_smirnov", reference)->measure(chunk) -
                       distance) < 1e-12);
    RC_ASSERT(std::abs(detection::fit_number_method("wasserstein", reference)->measure(chunk) - area) <
              1e-12);
}

RC_GTEST_PROP(NannymlFormulas, label_distances_pool_what_the_reference_lacks, ()) {
    const auto counts = rc::gen::container<std::vector<std::uint64_t>>(
        5, rc::gen::map(rc::gen::inRange(0, 30), [](int x) { return static_cast<std::uint64_t>(x); }));
    const std::vector<std::uint64_t> a = *counts, b = *counts;
    const auto n = std::accumulate(a.begin(), a.end(), 0.0), m = std::accumulate(b.begin(), b.end(), 0.0);
    RC_PRE(n > 0.0 && m > 0.0);
    double overlap = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < 5; ++i) {
        const double p = static_cast<double>(a[i]) / n, q = static_cast<double>(b[i]) / m;
        overlap += std::sqrt(p * q);
        largest = std::max(largest, std::abs(p - q));
    }
    // Hellinger is sqrt(1 - sum of sqrt(p q)); near 0 its square has lost digits.
    const double squared = std::pow(detection::fit_label_method("hellinger", a)->measure(b), 2.0);
    RC_ASSERT(std::abs(squared - (1.0 - overlap)) < 1e-12);
    RC_ASSERT(std::abs(detection::fit_label_method("l_infinity", a)->measure(b) - largest) < 1e-12);
}
