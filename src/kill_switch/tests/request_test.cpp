#include "requests.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <cmath>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using namespace tristrata::kill_switch;

namespace {}  // namespace

TEST(Request, goes_into_a_record_and_comes_back) {
    auto request = request_of("strategy:mean/reversion", "3e1f", Source::webhook, noon);
    request.episode = 4;
    request.why = "psi \"0.9\" — é";
    request.evidence->doubt = "all 60 values are \"3\"";
    const auto record = encode(request);
    EXPECT_EQ(record.record_class, sink::RecordClass::engage);
    EXPECT_TRUE(record.crit) << "it may use what a full spool keeps back";
    const auto back = decode(record);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_string(back->scope), "strategy:mean/reversion");
    EXPECT_EQ(back->episode, 4);
    EXPECT_EQ(back->why, request.why);
    EXPECT_EQ(back->source, Source::webhook);
    EXPECT_EQ(back->asked_at, noon);
    EXPECT_EQ(to_json(*back->evidence), to_json(*request.evidence));
    EXPECT_EQ(back->evidence->doubt, request.evidence->doubt);
    auto bare = request_of("global", "i", Source::cli, noon);
    EXPECT_FALSE(decode(encode(bare))->evidence);
}

TEST(Request, a_text_that_is_no_utf8_is_refused) {
    auto request = request_of("global", "i", Source::cli, noon);
    EXPECT_TRUE(check(request));
    request.why = "fills \xff at twice the price";
    const auto status = check(request);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, core::ErrorKind::usage);
    EXPECT_NE(status.error().message.find("not UTF-8"), std::string::npos) << status.error().message;
}

TEST(Request, a_number_that_is_none_comes_back_as_absent) {
    auto request = request_of("global", "i", Source::incident, noon);
    request.evidence->current_value = std::nan("");
    const auto back = decode(encode(request));
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->evidence->current_value);
    EXPECT_FALSE(missing_evidence(*back, {}).empty());
}

TEST(Request, bytes_that_are_no_record_are_said_and_a_newer_format_is_kept) {
    const auto good = encode(request_of("global", "i", Source::incident, noon));
    for (std::size_t cut = 0; cut < good.bytes.size(); ++cut) {
        auto record = good;
        record.bytes.resize(cut);
        const auto back = decode(record);
        ASSERT_FALSE(back) << cut;
        EXPECT_EQ(back.error().kind, core::ErrorKind::invalid_input);
    }
    auto wrong_scope = good;
    wrong_scope.bytes.replace(wrong_scope.bytes.find("global"), 6, "planet");
    EXPECT_EQ(decode(wrong_scope).error().kind, core::ErrorKind::invalid_input);
    auto newer = good;
    newer.bytes.replace(newer.bytes.find("\"format\":1"), 10, "\"format\":2");
    EXPECT_EQ(decode(newer).error().kind, core::ErrorKind::conflict);
    auto other = good;
    other.record_class = sink::RecordClass::alert;
    EXPECT_EQ(decode(other).error().kind, core::ErrorKind::invalid_input);
}

TEST(Scope, is_global_or_a_crypto_or_a_strategy) {
    for (const char* text : {"global", "crypto:BTCUSDT", "crypto:BTC/USDT", "strategy:a-b_c.1", "drill"})
        EXPECT_EQ(to_string(parse_scope(text).value()), text);
    for (const char* text :
         {"", "Global", "crypto", "crypto:", "strategy:a b", "crypto:a:b", "coin:BTC", "crypto:é"})
        EXPECT_EQ(parse_scope(text).error().kind, core::ErrorKind::usage) << text;
    EXPECT_FALSE(parse_scope("crypto:" + std::string(61, 'x')));
}

namespace {

core::Result<Policy> read(const std::string& text) {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("tristrata_policy_" + core::to_string(core::uuid_v7(core::system_clock())));
    std::filesystem::create_directories(folder);
    const auto file = folder / "tristrata.toml";
    std::ofstream(file) << text;
    const auto settings = config::read_settings({}, file, {});
    std::filesystem::remove_all(folder);
    if (!settings) return propagate(settings);
    return Policy::read(*settings);
}

}  // namespace

TEST(Policy, reads_its_table_and_names_what_it_cannot_read) {
    EXPECT_EQ(read("")->mode, Mode::shadow) << "where nothing is said";
    const auto policy = read(
        "[kill_switch]\nmode = 'enforcing'\nminimum_dwell = '1h'\nscopes_max = 2\nover_limit = 'global'\n"
        "telemetry_lost = 'ignore'\n[kill_switch.scopes]\n'candles.btc' = 'crypto:BTCUSDT'\n'*' = "
        "'strategy:all'\n'candles.*' = 'strategy:candles'\n'candles.alt.*' = 'strategy:alt'\n");
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(policy->mode, Mode::enforcing);
    EXPECT_EQ(policy->minimum_dwell.microseconds, 3'600'000'000);
    EXPECT_EQ(policy->scopes_max, 2U);
    EXPECT_EQ(policy->over_limit, Policy::OverLimit::global);
    EXPECT_EQ(policy->telemetry_lost, Policy::TelemetryLost::ignore);
    EXPECT_EQ(to_string(*policy->scope_of("candles.btc")), "crypto:BTCUSDT");
    EXPECT_EQ(to_string(*policy->scope_of("candles.eth")), "strategy:candles");
    EXPECT_EQ(to_string(*policy->scope_of("candles.alt.doge")), "strategy:alt") << "the longer one";
    EXPECT_EQ(to_string(*policy->scope_of("candles")), "strategy:all");
    EXPECT_EQ(read("[kill_switch.scopes]\n'candles.*' = 'global'\n")->scope_of("features"), nullptr);
    for (const char* module : {"a*b", "", " ", "**"}) {
        const auto none = read(fmt::format("[kill_switch.scopes]\n'{}' = 'global'\n", module));
        ASSERT_FALSE(none) << module;
        EXPECT_NE(none.error().message.find(fmt::format("\"{}\" is no module; expected", module)),
                  std::string::npos)
            << none.error().message;
    }
    for (const char* wrong : {"mode = 'on'", "minimum_dwell = '0'", "scopes_max = 0",
                              "scopes = {m = 'drill'}", "mood = 'shadow'", "evidence_rows = 'many'"}) {
        const auto refused = read(std::string("[kill_switch]\n") + wrong + "\n");
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration) << wrong;
        EXPECT_NE(refused.error().message.find("tristrata.toml:2:"), std::string::npos)
            << refused.error().message;
    }
}

TEST(Policy, evidence_that_no_data_could_reach_is_refused) {
    for (const char* most : {"evidence_fired = 48", "evidence_rows = 1000000000"})
        EXPECT_TRUE(read(std::string("[kill_switch]\n") + most + "\n")) << most;
    for (const auto& [wrong, words] :
         {std::pair{"evidence_fired = 49",
                    "evidence_fired is 49, which no data could reach; expected 1 to 48"},
          std::pair{"evidence_rows = 1000000001",
                    "evidence_rows is 1000000001, which no data could reach; expected 1 to 1000000000"},
          std::pair{"evidence_fired = 0", "evidence_fired is 0; expected 1 to 48"}}) {
        const auto refused = read(std::string("[kill_switch]\n") + wrong + "\n");
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration) << wrong;
        EXPECT_NE(refused.error().message.find(words), std::string::npos) << refused.error().message;
    }
}
