#include "golden_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Fields that are rows of a table.

using namespace tristrata::readiness;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Fields, a_row_that_stands_twice_with_two_answers_has_none) {
    const std::string stages =
        "- Shadow: 7 days, from 2026-05-04 to 2026-05-11\n- Canary: BTCUSDC, because its order book is the "
        "deepest\n- Full rollout: 2026-05-25\n";
    const std::string rows =
        "| Stage | What |\n|---|---|\n| Shadow | 7 days, from 2026-05-04 to 2026-05-11 |\n| Canary | "
        "BTCUSDC, "
        "because its order book is the deepest |\n| Full rollout | 2026-05-25 |\n";
    const auto with = [&](const std::string& more) {
        return found_in(judged(replaced(right_plan(), stages, rows + more)));
    };
    for (const char* more : {"| Full rollout | 2026-07-25 |\n", "| Shadow | 3 days |\n",
                             "| Shadow | skipped |\n", "\n- Full rollout: 2026-07-25\n"})
        EXPECT_THAT(with(more), ElementsAre("RDY003")) << more;
    EXPECT_THAT(with("| Canary | ETHUSDC, because it is thin |\n"), testing::Contains("RDY003"));
    // Nor do two sunsets of a table.
    const std::string owner = "- DRI: @maria\n- Sunset: 2026-08-23\n- Outcome: due at the sunset\n";
    const std::string fields =
        "| What | Value |\n|---|---|\n| DRI | @maria |\n| Sunset | 2026-08-23 |\n| Outcome | due at the "
        "sunset |\n";
    EXPECT_THAT(found_in(judged(replaced(right_plan(), owner, fields + "| Sunset | 2027-08-23 |\n"))),
                ElementsAre("RDY003"));
    // Another table may tell more of a stage, and a list may stand beside one.
    for (const char* more :
         {"| Full rollout | 2026-05-25 |\n", "\n| Stage | Ends |\n|---|---|\n| Shadow | with no alert |\n",
          "\n- Shadow: 7 days, on all symbols\n"})
        EXPECT_THAT(with(more), IsEmpty()) << more;
}
