#include "tristrata/detection/plan.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace tristrata;
using detection::parse_plan;

TEST(Plan, reads_every_key) {
    const auto plan = parse_plan(R"(
method = "tristrata"
null = "chunks"
season = "weekend"
alpha = 0.02
seed = 7
time = "open_time"
columns = ["trades"]
[column.trades]
role = "feature"
kind = "numeric"
unit = "trades"
sensitive = false
ignore = false
[derived.log_return]
by = "log_change"
of = "close"
[derived.range]
by = "log_ratio"
of = "high"
over = "low"
[[severity]]
subject = "distribution"
warn = 0.3
crit = 0.6
rationale = "volatile"
)",
                                 "plan.toml");
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->null, detection::Null::chunks);
    EXPECT_EQ(plan->season, detection::Season::weekend);
    EXPECT_EQ(plan->alpha, 0.02);
    EXPECT_EQ(plan->of("trades").unit, "trades");
    EXPECT_EQ(plan->derived,
              (std::vector<dataset::Derived>{{"log_return", dataset::Derivation::log_change, {"close"}},
                                             {"range", dataset::Derivation::log_ratio, {"high", "low"}}}));
    EXPECT_EQ(plan->severity.of_distribution(0.25, 0.2), drift::Severity::info);
}

TEST(Plan, an_unknown_key_names_the_nearest_known_one) {
    EXPECT_NE(parse_plan("alhpa = 0.1", "plan.toml").error().message.find("did you mean \"alpha\"?"),
              std::string::npos);
    EXPECT_NE(
        parse_plan("[column.x]\nrolle = \"key\"", "plan.toml").error().message.find("did you mean \"role\"?"),
        std::string::npos);
}

TEST(Plan, values_out_of_range_are_refused_with_what_was_expected) {
    for (const char* text : {"alpha = 2", "alpha = 0", "alpha = -0.1", "alpha = 0.51"})
        EXPECT_NE(parse_plan(text, "p").error().message.find("alpha"), std::string::npos) << text;
    EXPECT_TRUE(parse_plan("alpha = 0.5", "p"));
    EXPECT_NE(parse_plan("null = \"chance\"", "p").error().message.find("independent, dependent, chunks"),
              std::string::npos);
    EXPECT_NE(parse_plan("method = \"evidentli\"", "p").error().message.find("did you mean evidently?"),
              std::string::npos);
    EXPECT_NE(parse_plan("[derived.d]\nby = \"root\"\nof = \"x\"", "p").error().message.find("log_ratio"),
              std::string::npos);
    EXPECT_NE(parse_plan("[derived.d]\nby = \"log\"\nof = \"x\"\nover = \"y\"", "p")
                  .error()
                  .message.find("no over"),
              std::string::npos);
    EXPECT_FALSE(parse_plan("[derived.d]\nby = \"log_ratio\"\nof = \"x\"", "p"));
    EXPECT_FALSE(parse_plan("[derived.d]\nof = \"x\"", "p"));
    EXPECT_FALSE(parse_plan("[column.x]\nrole = \"boss\"", "p"));
    EXPECT_NE(parse_plan("[[severity]]\nsubject = \"distribution\"\nwarn = 1\ncrit = 2", "p")
                  .error()
                  .message.find("rationale"),
              std::string::npos);
    EXPECT_NE(
        parse_plan("[[severity]]\nsubject = \"distribution\"\nrationale = \"r\"\nwarn = 3\ncrit = 2", "p")
            .error()
            .message.find("p:4:8: the thresholds of \"distribution\" are warn 3 and crit 2"),
        std::string::npos);
}

TEST(Plan, what_is_wrong_is_named_with_file_and_line) {
    EXPECT_EQ(parse_plan("time = \"t\"\nalpha = 2", "plan.toml").error().message.rfind("plan.toml:2:", 0),
              0u);
    EXPECT_EQ(parse_plan("\nmethod = \"nanny\"", "plan.toml").error().message.rfind("plan.toml:2:", 0), 0u);
    EXPECT_NE(parse_plan("[columns.v]\nunit = \"m\"", "p").error().message.find("[column.NAME]"),
              std::string::npos);
    const auto kind = parse_plan("[column.v]\nkind = \"unsupported\"", "p");
    EXPECT_NE(kind.error().message.find("expected one of numeric, categorical, boolean, time"),
              std::string::npos);
    EXPECT_EQ(detection::read_plan("/nonexistent/plan.toml").error().kind, core::ErrorKind::configuration);
}

TEST(Plan, equal_plans_have_equal_digests_whatever_their_files_looked_like) {
    const auto a = parse_plan("time = \"t\"\nalpha = 0.05\n", "a"),
               b = parse_plan("# a word\nalpha = 5e-2\ntime = \"t\"", "b");
    EXPECT_EQ(detection::digest(*a), detection::digest(*b));
    EXPECT_NE(detection::digest(*a), detection::digest(*parse_plan("time = \"u\"", "c")));
    EXPECT_NE(detection::digest(*a),
              detection::digest(*parse_plan("time = \"t\"\n[derived.d]\nby = \"log\"\nof = \"x\"", "d")));
}

TEST(Plan, the_kinds_that_can_be_asked_for_are_offered_and_no_other) {
    const auto refused = parse_plan("[column.x]\nkind = \"unsupported\"", "p");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("numeric, categorical, boolean, time"), std::string::npos);
    EXPECT_EQ(refused.error().message.find("time, unsupported"), std::string::npos)
        << refused.error().message;
}

TEST(Plan, what_changes_a_verdict_changes_the_digest) {
    const std::string plain = detection::digest(*parse_plan("", "p"));
    for (const char* text :
         {"alpha = 0.02", "null = \"dependent\"", "season = \"weekend\"", "seed = 1", "columns = [\"x\"]",
          "by = \"x\"", "[column.x]\nrole = \"key\"",
          "[[severity]]\nsubject = \"distribution\"\nwarn = 0.3\ncrit = 0.6\nrationale = \"r\""})
        EXPECT_NE(detection::digest(*parse_plan(text, "p")), plain) << text;
}

TEST(Plan, reads_the_peers_options_under_their_names) {
    const auto evidently = parse_plan(R"(
method = "evidently"
explain_difference = true
[evidently]
line = "0.4"
drift_share = 0.3
method = "psi"
threshold = 0.2
num_method = "ks"
cat_threshold = 0.15
[column.x]
test = "anderson"
threshold = 0.01
)",
                                      "p");
    ASSERT_TRUE(evidently) << evidently.error().message;
    EXPECT_EQ(evidently->evidently.line, detection::EvidentlyLine::legacy);
    EXPECT_EQ(evidently->evidently.drift_share, 0.3);
    EXPECT_EQ(evidently->evidently.num_method, "ks");
    EXPECT_EQ(evidently->evidently.cat_threshold, 0.15);
    EXPECT_EQ(evidently->of("x").test, "anderson");
    const auto nannyml = parse_plan(R"(
method = "nannyml"
[nannyml]
continuous_methods = ["wasserstein"]
chunk_size = 500
incomplete = "append"
[nannyml.threshold.wasserstein]
type = "constant"
upper = 2.5
)",
                                    "p");
    ASSERT_TRUE(nannyml) << nannyml.error().message;
    EXPECT_EQ(std::get<dataset::BySize>(nannyml->nannyml.chunking).rows, 500u);
    EXPECT_EQ(nannyml->nannyml.threshold.at("wasserstein").upper, 2.5);
    EXPECT_NE(detection::digest(*evidently), detection::digest(*nannyml));
}

TEST(Plan, a_bound_that_is_no_finite_number_is_refused_with_what_to_write) {
    for (const char* const key : {"minimum", "maximum", "dispersion_min"})
        for (const char* const bound : {"nan", "inf", "-inf"}) {
            const auto refused = parse_plan(fmt::format("[column.x]\n{} = {}", key, bound), "p");
            ASSERT_FALSE(refused) << key << bound;
            EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration);
            EXPECT_NE(refused.error().message.find("p:2:"), std::string::npos) << refused.error().message;
            EXPECT_NE(
                refused.error().message.find(fmt::format("{} is {}; expected a finite number", key, bound)),
                std::string::npos)
                << refused.error().message;
        }
}

TEST(Plan, what_a_peer_does_not_know_is_refused_with_what_it_does) {
    const auto refused = [](const char* text, const char* word) {
        const auto plan = parse_plan(text, "p");
        ASSERT_FALSE(plan) << text;
        EXPECT_NE(plan.error().message.find(word), std::string::npos) << plan.error().message;
    };
    refused("method = \"evidently\"\n[evidently]\nmethod = \"wassertein\"", "did you mean \"wasserstein\"?");
    refused("method = \"evidently\"\n[evidently]\nnum_method = \"z\"", "evidently has ks");
    refused("method = \"evidently\"\n[evidently]\ndrift_share = 0", "above 0");
    refused("method = \"evidently\"\n[evidently]\nline = \"0.8\"", "0.7, 0.4");
    refused("method = \"nannyml\"\n[nannyml]\nchunk_size = 0", "1 or more");
    refused("method = \"nannyml\"\n[nannyml]\ncategorical_methods = [\"wasserstein\"]", "chi2");
    refused("method = \"nannyml\"\n[nannyml.threshold.chi2]\ntype = \"constant\"", "ignores");
    refused("method = \"nannyml\"\n[nannyml.threshold.hellinger]\nlower = 2\nupper = 1", "lower < upper");
    refused("[tests]\nnumeric = \"cramer_von_mise\"", "did you mean \"cramer_von_mises\"?");
    refused("[tests]\nnumeric = \"g\"", "the test of numeric columns");
    refused("[column.x]\ntest = \"psi\"", "a measure");
}
