#include "incident_backends.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <fstream>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;

namespace {

/// Its steps make a digest.
class DigestStoreTest : public IncidentStoreTest {};

}  // namespace

TEST_P(DigestStoreTest, a_digest_is_made_once_whoever_steps_and_across_a_restart) {
    clock_ = core::ManualClock(monday + core::Duration{7 * hour.microseconds});
    policy_.digest = DigestSchedule{{8 * hour.microseconds}};
    push({event_at(clock_.now(), Severity::warn)});
    EXPECT_EQ(step().digests, 0u) << "of the day before there is nothing to say";
    EXPECT_TRUE(receiver_.alerts.empty());
    clock_.advance(hour);
    auto other = backend_->open();
    ASSERT_TRUE(other);
    EXPECT_EQ(step().digests, 1u) << "on the edge";
    EXPECT_EQ(other->step(options("b"), receiver_)->digests, 0u) << "it does not lead";
    ASSERT_EQ(receiver_.alerts.size(), 1u);
    EXPECT_TRUE(notification::is_digest(receiver_.alerts[0]));
    EXPECT_EQ(receiver_.alerts[0].starts_at, clock_.now());
    EXPECT_NE(receiver_.alerts[0].annotation("description").find(": 1 new, 0 still open, 0 closed"),
              std::string_view::npos);
    ASSERT_TRUE(store_->resign("a"));
    EXPECT_EQ(other->step(options("b"), receiver_)->digests, 0u) << "who leads next has none to send";
    store_.emplace(backend_->open().value());
    ASSERT_TRUE(other->resign("b"));
    EXPECT_EQ(step("c").digests, 0u) << "nor who begins anew";
    EXPECT_EQ(receiver_.alerts.size(), 1u);
    // Nobody was there for two days: one digest of both, late.
    clock_.advance({2 * day.microseconds + hour.microseconds});
    EXPECT_EQ(step("c").digests, 1u);
    ASSERT_EQ(receiver_.alerts.size(), 2u);
    EXPECT_EQ(receiver_.alerts[1].annotation("from"), "2026-11-02T08:00:00Z");
    EXPECT_EQ(receiver_.alerts[1].annotation("to"), "2026-11-04T08:00:00Z");
    EXPECT_NE(notification::message_id(receiver_.alerts[0]), notification::message_id(receiver_.alerts[1]));
}

TEST_P(DigestStoreTest, a_digest_that_the_spool_does_not_take_waits_also_an_empty_one) {
    clock_ = core::ManualClock(monday);
    policy_.digest = DigestSchedule{{hour.microseconds}, "UTC", true};
    receiver_.refuses = true;
    const auto refused = step();
    EXPECT_EQ(refused.digests, 1u) << "also where there is nothing to say";
    EXPECT_TRUE(refused.not_appended);
    receiver_.refuses = false;
    clock_.advance(minute);
    EXPECT_EQ(step().digests, 0u);
    ASSERT_EQ(receiver_.alerts.size(), 1u);
    EXPECT_EQ(receiver_.alerts[0].starts_at, monday + core::Duration{hour.microseconds - day.microseconds});
    (void)step();
    EXPECT_EQ(receiver_.alerts.size(), 1u);
}

TEST_P(DigestStoreTest, a_digest_that_nobody_takes_is_not_made_until_somebody_does_and_then_is_one) {
    clock_ = core::ManualClock(monday + core::Duration{hour.microseconds});
    policy_.digest = DigestSchedule{{8 * hour.microseconds}};
    push({event_at(clock_.now(), Severity::warn)});
    EXPECT_EQ(step().digests, 0u) << "nothing to say, and that is noted";
    StepOptions untold = options();
    untold.takes_digests = false;
    EXPECT_FALSE(store_->step(untold, receiver_)->digest_untold) << "none is due";
    for (int days = 0; days < 2; ++days) {
        clock_.advance(day);
        const auto done = store_->step(untold, receiver_);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->digest_untold,
                  monday + core::Duration{8 * hour.microseconds + days * day.microseconds});
        EXPECT_EQ(done->digests, 0u);
    }
    EXPECT_TRUE(receiver_.alerts.empty());
    const auto done = step();
    EXPECT_EQ(done.digests, 1u);
    EXPECT_FALSE(done.digest_untold);
    ASSERT_EQ(receiver_.alerts.size(), 1u);
    EXPECT_EQ(receiver_.alerts[0].annotation("from"), "2026-11-01T08:00:00Z");
    EXPECT_EQ(receiver_.alerts[0].annotation("to"), "2026-11-03T08:00:00Z");
}

TEST_P(DigestStoreTest, a_digest_says_of_a_page_that_waits_in_the_spool_that_nobody_was_told) {
    const auto folder =
        std::filesystem::temp_directory_path() / fmt::format("digest_spool_{}_{}", GetParam(), ::getpid());
    clock_ = core::ManualClock(monday + core::Duration{7 * hour.microseconds});
    policy_.digest = DigestSchedule{{8 * hour.microseconds}};
    push({event_at(clock_.now(), Severity::crit)});
    (void)step();
    ASSERT_EQ(receiver_.alerts.size(), 1u);
    {
        spool::Options spooled;
        spooled.root = folder.string();
        auto spool = spool::Spool::open(spool::posix_file_system(), clock_, spooled);
        ASSERT_TRUE(spool) << spool.error().message;
        const auto record = notification::encode(receiver_.alerts[0]);
        ASSERT_TRUE((*spool)->append(std::span(&record, 1)));
        ASSERT_TRUE((*spool)->flush());
    }
    StepOptions knowing = options();
    knowing.spool = folder.string();
    clock_.advance(hour);
    const auto done = store_->step(knowing, receiver_);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->notices.empty());
    ASSERT_EQ(receiver_.alerts.size(), 2u);
    EXPECT_NE(receiver_.alerts[1].annotation("description").find("; not told: in the spool\n"),
              std::string_view::npos)
        << receiver_.alerts[1].annotation("description");
    // What cannot be read is said, and the digest goes out all the same.
    std::filesystem::remove_all(folder);
    std::ofstream(folder) << "no folder";
    clock_.advance(day);
    const auto unknown = store_->step(knowing, receiver_);
    ASSERT_TRUE(unknown) << unknown.error().message;
    std::filesystem::remove_all(folder);
    ASSERT_EQ(receiver_.alerts.size(), 3u);
    EXPECT_NE(receiver_.alerts[2].annotation("description").find("; paged\n"), std::string_view::npos)
        << receiver_.alerts[2].annotation("description");
    ASSERT_EQ(unknown->notices.size(), 1u);
    EXPECT_NE(unknown->notices[0].find("does not know whether pages wait in the spool"), std::string::npos)
        << unknown->notices[0];
}

TEST_P(DigestStoreTest, a_digest_that_cannot_be_made_holds_no_page) {
    ASSERT_TRUE(backend_->run("DROP TABLE response.digests"));
    policy_.digest = DigestSchedule{{hour.microseconds}};
    push({event_at(start_, Severity::crit)});
    const auto done = step();
    EXPECT_EQ(receiver_.alerts.size(), 1u);
    ASSERT_TRUE(done.no_digest);
    EXPECT_EQ(done.digests, 0u);
}

INSTANTIATE_TEST_SUITE_P(Backends, DigestStoreTest, ::testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return one.param; });
