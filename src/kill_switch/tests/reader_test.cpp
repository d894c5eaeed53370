#include "tristrata/kill_switch/reader.hpp"
#include "requests.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <ctime>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::kill_switch;

namespace {

/// State that the test sets, and that takes as long to answer as it says.
struct Answers {
    core::ManualClock clock{core::Timestamp{1'000'000'000}};
    std::vector<Scope> engaged;
    bool reachable = true;
    core::Duration takes{0};

    StateSource source() {
        return [this]() -> core::Result<std::vector<Scope>> {
            clock.advance(takes);
            if (!reachable) return core::fail(core::ErrorKind::unavailable, "no answer");
            return engaged;
        };
    }
    Reader reader(ReaderOptions options = {}) { return {source(), clock, std::move(options)}; }
};

Scope scope(const char* text) { return *parse_scope(text); }

}  // namespace

TEST(Reader, reads_what_is_engaged_for_the_scope_and_for_global) {
    Answers answers;
    auto reader = answers.reader();
    const auto btc = reader.watch(std::vector{scope("crypto:BTC"), scope("strategy:s")});
    const auto eth = reader.watch(std::vector{scope("crypto:ETH")});
    EXPECT_EQ(btc.reading(), Reading::unread) << "before anything was read";
    EXPECT_TRUE(btc.engaged());
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(btc.reading(), Reading::clear);
    answers.engaged = {scope("crypto:BTC")};
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(btc.reading(), Reading::engaged);
    EXPECT_EQ(eth.reading(), Reading::clear);
    EXPECT_EQ(reader.watch(std::vector{scope("crypto:BTC")}).reading(), Reading::engaged) << "one made later";
    answers.engaged = {scope("crypto:btc")};
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(btc.reading(), Reading::engaged) << "whatever the case of its letters";
    EXPECT_EQ(eth.reading(), Reading::clear);
    answers.engaged = {scope("global")};
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(eth.reading(), Reading::engaged);
    answers.engaged = {scope("strategy:s")};
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(btc.reading(), Reading::engaged);
    EXPECT_EQ(eth.reading(), Reading::clear);
}

TEST(Reader, state_older_than_half_a_second_is_engaged_counted_from_the_request) {
    Answers answers;
    auto reader = answers.reader();
    const auto watch = reader.watch(std::vector{scope("crypto:BTC")});
    ASSERT_TRUE(reader.poll());
    answers.clock.advance({500'000});
    EXPECT_EQ(watch.reading(), Reading::clear) << "on the edge";
    answers.clock.advance({1});
    EXPECT_EQ(watch.reading(), Reading::stale);
    answers.takes = {400'000};
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    answers.clock.advance({100'001});
    EXPECT_EQ(watch.reading(), Reading::stale) << "an answer that took 0.4 s is that old when it comes";
    answers.takes = {600'000};
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::stale);
}

TEST(Reader, three_failed_polls_are_engaged_and_said_once_and_taken_back) {
    Answers answers;
    std::vector<std::string> said;
    ReaderOptions options;
    options.age_max = {60'000'000};
    options.notice = [&](std::string_view sentence) { said.emplace_back(sentence); };
    auto reader = answers.reader(options);
    const auto watch = reader.watch(std::vector{scope("crypto:BTC")});
    ASSERT_TRUE(reader.poll());
    answers.reachable = false;
    EXPECT_FALSE(reader.poll());
    EXPECT_FALSE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    EXPECT_FALSE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::unreachable);
    EXPECT_FALSE(reader.poll());
    EXPECT_EQ(said.size(), 1U);
    answers.reachable = true;
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    EXPECT_EQ(said.size(), 2U);
}

TEST(Reader, a_clock_that_goes_back_and_a_reader_that_is_gone_read_as_engaged) {
    Answers answers;
    Watch watch;
    EXPECT_EQ(watch.reading(), Reading::unread);
    {
        auto reader = answers.reader();
        watch = reader.watch(std::vector{scope("crypto:BTC")});
        ASSERT_TRUE(reader.poll());
        answers.clock.advance({-1});
        EXPECT_EQ(watch.reading(), Reading::stale);
        answers.clock.advance({1});
    }
    EXPECT_EQ(watch.reading(), Reading::clear);
    answers.clock.advance({500'001});
    EXPECT_EQ(watch.reading(), Reading::stale);
}

TEST(Reader, what_the_environment_named_stays_engaged_whatever_the_state_says) {
    Answers answers;
    ReaderOptions options;
    options.engaged_at_boot = {scope("crypto:BTC")};
    auto reader = answers.reader(options);
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(reader.watch(std::vector{scope("crypto:BTC")}).reading(), Reading::environment);
    EXPECT_EQ(reader.watch(std::vector{scope("crypto:ETH")}).reading(), Reading::clear);
}

TEST(Reader, the_boot_clock_goes_on) {
    const auto before = boot_clock().steady_now();
    EXPECT_GT(before.microseconds, 0);
    EXPECT_TRUE(boot_clock().sleep_for({2'000}, {}));
    EXPECT_GT(boot_clock().steady_now(), before);
}

TEST(Reader, reads_a_file_and_one_that_is_not_there_is_unreachable) {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("tristrata_reader_" + core::to_string(core::uuid_v7(core::system_clock())));
    std::filesystem::create_directories(folder);
    Place place;
    place.path = (folder / "switch.db").string();
    Reader reader(state_source(place), boot_clock(), {});
    const auto watch = reader.watch(std::vector{scope("crypto:BTC")});
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(reader.poll());
    EXPECT_TRUE(watch.engaged());
    ASSERT_TRUE(init(place, std::nullopt, "", core::system_clock()));
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    auto opened = KillSwitch::open(place, {}, core::system_clock());
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->engage(request_of("crypto:BTC", "i1", Source::cli, core::system_clock().now())));
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::engaged);
    std::filesystem::remove_all(folder);
}

TEST(Reader, a_file_that_is_gone_is_unreachable_and_another_in_its_place_is_read) {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("tristrata_reader_" + core::to_string(core::uuid_v7(core::system_clock())));
    std::filesystem::create_directories(folder / "other");
    Place place, other;
    place.path = (folder / "switch.db").string();
    other.path = (folder / "other/switch.db").string();
    for (const auto& one : {place, other}) ASSERT_TRUE(init(one, std::nullopt, "", core::system_clock()));
    Reader reader(state_source(place), boot_clock(), {});
    const auto watch = reader.watch(std::vector{scope("crypto:BTC")});
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::clear);
    {
        auto opened = KillSwitch::open(other, {}, core::system_clock());
        ASSERT_TRUE(opened);
        ASSERT_TRUE(
            (*opened)->engage(request_of("crypto:BTC", "i1", Source::cli, core::system_clock().now())));
    }
    for (const auto& file : std::filesystem::directory_iterator(folder))
        if (file.is_regular_file()) std::filesystem::remove(file);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(reader.poll());
    EXPECT_TRUE(watch.engaged());
    for (const auto& file : std::filesystem::directory_iterator(folder / "other"))
        std::filesystem::rename(file, folder / file.path().filename());
    ASSERT_TRUE(reader.poll());
    EXPECT_EQ(watch.reading(), Reading::engaged) << "by what stands in the other file";
    std::filesystem::remove_all(folder);
}

TEST(Reader, a_forked_child_reads_as_engaged_and_ends) {
    ReaderOptions options;
    options.poll = {1000};
    options.age_max = {50'000};
    Reader reader([] { return core::Result<std::vector<Scope>>(std::vector<Scope>()); }, boot_clock(),
                  options);
    const auto watch = reader.watch(std::vector{scope("crypto:BTC")});
    reader.start();
    while (watch.reading() != Reading::clear) (void)boot_clock().sleep_for({1000}, {});
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const timespec longer{0, 60'000'000};
        nanosleep(&longer, nullptr);
        const bool stale = watch.reading() == Reading::stale;
        reader.stop();
        _exit(stale ? 0 : 1);
    }
    int ended = 0;
    ASSERT_EQ(waitpid(child, &ended, 0), child);
    EXPECT_EQ(ended, 0);
}
