#include "profiling.hpp"

#include <algorithm>
#include <cmath>

using namespace tristrata;
using namespace tristrata::profiling;

namespace {

/// Keeps nothing value by value.
ProfileOptions counts_only() {
    ProfileOptions options;
    options.column_bytes = 0;
    return options;
}

drift::Report against(const Profile& profile, MemorySource& current, const Plan& plan = {}) {
    auto report = detection::check(profile, {&current, std::nullopt}, plan, created, {});
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return *report;
}

double measure(const drift::ColumnReport& column, std::string_view name) {
    for (const auto& [one, value] : column.measures)
        if (one == name && value) return *value;
    ADD_FAILURE() << name;
    return -1.0;
}

}  // namespace

TEST(ProfileCounts, ks_is_never_above_that_of_the_rows_and_no_more_than_a_bin_below) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const double shift = 0.1 * static_cast<double>(seed % 4);
        MemorySource reference({{"x", normal(20'000, 2 * seed)}});
        MemorySource current({{"x", normal(500, 2 * seed + 1, shift)}});
        const auto from_rows =
            detection::check({&reference, std::nullopt}, {&current, std::nullopt}, {}, created, {});
        const auto report = against(saved(profiled(reference, {}, counts_only())), current);
        const auto& counted = column(report, "x");
        const auto& exact = column(*from_rows, "x");
        EXPECT_LE(measure(counted, "ks"), measure(exact, "ks") + 1e-12);
        // At most one stored bin of each side lies between: a thousandth of the reference and what falls
        // there.
        EXPECT_GE(measure(counted, "ks"), measure(exact, "ks") - 0.011);
        EXPECT_GE(measure(counted, "ks_high"), measure(exact, "ks_high") - 1e-12);
        EXPECT_NEAR(measure(counted, "psi"), measure(exact, "psi"), 0.02);
        EXPECT_NEAR(*counted.reference.mean, *exact.reference.mean, 1e-12);
        EXPECT_NEAR(*counted.reference.standard_deviation, *exact.reference.standard_deviation, 1e-9);
        EXPECT_EQ(counted.reference.minimum, exact.reference.minimum);
        EXPECT_EQ(counted.reference.maximum, exact.reference.maximum);
        EXPECT_NEAR(*counted.reference.median, *exact.reference.median, 0.005);
        EXPECT_EQ(counted.reference.distinct, exact.reference.distinct);
        if (shift != 0.1) {  // Whose effect stands at the gate.
            EXPECT_EQ(counted.verdict, exact.verdict) << seed;
        }
    }
}

TEST(ProfileCounts, of_few_values_they_lose_nothing) {
    std::vector<double> before(3000), after(700);
    stats::Random random(3, 3);
    for (auto& x : before) x = static_cast<double>(random.below(40));
    for (auto& x : after) x = static_cast<double>(random.below(44));
    MemorySource reference({{"x", before}}), current({{"x", after}});
    const auto from_rows =
        detection::check({&reference, std::nullopt}, {&current, std::nullopt}, {}, created, {});
    const auto report = against(profiled(reference, {}, counts_only()), current);
    // As differences of shares here, as one difference of whole numbers there.
    EXPECT_NEAR(measure(column(report, "x"), "ks"), measure(column(*from_rows, "x"), "ks"), 1e-14);
    EXPECT_EQ(measure(column(report, "x"), "psi"), measure(column(*from_rows, "x"), "psi"));
    EXPECT_EQ(measure(column(report, "x"), "third_largest"),
              measure(column(*from_rows, "x"), "third_largest"));
}

TEST(ProfileCounts, of_labels_give_the_chi_square_of_the_rows) {
    MemorySource reference({{"x", labels(4000, 1, {"a", "b", "c", "d"})}});
    for (const auto& words :
         {std::vector<std::string>{"a", "b", "c", "d"}, std::vector<std::string>{"a", "a", "b", "c", "d"},
          std::vector<std::string>{"a", "b", "c", "new"}}) {
        MemorySource current({{"x", labels(900, 2, words)}});
        const auto from_rows =
            detection::check({&reference, std::nullopt}, {&current, std::nullopt}, {}, created, {});
        const auto report = against(saved(profiled(reference, {}, counts_only())), current);
        const auto &counted = column(report, "x"), &exact = column(*from_rows, "x");
        EXPECT_EQ(counted.verdict, exact.verdict);
        EXPECT_EQ(counted.test->method, exact.test->method);
        EXPECT_NEAR(*counted.test->statistic, *exact.test->statistic, 1e-9);
        EXPECT_NEAR(*counted.test->p, *exact.test->p, 1e-12);
        EXPECT_EQ(has_signal(counted, drift::SignalKind::new_category),
                  has_signal(exact, drift::SignalKind::new_category));
    }
}

TEST(ProfileCounts, see_a_share_of_zeros_that_moved_and_not_one_that_stayed) {
    const auto inflated = [](std::size_t n, std::uint64_t stream, std::uint64_t of_ten) {
        stats::Random random(8, stream);
        std::vector<double> values(n);
        for (auto& x : values) x = random.below(10) < of_ten ? 0.0 : std::exp(random.normal());
        return values;
    };
    MemorySource reference({{"x", inflated(10'000, 1, 6)}});
    const Profile profile = profiled(reference, {}, counts_only());
    for (const auto& [of_ten, verdict] : {std::pair{6u, Verdict::no_drift}, std::pair{8u, Verdict::drift}}) {
        MemorySource current({{"x", inflated(1000, 2, of_ten)}});
        const auto report = against(profile, current);
        EXPECT_EQ(column(report, "x").verdict, verdict);
        EXPECT_EQ(column(report, "x").test->method, "two_part");
    }
}

TEST(ProfileCounts, what_needs_rows_is_not_tested_and_says_so) {
    Plan plan = plan_of_table();
    MemorySource reference(table(40 * 24, 1, 0.0)), current(table(24, 2, 1.0, first_hour + 40 * 24 * hour));
    const Profile profile = saved(profiled(reference, plan, counts_only()));
    EXPECT_TRUE(profile.exact(0)) << "the times that order the rows are kept";
    plan.null = detection::Null::chunks;
    auto report = against(profile, current, plan);
    for (const char* name : {"normal", "holed", "words"}) {
        EXPECT_EQ(column(report, name).verdict, Verdict::not_tested) << name;
        EXPECT_EQ(column(report, name).reason.rfind("Needs rows: ", 0), 0u) << column(report, name).reason;
    }
    plan.null = detection::Null::independent;
    report = against(profile, current, plan);
    EXPECT_EQ(column(report, "few").verdict, Verdict::not_tested) << "numbers as categories";
    EXPECT_EQ(column(report, "normal").verdict, Verdict::drift);
    EXPECT_EQ(column(report, "words").verdict, Verdict::no_drift);
    plan.null = detection::Null::dependent;
    report = against(profile, current, plan);
    EXPECT_GT(*column(report, "walk").effective_n_reference, 0.0);
    EXPECT_LT(*column(report, "walk").effective_n_reference, 40.0 * 24.0 / 2.0) << "its tau is carried";
}

TEST(ProfileCounts, on_shared_edges_merge_to_the_counts_of_all_rows) {
    MemorySource early({{"x", normal(4000, 1)}}), late({{"x", normal(3000, 2, 0.5)}});
    MemorySource current({{"x", normal(600, 3, 0.4)}});
    const Profile first = profiled(early, {}, counts_only());
    const std::vector<Profile> apart{first, profiled(late, {}, counts_only())};
    const auto refused = detection::merge(apart);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("--like"), std::string::npos) << refused.error().message;

    ProfileOptions like = counts_only();
    like.like = &first;
    const std::vector<Profile> counted{first, profiled(late, {}, like)};
    const std::vector<Profile> mixed{first, profiled(late, {})};
    const auto one = against(saved(*detection::merge(counted)), current);
    const auto other = against(saved(*detection::merge(mixed)), current);
    EXPECT_EQ(one.reference.rows, 7000u);
    EXPECT_EQ(column(one, "x").reference.n, 7000u);
    EXPECT_EQ(measure(column(one, "x"), "ks"), measure(column(other, "x"), "ks"))
        << "exact rows are counted on the same edges";
    auto all = normal(4000, 1);
    const auto second = normal(3000, 2, 0.5);
    all.insert(all.end(), second.begin(), second.end());
    MemorySource whole({{"x", all}});
    const auto from_rows =
        detection::check({&whole, std::nullopt}, {&current, std::nullopt}, {}, created, {});
    EXPECT_NEAR(*column(one, "x").reference.mean, *column(*from_rows, "x").reference.mean, 1e-12);
    EXPECT_NEAR(*column(one, "x").reference.standard_deviation,
                *column(*from_rows, "x").reference.standard_deviation, 1e-9);
    const std::vector<Profile> backwards{counted[1], counted[0]};
    EXPECT_EQ(detection::merge(counted)->bytes(), detection::merge(backwards)->bytes());
}

TEST(ProfileCounts, of_a_constant_and_of_more_labels_than_are_counted) {
    std::vector<std::string> names(300);
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = "n" + std::to_string(i);
    MemorySource reference({{"x", std::vector<double>(300, 5.0)}, {"y", names}});
    MemorySource current({{"x", std::vector<double>(300, 5.0)}, {"y", names}});
    ProfileOptions options = counts_only();
    options.labels = 100;
    const auto report = against(saved(profiled(reference, {}, options)), current);
    EXPECT_EQ(column(report, "x").verdict, Verdict::no_drift);
    EXPECT_EQ(column(report, "y").verdict, Verdict::not_tested);
    EXPECT_NE(column(report, "y").reason.find("300 distinct"), std::string::npos)
        << column(report, "y").reason;
}

TEST(ProfileCounts, a_counted_column_stands_in_evidentlys_share_as_one_that_nobody_tested) {
    MemorySource reference({{"x", normal(2000, 1)}, {"y", normal(2000, 2)}});
    const auto profile = saved(profiled(reference, {}, counts_only()));
    Plan plan;
    plan.method = "evidently";
    MemorySource current({{"x", normal(2000, 3)}, {"y", normal(2000, 4, 3.0)}});
    const auto report = against(profile, current, plan);
    EXPECT_EQ(report.summary.tested, 0u);
    EXPECT_NE(column(report, "x").reason.find("a larger --exact-mb keeps its rows"), std::string::npos);
    const bool said = std::ranges::any_of(report.notes, [](const std::string& note) {
        return note.find(
                   "(2 of which the profile keeps counts, of 2): a share of 0 to 1 drifted, and from 0.5 on "
                   "it "
                   "calls the whole table drifted: whether the table drifted by its rule depends on them") !=
               std::string::npos;
    });
    EXPECT_TRUE(said) << (report.notes.empty() ? "no note" : report.notes.front());
}
