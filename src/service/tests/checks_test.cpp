#include "checks.hpp"

#include "logged_test.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace tristrata::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

core::Result<std::vector<CheckDefinition>> parsed(const std::string& text) {
    return parse_checks(text, "checks.toml", config::Settings());
}
std::string refusal(const std::string& text) {
    const auto all = parsed(text);
    EXPECT_FALSE(all.has_value()) << text;
    return all ? std::string() : all.error().message;
}

TEST(CheckDefinitions, a_check_says_what_is_held_against_what_and_when) {
    const auto all = parsed(R"([[check]]
name = "features"
module = "candles.btc"
current = "candles"
time = "open_time"
window = "1d"
reference_window = "28d"
delay = "15m"

[[check]]
name = "fills"
module = "trader"
sql = "SELECT * FROM kpi.events"
store = "kpi"
reference_module = "trader"
every = "1h"
)");
    ASSERT_TRUE(all.has_value()) << all.error().message;
    ASSERT_EQ(all->size(), 2u);
    EXPECT_EQ((*all)[0].plan.time, "open_time");
    EXPECT_EQ((*all)[0].every.microseconds, 86'400'000'000);
    EXPECT_EQ((*all)[0].reference_window.microseconds, 28 * 86'400'000'000);
    EXPECT_EQ((*all)[1].current.store, "kpi");
    EXPECT_EQ((*all)[1].window.microseconds, 0);
}

TEST(CheckDefinitions, every_mistake_is_told_at_once_with_its_place) {
    const auto told = refusal(R"([[check]]
name = "a"
module = "m"
current = "x.csv"
reference = "y.csv"
windwo = "1d"

[[check]]
name = "b"
module = "m"
current = "x.csv"
)");
    EXPECT_THAT(told, HasSubstr("checks.toml:6:"));
    EXPECT_THAT(told, HasSubstr("did you mean \"window\"?"));
    EXPECT_THAT(told, HasSubstr("checks.toml:8:"));
    EXPECT_THAT(told, HasSubstr("0 references are named"));
}

TEST(CheckDefinitions, a_mistake_makes_no_key_unknown_and_is_told_once) {
    const std::string check = "[[check]]\nname = \"a\"\nmodule = \"m\"\ncurrent = \"x.csv\"\ntime = \"t\"\n";
    const auto both = refusal(check + "window = \"5\"\nreference_window = \"0d\"\n");
    EXPECT_THAT(both, HasSubstr("checks.toml:6:10: window is \"5\""));
    EXPECT_THAT(both, HasSubstr("checks.toml:7:20: reference_window is \"0d\""));
    EXPECT_THAT(both, Not(HasSubstr("unknown")));
    const auto unknown = refusal(check + "evry = \"1m\"\n");
    EXPECT_EQ(unknown.find("evry"), unknown.rfind("evry")) << unknown;
    EXPECT_THAT(refusal("chekc = 1\n" + check + "reference = \"y\"\n"), HasSubstr("unknown key \"chekc\""));
}

TEST(CheckDefinitions, a_name_that_the_drift_store_would_refuse_is_refused_here) {
    const auto with = [](const std::string& name, const std::string& module) {
        return refusal("[[check]]\nname = \"" + name + "\"\nmodule = \"" + module +
                       "\"\ncurrent = \"x.csv\"\nreference = \"y.csv\"\n");
    };
    EXPECT_THAT(with(std::string(201, 'x'), "m"), HasSubstr("has 211 bytes"));
    EXPECT_THAT(with("a", std::string(201, 'x')), HasSubstr("has 201 bytes"));
    EXPECT_THAT(with("a", "b\\u0000"), HasSubstr("holds the character U+0000"));
}

TEST(CheckDefinitions, what_cannot_be_checked_is_refused) {
    const std::string head = "[[check]]\nname = \"a\"\nmodule = \"m\"\n";
    const std::string side = "current = \"x.csv\"\nreference = \"y.csv\"\n";
    EXPECT_TRUE(parsed(head + side).has_value());
    EXPECT_THAT(refusal(head + side + head + side), HasSubstr("there is a check \"a\" already"));
    EXPECT_THAT(refusal("[[check]]\nname = \"a\"\n" + side), HasSubstr("no module"));
    EXPECT_THAT(refusal("[[check]]\nmodule = \"m\"\n" + side), HasSubstr("no name"));
    EXPECT_THAT(refusal(head + side + "reference_module = \"m\"\n"), HasSubstr("2 references are named"));
    EXPECT_THAT(refusal(head + side + "sql = \"SELECT 1\"\n"), HasSubstr("expected one of current"));
    EXPECT_THAT(refusal(head + "sql = \"SELECT 1\"\nreference = \"y\"\n"), HasSubstr("sql and store go"));
    EXPECT_THAT(refusal(head + side + "window = \"1d\"\n"), HasSubstr("a window needs time"));
    EXPECT_THAT(refusal(head + "current = \"x\"\ntime = \"t\"\nreference_window = \"1d\"\n"),
                HasSubstr("there is no window"));
    EXPECT_THAT(refusal(head + side + "every = \"0s\"\n"), HasSubstr("expected a duration"));
    EXPECT_THAT(refusal(head + side + "every = 5\n"), HasSubstr("checks.toml:6:"));
    EXPECT_THAT(refusal(head + side + "plan = \"no_such_plan.toml\"\n"), HasSubstr("no_such_plan.toml"));
    EXPECT_THAT(refusal(head + "current = \"-\"\nreference = \"y\"\n"), HasSubstr("standard input"));
    EXPECT_THAT(refusal(""), HasSubstr("holds no [[check]]"));
}

TEST(ReferenceRange, of_what_lasts_ends_before_its_first_bad_window_begins) {
    CheckDefinition daily;
    daily.window = {100};
    daily.reference_window = {1000};
    const auto of = [&](std::vector<core::TimeRange> bad) {
        const auto range = reference_range(daily, {5000}, bad);
        EXPECT_EQ(range.to->microseconds - range.from->microseconds, 1000);
        return range.to->microseconds;
    };
    const auto lasting = [](std::int64_t since) { return core::TimeRange{core::Timestamp{since}, {}}; };
    EXPECT_EQ(of({}), 4900);
    EXPECT_EQ(of({lasting(4700)}), 4600);
    EXPECT_EQ(of({lasting(4800), lasting(4500)}), 4400);
    EXPECT_EQ(of({lasting(5000)}), 4900) << "this one is the first";
    EXPECT_EQ(of({{core::Timestamp{4500}, core::Timestamp{4700}}}), 4900) << "it is over";
    EXPECT_EQ(of({lasting(4000)}), 3900);
    EXPECT_EQ(of({lasting(3999)}), 4900) << "as long as the reference: it is what is usual";
}

/// A check of each hour, and its table of a row a minute.
class MissedWindows : public LoggedTest {
protected:
    static constexpr std::int64_t minute = 60'000'000, hour = 60 * minute;

    void SetUp() override {
        std::filesystem::create_directories(folder);
        settings.set("spool", {core::Secret((folder / "spool").string()), "TRISTRATA_SPOOL"});
        settings.set("checks", {core::Secret((folder / "checks.toml").string()), "TRISTRATA_CHECKS"});
        for (const char* name : {"drift", "kpi"})
            settings.set(std::string(name) + "_url",
                         {core::Secret("sqlite:///" + (folder / name).string() + ".db"), name});
        std::ofstream(folder / "checks.toml") << fmt::format(R"([[check]]
name = "c"
module = "m"
current = "{}"
time = "t"
window = "1h"
reference_window = "2h"
every = "1h"
)",
                                                             table.string());
        write();
        auto session = std::make_shared<session::Session>(
            settings, clock, [](std::string_view) {}, session::Carry::later);
        ASSERT_TRUE(session->open_spool());
        auto opened = Checks::open(session, settings, settings.text("spool"),
                                   std::make_shared<analyzer::Failures>(), log);
        ASSERT_TRUE(opened) << opened.error().message;
        checks = std::move(*opened);
        // Five hours in which the table is away, of which the last is the latest when it is back.
        const auto first = run();
        ASSERT_TRUE(first) << first.error().message;
        std::filesystem::rename(table, away);
        clock.advance({5 * hour});
        ASSERT_FALSE(run());
        std::filesystem::rename(away, table);
        ASSERT_TRUE(run());
        ASSERT_EQ(figures().runs, 2U);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    /// Without the minutes from `gap` up to `gap_end`.
    void write(std::int64_t gap = 0, std::int64_t gap_end = 0) {
        std::ofstream file(table);
        file << "t,x\n";
        for (std::int64_t i = -12 * 60; i < 12 * 60; ++i)
            if (i < gap || i >= gap_end)
                file << core::to_string(core::Timestamp{begun.microseconds + i * minute}) << ','
                     << (i * 7919) % 101 << '\n';
    }
    core::Status run() { return checks->duties().front().run({}); }
    [[nodiscard]] CheckFigures figures() const { return checks->figures().front(); }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("checks_test_" + std::to_string(::getpid()));
    std::filesystem::path table = folder / "data.csv", away = folder / "data.away";
    core::Timestamp begun = clock.now();
    std::shared_ptr<Checks> checks;
};

TEST_F(MissedWindows, are_tried_again_where_the_table_is_away_or_half_written_while_they_are_caught_up_with) {
    for (const std::string_view instead : {"", "t,x\n", "t,", "t,x\n2023-11-14T12:00:00Z,1\n"}) {
        std::filesystem::rename(table, away);
        if (!instead.empty()) std::ofstream(table) << instead;
        const auto before = figures();
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(run()) << "it waits a minute, and keeps nothing up";
        EXPECT_EQ(figures().skipped, 0U) << instead << '\n' << lines.back();
        EXPECT_EQ(figures().runs, before.runs);
        std::filesystem::rename(away, table);
        EXPECT_TRUE(run());
        EXPECT_EQ(figures().runs, before.runs) << "not before the minute is over";
        clock.advance({minute});
        EXPECT_TRUE(run());
        EXPECT_EQ(figures().runs, before.runs + 1) << instead;
    }
    EXPECT_EQ(figures().skipped, 0U);
    EXPECT_TRUE(std::ranges::any_of(lines, [](const std::string& line) {
        return line.find("tried again each minute") != std::string::npos;
    }));
}

TEST_F(MissedWindows, without_a_row_while_later_ones_are_there_are_skipped_at_once) {
    write(-60, 120);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(run());
    EXPECT_EQ(figures().skipped, 3U) << "two without a row, and one whose reference holds none";
    EXPECT_TRUE(run());
    EXPECT_EQ(figures().runs, 3U);
}

TEST_F(MissedWindows, that_cannot_be_checked_in_ten_minutes_are_given_up) {
    std::filesystem::rename(table, away);
    for (int i = 1; i < Checks::missed_tries_max; ++i) {
        EXPECT_TRUE(run());
        clock.advance({minute});
    }
    EXPECT_EQ(figures().skipped, 0U);
    EXPECT_TRUE(run());
    EXPECT_EQ(figures().skipped, 1U);
    EXPECT_TRUE(run());
    EXPECT_EQ(figures().skipped, 1U) << "the next has ten minutes of its own";
}

}  // namespace
}  // namespace tristrata::service
