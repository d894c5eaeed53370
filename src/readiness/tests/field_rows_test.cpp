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
    EXPECT_THAT(with("| Canary | ETHUSDC, because it is thin |\n"), testing::Contains("RDY402"));
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
          "\n- Shadow: 7 days, on all symbols\n",
          "\n| Stage | Metric | Goes on where |\n|---|---|---|\n| Shadow | performance gap | below 0.05 |\n"
          "| Shadow | PSI of each feature | below 0.2 |\n",
          "\n| Stage | Who watches |\n|---|---|\n| Shadow | @maria |\n| Shadow | @jonas on weekends |\n"})
        EXPECT_THAT(with(more), IsEmpty()) << more;
}

TEST(Fields, a_column_of_states_takes_back_its_row) {
    const auto rollout = [](const char* name, const char* shadow, const char* canary, const char* full) {
        return found_in(
            judged(replaced(right_plan(),
                            "- Shadow: 7 days, from 2026-05-04 to 2026-05-11\n- Canary: BTCUSDC, because its "
                            "order book is the "
                            "deepest\n- Full rollout: 2026-05-25\n",
                            std::string("| Stage | What | ") + name +
                                " |\n|---|---|---|\n| Shadow | 7 days, from 2026-05-04 to "
                                "2026-05-11 | " +
                                shadow + " |\n| Canary | BTCUSDC, because its order book is the deepest | " +
                                canary + " |\n| Full rollout | 2026-05-25 | " + full + " |\n")));
    };
    EXPECT_THAT(rollout("Status", "skipped", "", ""), ElementsAre("RDY401"));
    EXPECT_THAT(rollout("Status", "", "or ETHUSDC", ""), ElementsAre("RDY402"));
    EXPECT_THAT(rollout("Note", "", "", "cancelled"), ElementsAre("RDY404"));
    EXPECT_THAT(rollout("Status", "not started yet", "planned", "pending"), IsEmpty());
    EXPECT_THAT(rollout("Status", "in progress", "pending", "not started"), IsEmpty());
    const std::string owner = "- DRI: @maria\n- Sunset: 2026-08-23\n- Outcome: due at the sunset\n";
    for (const char* said : {"ok", "agreed", "-", "ML platform"})
        EXPECT_THAT(found_in(judged(replaced(
                        right_plan(), owner,
                        std::string("| What | Value | Status |\n|---|---|---|\n| DRI | @maria | ") + said +
                            " |\n| Sunset | 2026-08-23 | pending |\n| Outcome | due at the sunset | |\n"))),
                    IsEmpty())
            << said;
    EXPECT_THAT(rollout("Note", "no orders", "5 % of its capital", "all symbols"), IsEmpty());
    const auto column = [](std::string_view head, std::string_view row, const std::string& said) {
        const std::string begun = replaced(right_plan(), head, std::string(head) + " Status |");
        const auto line = begun.find(row), dashes = begun.find("\n|---", begun.find(head)) + 1;
        std::string text = begun;
        text.insert(text.find('\n', line), " " + said + " |");
        text.insert(text.find('\n', dashes), "---|");
        return found_in(judged(text));
    };
    const std::string_view alerts = "| Notification channel |",
                           metrics = "| Dashboard | Threshold (warn / crit) | Owner |",
                           drift = "| Threshold (warn / crit) | Rationale |";
    for (const char* said : {"planned", "disabled", "muted"})
        EXPECT_THAT(column(alerts, "| VarianceDispersionDead |", said), ElementsAre("RDY299")) << said;
    EXPECT_THAT(column(metrics, "| `win_rate` |", "not emitted yet"), ElementsAre("RDY199"));
    EXPECT_THAT(column(drift, "| PSI of each feature |", "not implemented"), ElementsAre("RDY301"));
    for (const char* said : {"live", "new", "✅", "in place", "ok"}) {
        EXPECT_THAT(column(alerts, "| VarianceDispersionDead |", said), IsEmpty()) << said;
        EXPECT_THAT(column(metrics, "| `win_rate` |", said), IsEmpty()) << said;
        EXPECT_THAT(column(drift, "| PSI of each feature |", said), IsEmpty()) << said;
    }
}
