#include "alert_destination_scene.hpp"

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::Contains;
using ::testing::ElementsAre;

namespace {

class Hanging : public AlertDestinationTest {
protected:
    Hanging() { options.timeout = {200'000}; }
    Hook hook;
};

}  // namespace

TEST_F(Hanging, a_page_that_a_webhook_never_answers_holds_none_behind_it) {
    hook.hangs = {"slow"};
    name("", hook.url());
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    const auto settled = deliver({alert("one"), page("slow"), alert("two")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 3u);
    EXPECT_THAT(hook.came(), ElementsAre("one firing", "slow firing", "two firing"));
    EXPECT_EQ(owed(), 1u);
    const auto told = destination->status().at(0);
    EXPECT_EQ(told.untold, 1u);
    EXPECT_EQ(told.alone, "feature_drift of slow");
    // Nor what comes later, and is not asked again before its turn.
    ASSERT_TRUE(deliver({alert("three")}));
    EXPECT_EQ(hook.came().back(), "three firing");
    EXPECT_EQ(hook.came().size(), 4u);
}

TEST_F(Hanging, alone_in_its_batch_it_is_set_aside_at_its_second_delivery) {
    hook.hangs = {"slow"};
    name("", hook.url());
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    EXPECT_FALSE(deliver({page("slow")}));
    const auto settled = deliver_twice({page("slow")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(owed(), 1u);
    ASSERT_TRUE(deliver({alert("one")}));
    EXPECT_EQ(hook.came().back(), "one firing");
}

TEST_F(Hanging, a_page_goes_out_while_another_hangs_that_is_sent_again) {
    hook.hangs = {"slow"};
    name("", hook.url());
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    ASSERT_TRUE(deliver_twice({page("slow")}));
    pass(60);
    // In the midst of it: by another thread, as serve does.
    core::Result<spool::Settlement> settled;
    std::thread other;
    hook.meanwhile = [&] {
        if (other.joinable()) return;
        other = std::thread([&] { settled = deliver({alert("one")}); });
    };
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    ASSERT_TRUE(other.joinable());
    other.join();
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(hook.came().back(), "one firing");
    hook.meanwhile = nullptr;
    hook.hangs.clear();
    pass(60);
    EXPECT_EQ(destination->retry_owed().value_or(9), 1u);
    EXPECT_EQ(owed(), 0u);
    EXPECT_FALSE(destination->status().at(0).held);
}

TEST_F(Hanging, where_many_hang_one_that_is_taken_gets_there_all_the_same) {
    hook.hangs = {"a", "b", "c"};
    name("", hook.url());
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    ASSERT_TRUE(deliver_twice({page("a"), page("b"), page("c"), alert("one")}));
    EXPECT_EQ(owed(), 4u) << "after two that hang the rest is not asked";
    pass(60);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(destination->retry_owed());
    EXPECT_THAT(hook.came(), Contains("one firing"));
    EXPECT_EQ(owed(), 3u);
}
