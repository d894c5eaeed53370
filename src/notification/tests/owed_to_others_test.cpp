#include "alert_destination_scene.hpp"

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(AlertDestinationTest, a_dead_receiver_whose_row_is_full_holds_no_page_of_a_working_one) {
    Hook alive, dead;
    options.owed_max = 3;
    name("", alive.url() + " " + dead.url());
    dead.stop();
    for (const char* module : {"one", "two", "three", "four", "five"}) {
        const auto settled = deliver({alert(module)});
        ASSERT_TRUE(settled) << settled.error().message;
        EXPECT_EQ(settled->stored, 1u) << module;
    }
    EXPECT_THAT(alive.came(),
                ElementsAre("one firing", "two firing", "three firing", "four firing", "five firing"));
    EXPECT_EQ(owed(), 3u);
    const auto status_of = [&](const Hook& hook) {
        for (const ReceiverStatus& one : destination->status())
            if (one.shown == "http://" + to_string(hook.at)) return one;
        return ReceiverStatus{};
    };
    EXPECT_EQ(status_of(alive).dropped, 0u);
    EXPECT_FALSE(status_of(alive).is_full);
    EXPECT_EQ(status_of(dead).dropped, 2u);
    EXPECT_TRUE(status_of(dead).is_full);
    EXPECT_EQ(status_of(dead).dropped_at, clock.wall);
    const std::string all = all_said();
    EXPECT_THAT(all, HasSubstr("3 alerts wait for http://" + to_string(dead.at) + ", and no more are kept"));
    EXPECT_EQ(all.find("no more are kept"), all.rfind("no more are kept")) << "said once";

    dead.start(dead.at);
    clock.steady = clock.steady.load() + core::Duration{120'000'000};
    EXPECT_EQ(destination->retry_owed().value_or(0), 3u);
    EXPECT_THAT(dead.came(), ElementsAre("three firing", "four firing", "five firing"));
    EXPECT_EQ(status_of(dead).dropped, 2u) << "it stays counted";
    EXPECT_FALSE(status_of(dead).is_full);
    EXPECT_FALSE(status_of(dead).dropped_at);
}

TEST_F(AlertDestinationTest, what_was_owed_to_a_receiver_that_is_named_no_longer_takes_no_ones_place) {
    Hook alive, before, after;
    options.owed_max = 2;
    name("", alive.url() + " " + before.url());
    before.stop();
    ASSERT_TRUE(deliver({alert("one"), alert("two")}));
    after.stop();
    name("", alive.url() + " " + after.url());
    ASSERT_TRUE(deliver({alert("three"), alert("four")}));
    EXPECT_EQ(owed(), 4u);
    for (const ReceiverStatus& one : destination->status()) EXPECT_EQ(one.dropped, 0u) << one.shown;
}

TEST_F(AlertDestinationTest, a_slow_receiver_that_lives_again_gets_what_it_is_owed_while_others_are_paged) {
    Hook alive, slow;
    name("", alive.url() + " " + slow.url());
    slow.stop();
    for (const char* module : {"one", "two", "three"}) ASSERT_TRUE(deliver({alert(module)}));
    slow.start(slow.at);
    slow.meanwhile = [this] { clock.steady = clock.steady.load() + core::Duration{4'000'000}; };
    clock.steady = clock.steady.load() + core::Duration{120'000'000};
    const auto settled = deliver({alert("four")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 1u);
    EXPECT_THAT(alive.came(), ElementsAre("one firing", "two firing", "three firing", "four firing"));
    EXPECT_THAT(slow.came(), ElementsAre("one firing", "two firing")) << "then its turn was over";
    EXPECT_EQ(owed(), 2u);
    EXPECT_EQ(destination->retry_owed().value_or(0), 2u);
    EXPECT_THAT(slow.came(), ElementsAre("one firing", "two firing", "three firing", "four firing"));
}
