#include "tristrata/analyzer/definition.hpp"

#include "tristrata/core/identifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tristrata::analyzer {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string with(const std::string& more) {
    return "[[analyzer]]\nname = \"trips\"\nsource = \"sql\"\nwindow = \"1d\"\nmodule = \"demand\"\n"
           "drift_type = \"business_kpi_drift\"\n"
           "query = \"SELECT time, metric_value FROM kpi.events WHERE time >= :from AND time < :to\"\n" +
           more;
}

std::vector<std::string> mistakes(const std::string& text) {
    const auto all = parse_definitions(text, "a.toml");
    if (!all) return {all.error().message};
    std::vector<std::string> lines;
    for (const auto& problem : all->problems) lines.push_back(problem.where + ": " + problem.message);
    return lines;
}

TEST(Definition, what_is_not_said_follows_from_the_window) {
    const auto all = parse_definitions(with(""), "a.toml");
    ASSERT_TRUE(all.has_value()) << all.error().message;
    ASSERT_THAT(mistakes(with("")), IsEmpty());
    const Definition& one = all->analyzers.front();
    EXPECT_EQ(one.reference_windows, 84u);
    EXPECT_EQ(one.reference_min, 20u);
    EXPECT_EQ(one.every, one.window);
    EXPECT_EQ(one.plan.season, detection::Season::weekend);
    EXPECT_EQ(one.metric, "trips");
    EXPECT_EQ(one.rows_min, 1u);
}

TEST(Definition, two_of_one_module_and_metric_are_a_mistake) {
    const auto more = [](const std::string& name, const std::string& module, const std::string& type,
                         const std::string& metric) {
        std::string one = with("metric = \"" + metric + "\"\n");
        for (const auto& [from, to] :
             {std::pair{"trips", name}, std::pair{"demand", module}, std::pair{"business_kpi_drift", type}})
            one.replace(one.find(from), std::string_view(from).size(), to);
        return with("") + one;
    };
    EXPECT_THAT(mistakes(more("more", "demand", "business_kpi_drift", "trips")),
                ElementsAre(AllOf(HasSubstr("a.toml:15:10: the metric \"trips\" of module \"demand\" is "
                                            "that of the analyzer \"trips\" already"),
                                  HasSubstr("give one of them another metric"))));
    EXPECT_THAT(mistakes(more("more", "demand", "business_kpi_drift", "fares")), IsEmpty());
    EXPECT_THAT(mistakes(more("more", "demand", "prediction_drift", "trips")), SizeIs(1))
        << "what does not come, and the signals, have one type for both";
    EXPECT_THAT(mistakes(more("more", "supply", "business_kpi_drift", "trips")), IsEmpty());
}

TEST(Definition, alpha_is_one_in_twenty_two_a_week_or_what_the_windows_can_show) {
    Definition one;
    one.window = {86'400'000'000};
    EXPECT_DOUBLE_EQ(alpha_of(one, 84), 0.05);
    one.window = {3'600'000'000};
    EXPECT_DOUBLE_EQ(alpha_of(one, 168), 2.0 / 168.0);
    EXPECT_DOUBLE_EQ(alpha_of(one, 20), 0.05);
    EXPECT_DOUBLE_EQ(alpha_of(one, 48), 1.99 / 49.0);
    EXPECT_LT(alpha_of(one, 48), 2.0 / 49.0) << "the second highest of all is no finding";
    EXPECT_GT(alpha_of(one, 48), 1.0 / 25.0) << "the highest is, of half of them, too";
    one.alpha = 0.02;
    EXPECT_DOUBLE_EQ(alpha_of(one, 20), 0.02);
}

TEST(Definition, every_mistake_is_told_at_once_with_its_place) {
    const auto lines = mistakes(
        "[[analyzer]]\nname = \"a\"\nsource = \"sqll\"\nwindwo = \"1d\"\n"
        "query = \"SELECT now()\"\n"
        "\n[[analyzer]]\nname = \"a\"\nsource = \"promql\"\nurl = \"ftp://x\"\nquery = \"\"\nwindow = "
        "\"1h\"\n"
        "drift_type = \"latency\"\nmodule = \"m\"\n");
    EXPECT_THAT(lines,
                ::testing::IsSupersetOf(
                    {HasSubstr("a.toml:3:10: the source is \"sqll\"; expected sql or promql"),
                     HasSubstr("a.toml:4:10: unknown key \"windwo\"; did you mean \"window\"?"),
                     HasSubstr("a.toml:5:9: now reads a clock"), HasSubstr("does not use :from and :to"),
                     HasSubstr("a.toml:10:7: the url is none of http"), HasSubstr("the query is empty"),
                     HasSubstr("a.toml:13:14: "),
                     HasSubstr("a.toml:8:8: there is an analyzer \"a\" already, at a.toml:2:8; give one")}));
}

TEST(Definition, a_name_that_the_drift_store_would_refuse_is_refused_here) {
    const auto of = [](const std::string& name, const std::string& module, const std::string& more = "") {
        return mistakes("[[analyzer]]\nname = \"" + name +
                        "\"\nsource = \"sql\"\nwindow = \"1d\"\nmodule = \"" + module +
                        "\"\ndrift_type = \"business_kpi_drift\"\n" +
                        "query = \"SELECT time, v FROM t WHERE time >= :from AND time < :to\"\n" + more);
    };
    const auto long_by = [](std::size_t bytes) { return std::string(bytes, 'x'); };
    const std::string zero = "a\\u0000b";
    EXPECT_THAT(of("a", ""),
                ElementsAre("a.toml:5:10: the module is empty; name the part of the pipeline that is meant"));
    EXPECT_THAT(of("a", long_by(200)), IsEmpty());
    EXPECT_THAT(of("a", long_by(201)),
                ElementsAre(AllOf(HasSubstr("a.toml:5:10: the module "), HasSubstr("has 201 bytes"))));
    EXPECT_THAT(of("a", zero),
                ElementsAre(HasSubstr("a.toml:5:10: the module \"a\\x00b\" holds the character U+0000")));
    EXPECT_THAT(of(zero, "m"), ElementsAre(HasSubstr("a.toml:2:8: the name ")));
    EXPECT_THAT(of(zero, "m", "metric = \"a\"\n"), ElementsAre(HasSubstr("a.toml:2:8: the name ")));
    EXPECT_THAT(of("a", "m", "metric = \"\"\n"), ElementsAre(HasSubstr("a.toml:8:10: the metric is empty")));
    // The longest that is put in front of it has 18 bytes.
    EXPECT_THAT(of(long_by(182), "m"), IsEmpty());
    EXPECT_THAT(of(long_by(183), "m"), ElementsAre(HasSubstr("a.toml:2:8: the metric of its events ")));
    const std::string columns = "columns = [\"" + long_by(90) + "\", \"" + long_by(91) + "\"]\n";
    EXPECT_THAT(of(long_by(90), "m", columns), IsEmpty());
    EXPECT_THAT(of(long_by(91), "m", columns), ElementsAre(HasSubstr("has 201 bytes")));
    EXPECT_THAT(of("a", "m", "expects = [\"v=" + long_by(188) + "\"]\n"), IsEmpty());
    EXPECT_THAT(
        of("a", "m", "expects = [\"v=" + long_by(189) + "\"]\n"),
        ElementsAre(AllOf(HasSubstr("a.toml:8:11: the metric of its events "), HasSubstr("has 201 bytes"))));
}

TEST(Definition, thresholds_in_the_wrong_order_or_out_of_reach_are_refused) {
    const auto row = [](const std::string& subject, const std::string& warn, const std::string& crit) {
        return with("[[analyzer.severity]]\nsubject = \"" + subject + "\"\nwarn = " + warn +
                    "\ncrit = " + crit + "\nrationale = \"a test\"\n");
    };
    EXPECT_THAT(mistakes(row("drift_type:business_kpi_drift", "0.3", "0.2")),
                ElementsAre(AllOf(HasSubstr(":8: "), HasSubstr("expected 0 < warn <= crit"))))
        << "the place of warn's value";
    EXPECT_THAT(mistakes(row("signal:missing_share", "0.5", "1.5")),
                ElementsAre(HasSubstr("crit of \"signal:missing_share\" is 1.5, which no data can reach")));
    EXPECT_THAT(mistakes(row("signal:missing_share", "0.5", "inf")), IsEmpty());
    EXPECT_THAT(mistakes(row("distribution", "0.2", "40.0")), ElementsAre(HasSubstr("no data can reach")));
    EXPECT_THAT(mistakes(row("distribution", "0.2", "4.0")), IsEmpty());
    EXPECT_THAT(mistakes(row("drift_type:latency_drift", "0.2", "0.4")),
                ElementsAre(HasSubstr("no finding of this analyzer can reach")));
    EXPECT_THAT(mistakes(with("reference_windows = 10\n")),
                ElementsAre(HasSubstr("no window can stand out")));
    EXPECT_THAT(mistakes(with("rows_min = 5\nrows_max = 4\n")),
                ElementsAre(HasSubstr("no answer can reach")));
    EXPECT_THAT(mistakes(with("minimum = 2.0\nmaximum = 1.0\n")),
                ElementsAre(HasSubstr("every value lies outside; exchange them")));
}

TEST(Definition, a_bound_that_is_no_finite_number_is_refused_with_what_to_write) {
    EXPECT_THAT(
        mistakes(with("minimum = nan\n")),
        ElementsAre("a.toml:8:11: minimum is nan; expected a finite number, such as minimum = 0; leave "
                    "minimum out where there is no bound"));
    EXPECT_THAT(mistakes(with("maximum = inf\n")),
                ElementsAre(HasSubstr("maximum is inf; expected a finite")));
    EXPECT_THAT(mistakes(with("minimum = -inf\nmaximum = nan\ndispersion_min = nan\n")),
                ElementsAre(HasSubstr("minimum is -inf"), HasSubstr("maximum is nan"),
                            HasSubstr("dispersion_min is nan")));
    EXPECT_THAT(mistakes(with("minimum = 0\nmaximum = 1.5\n")), IsEmpty());
}

TEST(Definition, a_query_has_its_digest) {
    const auto all = parse_definitions(with(""), "a.toml");
    ASSERT_TRUE(all.has_value());
    EXPECT_EQ(all->analyzers.front().query_sha256, core::sha256(all->analyzers.front().query));
}

TEST(Definition, combinations_are_written_with_their_alternatives) {
    const auto all =
        parse_definitions(with("expects = [\"variant=a|b, fold_id=1|2\", \"variant=c\"]\n"), "a.toml");
    ASSERT_TRUE(all.has_value() && all->problems.empty());
    std::vector<std::string> names;
    for (const auto& one : all->analyzers.front().expects) names.push_back(to_string(one));
    EXPECT_THAT(names, ElementsAre("fold_id=1,variant=a", "fold_id=2,variant=a", "fold_id=1,variant=b",
                                   "fold_id=2,variant=b", "variant=c"));
    EXPECT_THAT(mistakes(with("expects = [\"variant\"]\n")), ElementsAre(HasSubstr("is no combination")));
    EXPECT_THAT(mistakes(with("expects = [\"variant=a|a\"]\n")), ElementsAre(HasSubstr("expected twice")));
}

}  // namespace
}  // namespace tristrata::analyzer
