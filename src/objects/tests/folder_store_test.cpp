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

TEST_F(Folder, an_object_is_a_file_of_its_name_and_nothing_else_is_left) {
    EXPECT_EQ(store->put_new("kpi/2026/a b", "hello"), Put::stored);
    EXPECT_EQ(content_of(base / "archive/kpi/2026/a b"), "hello");
    EXPECT_EQ(store->put_new("kpi/2026/a b", "hello"), Put::already_there);
    EXPECT_EQ(store->put_new("kpi/2026/a b", "other").error().kind, ErrorKind::conflict);
    EXPECT_TRUE(std::filesystem::is_empty(base / "archive/.incoming"));
}

TEST_F(Folder, it_is_made_by_the_first_put_and_by_nothing_that_only_looks) {
    EXPECT_TRUE(store->list("")->empty());
    EXPECT_EQ(store->get("a").error().kind, ErrorKind::not_found);
    EXPECT_FALSE(*store->stat("a"));
    EXPECT_TRUE(store->remove("a"));
    EXPECT_FALSE(std::filesystem::exists(base / "archive"));
    EXPECT_EQ(std::move(*objects::open("file://" + (base / "archive").string()))->put_new("a", "x"),
              Put::stored);
    EXPECT_EQ(store->get("a"), "x") << "one that another made is found";
}

TEST_F(Folder, one_that_cannot_be_made_is_said_by_the_first_put) {
    const auto beneath = base / "locked";
    std::filesystem::create_directory(beneath);
    std::filesystem::create_symlink(base / "nowhere" / "deeper", beneath / "link");
    auto opened = std::move(*objects::open("file://" + (beneath / "link").string()));
    const auto refused = opened->put_new("a", "x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::configuration);
    EXPECT_THAT(refused.error().message, HasSubstr("TRISTRATA_ARCHIVE names"));
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

TEST_F(Folder, nothing_outside_the_folder_can_be_named) {
    std::ofstream(base / "secret") << "outside";
    for (const char* key : {"../secret", "a/../../secret", "/etc/passwd", ""}) {
        EXPECT_EQ(store->get(key).error().kind, ErrorKind::usage) << key;
        EXPECT_EQ(store->put_new(key, "x").error().kind, ErrorKind::usage) << key;
        EXPECT_EQ(store->remove(key).error().kind, ErrorKind::usage) << key;
    }
}

TEST_F(Folder, a_symbolic_link_is_not_followed) {
    std::filesystem::create_directory(base / "archive");
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

TEST_F(Folder, an_object_is_no_folder_of_keys_and_the_other_way_round) {
    ASSERT_TRUE(store->put_new("a", "x"));
    EXPECT_EQ(store->put_new("a/b", "x").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->get("a/b").error().kind, ErrorKind::not_found);
    ASSERT_TRUE(store->put_new("c/d", "x"));
    EXPECT_EQ(store->put_new("c", "x").error().kind, ErrorKind::conflict);
    EXPECT_EQ(store->get("c").error().kind, ErrorKind::not_found);
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

TEST_F(Folder, root_writes_and_removes_nothing_in_a_folder_of_another_user_and_may_read) {
    ASSERT_TRUE(store->put_new("kpi/a", "x")) << "its own";
    // Who is not root can give no folder away; the kernel refuses that user itself.
    constexpr uid_t nobody = 65534;
    if (::geteuid() != 0) return;
    ASSERT_EQ(::chown((base / "archive").c_str(), nobody, nobody), 0);
    for (const auto& refused : {core::Status(store->put_new("drift/b", "x").map([](Put) {})),
                                core::Status(store->remove("kpi/a")), core::Status(store->probe())}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::storage);
        EXPECT_THAT(refused.error().message,
                    HasSubstr("is user 65534's and this is user 0: what root makes "
                              "there, its owner cannot write; run it as its owner: "));
    }
    EXPECT_THAT(keys(""), testing::ElementsAre("kpi/a"));
    EXPECT_FALSE(std::filesystem::exists(base / "archive/drift")) << "a folder that shuts its owner out";
    EXPECT_EQ(*store->get("kpi/a"), "x");
}
