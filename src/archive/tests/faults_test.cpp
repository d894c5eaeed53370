#include "archive_fixture.hpp"
#include "mortal.hpp"

#include <cstdlib>

using namespace tristrata;
using namespace tristrata::archive;
using core::ErrorKind;
using store::Layer;

namespace {

/// Acknowledges files that it does not keep.
class ForgetfulObjects final : public objects::ObjectStore {
public:
    explicit ForgetfulObjects(objects::ObjectStore& real) : real_(real) {}
    core::Result<objects::Put> put_new(const std::string& key, std::string_view bytes) override {
        return real_.put_new(key, bytes);
    }
    core::Result<objects::Put> put_file(const std::string&, const std::string&) override {
        return objects::Put::stored;
    }
    core::Result<std::string> get(const std::string& key) override { return real_.get(key); }
    core::Status fetch_file(const std::string& key, const std::string& path) override {
        return real_.fetch_file(key, path);
    }
    core::Result<std::optional<objects::ObjectInfo>> stat(const std::string& key) override {
        return real_.stat(key);
    }
    core::Result<std::vector<objects::ObjectInfo>> list(const std::string& prefix) override {
        return real_.list(prefix);
    }
    core::Status remove(const std::string& key) override { return real_.remove(key); }
    [[nodiscard]] std::string where() const override { return real_.where(); }

private:
    objects::ObjectStore& real_;
};

class FaultsTest : public ArchiveTest {
protected:
    std::uint64_t rows_in_parts() {
        std::uint64_t rows = 0;
        const auto there = manifests(*objects, layer, {}).value();
        for (const auto& one : there) rows += one.rows;
        return rows;
    }
};
INSTANTIATE_TEST_SUITE_P(Backends, FaultsTest, testing::Values(Where::sqlite, Where::postgresql), name_of);

}  // namespace

TEST_P(FaultsTest, a_run_that_dies_at_any_call_is_finished_by_the_next_with_nothing_lost_and_nothing_twice) {
    make(Layer::kpi);
    core::Task task;
    task.clock = &clock;
    // A connection costs PostgreSQL much: all moments with TRISTRATA_LONG, every fifth without.
    const int stride = GetParam() == Where::sqlite || std::getenv("TRISTRATA_LONG") != nullptr ? 1 : 5;
    int deaths = 0;
    for (int moment = 0;; moment += stride) {
        // A day of its own, and rows that come after the day before has left.
        const auto day = [&](int number) {
            return core::to_string(at("2023-01-01") + core::Duration{number * 86'400'000'000}).substr(0, 10);
        };
        emit(day(moment + stride), 2);
        emit(day(moment), 1, "late");
        Life life(moment);
        {
            auto real = open_retention();
            MortalObjects mortal_objects(*objects, life);
            MortalRetention mortal(*real, life);
            const auto died = retain(mortal, layer, mortal_objects, {}, task);
            if (!life.dead()) {
                ASSERT_TRUE(died) << died.error().message;
            }
        }
        const auto done = run();
        ASSERT_TRUE(done) << done.error().message;
        for (const auto& leaf : done->leaves)
            ASSERT_FALSE(leaf.error) << "moment " << moment << ": " << leaf.error->message;
        ASSERT_EQ(stored_rows(), 0u) << "moment " << moment;
        ASSERT_EQ(rows_in_parts(), expected.size()) << "moment " << moment;
        if (!life.dead()) break;
        ++deaths;
    }
    EXPECT_EQ(archived(), sorted(expected));
    EXPECT_GT(deaths * stride, 30) << "each call has a moment before and one behind";
}

TEST_P(FaultsTest, an_archive_that_keeps_nothing_is_found_out_before_a_row_is_dropped) {
    make(Layer::kpi);
    emit("2024-02-29", 3);
    core::Task task;
    task.clock = &clock;
    {
        auto retention = open_retention();
        ForgetfulObjects forgetful(*objects);
        const auto done = retain(*retention, layer, forgetful, {}, task);
        ASSERT_TRUE(done);
        ASSERT_EQ(done->leaves.size(), 1u);
        ASSERT_TRUE(done->leaves[0].error);
        EXPECT_EQ(done->leaves[0].error->kind, ErrorKind::storage);
        EXPECT_FALSE(done->leaves[0].dropped);
        EXPECT_EQ(retention->count(done->leaves[0].leaf).value(), 6u) << "every row is still there";
    }
}

TEST_P(FaultsTest, a_leaf_whose_rows_are_not_those_of_its_parts_is_not_dropped) {
    make(Layer::kpi);
    emit("2024-02-29", 3);
    auto retention = open_retention();
    auto leaves = retention->leaves();
    ASSERT_TRUE(leaves);
    ASSERT_EQ(
        std::ranges::count_if(*leaves, [](const store::Leaf& leaf) { return leaf.from == at("2024-02-29"); }),
        1);
    auto leaf =
        *std::ranges::find_if(*leaves, [](const store::Leaf& one) { return one.from == at("2024-02-29"); });
    ASSERT_TRUE(retention->detach(leaf));
    const auto nothing = retention->drop(leaf);
    ASSERT_FALSE(nothing) << "no part is recorded";
    EXPECT_EQ(nothing.error().kind, ErrorKind::conflict);
    store::ArchivePart short_part{
        leaf.name, "", leaf.from, 1, 5, leaf.from, leaf.from, 9, std::string(64, 'a'), std::string(64, 'b'),
        "k"};
    ASSERT_TRUE(retention->record(std::span(&short_part, 1)));
    EXPECT_FALSE(retention->drop(leaf)) << "a row is missing in its parts";
    EXPECT_EQ(retention->count(leaf).value(), 6u);
    EXPECT_FALSE(retention->dropped(leaf).value());
}
