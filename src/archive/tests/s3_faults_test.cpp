// Retention into a real bucket behind something that refuses, breaks requests, and loses, cuts and delays
// answers: archive, read back, drop. Nothing is lost, and nothing is there twice.
#include "archive_fixture.hpp"
#include "servers/s3_server.hpp"
#include "tristrata/archive/erase.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <iostream>
#include <random>
#include <thread>

using namespace tristrata;
using namespace tristrata::archive;
using core::ErrorKind;
using store::Layer;

namespace {

class S3FaultsTest : public ArchiveTest {
protected:
    S3FaultsTest() {
        ::setenv("AWS_ACCESS_KEY_ID", s3().writer().access_key.c_str(), 1);
        ::setenv("AWS_SECRET_ACCESS_KEY", s3().writer().secret_key.c_str(), 1);
        prefix_ = std::to_string(::getpid()) + (GetParam() == Where::sqlite ? "/sqlite/" : "/postgresql/") +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name();
        whole_ = bucket(s3().endpoint());
        objects = bucket(s3().faulty_endpoint());
        (void)s3().seen();
    }
    ~S3FaultsTest() override { s3().fault("pass"); }
    static servers::S3Server& s3() {
        static servers::S3Server running;
        return running;
    }
    [[nodiscard]] std::unique_ptr<objects::ObjectStore> bucket(const std::string& endpoint) const {
        objects::Options options;
        options.endpoint = endpoint;
        options.budget = {500'000};  // Two repetitions: some runs fail.
        return std::move(*objects::open("s3://" + s3().bucket() + "/" + prefix_, options));
    }
    /// Until a run has nothing more to do; a fault is never taken for anything but a server's trouble.
    void run_until_all_has_left() {
        for (int attempt = 0; attempt < 200; ++attempt) {
            ++runs_;
            const auto done = run();
            if (!done) {  // The bucket did not take the first object: nothing was begun.
                ++failures_;
                ASSERT_EQ(done.error().kind, ErrorKind::unavailable) << done.error().message;
                continue;
            }
            const auto failed = std::ranges::find_if(
                done->leaves, [](const LeafOutcome& leaf) { return leaf.error.has_value(); });
            if (failed == done->leaves.end()) return;
            ++failures_;
            ASSERT_EQ(failed->error->kind, ErrorKind::unavailable) << failed->error->message;
        }
        FAIL() << "200 runs were not enough";
    }
    [[nodiscard]] std::uint64_t rows_in_parts() {
        std::uint64_t rows = 0;
        const auto there = manifests(*whole_, layer, {}).value();
        for (const auto& one : there) rows += one.rows;
        return rows;
    }
    void tell(const std::string& what) {
        const auto seen = s3().seen();
        std::uint64_t faults = 0;
        for (const auto& [fault, met] : seen.faults) faults += met;
        EXPECT_GT(faults, 10u);
        std::cout << what << ": " << runs_ << " runs, " << failures_ << " of them failed; "
                  << seen.requests.size() << " requests, of them";
        for (const auto& [fault, met] : seen.faults) std::cout << " " << met << " " << fault << ",";
        std::cout << " " << objects->repeated() << " repeated, seed " << seed_ << "\n";
    }

    const std::uint64_t seed_ = std::random_device{}() % 1'000'000;
    const bool is_long_ = std::getenv("TRISTRATA_LONG") != nullptr;
    std::string prefix_;
    std::unique_ptr<objects::ObjectStore> whole_;
    int runs_ = 0, failures_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Backends, S3FaultsTest, testing::Values(Where::sqlite, Where::postgresql), name_of);

}  // namespace

TEST_P(S3FaultsTest, days_leave_through_a_bucket_that_fails_with_nothing_lost_and_nothing_twice) {
    make(Layer::kpi);
    const int rounds = is_long_ ? 40 : 3;
    const auto day = [](int number) {
        return core::to_string(at("2023-01-01") + core::Duration{number * 86'400'000'000}).substr(0, 10);
    };
    s3().fault("mix 0.3 " + std::to_string(seed_));
    for (int round = 0; round < rounds; ++round) {
        emit(day(round + 1), 2);
        emit(day(round), 1, "late");
        run_until_all_has_left();
        ASSERT_EQ(stored_rows(), 0u) << "seed " << seed_;
        ASSERT_EQ(rows_in_parts(), expected.size()) << "seed " << seed_;
    }
    // And back, through the same.
    core::Result<RestoreOutcome> restored;
    KeptRows target(layer);
    for (int attempt = 0; attempt < 200; ++attempt) {
        restored = restore(*objects, layer, {}, target, "", {});
        if (restored) break;
        ASSERT_EQ(restored.error().kind, ErrorKind::unavailable) << restored.error().message;
    }
    ASSERT_TRUE(restored);
    EXPECT_EQ(target.all(), sorted(expected)) << "seed " << seed_;
    tell(std::to_string(expected.size()) + " rows of " + std::to_string(rounds) + " days");
}

TEST_P(S3FaultsTest,
       a_bucket_that_does_not_answer_holds_a_run_no_longer_than_its_budget_and_keeps_every_row) {
    make(Layer::kpi);
    emit("2024-02-29", 3);
    s3().fault("fail 503 100000");
    const auto begun = core::system_clock().steady_now();
    const auto done = run();
    const auto took = core::system_clock().steady_now() - begun;
    s3().fault("pass");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::unavailable) << done.error().message;
    EXPECT_EQ(stored_rows(), 6u);
    EXPECT_LT(took.microseconds, 8'000'000) << "half a second for each of a few requests";
    EXPECT_GT(objects->repeated(), 0u);
    run_until_all_has_left();
    EXPECT_EQ(archived(), sorted(expected));
}

TEST_P(S3FaultsTest, two_stores_that_publish_the_same_days_at_once_both_keep_their_rows) {
    make(Layer::kpi);
    const std::string first = url;
    make_another();
    const std::string second = url;
    for (int day = 10; day < 20; ++day) {
        const std::string date = "2024-02-" + std::to_string(day);
        for (const auto& one : {first, second}) {
            url = one;
            emit(date, 1, one);
        }
        std::vector<std::jthread> runs;
        for (const auto& one : {first, second}) {
            url = one;
            runs.emplace_back([this, retention = std::shared_ptr(open_retention())] {
                core::Task task;
                task.clock = &clock;
                const auto own = bucket(s3().endpoint());
                const auto done = retain(*retention, layer, *own, {}, task);
                EXPECT_TRUE(done && done->rows == 2u && !done->leaves.at(0).error);
            });
        }
    }
    EXPECT_EQ(rows_in_parts(), expected.size()) << "the manifest of one took the place of the other's";
    EXPECT_EQ(archived(), sorted(expected));
}
