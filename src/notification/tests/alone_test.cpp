#include "alert_destination_scene.hpp"

#include "servers/alertmanager.hpp"

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(AlertDestinationTest, a_page_that_a_webhook_never_takes_holds_none_behind_it) {
    for (const int status : {500, 404, 403}) {
        Hook hook;
        hook.status_of["poison"] = status;
        name("", hook.url());
        EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
        const auto settled = deliver({alert("one"), page("poison"), alert("two")});
        ASSERT_TRUE(settled) << settled.error().message;
        EXPECT_EQ(settled->stored, 3u);
        EXPECT_THAT(hook.came(), ElementsAre("one firing", "poison firing", "two firing"));
        EXPECT_EQ(owed(), 1u);
        EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
        const auto told = destination->status().at(0);
        EXPECT_EQ(told.untold, 1u);
        EXPECT_EQ(told.alone, "feature_drift of poison");
        ASSERT_TRUE(told.held);
        EXPECT_THAT(told.held->message, HasSubstr("answers " + std::to_string(status)));
        const auto untold = owed_untold(spool::posix_file_system(), root);
        ASSERT_TRUE(untold);
        EXPECT_THAT(*untold, ElementsAre(page("poison")));
        std::filesystem::remove_all(options.owed_folder);
    }
}

TEST_F(AlertDestinationTest, alone_in_its_batch_it_is_owed_at_its_second_delivery) {
    Hook hook;
    hook.status_of["poison"] = 500;
    name("", hook.url());
    EXPECT_FALSE(deliver_twice({page("poison")})) << "nobody sends here what is owed: it stays in the spool";
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    EXPECT_FALSE(deliver({page("poison")})) << "once all fails it stays where it is";
    const auto settled = deliver_twice({page("poison")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(owed(), 1u);
    ASSERT_TRUE(deliver({alert("one")}));
    EXPECT_EQ(hook.came().back(), "one firing");
    // Who does not answer is not spared the spool.
    hook.stop();
    EXPECT_FALSE(deliver_twice({page("two")}));
}

TEST_F(AlertDestinationTest, what_failed_alone_is_tried_again_ever_later_and_its_end_does_not_overtake_it) {
    Hook hook;
    hook.status_of["poison"] = 500;
    name("", hook.url());
    EXPECT_TRUE(destination->retry_owed());
    ASSERT_TRUE(deliver({alert("one"), alert("poison")}));
    std::vector<std::size_t> after;
    for (int i = 0; i < 70; ++i, pass(1)) {
        const std::size_t before = hook.bodies.size();
        EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
        if (hook.bodies.size() > before) after.push_back(static_cast<std::size_t>(i));
    }
    EXPECT_THAT(after, ElementsAre(0u, 1u, 3u, 7u, 15u, 31u, 63u));
    ASSERT_TRUE(deliver({resolved("poison"), alert("two")}));
    EXPECT_EQ(hook.came().back(), "two firing");
    EXPECT_THAT(hook.came(), Not(Contains("poison resolved")));
    EXPECT_EQ(owed(), 2u);
    hook.status_of.clear();
    pass(60);
    EXPECT_EQ(destination->retry_owed().value_or(9), 2u);
    EXPECT_EQ(owed(), 0u);
    const auto came = hook.came();
    EXPECT_EQ(came[came.size() - 2], "poison firing");
    EXPECT_EQ(came.back(), "poison resolved");
    EXPECT_FALSE(destination->status().at(0).held);
    EXPECT_THAT(all_said(), HasSubstr("takes alerts again"));
}

TEST_F(AlertDestinationTest, once_another_receiver_takes_it_somebody_was_told_of_each_that_is_owed) {
    Hook first, second_hook;
    first.status = second_hook.status = 500;
    name("", first.url() + " " + second_hook.url());
    EXPECT_TRUE(destination->retry_owed());
    ASSERT_TRUE(deliver_twice({page("features")}));
    EXPECT_EQ(owed(), 2u);
    EXPECT_EQ(owed_untold(spool::posix_file_system(), root)->size(), 2u);
    second_hook.status = 200;
    pass(1);
    EXPECT_EQ(destination->retry_owed().value_or(9), 1u);
    EXPECT_EQ(owed(), 1u);
    EXPECT_EQ(owed_untold(spool::posix_file_system(), root)->size(), 0u);
}

TEST_F(AlertDestinationTest,
       refused_for_good_at_last_where_nobody_was_told_it_is_kept_and_its_incident_says_so) {
    Hook hook;
    hook.status = 500;
    name("", hook.url());
    EXPECT_TRUE(destination->retry_owed());
    ASSERT_TRUE(deliver_twice({page("features")}));
    hook.status = 400;
    pass(1);
    EXPECT_EQ(destination->retry_owed().value_or(9), 0u);
    EXPECT_EQ(owed(), 0u);
    const auto kept = receptions();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_FALSE(kept[0].is_told);
    ASSERT_TRUE(destination->status().at(0).refusal);
    EXPECT_FALSE(destination->status().at(0).refusal->is_told);
    std::size_t aside = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.owed_folder))
        aside += entry.path().extension() == ".refused" ? 1U : 0U;
    EXPECT_EQ(aside, 1u);
}

TEST_F(AlertDestinationTest, a_dead_webhook_costs_one_request_and_one_that_answers_wrongly_ten) {
    Hook hook;
    hook.status = 503;
    name("", hook.url());
    std::vector<Alert> many;
    for (int i = 0; i < 30; ++i) many.push_back(alert("m" + std::to_string(i)));
    EXPECT_FALSE(deliver(many));
    EXPECT_EQ(hook.bodies.size(), 10u);
}

TEST_F(AlertDestinationTest, what_nobody_was_told_of_gives_way_to_nothing_and_stays_in_the_spool) {
    Hook hook;
    hook.status = 500;
    options.owed_max = 2;
    name("", hook.url());
    EXPECT_TRUE(destination->retry_owed());
    ASSERT_TRUE(deliver_twice({page("one"), page("two")}));
    EXPECT_FALSE(deliver_twice({page("three")}));
    EXPECT_EQ(owed(), 2u);
    EXPECT_EQ(destination->status().at(0).dropped, 0u);
}
