#include "memory_file_system.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

using namespace tristrata;
using faults::Fault;
using faults::MemoryFileSystem;
using sink::RecordClass;

namespace {

constexpr RecordClass classes[]{RecordClass::kpi, RecordClass::drift};

/// A store that knows nothing but which batches it has committed. It does not look at a row's identity: a row
/// that comes in two batches is there twice.
class Store {
public:
    spool::Settlement commit(const spool::Batch& batch) {
        spool::Settlement settlement;
        std::string content;
        for (const auto& record : batch.records) {
            settlement.stored += record.rows;
            content += record.bytes + '\n';
        }
        const auto [there, fresh] =
            batches_.try_emplace({batch.spool_id, batch.record_class, batch.number}, content);
        if (!fresh) {
            changed_ += there->second != content;
            return settlement;
        }
        for (const auto& record : batch.records) {
            ++times_[record.bytes];
            rows_[batch.record_class] += record.rows;
        }
        return settlement;
    }
    [[nodiscard]] std::uint64_t times(const std::string& bytes) const {
        const auto found = times_.find(bytes);
        return found == times_.end() ? 0 : found->second;
    }
    [[nodiscard]] std::uint64_t rows(RecordClass record_class) const {
        const auto found = rows_.find(record_class);
        return found == rows_.end() ? 0 : found->second;
    }
    /// Batches that came again with other records.
    [[nodiscard]] std::uint64_t changed() const { return changed_; }

private:
    std::map<std::tuple<core::Uuid, RecordClass, std::uint64_t>, std::string> batches_;
    std::map<std::string, std::uint64_t> times_;
    std::map<RecordClass, std::uint64_t> rows_;
    std::uint64_t changed_ = 0;
};

struct Tally {
    std::uint64_t operations = 0;  ///< Of one run without a fault.
    std::uint64_t acknowledged = 0;
    std::uint64_t possibly = 0;
    std::uint64_t lost = 0;
    std::uint64_t twice = 0;
    std::uint64_t refused_and_stored = 0;
    std::uint64_t half = 0;  ///< Appends of which a part arrived.
    std::uint64_t ledger_wrong = 0;
    std::uint64_t changed_batches = 0;
    std::uint64_t not_reopened = 0;
};

enum class Outcome : std::uint8_t { acknowledged, possibly_persisted, refused };

/// One life of a spool with one fault: appends, drains, closes and opens again, all by a seed; then the
/// truth.
class Round {
public:
    Round(std::uint64_t seed, std::uint64_t operation, Fault fault, bool forget_syncs)
        : files_(seed), draw_(seed), fault_(fault) {
        if (forget_syncs) files_.forget_syncs();
        files_.fault_at(operation, fault);
        // Every other time what comes next fails too: a failed sync, and then the new segment.
        if (operation % 2 == 0) files_.fault_at(operation + 1 + draw_() % 6, Fault::fail);
        options_.root = "spool";
        options_.segment_bytes = 4096;
        options_.bytes_max = 1U << 20U;
        constexpr spool::Level levels[]{spool::Level::group, spool::Level::sync, spool::Level::async};
        options_.level = levels[seed % 3];
    }

    void run(Tally& tally) {
        open();
        for (int step = 0; step < 40 && !files_.stopped(); ++step) {
            const auto what = draw_() % 10;
            if (!spool_ || what == 0) open();
            else if (what == 1) drain(1 + draw_() % 4);
            else if (what == 2 && spool_) (void)spool_->flush();
            else append();
        }
        spool_.reset();
        tally.operations = files_.operations();
        const bool stopped = files_.stopped();
        if (stopped) files_.restart();
        else files_.no_more_faults();
        open();
        if (!spool_) ++tally.not_reopened;
        append();
        drain(UINT64_MAX);
        judge(tally);
    }

private:
    void open() {
        spool_.reset();
        if (auto opened = spool::Spool::open(files_, clock_, options_)) spool_ = std::move(*opened);
    }
    void append() {
        if (!spool_) return;
        std::vector<sink::Record> records;
        const auto count = 1 + draw_() % 3;
        for (std::uint64_t i = 0; i < count; ++i)
            records.push_back({classes[draw_() % 2],
                               std::to_string(appends_.size()) + "." + std::to_string(i) + ":" +
                                   std::string(draw_() % 900, static_cast<char>('a' + draw_() % 26)),
                               static_cast<std::uint32_t>(1 + draw_() % 4), draw_() % 8 == 0});
        const auto appended = spool_->append(records);
        Outcome outcome = Outcome::refused;
        if (appended) {
            // What survives the process only is not promised to survive the power.
            outcome = appended->durability == sink::Durability::disk || fault_ != Fault::power_loss
                          ? Outcome::acknowledged
                          : Outcome::possibly_persisted;
        } else if (appended.error().kind == core::ErrorKind::possibly_persisted) {
            outcome = Outcome::possibly_persisted;
        }
        appends_.emplace_back(outcome, std::move(records));
    }
    void drain(std::uint64_t batches) {
        auto backlog = spool::Backlog::open(files_, clock_, "spool/slot_0000");
        if (!backlog || !*backlog) return;
        for (const auto record_class : classes)
            for (std::uint64_t i = 0; i < batches; ++i) {
                auto batch = (*backlog)->next(record_class, 1 + draw_() % 5, 4096);
                if (!batch || batch->empty()) break;
                if (!(*backlog)->settle(*batch, store_.commit(*batch))) break;
            }
        clock_.advance({3'600'000'000});
        (void)(*backlog)->remove_drained({7'200'000'000});
        ledger_ = (*backlog)->ledger();
    }
    void judge(Tally& tally) {
        for (const auto& [outcome, records] : appends_) {
            std::uint64_t there = 0;
            for (const auto& record : records) {
                const auto times = store_.times(record.bytes);
                there += times > 0;
                tally.twice += times > 1;
            }
            tally.half += there != 0 && there != records.size();
            if (outcome == Outcome::acknowledged) {
                ++tally.acknowledged;
                tally.lost += there != records.size();
            }
            tally.possibly += outcome == Outcome::possibly_persisted;
            tally.refused_and_stored += outcome == Outcome::refused && there > 0;
        }
        for (const auto record_class : classes) {
            const auto& books = ledger_.classes[spool::place(record_class)];
            tally.ledger_wrong += books.stored != store_.rows(record_class) || books.dead != 0 ||
                                  books.settled() != books.stored;
        }
        tally.changed_batches += store_.changed();
    }

    MemoryFileSystem files_;
    core::ManualClock clock_{core::Timestamp{1'700'000'000'000'000}};
    std::mt19937_64 draw_;
    Fault fault_;
    spool::Options options_;
    std::unique_ptr<spool::Spool> spool_;
    Store store_;
    spool::Ledger ledger_;
    std::vector<std::pair<Outcome, std::vector<sink::Record>>> appends_;
};

/// So many rounds, each with its fault at another operation.
Tally torture(std::uint64_t rounds, bool forget_syncs) {
    constexpr Fault kinds[]{Fault::fail, Fault::fail_midway, Fault::power_loss, Fault::process_kill};
    Tally tally;
    std::uint64_t operation = 0, operations = 1, seed = 0;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const Fault fault = kinds[round % 4];
        if (round % 4 == 0 && ++operation > operations) {
            operation = 1;
            ++seed;
            Tally quiet;
            Round(seed, 0, Fault::none, false).run(quiet);
            operations = quiet.operations;
        }
        const Tally before = tally;
        Round(seed, operation, fault, forget_syncs).run(tally);
        if (!forget_syncs &&
            (tally.lost != before.lost || tally.twice != before.twice ||
             tally.refused_and_stored != before.refused_and_stored || tally.half != before.half ||
             tally.ledger_wrong != before.ledger_wrong || tally.changed_batches != before.changed_batches ||
             tally.not_reopened != before.not_reopened))
            ADD_FAILURE() << "seed " << seed << ", operation " << operation << ", fault "
                          << static_cast<int>(fault);
    }
    return tally;
}

std::uint64_t rounds() { return std::getenv("TRISTRATA_LONG") != nullptr ? 10'000 : 600; }

}  // namespace

TEST(Torture, nothing_acknowledged_is_lost_and_nothing_comes_twice_whatever_operation_fails) {
    const Tally tally = torture(rounds(), false);
    EXPECT_EQ(tally.lost, 0u);
    EXPECT_EQ(tally.twice, 0u);
    EXPECT_EQ(tally.half, 0u);
    EXPECT_EQ(tally.refused_and_stored, 0u);
    EXPECT_EQ(tally.ledger_wrong, 0u);
    EXPECT_EQ(tally.changed_batches, 0u);
    EXPECT_EQ(tally.not_reopened, 0u);
    EXPECT_GT(tally.acknowledged, 10 * rounds());
    std::printf("%llu faults: %llu appends acknowledged, %llu possibly persisted, %llu lost, %llu twice\n",
                static_cast<unsigned long long>(rounds()),
                static_cast<unsigned long long>(tally.acknowledged),
                static_cast<unsigned long long>(tally.possibly), static_cast<unsigned long long>(tally.lost),
                static_cast<unsigned long long>(tally.twice));
}

TEST(Torture, a_spool_whose_syncs_are_left_out_is_found_out) {
    const Tally tally = torture(200, true);
    EXPECT_GT(tally.lost, 10u);
}
