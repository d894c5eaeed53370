#include "incident_backends.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace {

drift::Event found(core::Timestamp at, Severity severity, const std::string& analyzer,
                   const std::string& metric, const std::string& what = "distribution") {
    auto event = event_at(at, severity, "features", metric);
    event.payload = fmt::format(R"({{"analyzer":"{}","finding":"{}"}})", analyzer, what);
    return event;
}

std::vector<std::string> shown(const core::Result<std::vector<BadWindows>>& all, core::Timestamp start) {
    std::vector<std::string> texts;
    EXPECT_TRUE(all) << all.error().message;
    if (!all) return texts;
    const auto minutes = [&](const std::optional<core::Timestamp>& time) {
        return time ? std::to_string((*time - start).microseconds / minute.microseconds) : std::string("-");
    };
    for (const BadWindows& one : *all) {
        EXPECT_EQ(one.module, "features");
        texts.push_back(fmt::format("{} {}..{}", one.analyzer, minutes(one.ends.from), minutes(one.ends.to)));
    }
    return texts;
}

}  // namespace

class BadWindowsTest : public IncidentStoreTest {
protected:
    core::Timestamp at(std::int64_t minutes) const {
        return start_ + core::Duration{minutes * minute.microseconds};
    }
    void step_at(std::int64_t minutes, const std::vector<drift::Event>& events) {
        clock_.advance(at(minutes) - clock_.now());
        push(events);
        (void)step();
    }
    std::string id() { return core::to_string(store_->list({})->at(0).incident_id); }
};
INSTANTIATE_TEST_SUITE_P(Backends, BadWindowsTest, ::testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return one.param; });

TEST_P(BadWindowsTest, are_an_analyzers_own_and_of_values_that_came) {
    step_at(1, {found(at(1), Severity::crit, "score", "score"),
                found(at(1), Severity::crit, "folds", "absent_folds[fold_id=2]", "combination"),
                found(at(1), Severity::crit, "dead", "source_dead", "source"),
                event_at(at(1), Severity::crit, "features", "by_hand")});
    step_at(2, {found(at(2), Severity::warn, "rate", "rate")});
    EXPECT_THAT(shown(store_->bad_windows(), start_), UnorderedElementsAre("score 1..-", "rate 2..-"));
    ASSERT_TRUE(store_->dismiss(id(), "eve", "a test", clock_.now()));
    EXPECT_THAT(shown(store_->bad_windows(), start_), IsEmpty());
}

TEST_P(BadWindowsTest, end_with_the_metric_and_are_known_when_the_incident_is_over) {
    step_at(1,
            {found(at(1), Severity::crit, "score", "score"), found(at(1), Severity::warn, "rate", "rate")});
    step_at(2,
            {found(at(2), Severity::crit, "score", "score"), found(at(2), Severity::crit, "once", "once")});
    step_at(3, {found(at(3), Severity::crit, "score", "score")});
    for (int i = 4; i <= 6; ++i)
        step_at(i, {found(at(i), Severity::info, "score", "score"),
                    found(at(i), Severity::info, "once", "once")});
    EXPECT_THAT(shown(store_->bad_windows(), start_),
                UnorderedElementsAre("score 1..3", "once 2..2", "rate 1..-"));
    EXPECT_THAT(shown(store_->recovered_windows(clock_.now()), start_), IsEmpty());
    for (int i = 7; i <= 9; ++i) step_at(i, {found(at(i), Severity::info, "rate", "rate")});
    clock_.advance(policy_.fallback.cool_down);
    EXPECT_EQ(step().closed, 1u);
    EXPECT_THAT(shown(store_->bad_windows(), start_), IsEmpty());
    EXPECT_THAT(shown(store_->recovered_windows(clock_.now()), start_), ElementsAre("score 1..3"))
        << "what stood out once may be chance, and nobody was told of a warn";
    EXPECT_THAT(
        shown(store_->recovered_windows(clock_.now() + core::Duration{366 * day.microseconds}), start_),
        IsEmpty());
}

TEST_P(BadWindowsTest, of_reports_have_no_analyzers_name) {
    step_at(1, report_at(at(1), {"age"}, {}, Severity::crit));
    EXPECT_THAT(shown(store_->bad_windows(), start_), ElementsAre(" 1..-"));
    EXPECT_EQ(ends_of(*store_->bad_windows(), "features", "").size(), 1u);
}

TEST_P(BadWindowsTest, of_a_false_alarm_are_windows_as_any) {
    step_at(1, {found(at(1), Severity::crit, "score", "score")});
    ASSERT_TRUE(store_->dismiss(id(), "eve", "a test", clock_.now()));
    for (int i = 2; i <= 4; ++i) step_at(i, {found(at(i), Severity::info, "score", "score")});
    clock_.advance(policy_.fallback.cool_down);
    (void)step();
    ASSERT_TRUE(store_->list({})->empty());
    EXPECT_THAT(shown(store_->recovered_windows(clock_.now()), start_), IsEmpty());
}
