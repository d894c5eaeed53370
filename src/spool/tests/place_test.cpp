// Where a spool is and by which clock it goes: folders that cannot hold one, and clocks that go wrong.
#include "memory_file_system.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

using namespace tristrata;
using namespace tristrata::spool;
using faults::MemoryFileSystem;
using sink::Record;
using sink::RecordClass;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t hour = 3'600'000'000;
constexpr core::Timestamp noon{1'767'268'800'000'000};          // 2026-01-01T12:00:00Z
constexpr core::Timestamp next_century{4'070'908'800'000'000};  // 2099-01-01T00:00:00Z

/// A clock that goes as it is told.
class WrongClock final : public core::Clock {
public:
    explicit WrongClock(core::Timestamp now) : now_(now) {}
    core::Timestamp now() noexcept override { return now_; }
    core::Timestamp steady_now() noexcept override { return core::system_clock().steady_now(); }
    bool sleep_for(core::Duration span, std::stop_token stop) override {
        return core::system_clock().sleep_for(span, std::move(stop));
    }
    void set(core::Timestamp now) { now_ = now; }

private:
    core::Timestamp now_;
};

Options small() {
    Options options;
    options.root = "spool";
    options.segment_bytes = 4096;
    options.bytes_max = 64 * 4096;
    return options;
}

/// A segment's worth of appends, so that the next one begins another.
void fill_a_segment(Spool& spool, const std::string& name) {
    for (int i = 0; i < 3; ++i) {
        const Record record{RecordClass::kpi, name + std::string(1'200, 'x'), 1, false};
        ASSERT_TRUE(spool.append({&record, 1}));
    }
}

std::uint64_t settle_all(Backlog& backlog) {
    std::uint64_t stored = 0;
    while (true) {
        auto batch = backlog.next(RecordClass::kpi, 100, 1U << 20U);
        EXPECT_TRUE(batch) << batch.error().message;
        if (!batch || batch->empty()) return stored;
        Settlement settlement;
        for (const auto& record : batch->records) settlement.stored += record.rows;
        EXPECT_TRUE(backlog.settle(*batch, settlement));
        stored += settlement.stored;
    }
}

std::uint64_t replayed_since(MemoryFileSystem& files, core::Timestamp since) {
    const auto sent = settled_since(files, "spool/slot_0000", RecordClass::kpi, since, 100,
                                    [](std::span<const Record>) { return core::Status(); });
    EXPECT_TRUE(sent) << sent.error().message;
    return sent.value_or(0);
}

}  // namespace

TEST(SpoolClock, rows_are_delivered_in_order_whatever_the_clock_does) {
    MemoryFileSystem files;
    WrongClock clock{noon};
    auto spool = Spool::open(files, clock, small());
    ASSERT_TRUE(spool) << spool.error().message;
    for (const core::Timestamp at :
         {noon, next_century, core::Timestamp{0}, core::Timestamp{noon.microseconds - hour}}) {
        clock.set(at);
        fill_a_segment(**spool, "at " + core::to_string(at));
    }
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    EXPECT_EQ(settle_all(**backlog), 12u);
    EXPECT_EQ((*backlog)->ledger().classes[0].stored, 12u) << "the ledger is exact";
}

TEST(SpoolClock, drained_segments_leave_again_after_a_clock_that_stood_in_2099_is_right) {
    MemoryFileSystem files;
    WrongClock clock{next_century};
    auto spool = Spool::open(files, clock, small());
    ASSERT_TRUE(spool) << spool.error().message;
    auto segments = [&] { return status(files, "spool")->front().segments; };
    for (int i = 0; i < 4; ++i) fill_a_segment(**spool, "2099");
    const std::uint64_t before = segments();
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    (void)settle_all(**backlog);
    constexpr core::Duration window{24 * hour};
    ASSERT_TRUE((*backlog)->remove_drained(window));
    EXPECT_EQ(segments(), before) << "they stay for the window";

    clock.set(noon);
    ASSERT_TRUE((*backlog)->remove_drained(window));
    EXPECT_EQ(segments(), before) << "nothing leaves at the moment the clock is set";
    clock.set({noon.microseconds + 24 * hour});
    ASSERT_TRUE((*backlog)->remove_drained(window));
    EXPECT_LT(segments(), before) << "a window later they do, not in 2099";
    EXPECT_EQ((*backlog)->ledger().classes[0].stored, 12u);
}

TEST(SpoolClock, a_replay_sends_too_much_rather_than_too_little_where_the_clock_went_back) {
    MemoryFileSystem files;
    WrongClock clock{noon};
    auto spool = Spool::open(files, clock, small());
    ASSERT_TRUE(spool) << spool.error().message;
    fill_a_segment(**spool, "begun at noon");
    clock.set({noon.microseconds - 2 * hour});
    fill_a_segment(**spool, "begun at ten");
    clock.set({noon.microseconds + hour});
    fill_a_segment(**spool, "begun at one");
    auto backlog = Backlog::open(files, clock, "spool/slot_0000");
    ASSERT_TRUE(backlog && *backlog);
    ASSERT_EQ(settle_all(**backlog), 9u);
    EXPECT_EQ(replayed_since(files, noon), 9u) << "what was appended after noon, before the clock went back, "
                                                  "is in a segment whose successor is older";
    EXPECT_LT(replayed_since(files, {noon.microseconds + 2 * hour}), 9u) << "it is not always everything";
}

TEST(SpoolPlace, a_place_is_its_file_system_and_its_room) {
    MemoryFileSystem files;
    files.bytes_max(1'000'000);
    const auto place = examine_place(files, "spool");
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->kind, FileSystemKind::local);
    EXPECT_EQ(place->bytes_free, 1'000'000u);
}

TEST(SpoolPlace, a_folder_on_nfs_is_refused_in_words_that_a_user_understands) {
    MemoryFileSystem files;
    files.kind(FileSystemKind::network);
    core::ManualClock clock{noon};
    const std::string expected =
        "spool is on a network file system, where locks and syncs cannot be trusted; name a folder on a "
        "local disk";
    EXPECT_EQ(examine_place(files, "spool").error().message, expected);
    EXPECT_EQ(Spool::open(files, clock, small()).error().message, expected);
}

TEST(SpoolPlace, an_emit_larger_than_the_spool_takes_says_what_to_do_instead) {
    MemoryFileSystem files;
    core::ManualClock clock{noon};
    Options options = small();
    options.append_bytes_max = 10'000;
    auto spool = Spool::open(files, clock, options);
    ASSERT_TRUE(spool);
    const Record record{RecordClass::kpi, std::string(10'001, 'x'), 1, false};
    const auto refused = (*spool)->append({&record, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "one emit of 10001 bytes is more than the spool spool takes, which is 10000; emit it in parts, "
              "or keep "
              "what is large as a file and emit where it is");
}

TEST(SpoolPlace, a_folder_that_may_only_be_read_and_one_of_another_user_say_whose_they_are) {
    const fs::path root = fs::temp_directory_path() / ("place_" + std::to_string(::getpid()));
    fs::create_directories(root);
    const uid_t owner = ::geteuid();
    fs::permissions(root, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                              fs::perms::others_exec);
    // Root may write everything: then somebody else is asked, whose folder it is not.
    constexpr uid_t nobody = 65534;
    ASSERT_TRUE(owner != 0 || ::seteuid(nobody) == 0);
    core::ManualClock clock{noon};
    Options options;
    options.root = root.string() + "/spool";
    const auto refused = Spool::open(posix_file_system(), clock, options);
    const auto place = examine_place(posix_file_system(), root.string());
    ASSERT_TRUE(owner != 0 || ::seteuid(0) == 0);
    ASSERT_FALSE(refused);
    ASSERT_FALSE(place);
    for (const auto& message : {refused.error().message, place.error().message}) {
        EXPECT_NE(message.find("Permission denied"), std::string::npos) << message;
        const std::string said =
            owner == 0 ? "is user 0's and this is user 65534: the folder must belong to the user that emits"
                       : "is this user's and may not be changed";
        EXPECT_NE(message.find(root.string() + " " + said), std::string::npos) << message;
    }
    fs::permissions(root, fs::perms::owner_all);
    fs::remove_all(root);
}

TEST(SpoolPlace, root_makes_nothing_in_a_folder_of_another_user_and_may_look) {
    const fs::path root = fs::temp_directory_path() / ("place_of_another_" + std::to_string(::getpid()));
    core::ManualClock clock{noon};
    Options options;
    options.root = root.string();
    options.any_file_system = true;
    ASSERT_TRUE(Spool::open(posix_file_system(), clock, options)) << "its own";
    fs::remove(root / "slot_0000" / "drain.lock");
    ASSERT_TRUE(status(posix_file_system(), root.string()));
    EXPECT_FALSE(fs::exists(root / "slot_0000" / "drain.lock")) << "who looks makes no lock";
    // Who is not root can give no folder away; the kernel refuses that user itself, as above.
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(root.c_str(), nobody, nobody), 0);
        const auto refused = Spool::open(posix_file_system(), clock, options);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, core::ErrorKind::storage);
        EXPECT_NE(refused.error().message.find(
                      "is user 65534's and this is user 0: what root makes there, its owner "
                      "cannot write; run it as its owner: "),
                  std::string::npos)
            << refused.error().message;
        EXPECT_FALSE(examine_place(posix_file_system(), root.string()));
        EXPECT_TRUE(status(posix_file_system(), root.string()));
        EXPECT_TRUE(check(posix_file_system(), root.string()));
    }
    fs::remove_all(root);
}

TEST(SpoolPlace, a_folder_that_cannot_be_made_is_said_with_its_own_reason) {
    // The kernel lets nobody make one there, whoever asks.
    const auto nowhere = posix_file_system().make_folder("/proc/tristrata_spool");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().kind, core::ErrorKind::storage) << nowhere.error().message;
    const auto made = posix_file_system().make_folder("/sys/tristrata_spool/slot_0000");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message.find("No such file"), std::string::npos) << made.error().message;
    EXPECT_NE(made.error().message.find("cannot make /sys/tristrata_spool"), std::string::npos)
        << made.error().message;
    EXPECT_EQ(made.error().kind, core::ErrorKind::storage);
}
