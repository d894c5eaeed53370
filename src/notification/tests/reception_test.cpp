#include "tristrata/notification/reception.hpp"

#include "example_alert.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using namespace tristrata::notification;

namespace {

class ReceptionsTest : public ::testing::Test {
protected:
    ~ReceptionsTest() override { std::filesystem::remove_all(root); }
    std::string root =
        std::filesystem::temp_directory_path() / ("reception_test_" + std::to_string(::getpid()));
    Receptions receptions{spool::posix_file_system(), receptions_folder(root)};
};

}  // namespace

TEST_F(ReceptionsTest, what_was_kept_comes_back_the_oldest_first_until_it_is_removed) {
    ASSERT_TRUE(receptions.list());
    EXPECT_TRUE(receptions.list()->empty()) << "there is no folder yet";
    const Reception older{
        {1'000'000}, example_alert("a", {5}), {"http://one"}, {"http://two answers 400"}, true};
    const Reception newer{{2'000'000}, example_alert("b", {5}), {}, {"http://two answers 413: \"ü\""}, false};
    ASSERT_TRUE(receptions.add(newer));
    ASSERT_TRUE(receptions.add(older));
    auto kept = receptions.list();
    ASSERT_TRUE(kept) << kept.error().message;
    ASSERT_EQ(kept->size(), 2u);
    EXPECT_EQ((*kept)[0].reception, older);
    EXPECT_EQ((*kept)[1].reception, newer);
    ASSERT_TRUE(receptions.remove((*kept)[0]));
    EXPECT_TRUE(receptions.remove((*kept)[0])) << "another program may have done so";
    kept = receptions.list();
    ASSERT_EQ(kept->size(), 1u);
    EXPECT_EQ((*kept)[0].reception, newer);
}

TEST_F(ReceptionsTest, a_damaged_one_is_set_aside_and_holds_nothing) {
    ASSERT_TRUE(receptions.add({{1'000'000}, example_alert("a", {5}), {}, {"no"}, false}));
    const std::string path = receptions.list()->front().path;
    std::ofstream(path) << "{\"format\":1}";
    ASSERT_TRUE(receptions.list());
    EXPECT_TRUE(receptions.list()->empty());
    EXPECT_TRUE(std::filesystem::exists(path + ".damaged"));
}
