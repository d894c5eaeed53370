#include "tristrata/online/detector.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

using namespace tristrata;
using online::Settings;
using online::State;
using testing::HasSubstr;

namespace {

std::vector<double> normal(std::size_t size, double mean, std::uint64_t seed) {
    stats::Random random(seed, 0);
    std::vector<double> values(size);
    for (double& x : values) x = mean + random.normal();
    return values;
}

std::vector<double> errors(std::size_t size, double rate, std::uint64_t seed) {
    stats::Random random(seed, 0);
    std::vector<double> values(size);
    for (double& x : values) x = random.uniform() < rate ? 1.0 : 0.0;
    return values;
}

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// What a detector needs besides its stream.
std::vector<double> reference_of(const online::DetectorRow& row) {
    return row.needs_reference ? normal(300, 0.0, 99) : std::vector<double>{};
}

}  // namespace

TEST(Detectors, every_row_makes_a_detector_with_its_defaults) {
    ASSERT_GE(online::detectors().size(), 15u);
    for (const auto& row : online::detectors()) {
        const auto made = online::make_detector(row.name, {}, reference_of(row));
        EXPECT_TRUE(made.has_value()) << row.name << ": " << made.error().message;
        EXPECT_EQ(online::find_detector(row.name)->name, row.name);
        EXPECT_FALSE(row.source.empty());
    }
    EXPECT_EQ(online::find_detector("nothing"), nullptr);
}

TEST(Detectors, a_large_change_is_found_soon_and_seldom_before) {
    for (const auto& row : online::detectors()) {
        const bool reads_errors = row.input == online::Input::error;
        const auto values = reads_errors ? joined(errors(600, 0.1, 3), errors(600, 0.8, 4))
                                         : joined(normal(600, 0.0, 3), normal(600, 8.0, 4));
        Settings settings;
        if (row.name == "jswin") settings = {{"limit", 0.45}};
        if (row.name == "kswin") settings = {{"alpha", 1e-5}};
        if (row.name == "shewhart") settings = {{"width", 5}};
        if (row.name == "cusum") settings = {{"threshold", 20}};
        if (row.name == "eddm") settings = {{"warn", 0.5}, {"drift", 0.4}};
        const auto found = online::detect(row.name, settings, values, reference_of(row));
        ASSERT_TRUE(found.has_value()) << row.name << ": " << found.error().message;
        const auto before = std::ranges::count_if(found->drifts, [](auto at) { return at < 600; });
        const auto soon = std::ranges::count_if(found->drifts, [](auto at) { return at >= 600 && at < 750; });
        EXPECT_LE(before, 2) << row.name;
        EXPECT_GE(soon, 1) << row.name;
    }
}

TEST(Detectors, a_constant_stream_never_drifts) {
    for (const auto& row : online::detectors()) {
        if (row.needs_reference) continue;
        const auto found = online::detect(row.name, {}, std::vector<double>(1000, 1.0));
        ASSERT_TRUE(found.has_value()) << row.name;
        EXPECT_TRUE(found->drifts.empty()) << row.name;
    }
    for (const auto* name : {"incremental_ks", "streaming_mmd"}) {
        const std::vector<double> same(500, 1.0);
        const auto found = online::detect(name, {}, same, same);
        ASSERT_TRUE(found.has_value()) << found.error().message;
        EXPECT_TRUE(found->drifts.empty()) << name;
    }
}

TEST(Detectors, an_empty_stream_and_one_value_give_nothing) {
    for (const auto& row : online::detectors())
        for (const std::size_t size : {0u, 1u}) {
            const auto found =
                online::detect(row.name, {}, std::vector<double>(size, 1.0), reference_of(row));
            ASSERT_TRUE(found.has_value()) << row.name;
            EXPECT_TRUE(found->drifts.empty() && found->warnings.empty()) << row.name;
        }
}

TEST(Detectors, missing_and_infinite_values_are_skipped_and_counted) {
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 inf = std::numeric_limits<double>::infinity();
    const auto plain = online::detect("cusum", {}, joined(normal(100, 0, 1), normal(100, 5, 2)));
    std::vector<double> holed{nan, inf, -inf};
    const auto with =
        online::detect("cusum", {}, joined(holed, joined(normal(100, 0, 1), normal(100, 5, 2))));
    ASSERT_TRUE(plain && with);
    EXPECT_EQ(with->skipped, 3u);
    ASSERT_EQ(plain->drifts.size(), with->drifts.size());
    for (std::size_t i = 0; i < plain->drifts.size(); ++i) EXPECT_EQ(plain->drifts[i] + 3, with->drifts[i]);
}

TEST(Detectors, a_stream_of_errors_holds_only_0_and_1) {
    const auto found = online::detect("ddm", {}, std::vector<double>{0, 1, 0.5});
    ASSERT_FALSE(found.has_value());
    EXPECT_THAT(found.error().message, HasSubstr("value 3 of the stream is 0.5"));
}

TEST(Detectors, what_is_wrong_with_a_request_is_named) {
    const auto message = [](std::string_view name, const Settings& settings,
                            const std::vector<double>& reference = {}) {
        const auto made = online::make_detector(name, settings, reference);
        return made ? std::string("made") : made.error().message;
    };
    EXPECT_THAT(message("adwim", {}), HasSubstr("did you mean adwin?"));
    EXPECT_THAT(message("adwin", {{"detla", 0.1}}), HasSubstr("did you mean delta?"));
    EXPECT_THAT(message("adwin", {{"delta", 2}}), HasSubstr("delta of adwin is 2; expected a number from"));
    EXPECT_THAT(message("adwin", {{"delta", std::nan("")}}), HasSubstr("expected a number"));
    EXPECT_THAT(message("kswin", {{"window", 50}}), HasSubstr("expected at least 60"));
    EXPECT_THAT(message("ddm", {{"warn", 4}}), HasSubstr("a warning must come first"));
    EXPECT_THAT(message("eddm", {{"warn", 0.5}}), HasSubstr("a warning must come first"));
    EXPECT_THAT(message("cusum", {}, {1, 2, 3}), HasSubstr("takes no reference"));
    EXPECT_THAT(message("incremental_ks", {}), HasSubstr("0 were given"));
    EXPECT_THAT(message("streaming_mmd", {}, {1, 2, 3}), HasSubstr("at least 102 values; 3 were given"));
    EXPECT_THAT(message("incremental_ks", {}, {1, std::nan("")}), HasSubstr("missing or infinite"));
    EXPECT_THAT(message("streaming_mmd", {}, std::vector<double>(20001, 0.0)), HasSubstr("every 3th"));
}

TEST(Detectors, after_a_drift_the_rest_is_a_new_stream) {
    for (const auto& row : online::detectors()) {
        if (row.name == "jswin") continue;  // It keeps the newer half of its window.
        const bool reads_errors = row.input == online::Input::error;
        const auto values = reads_errors ? joined(errors(500, 0.1, 5), errors(900, 0.8, 6))
                                         : joined(normal(500, 0.0, 5), normal(900, 8.0, 6));
        const auto whole = online::detect(row.name, {}, values, reference_of(row));
        ASSERT_TRUE(whole.has_value());
        ASSERT_FALSE(whole->drifts.empty()) << row.name;
        const std::size_t first = whole->drifts.front() + 1;
        const auto rest = online::detect(row.name, {}, std::span(values).subspan(first), reference_of(row));
        ASSERT_EQ(rest->drifts.size() + 1, whole->drifts.size()) << row.name;
        for (std::size_t i = 0; i < rest->drifts.size(); ++i)
            EXPECT_EQ(rest->drifts[i] + first, whole->drifts[i + 1]) << row.name;
    }
}

TEST(Detectors, charts_in_standard_deviations_know_no_unit) {
    const auto values = joined(normal(200, 0.0, 7), normal(200, 2.0, 8));
    std::vector<double> scaled(values);
    for (double& x : scaled) x = 1e6 + 512.0 * x;
    for (const auto* name : {"cusum", "shewhart", "kswin", "incremental_ks"}) {
        const bool needs = online::find_detector(name)->needs_reference;
        auto reference = needs ? normal(300, 0.0, 99) : std::vector<double>{};
        const auto a = online::detect(name, {}, values, reference);
        for (double& x : reference) x = 1e6 + 512.0 * x;
        const auto b = online::detect(name, {}, scaled, reference);
        ASSERT_TRUE(a && b);
        EXPECT_EQ(a->drifts, b->drifts) << name;
    }
}

TEST(Detectors, only_the_asked_direction_counts) {
    const auto falling = joined(normal(200, 0.0, 9), normal(100, -6.0, 10));
    for (const auto* name : {"cusum", "shewhart", "page_hinkley"}) {
        const double limit = 5;
        const Settings shared =
            std::string_view(name) == "shewhart" ? Settings{{"width", limit}} : Settings{{"threshold", 40}};
        auto with = [&](double direction) {
            Settings settings = shared;
            settings["direction"] = direction;
            return online::detect(name, settings, falling);
        };
        EXPECT_FALSE(with(-1)->drifts.empty()) << name;
        EXPECT_FALSE(with(0)->drifts.empty()) << name;
        EXPECT_TRUE(with(1)->drifts.empty()) << name;
    }
}

TEST(IncrementalKs, equals_the_distance_of_the_two_samples_at_every_value) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        SCOPED_TRACE(seed);
        stats::Random random(seed, 0);
        const std::size_t n = 2 + random.below(30), window = 2 + random.below(20);
        // Few distinct values: ties within each side, and of both sides with each other.
        std::vector<double> reference(n), values(200);
        for (double& x : reference) x = static_cast<double>(random.below(12));
        for (double& x : values) x = static_cast<double>(random.below(14)) / (seed % 2 == 0 ? 1.0 : 2.0);
        auto detector = online::make_detector(
            "incremental_ks", {{"window", static_cast<double>(window)}, {"alpha", 1e-300}}, reference);
        ASSERT_TRUE(detector.has_value());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto update = (*detector)->update(values[i]);
            ASSERT_EQ(update.statistic.has_value(), i + 1 >= window);
            if (!update.statistic) continue;
            const auto expected = stats::value_of(stats::ks_distance(
                stats::SortedSample(std::span<const double>(reference)),
                stats::SortedSample(std::span<const double>(values).subspan(i + 1 - window, window))));
            ASSERT_NEAR(*update.statistic, *expected, 1e-12) << "at value " << i;
        }
    }
}

TEST(IncrementalKs, fires_exactly_where_p_reaches_alpha) {
    const auto reference = normal(40, 0.0, 11);
    const auto values = joined(normal(60, 0.0, 12), normal(60, 1.5, 13));
    const double alpha = 0.01;
    auto detector = online::make_detector("incremental_ks", {{"window", 20}, {"alpha", alpha}}, reference);
    for (const double x : values) {
        const auto update = (*detector)->update(x);
        if (!update.statistic) continue;
        EXPECT_EQ(update.state == State::drift, stats::ks_exact_p(*update.statistic, 40, 20) <= alpha);
    }
}

TEST(StreamingMmd, equals_the_definition_at_every_value) {
    const auto reference = normal(25, 0.0, 14);
    const auto values = normal(60, 0.3, 15);
    constexpr std::size_t window = 8;
    const auto kernel = [](double a, double b) { return std::exp(-(a - b) * (a - b) / (2.0 * 0.7 * 0.7)); };
    auto detector = online::make_detector(
        "streaming_mmd", {{"window", window}, {"sigma", 0.7}, {"alpha", 0}, {"draws", 20}}, reference);
    ASSERT_TRUE(detector.has_value()) << detector.error().message;
    std::size_t begun = 0;  // A drift empties the window.
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto update = (*detector)->update(values[i]);
        ASSERT_EQ(update.statistic.has_value(), i + 1 - begun >= window);
        if (!update.statistic) continue;
        const auto newest = std::span(values).subspan(i + 1 - window, window);
        double xx = 0.0, yy = 0.0, xy = 0.0;
        for (std::size_t a = 0; a < reference.size(); ++a)
            for (std::size_t b = 0; b < reference.size(); ++b)
                if (a != b) xx += kernel(reference[a], reference[b]) / (25.0 * 24.0);
        for (std::size_t a = 0; a < window; ++a)
            for (std::size_t b = 0; b < window; ++b)
                if (a != b) yy += kernel(newest[a], newest[b]) / (window * (window - 1.0));
        for (const double a : reference)
            for (const double b : newest) xy += kernel(a, b) / (25.0 * window);
        EXPECT_NEAR(*update.statistic, xx + yy - 2.0 * xy, 1e-12);
        if (update.state == State::drift) begun = i + 1;
    }
}

TEST(StreamingMmd, its_drawn_limit_holds_the_share_it_promises) {
    // Windows that do not overlap, drawn from the reference's distribution, so that each is a fresh test.
    const auto reference = normal(500, 0.0, 16);
    std::size_t windows = 0, beyond = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        const auto found = online::detect("streaming_mmd", {{"window", 20}, {"alpha", 0.05}, {"draws", 400}},
                                          normal(20, 0.0, 1000 + seed), reference, seed);
        ASSERT_TRUE(found.has_value());
        ++windows;
        beyond += found->drifts.size();
    }
    const double share = static_cast<double>(beyond) / static_cast<double>(windows);
    EXPECT_NEAR(share, 0.05, 4.0 * std::sqrt(0.05 * 0.95 / 400.0));
}

TEST(Detectors, a_statistic_that_leaves_a_double_is_absent_and_counted) {
    std::size_t left = 0;
    const auto warm = normal(40, 0.0, 3);
    for (const auto& row : online::detectors()) {
        if (row.input == online::Input::error) continue;
        for (const double scale : {5e-324, 1e-160, 1e154, 1e300, 1e307, 1e308}) {
            std::vector<double> values = normal(31, 0.0, 4), alike(31, scale);
            for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 2 == 0 ? scale : -scale;
            for (const auto& stream : {values, alike}) {
                const auto found = online::detect(
                    row.name, {}, stream,
                    row.needs_reference ? std::span<const double>(warm) : std::span<const double>());
                if (!found) continue;  // Said in a sentence.
                EXPECT_TRUE(!found->statistic || std::isfinite(*found->statistic))
                    << row.name << " " << scale;
                left += found->overflowed > 0 ? 1 : 0;
            }
        }
    }
    EXPECT_GT(left, 3u) << "the guard is reached";
    EXPECT_GT(online::detect("adwin", {}, std::vector<double>(31, 1e307))->overflowed, 0u);
    EXPECT_EQ(online::detect("adwin", {}, normal(31, 0.0, 5))->overflowed, 0u);
}

TEST(Detectors, the_page_lists_every_detector_with_its_parameters) {
    std::ifstream file(std::filesystem::path(TRISTRATA_SOURCE) / "docs/statistics/online_detectors.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    for (const auto& row : online::detectors()) {
        const auto at = page.find(
            fmt::format("| `{}` | {} |", row.name, row.input == online::Input::error ? "error" : "value"));
        ASSERT_NE(at, std::string::npos) << row.name;
        const std::string line = page.substr(at, page.find('\n', at) - at);
        for (const auto& parameter : row.parameters)
            EXPECT_THAT(line, HasSubstr(fmt::format("`{}` {}", parameter.name, parameter.standard)))
                << row.name;
    }
}
