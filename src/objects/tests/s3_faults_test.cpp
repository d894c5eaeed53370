// What happens between a spool and a bucket: refusals, broken requests, answers that are lost, cut or slow,
// on a real server behind something that reads what passes. Objects are never lost, half or twice, and the
// ledger is exact.
#include "memory_file_system.hpp"
#include "running_server.hpp"

#include "tristrata/objects/object_destination.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/sink/object_record.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <iostream>
#include <random>

using namespace tristrata;
using objects::ObjectStore;
using objects::Put;
using objects::running_server;
using testing::HasSubstr;

namespace {

bool is_long() { return std::getenv("TRISTRATA_LONG") != nullptr; }

std::unique_ptr<ObjectStore> bucket(const std::string& endpoint, const std::string& prefix) {
    ::setenv("AWS_ACCESS_KEY_ID", running_server().writer().access_key.c_str(), 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", running_server().writer().secret_key.c_str(), 1);
    objects::Options options;
    options.endpoint = endpoint;
    options.budget = {4'000'000};
    auto opened = objects::open("s3://" + running_server().bucket() + "/" + prefix, options);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
}

std::string drawn_bytes(std::size_t size, std::mt19937_64& draw) {
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size; at += 512) bytes[at] = static_cast<char>(draw());
    return bytes;
}

std::uint64_t sum(const std::map<std::string, std::uint64_t>& counts) {
    std::uint64_t all = 0;
    for (const auto& [name, count] : counts) all += count;
    return all;
}

}  // namespace

TEST(S3Faults, payloads_go_from_a_spool_into_a_bucket_once_each_whatever_fails_in_between) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 draw(seed);
    faults::MemoryFileSystem disk;
    core::Clock& clock = core::system_clock();
    spool::Options options;
    options.root = "spool";
    options.bytes_max = 1U << 30U;
    auto spool = std::move(*spool::Spool::open(disk, clock, options));
    running_server().fault("mix 0.3 " + std::to_string(seed % 1'000'000));
    (void)running_server().seen();
    relay::Options carrying;
    carrying.root = "spool";
    carrying.batch_records = 4;
    carrying.retry_first = {1'000};
    carrying.retry_max = {20'000};
    relay::Relay relay(disk, clock, carrying, {std::make_shared<objects::ObjectDestination>([]() {
                           return core::Result<std::unique_ptr<ObjectStore>>(
                               bucket(running_server().faulty_endpoint(), "payloads"));
                       })});
    std::vector<std::string> emitted;
    const int count = is_long() ? 600 : 24;
    for (int i = 0; i < count; ++i) {
        // Among them one of several parts.
        emitted.push_back(drawn_bytes(i % 200 == 7 ? 11'000'000 : 102'400 + draw() % 100'000, draw));
        const auto record =
            sink::encode(sink::ContentObject{core::sha256(emitted.back()), emitted.back()}, false);
        ASSERT_TRUE(spool->append({&record, 1}));
    }
    const auto delivered = relay.drain({600'000'000}, {});
    running_server().fault("pass");
    const auto seen = running_server().seen();
    ASSERT_FALSE(delivered.pending) << (delivered.held.empty() ? "" : delivered.held.front().message);
    const auto books = spool::status(disk, "spool")->front().classes[spool::place(sink::RecordClass::object)];
    EXPECT_EQ(books.emitted, emitted.size());
    EXPECT_EQ(books.ledger.dead, 0u) << "seed " << seed << ": a fault is nobody's wrong record";
    EXPECT_EQ(books.ledger.stored + books.ledger.duplicate, emitted.size()) << "seed " << seed;
    auto whole = bucket(running_server().endpoint(), "payloads");
    EXPECT_EQ(whole->list("")->size(), emitted.size()) << "seed " << seed;
    for (const auto& bytes : emitted)
        EXPECT_TRUE(whole->get(sink::content_key(core::sha256(bytes))) == bytes) << "seed " << seed;
    EXPECT_GT(sum(seen.faults), static_cast<std::uint64_t>(count) / 2);
    std::cout << emitted.size() << " payloads, " << seen.requests.size() << " requests, of them";
    for (const auto& [fault, met] : seen.faults) std::cout << " " << met << " " << fault << ",";
    std::cout << " seed " << seed << "\n";
}

TEST(S3Faults, an_upload_whose_part_breaks_or_is_refused_is_whole_or_not_there) {
    std::mt19937_64 draw(7);
    const std::string large = drawn_bytes(17'000'000, draw);
    for (const char* fault :
         {"break 2 partNumber=2", "fail 503 3 partNumber=1", "forget 1 partNumber=2", "forget 1 uploadId"}) {
        SCOPED_TRACE(fault);
        const std::string key = fault;
        auto store = bucket(running_server().faulty_endpoint(), "parts");
        running_server().fault(fault);
        (void)running_server().seen();
        EXPECT_EQ(store->put_new(key, large), Put::stored);
        running_server().fault("pass");
        const auto met = sum(running_server().seen().faults);
        EXPECT_EQ(met, fault[0] == 'f' && fault[1] == 'a' ? 3u : fault[0] == 'b' ? 2u : 1u);
        EXPECT_EQ(store->repeated(), met) << "each repetition is counted";
        EXPECT_TRUE(bucket(running_server().endpoint(), "parts")->get(key) == large);
    }
    auto store = bucket(running_server().faulty_endpoint(), "parts");
    running_server().fault("break 1000 partNumber=2");
    const auto put = store->put_new("never", large);
    running_server().fault("pass");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, core::ErrorKind::unavailable) << put.error().message;
    EXPECT_FALSE(store->stat("never").value()) << "no half object";
    EXPECT_EQ(store->put_new("never", large), Put::stored) << "it can be put again";
}

TEST(S3Faults, a_put_that_breaks_in_the_middle_leaves_no_half_object) {
    const std::string bytes(300'000, 'x');
    auto store = bucket(running_server().faulty_endpoint(), "broken");
    running_server().fault("break 1000 PUT");
    const auto put = store->put_new("a", bytes);
    running_server().fault("pass");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, core::ErrorKind::unavailable) << put.error().message;
    EXPECT_GT(store->repeated(), 2u);
    EXPECT_FALSE(store->stat("a").value());
    EXPECT_EQ(store->put_new("a", bytes), Put::stored);
}

TEST(S3Faults, a_slow_server_is_waited_for) {
    auto store = bucket(running_server().faulty_endpoint(), "slow");
    const std::string bytes(300'000, 'x');
    running_server().fault("slow 100");
    EXPECT_EQ(store->put_new("a", bytes), Put::stored);
    EXPECT_EQ(store->get("a"), bytes);
    running_server().fault("pass");
    EXPECT_EQ(store->repeated(), 0u);
}
