#include "tristrata/online/detector.hpp"
#include "tristrata/stats/ks.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

// What the peers' tests, documents and runs state: tests/golden/README.md.
using namespace tristrata::online;

namespace {

const std::filesystem::path golden = std::filesystem::path(TRISTRATA_SOURCE) / "tests/golden";

/// The numbers of a gzipped file, row after row; a header is left out.
std::vector<std::vector<double>> read_input(const std::string& name) {
    const auto file = gzopen((golden / "inputs" / name).c_str(), "rb");
    EXPECT_NE(file, nullptr) << name;
    std::string text;
    std::array<char, 65536> block{};
    for (int read = 0; (read = gzread(file, block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(read));
    gzclose(file);
    std::vector<std::vector<double>> columns;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || std::isalpha(static_cast<unsigned char>(line[0]))) continue;
        std::istringstream fields(line);
        std::size_t at = 0;
        for (std::string field; std::getline(fields, field, ','); ++at) {
            if (at == columns.size()) columns.emplace_back();
            columns[at].push_back(std::stod(field));
        }
    }
    return columns;
}

struct StatedCase {
    std::string id;  ///< In peer_test_cases.json.
    std::string input;
    std::string detector;
    Settings settings;
    std::uint64_t seed = 0;
};

const std::vector<StatedCase> stated{
    {"rv.adwin.s1", "river_data_stream_1.csv.gz", "adwin", {}},
    {"rv.ddm", "river_data_stream_2.csv.gz", "ddm", {}},
    {"rv.hddm_a", "river_data_stream_2.csv.gz", "hddm_a", {}},
    {"rv.hddm_w", "river_data_stream_2.csv.gz", "hddm_w", {}},
    {"rv.kswin",
     "river_data_stream_1.csv.gz",
     "kswin",
     {{"alpha", 1e-4}, {"window", 200}, {"recent", 100}},
     42},
    {"rv.ph.down", "river_data_stream_3.csv.gz", "page_hinkley", {{"direction", -1}}},
    {"rv.ph.doc", "river_doc_stream_12345.csv.gz", "page_hinkley", {}},
    {"rv.kswin.doc", "river_doc_stream_12345.csv.gz", "kswin", {{"alpha", 1e-4}}, 42},
    {"rv.eddm.doc", "river_doc_binary_42.csv.gz", "eddm", {{"warn", 0.8}, {"drift", 0.75}}},
    {"rv.hddm_w.doc", "river_doc_binary_42.csv.gz", "hddm_w", {}},
    {"rv.doc.MDDM_A", "river_doc_binary_42.csv.gz", "mddm_a", {}},
    {"rv.doc.MDDM_G", "river_doc_binary_42.csv.gz", "mddm_g", {}},
    {"rv.doc.JSWIN(alpha .6)", "river_doc_stream_12345.csv.gz", "jswin", {{"limit", 0.6}}},
    {"fr.cd.cusum", "frouros_stream_drift.csv.gz", "cusum_running_mean", {{"warm_up", 1}}},
    {"fr.cd.ph", "frouros_stream_drift.csv.gz", "fading_sum", {{"warm_up", 1}}},
};

nlohmann::json read_json(const std::string& name) {
    std::ifstream file(golden / name);
    return nlohmann::json::parse(file);
}

}  // namespace

TEST(Golden, every_stated_case_fires_where_its_peer_says) {
    const auto cases = read_json("peer_test_cases.json");
    for (const auto& one : stated) {
        SCOPED_TRACE(one.id);
        const auto found =
            std::ranges::find_if(cases, [&](const auto& each) { return each["id"] == one.id; });
        ASSERT_NE(found, cases.end());
        std::vector<std::size_t> expected;
        if ((*found)["expected"].is_array()) expected = (*found)["expected"].get<std::vector<std::size_t>>();
        else expected = {(*found)["expected"].get<std::size_t>()};
        const auto columns = read_input(one.input);
        ASSERT_FALSE(columns.empty());
        const auto got = detect(one.detector, one.settings, columns[0], {}, one.seed);
        ASSERT_TRUE(got.has_value()) << got.error().message;
        EXPECT_EQ(got->drifts, expected);
    }
}

TEST(Golden, detectors_fire_where_river_does_on_seeded_streams) {
    // Its streams documented_cusum and documented_shewhart are rv.doc.CUSUM and rv.doc.Shewhart.
    const auto golden_streams = read_json("online_streams.json");
    std::size_t cases = 0;
    for (const auto& one : golden_streams["cases"]) {
        const auto name = one["detector"].get<std::string>();
        SCOPED_TRACE(one["stream"].get<std::string>() + " " + name + " " + one["settings"].dump());
        const auto values =
            golden_streams["streams"][one["stream"].get<std::string>()].get<std::vector<double>>();
        const auto got =
            detect(name, one["settings"].get<std::map<std::string, double, std::less<>>>(), values, {}, 7);
        ASSERT_TRUE(got.has_value()) << got.error().message;
        EXPECT_EQ(got->drifts, one["drifts"].get<std::vector<std::size_t>>());
        ++cases;
    }
    EXPECT_EQ(cases, 80u);
}

TEST(Golden, incremental_ks_ends_where_frouros_does) {  // fr.iks.diff
    const auto columns = read_input("frouros_stream_diff.csv.gz");
    ASSERT_EQ(columns.size(), 2u);
    auto detector = make_detector("incremental_ks", {{"window", 10}, {"alpha", 1e-300}}, columns[0]);
    ASSERT_TRUE(detector.has_value()) << detector.error().message;
    Update last;
    for (const double x : columns[1]) last = (*detector)->update(x);
    ASSERT_TRUE(last.statistic.has_value());
    EXPECT_DOUBLE_EQ(*last.statistic, 1.0);
    EXPECT_LT(tristrata::stats::ks_exact_p(*last.statistic, columns[0].size(), 10), 1e-8);
}

TEST(Golden, streaming_mmd_ends_where_frouros_does) {  // fr.smmd.diff
    const auto columns = read_input("frouros_stream_diff.csv.gz");
    ASSERT_EQ(columns.size(), 2u);
    auto detector = make_detector("streaming_mmd", {{"window", 10}, {"sigma", 1}}, columns[0]);
    ASSERT_TRUE(detector.has_value()) << detector.error().message;
    // The peer goes on after a drift, so that the last window is fed to a detector that has not fired yet.
    Update last;
    for (std::size_t i = columns[1].size() - 10; i < columns[1].size(); ++i)
        last = (*detector)->update(columns[1][i]);
    ASSERT_TRUE(last.statistic.has_value());
    EXPECT_NEAR(*last.statistic, 0.8656735, 1e-5 * 0.8656735);
}
