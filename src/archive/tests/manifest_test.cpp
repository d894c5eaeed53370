#include "tristrata/archive/manifest.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::archive;

namespace {

Manifest sample() {
    Manifest manifest;
    manifest.layer = store::Layer::drift;
    manifest.half = "info";
    manifest.day = *core::parse_timestamp("2026-08-27");
    manifest.part = 2;
    manifest.sha256 = std::string(64, 'a');
    manifest.file = file_key(manifest);
    manifest.bytes = 4711;
    manifest.rows = 3;
    manifest.time_min = *core::parse_timestamp("2026-08-27T00:00:00.000001Z");
    manifest.time_max = *core::parse_timestamp("2026-08-27T23:59:59Z");
    manifest.rows_sha256 = std::string(64, 'b');
    manifest.replaces = {1};
    manifest.created_at = *core::parse_timestamp("2026-11-26T10:00:00Z");
    return manifest;
}

}  // namespace

TEST(Manifest, keys_say_layer_half_day_and_number_and_a_folder_s_reader_passes_over_the_manifest) {
    const Manifest manifest = sample();
    EXPECT_EQ(manifest.file, "drift/half=info/day=2026-08-27/part-00002-aaaaaaaaaaaa.parquet");
    EXPECT_EQ(manifest_key(manifest), "drift/half=info/day=2026-08-27/_part-00002.json");
    EXPECT_TRUE(is_manifest(manifest_key(manifest)));
    EXPECT_FALSE(is_manifest(manifest.file));
    EXPECT_EQ(day_of_key(manifest.file), manifest.day);
    EXPECT_EQ(day_prefix(store::Layer::kpi, "", manifest.day), "kpi/day=2026-08-27");
    EXPECT_FALSE(day_of_key("payloads/abc"));
}

TEST(Manifest, what_is_written_is_read_back) {
    const Manifest before = sample();
    const auto after = parse_manifest(to_json(before), "k");
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(to_json(*after), to_json(before));
    EXPECT_EQ(after->time_min, before.time_min);
    EXPECT_EQ(after->replaces, before.replaces);
}

TEST(Manifest, what_is_none_is_named_with_its_key) {
    std::string newer = to_json(sample());
    newer.replace(newer.find("part/1"), 6, "part/2");
    std::string short_hash = to_json(sample());
    short_hash.replace(short_hash.find("aaaa", short_hash.find("\"sha256\"")), 4, "");
    for (const std::string& text : {std::string(), std::string("{"), std::string("[1]"),
                                    std::string("{\"schema\":1}"), newer, short_hash}) {
        const auto read = parse_manifest(text, "kpi/day=2026-08-27/_part-00001.json");
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind, core::ErrorKind::invalid_input);
        EXPECT_NE(read.error().message.find("kpi/day=2026-08-27/_part-00001.json"), std::string::npos);
    }
    EXPECT_NE(parse_manifest(newer, "k").error().message.find("tristrata.archive_part/2"), std::string::npos);
    EXPECT_NE(parse_manifest("{", "k").error().message.find("move it away: its part then counts as lost"),
              std::string::npos);
}

TEST(Manifest, a_part_that_another_replaces_is_void) {
    Manifest first = sample(), second = sample(), other_half = sample();
    first.part = 1;
    first.replaces = {};
    other_half.half = "alert";
    other_half.part = 1;
    other_half.replaces = {};
    const auto left = in_force({second, first, other_half});
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].half, "alert") << "another half's part 1 stays";
    EXPECT_EQ(left[1].part, 2);
}
