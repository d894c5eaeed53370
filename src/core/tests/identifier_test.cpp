#include "tristrata/core/identifier.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <set>

using namespace tristrata::core;

TEST(Uuid, version_5_of_the_worked_example) {
    // python3 -c "import uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, 'www.example.com'))"
    const auto dns = parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    ASSERT_TRUE(dns);
    EXPECT_EQ(to_string(uuid_v5(*dns, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, version_7_carries_the_clock_and_sorts_by_it) {
    ManualClock clock(*parse_timestamp("2023-03-22T00:00:00Z"));
    const Uuid earlier = uuid_v7(clock);
    clock.advance({1000});
    const Uuid later = uuid_v7(clock);
    EXPECT_LT(earlier, later);
    EXPECT_EQ(to_string(earlier).substr(0, 13), "0187069d-8800") << to_string(earlier);
    EXPECT_EQ(to_string(earlier)[14], '7');
}

TEST(Uuid, a_thousand_of_one_millisecond_differ) {
    ManualClock clock(Timestamp{0});
    std::set<Uuid> all;
    for (int i = 0; i < 1000; ++i) all.insert(uuid_v7(clock));
    EXPECT_EQ(all.size(), 1000u);
}

TEST(Uuid, parsing_takes_any_case_and_refuses_what_is_no_uuid) {
    EXPECT_EQ(to_string(*parse_uuid("2ED6657DE927568B95E12665A8AEA6A2")),
              "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    for (const char* text :
         {"", "2ed6657d", "2ed6657d-e927-568b-95e1-2665a8aea6a2f", "zed6657d-e927-568b-95e1-2665a8aea6a2"})
        EXPECT_FALSE(parse_uuid(text)) << text;
}

TEST(Sha256, of_abc_and_of_the_same_in_pieces) {
    // printf abc | sha256sum
    const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(sha256("abc"), expected);
    // printf abc | openssl dgst -sha256 -binary | base64
    EXPECT_EQ(sha256_base64("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    Sha256 state;
    state.update("a");
    state.update("bc");
    EXPECT_EQ(state.finish(), expected);
    state.update("abc");
    EXPECT_EQ(state.finish(), expected) << "the state starts anew";
}

TEST(Uuid, of_version_7_in_a_forked_child_are_its_own) {
    (void)uuid_v7(system_clock());  // The parent has random bytes in store.
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const Uuid own = uuid_v7(system_clock());
        ::_exit(::write(pipe[1], own.bytes.data(), own.bytes.size()) == 16 ? 0 : 1);
    }
    const Uuid mine = uuid_v7(system_clock());
    Uuid theirs;
    ASSERT_EQ(::read(pipe[0], theirs.bytes.data(), theirs.bytes.size()), 16);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    for (const int end : pipe) ::close(end);
    EXPECT_FALSE(std::equal(mine.bytes.begin() + 9, mine.bytes.end(), theirs.bytes.begin() + 9))
        << "random bits given out twice";
}

TEST(TraceId, is_read_in_any_case_and_zeros_are_none) {
    const auto id = parse_trace_id("4BF92f3577b34da6a3ce929d0e0e4736");
    ASSERT_TRUE(id && *id);
    EXPECT_EQ(hexadecimal(**id), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(parse_trace_id("")->has_value(), false);
    EXPECT_EQ(parse_trace_id(std::string(32, '0'))->has_value(), false);
    EXPECT_EQ(parse_span_id(std::string(16, '0'))->has_value(), false);
    const auto span = parse_span_id("00f067aa0ba902b7");
    ASSERT_TRUE(span && *span);
    EXPECT_EQ(hexadecimal(**span), "00f067aa0ba902b7");
    for (const auto* wrong : {"4bf92f3577b34da6a3ce929d0e0e473", "4bf92f3577b34da6a3ce929d0e0e47360",
                              "4bf92f35-77b34da6a3ce929d0e0e473", "xbf92f3577b34da6a3ce929d0e0e4736"}) {
        ASSERT_FALSE(parse_trace_id(wrong)) << wrong;
        EXPECT_EQ(parse_trace_id(wrong).error().kind, ErrorKind::refused);
    }
    EXPECT_FALSE(parse_span_id("4bf92f3577b34da6a3ce929d0e0e4736"));
}
