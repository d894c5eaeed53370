#include "folder_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace tristrata;
using core::ErrorKind;
using objects::ObjectStore;
using objects::Put;
using testing::HasSubstr;

namespace {

/// A folder of the test's own, gone with it.
class Folder : public testing::Test {
protected:
    Folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "objects-XXXXXX";
        base = ::mkdtemp(pattern.data());
        store = std::move(*objects::open("file://" + (base / "archive").string()));
    }
    ~Folder() override { std::filesystem::remove_all(base); }

    [[nodiscard]] std::vector<std::string> keys(const std::string& prefix) const {
        std::vector<std::string> all;
        const auto listed = store->list(prefix).value();
        for (const auto& info : listed) all.push_back(info.key);
        return all;
    }

    std::filesystem::path base;
    std::unique_ptr<ObjectStore> store;
};

std::string content_of(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_F(Folder, what_was_put_is_got_and_listed_and_has_its_size) {
    EXPECT_EQ(store->put_new("kpi/2026/a", "hello"), Put::stored);
    EXPECT_EQ(store->get("kpi/2026/a"), "hello");
    const auto info = store->stat("kpi/2026/a").value();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->bytes, 5U);
    EXPECT_GT(info->modified, *core::parse_timestamp("2026-01-01"));
    EXPECT_THAT(keys(""), testing::ElementsAre("kpi/2026/a"));
    EXPECT_EQ(content_of(base / "archive/kpi/2026/a"), "hello");
}

TEST_F(Folder, the_same_bytes_again_are_fine_and_other_bytes_are_a_conflict) {
    EXPECT_EQ(store->put_new("a", "one"), Put::stored);
    EXPECT_EQ(store->put_new("a", "one"), Put::already_there);
    for (const char* other : {"two", "on", "one more", ""}) {
        const auto put = store->put_new("a", other);
        ASSERT_FALSE(put) << other;
        EXPECT_EQ(put.error().kind, ErrorKind::conflict);
    }
    EXPECT_EQ(store->get("a"), "one");
    EXPECT_TRUE(std::filesystem::is_empty(base / "archive/.incoming"));
}

TEST_F(Folder, of_many_that_write_other_bytes_at_once_one_is_let_in) {
    std::atomic<int> stored = 0;
    std::atomic<int> conflicts = 0;
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 8; ++i)
            writers.emplace_back([&, i] {
                const auto put = store->put_new("manifest", "writer " + std::to_string(i));
                if (put) ++stored;
                else if (put.error().kind == ErrorKind::conflict) ++conflicts;
            });
    }
    EXPECT_EQ(stored, 1);
    EXPECT_EQ(conflicts, 7);
}

TEST_F(Folder, an_empty_object_is_one) {
    EXPECT_EQ(store->put_new("empty", ""), Put::stored);
    EXPECT_EQ(store->put_new("empty", ""), Put::already_there);
    EXPECT_EQ(store->get("empty"), "");
}

TEST_F(Folder, a_file_goes_in_and_comes_back_whole) {
    const auto path = base / "large";
    std::string large(9'000'001, 'x');
    large[4'194'304] = 'y';
    std::ofstream(path, std::ios::binary) << large;
    EXPECT_EQ(store->put_file("large", path), Put::stored);
    EXPECT_EQ(store->put_file("large", path), Put::already_there);
    ASSERT_TRUE(store->fetch_file("large", base / "back"));
    EXPECT_EQ(content_of(base / "back"), large);
    EXPECT_FALSE(std::filesystem::exists(base / "back.part"));
    large.back() = 'z';
    std::ofstream(path, std::ios::binary) << large;
    EXPECT_EQ(store->put_file("large", path).error().kind, ErrorKind::conflict);
}

TEST_F(Folder, odd_keys_are_names_of_their_own) {
    const std::vector<std::string> odd = {"a b",  "a+b",  "a%20b", "%2e%2e/x", "höhe/日本/🦀",
                                          "a\\b", "?x=1", "-rf",   "..."};
    for (const auto& key : odd) EXPECT_EQ(store->put_new(key, key), Put::stored) << key;
    for (const auto& key : odd) EXPECT_EQ(store->get(key), key);
    EXPECT_EQ(keys("").size(), odd.size());
}

TEST_F(Folder, nothing_outside_the_folder_can_be_named) {
    std::ofstream(base / "secret") << "outside";
    for (const char* key : {"../secret", "a/../../secret", "/etc/passwd", ""}) {
        EXPECT_EQ(store->get(key).error().kind, ErrorKind::usage) << key;
        EXPECT_EQ(store->put_new(key, "x").error().kind, ErrorKind::usage) << key;
        EXPECT_EQ(store->remove(key).error().kind, ErrorKind::usage) << key;
    }
}

TEST_F(Folder, a_symbolic_link_is_not_followed) {
    std::filesystem::create_directory(base / "elsewhere");
    std::ofstream(base / "elsewhere/secret") << "outside";
    std::filesystem::create_symlink(base / "elsewhere", base / "archive/link");
    std::filesystem::create_symlink(base / "elsewhere/secret", base / "archive/file");
    EXPECT_FALSE(store->get("link/secret"));
    EXPECT_FALSE(store->get("file"));
    EXPECT_FALSE(store->put_new("link/new", "x"));
    EXPECT_FALSE(std::filesystem::exists(base / "elsewhere/new"));
    EXPECT_THAT(keys(""), testing::IsEmpty());
}

TEST_F(Folder, a_prefix_is_whole_segments) {
    for (const char* key : {"kpi/2026/b", "kpi/2026/a/x", "kpi/2026x", "kpi/2025/a"})
        ASSERT_TRUE(store->put_new(key, "x"));
    EXPECT_THAT(keys("kpi/2026"), testing::ElementsAre("kpi/2026/a/x", "kpi/2026/b"));
    EXPECT_THAT(keys("kpi/2026/"), testing::ElementsAre("kpi/2026/a/x", "kpi/2026/b"));
    EXPECT_THAT(keys("kpi/none"), testing::IsEmpty());
    EXPECT_EQ(keys("").size(), 4U);
}

TEST_F(Folder, what_is_not_there_is_said_and_removing_it_is_fine) {
    EXPECT_EQ(store->get("none").error().kind, ErrorKind::not_found);
    EXPECT_THAT(store->get("none").error().message, HasSubstr("\"none\""));
    EXPECT_EQ(store->stat("none").value(), std::nullopt);
    EXPECT_EQ(store->fetch_file("none", base / "x").error().kind, ErrorKind::not_found);
    EXPECT_TRUE(store->remove("none"));
    EXPECT_TRUE(store->remove("none/below"));
    ASSERT_TRUE(store->put_new("a", "x"));
    EXPECT_TRUE(store->remove("a"));
    EXPECT_EQ(store->stat("a").value(), std::nullopt);
}

TEST_F(Folder, an_object_is_no_folder_of_keys_and_the_other_way_round) {
    ASSERT_TRUE(store->put_new("a", "x"));
    EXPECT_EQ(store->put_new("a/b", "x").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->get("a/b").error().kind, ErrorKind::not_found);
    ASSERT_TRUE(store->put_new("c/d", "x"));
    EXPECT_EQ(store->put_new("c", "x").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->get("c").error().kind, ErrorKind::not_found);
}

TEST_F(Folder, works_when_it_is_probed_and_leaves_nothing) {
    EXPECT_TRUE(store->probe());
    EXPECT_THAT(keys(""), testing::IsEmpty());
}

TEST_F(Folder, a_file_in_its_place_is_a_wrong_setting) {
    std::ofstream(base / "file") << "x";
    const auto opened = objects::open("file://" + (base / "file").string());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::configuration);
    EXPECT_THAT(opened.error().message, HasSubstr("TRISTRATA_ARCHIVE"));
}

TEST_F(Folder, a_full_disk_is_an_error_of_the_storage_and_leaves_nothing) {
    // The largest file that this process may write is the disk of this test.
    const auto path = base / "source";
    std::ofstream(path, std::ios::binary) << std::string(1'000'000, 'x');
    const rlimit before = [] {
        rlimit now{};
        ::getrlimit(RLIMIT_FSIZE, &now);
        return now;
    }();
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto put = store->put_file("a", path);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, ignored);
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::storage);
    EXPECT_THAT(keys(""), testing::IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(base / "archive/.incoming"));
}
