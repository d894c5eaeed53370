#include "tristrata/service/log.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace tristrata;
using namespace tristrata::service;

namespace {

constexpr core::Timestamp equinox{1'679'443'200'000'000};

std::vector<std::string> lines_of(LogFormat format, const std::function<void(Log&)>& say) {
    core::ManualClock clock{equinox};
    std::vector<std::string> lines;
    Log log(format, clock, [&](std::string_view line) { lines.emplace_back(line); });
    say(log);
    return lines;
}

}  // namespace

TEST(Log, an_event_is_one_object_or_one_line_of_pairs) {
    const auto say = [](Log& log) {
        log.event(LogLevel::info, "stopped", "all was carried",
                  {{"stored", std::uint64_t{3}}, {"rate", 0.5}, {"url", std::string("http://h:1")}});
    };
    EXPECT_EQ(
        lines_of(LogFormat::json, say).at(0),
        R"({"time":"2023-03-22T00:00:00Z","level":"info","event":"stopped","message":"all was carried",)"
        R"("stored":3,"rate":0.5,"url":"http://h:1"})");
    EXPECT_EQ(
        lines_of(LogFormat::text, say).at(0),
        "time=2023-03-22T00:00:00Z level=info event=stopped message=\"all was carried\" stored=3 rate=0.5 "
        "url=http://h:1");
}

TEST(Log, whatever_stands_in_a_value_stays_in_its_line_and_its_value) {
    const auto say = [](Log& log) {
        log.event(LogLevel::warn, "notice", "a \"b\"\nc=d\xff", {{"empty", std::string()}});
    };
    EXPECT_EQ(lines_of(LogFormat::text, say).at(0),
              "time=2023-03-22T00:00:00Z level=warn event=notice message=\"a \\\"b\\\"\\nc=d\xef\xbf\xbd\" "
              "empty=\"\"");
    for (const auto format : {LogFormat::text, LogFormat::json})
        EXPECT_EQ(lines_of(format, say).at(0).find('\n'), std::string::npos);
    const auto turned = [](Log& log) { log.event(LogLevel::warn, "notice", "a\u202Eb"); };
    for (const auto format : {LogFormat::text, LogFormat::json})
        EXPECT_NE(lines_of(format, turned).at(0).find(R"("a\u202eb")"), std::string::npos)
            << lines_of(format, turned).at(0);
}

TEST(Log, an_error_comes_with_its_kind_and_code) {
    const auto lines = lines_of(LogFormat::json, [](Log& log) {
        log.failed("partitions", {core::ErrorKind::unavailable, "the server is away", "08006"});
    });
    EXPECT_NE(lines.at(0).find(R"("level":"error","event":"partitions")"), std::string::npos) << lines.at(0);
    EXPECT_NE(lines.at(0).find(R"("kind":"unavailable","code":"08006")"), std::string::npos) << lines.at(0);
}
