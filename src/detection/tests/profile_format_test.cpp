#include "profiling.hpp"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace tristrata;
using namespace tristrata::profiling;

namespace {

/// The page's worked example: two rows, one column of numbers and one of labels.
Profile small() {
    MemorySource source({{"x", std::vector<double>{2.5, NAN}}, {"y", std::vector<std::string>{"a", "a"}}});
    return profiled(source, {});
}

std::string stored(const char* name) {
    std::ifstream file(std::filesystem::path(TRISTRATA_SOURCE) / "tests/data/profile" / name,
                       std::ios::binary);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST(ProfileFormat, a_profile_is_known_by_its_first_bytes) {
    const std::string bytes = small().bytes();
    EXPECT_TRUE(detection::begins_as_profile(bytes));
    EXPECT_TRUE(detection::begins_as_profile(std::string_view(bytes).substr(0, 8)));
    EXPECT_FALSE(detection::begins_as_profile(std::string_view(bytes).substr(0, 7)));
    EXPECT_FALSE(detection::begins_as_profile("x,y\n1,2\n"));
}

TEST(ProfileFormat, a_flip_of_any_bit_is_refused) {
    const std::string bytes = small().bytes();
    ASSERT_TRUE(detection::read_profile(bytes, "p", {}));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string flipped = bytes;
            flipped[i] = static_cast<char>(flipped[i] ^ 1 << bit);
            const auto read = detection::read_profile(flipped, "p", {});
            ASSERT_FALSE(read) << "byte " << i << ", bit " << bit;
            EXPECT_EQ(read.error().message.rfind("p: ", 0), 0u);
        }
}

TEST(ProfileFormat, cut_anywhere_or_with_a_byte_too_many_it_is_refused) {
    const std::string bytes = small().bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        ASSERT_FALSE(detection::read_profile(bytes.substr(0, size), "p", {})) << size;
    EXPECT_FALSE(detection::read_profile(bytes + '\0', "p", {}));
    const auto text = detection::read_profile("open_time,close\n1,2\n", "candles.csv", {});
    EXPECT_NE(text.error().message.find("candles.csv: it is not a profile"), std::string::npos);
}

TEST(ProfileFormat, another_format_is_refused_by_its_number) {
    std::string bytes = small().bytes();
    bytes[8] = 2;
    const auto read = detection::read_profile(bytes, "p", {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, core::ErrorKind::conflict);
    EXPECT_NE(read.error().message.find("format 2; this program reads format 1"), std::string::npos);
}

TEST(ProfileFormat, what_format_1_wrote_is_read_and_written_again_byte_by_byte) {
    const std::string exact = stored("exact_1.profile"), counts = stored("counts_1.profile");
    MemorySource current(table(100, 8, 1.0, first_hour + 300 * hour));
    for (const auto& bytes : {exact, counts}) {
        const auto profile = detection::read_profile(bytes, "stored", {});
        ASSERT_TRUE(profile) << profile.error().message;
        EXPECT_EQ(profile->bytes(), bytes);
        EXPECT_EQ(profile->rows(), 300u);
        EXPECT_EQ(profile->plan().time, "t");
        Plan plan = *detection::plan_against(*profile, {});
        plan.null = detection::Null::independent;
        const auto report = detection::check(*profile, {&current, std::nullopt}, plan, created, {});
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(column(*report, "normal").verdict, Verdict::drift);
        EXPECT_EQ(column(*report, "words").verdict, Verdict::no_drift);
    }
    MemorySource reference(table(300, 7, 0.0));
    EXPECT_EQ(profiled(reference, plan_of_table()).bytes(), exact)
        << "the same rows are the same bytes today";
    ProfileOptions options;
    options.column_bytes = 0;
    EXPECT_EQ(profiled(reference, plan_of_table(), options).bytes(), counts);
}

TEST(ProfileFormat, worked_example_of_the_page) {
    const std::string bytes = small().bytes();
    EXPECT_EQ(bytes.substr(0, 8), "TRISPROF");
    const auto number = [&](std::size_t at) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    };
    const std::uint64_t directory = number(16);
    EXPECT_EQ(number(24), bytes.size());
    EXPECT_EQ(directory % 8, 0u);
    const std::size_t x = 64 + directory;  // The first block: rows, missing, infinite, values, 2.5, codes.
    EXPECT_EQ(number(x), 2u);
    EXPECT_EQ(number(x + 8), 1u);
    EXPECT_EQ(number(x + 16), 0u);
    EXPECT_EQ(number(x + 24), 1u);
    double value = 0.0;
    std::memcpy(&value, bytes.data() + x + 32, sizeof value);
    EXPECT_EQ(value, 2.5);
    EXPECT_EQ(bytes.substr(x + 40, 8), std::string("\x00\xff\0\0\0\0\0\0", 8));
    EXPECT_EQ(bytes.size(), x + 48 + 32);
}
