#include "running_server.hpp"
#include "tristrata/objects/object_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

using namespace tristrata;
using core::ErrorKind;
using objects::ObjectStore;
using objects::Put;
using objects::running_server;
using testing::HasSubstr;

namespace {

/// What a test gets a store from; each test has keys of its own.
struct Backend {
    std::string name;
    std::function<std::unique_ptr<ObjectStore>(const std::filesystem::path& base, const std::string& test)>
        open;
};

std::unique_ptr<ObjectStore> opened(const std::string& location, const objects::Options& options = {}) {
    auto store = objects::open(location, options);
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
}

std::unique_ptr<ObjectStore> folder_store(const std::filesystem::path& base, const std::string&) {
    return opened("file://" + (base / "archive").string());
}

std::unique_ptr<ObjectStore> s3_store(const std::string& endpoint, const std::string& test,
                                      const std::string& addressing) {
    const auto& writer = running_server().writer();
    ::setenv("AWS_ACCESS_KEY_ID", writer.access_key.c_str(), 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", writer.secret_key.c_str(), 1);
    objects::Options options;
    options.endpoint = endpoint;
    return opened("s3://" + running_server().bucket() + "/" + test + addressing, options);
}

/// What both kinds of store promise alike.
class Conformance : public testing::TestWithParam<Backend> {
protected:
    Conformance() {
        std::string pattern = std::filesystem::temp_directory_path() / "objects-XXXXXX";
        base = ::mkdtemp(pattern.data());
        std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
        std::ranges::replace(test, '/', '-');
        store = GetParam().open(base, test);
    }
    ~Conformance() override { std::filesystem::remove_all(base); }

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

INSTANTIATE_TEST_SUITE_P(Stores, Conformance,
                         testing::Values(Backend{"folder", folder_store},
                                         Backend{"s3",
                                                 [](const std::filesystem::path&, const std::string& test) {
                                                     return s3_store(running_server().endpoint(), test, "");
                                                 }},
                                         Backend{"s3_by_host",
                                                 [](const std::filesystem::path&, const std::string& test) {
                                                     return s3_store(running_server().host_endpoint(), test,
                                                                     "?addressing=virtual");
                                                 }}),
                         [](const auto& backend) { return backend.param.name; });

TEST_P(Conformance, what_was_put_is_got_and_listed_and_has_its_size) {
    EXPECT_EQ(store->put_new("kpi/2026/a", "hello"), Put::stored);
    EXPECT_EQ(store->get("kpi/2026/a"), "hello");
    const auto info = store->stat("kpi/2026/a").value();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->bytes, 5U);
    EXPECT_GT(info->modified, *core::parse_timestamp("2026-01-01"));
    EXPECT_THAT(keys(""), testing::ElementsAre("kpi/2026/a"));
}

TEST_P(Conformance, the_same_bytes_again_are_fine_and_other_bytes_are_a_conflict) {
    EXPECT_EQ(store->put_new("a", "one"), Put::stored);
    EXPECT_EQ(store->put_new("a", "one"), Put::already_there);
    for (const char* other : {"two", "on", "one more", ""}) {
        const auto put = store->put_new("a", other);
        ASSERT_FALSE(put) << other;
        EXPECT_EQ(put.error().kind, ErrorKind::conflict);
    }
    EXPECT_EQ(store->get("a"), "one");
}

TEST_P(Conformance, an_empty_object_is_one) {
    EXPECT_EQ(store->put_new("empty", ""), Put::stored);
    EXPECT_EQ(store->put_new("empty", ""), Put::already_there);
    EXPECT_EQ(store->get("empty"), "");
    EXPECT_THAT(keys(""), testing::ElementsAre("empty"));
}

TEST_P(Conformance, a_large_file_goes_in_by_parts_and_comes_back_whole) {
    const auto path = base / "large";
    std::string large(23'000'001, 'x');
    for (std::size_t i = 0; i < large.size(); i += 4093) large[i] = static_cast<char>(i % 251);
    std::ofstream(path, std::ios::binary) << large;
    EXPECT_EQ(store->put_file("large", path), Put::stored);
    EXPECT_EQ(store->put_file("large", path), Put::already_there);
    ASSERT_TRUE(store->fetch_file("large", base / "back"));
    EXPECT_TRUE(content_of(base / "back") == large);
    EXPECT_FALSE(std::filesystem::exists(base / "back.part"));
    large.back() = 'z';
    std::ofstream(path, std::ios::binary) << large;
    EXPECT_EQ(store->put_file("large", path).error().kind, ErrorKind::conflict);
}

TEST_P(Conformance, odd_keys_are_names_of_their_own) {
    const std::vector<std::string> odd = {
        "a b", "a+b",    "a%20b", "%2e%2e/x",  "höhe/日本/🦀", "a&b", "?x=1",     "-rf",   "...",
        "a#b", "a\"b'c", "a;b,c", "a=b/@ $:!", "~x*y",         "<&>", "[a]{b}^`", "s3:/x", ".hidden"};
    for (const auto& key : odd) EXPECT_EQ(store->put_new(key, key), Put::stored) << key;
    for (const auto& key : odd) EXPECT_EQ(store->get(key), key);
    auto sorted = odd;
    std::ranges::sort(sorted);
    EXPECT_EQ(keys(""), sorted);
    for (const auto& key : odd) EXPECT_TRUE(store->remove(key)) << key;
    EXPECT_THAT(keys(""), testing::IsEmpty());
}

TEST_P(Conformance, what_is_no_key_is_refused_before_anything_is_asked) {
    for (const char* key : {"", "/a", "a/", "a//b", "../a", "a\nb", ".incoming/a"}) {
        EXPECT_EQ(store->get(key).error().kind, ErrorKind::usage) << key;
        EXPECT_EQ(store->put_new(key, "x").error().kind, ErrorKind::usage) << key;
        EXPECT_EQ(store->remove(key).error().kind, ErrorKind::usage) << key;
    }
}

TEST_P(Conformance, a_prefix_is_whole_segments) {
    for (const char* key : {"kpi/2026/b", "kpi/2026/a/x", "kpi/2026x", "kpi/2025/a"})
        ASSERT_TRUE(store->put_new(key, "x"));
    EXPECT_THAT(keys("kpi/2026"), testing::ElementsAre("kpi/2026/a/x", "kpi/2026/b"));
    EXPECT_THAT(keys("kpi/2026/"), testing::ElementsAre("kpi/2026/a/x", "kpi/2026/b"));
    EXPECT_THAT(keys("kpi/none"), testing::IsEmpty());
    EXPECT_EQ(keys("").size(), 4U);
}

TEST_P(Conformance, what_is_not_there_is_said_and_removing_it_is_fine) {
    EXPECT_EQ(store->get("none").error().kind, ErrorKind::not_found);
    EXPECT_THAT(store->get("none").error().message, HasSubstr("\"none\""));
    EXPECT_EQ(store->stat("none").value(), std::nullopt);
    EXPECT_EQ(store->fetch_file("none", base / "x").error().kind, ErrorKind::not_found);
    EXPECT_FALSE(std::filesystem::exists(base / "x"));
    EXPECT_TRUE(store->remove("none"));
    EXPECT_TRUE(store->remove("none/below"));
    ASSERT_TRUE(store->put_new("a/b", "x"));
    EXPECT_EQ(store->get("a").error().kind, ErrorKind::not_found) << "a folder of keys is no object";
    EXPECT_TRUE(store->remove("a/b"));
    EXPECT_EQ(store->stat("a/b").value(), std::nullopt);
}

TEST_P(Conformance, many_threads_may_put_and_get_at_once) {
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 6; ++i)
            callers.emplace_back([&, i] {
                for (int j = 0; j < 5; ++j) {
                    const std::string key = std::to_string(i) + "/" + std::to_string(j);
                    if (store->put_new(key, key) != Put::stored || store->get(key) != key) ++wrong;
                }
            });
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(keys("").size(), 30U);
}

TEST_P(Conformance, works_when_it_is_probed_and_leaves_nothing) {
    const auto probed = store->probe();
    EXPECT_TRUE(probed) << probed.error().message;
    EXPECT_THAT(keys(""), testing::IsEmpty());
}
