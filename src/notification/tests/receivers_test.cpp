#include "tristrata/notification/receivers.hpp"
#include "tristrata/config/settings.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

TEST(Receivers, those_of_one_host_are_told_apart_by_their_place) {
    config::Settings named;
    named.set("webhook_secret", {core::Secret("s"), "SETTING"});
    named.set("webhook_url",
              {core::Secret("https://chat/hunter2 https://other/x https://chat/hunter3"), "SETTING"});
    const auto hooks = notification::receivers(named);
    ASSERT_TRUE(hooks) << hooks.error().message;
    ASSERT_EQ(hooks->all.size(), 3u);
    EXPECT_EQ(hooks->all[0].shown, "https://chat (1 of 2)");
    EXPECT_EQ(hooks->all[1].shown, "https://other");
    EXPECT_EQ(hooks->all[2].shown, "https://chat (2 of 2)");
}
