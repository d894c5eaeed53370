#include "tristrata/spool/whole_file.hpp"

#include "memory_file_system.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::spool;
using faults::Fault;
using faults::MemoryFileSystem;

namespace {

const std::string before(5'000, 'a'), after(1'500, 'b');

core::Result<std::string> held(MemoryFileSystem& files) {
    auto file = files.open("root/x", FileSystem::Open::existing);
    if (!file) return propagate(file);
    return (*file)->read(0, 1U << 20U);
}

}  // namespace

TEST(WholeFile, whenever_it_stops_the_file_is_the_one_before_or_this_one) {
    for (const Fault fault : {Fault::fail, Fault::fail_midway, Fault::power_loss, Fault::process_kill})
        for (std::uint64_t seed = 0; seed < 40; ++seed)
            for (std::uint64_t step = 1; step <= 6; ++step) {
                MemoryFileSystem files(seed);
                ASSERT_TRUE(files.make_folder("root"));
                ASSERT_TRUE(write_whole(files, "root", "x", before));
                files.fault_at(files.operations() + step, fault);
                const auto written = write_whole(files, "root", "x", after);
                files.no_more_faults();
                files.restart();
                const auto now = held(files);
                ASSERT_TRUE(now) << "seed " << seed << ", step " << step << ": " << now.error().message;
                EXPECT_TRUE(*now == after || (!written && *now == before))
                    << "seed " << seed << ", step " << step << ": " << now->size() << " bytes";
                ASSERT_TRUE(write_whole(files, "root", "x", "c")) << "what is left over hinders nobody";
                EXPECT_EQ(*held(files), "c") << "seed " << seed << ", step " << step;
            }
}

TEST(WholeFile, once_it_has_returned_the_power_may_go) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        MemoryFileSystem files(seed);
        ASSERT_TRUE(files.make_folder("root"));
        ASSERT_TRUE(write_whole(files, "root", "x", before));
        ASSERT_TRUE(write_whole(files, "root", "x", after));
        files.fault_at(files.operations() + 1, Fault::power_loss);
        EXPECT_FALSE(files.open("root/y", FileSystem::Open::create)) << "the power goes here";
        files.restart();
        const auto now = held(files);
        ASSERT_TRUE(now) << "seed " << seed;
        EXPECT_EQ(*now, after) << "seed " << seed;
    }
}
