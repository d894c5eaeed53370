// Every figure that the peers' own tests and documents state is given by ours, or it is said why not.
#include "golden_case.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

using namespace tristrata::golden;

namespace {

const nlohmann::json& stated() {
    static const nlohmann::json cases = [] {
        std::ifstream file(std::string(TRISTRATA_GOLDEN) + "/peer_test_cases.json");
        return nlohmann::json::parse(file);
    }();
    return cases;
}

/// One list for all rooms.
const std::vector<Row>& rows() {
    static const std::vector<Row> all = stats_rows();
    return all;
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

const nlohmann::json& case_of(std::string_view id) {
    static const nlohmann::json none = {{"input", ""}};
    const auto found =
        std::ranges::find_if(stated(), [&](const nlohmann::json& one) { return one["id"] == id; });
    return found == stated().end() ? none : *found;
}

/// Whether a file of inputs/ or of tests/data bears the word in its name.
bool is_among_ours(std::string_view word) {
    const std::filesystem::path golden = TRISTRATA_GOLDEN;
    for (const auto& folder : {golden / "inputs", golden.parent_path() / "data"})
        for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
            if (file.path().filename().string().find(word) != std::string::npos) return true;
    return false;
}

void flatten(const nlohmann::json& value, std::vector<double>& out) {
    if (value.is_number()) out.push_back(value.get<double>());
    else
        for (const auto& part : value) flatten(part, out);
}

class Golden : public testing::TestWithParam<std::size_t> {};

std::string name_of(const testing::TestParamInfo<std::size_t>& info) {
    std::string name = rows()[info.param].id;
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

}  // namespace

TEST(GoldenCases, each_has_a_row_or_a_reason_and_none_has_both) {
    std::set<std::string> ids, known;
    for (const auto& one : stated()) ids.insert(one["id"].get<std::string>());
    for (const auto& row : rows()) EXPECT_TRUE(known.insert(row.id).second) << row.id << " stands twice";
    for (const auto& [id, why, file, absent] : elsewhere()) {
        EXPECT_TRUE(known.emplace(id).second) << id << " stands twice";
        EXPECT_FALSE(why.empty()) << id;
        if (!absent.empty()) {
            EXPECT_NE(case_of(id)["input"].get<std::string>().find(absent), std::string::npos) << id;
            EXPECT_FALSE(is_among_ours(absent)) << id << ": its input is there, so its figure is to be held";
        }
        if (file.empty()) continue;
        EXPECT_NE(text_of(std::string(TRISTRATA_GOLDEN) + "/../../" + std::string(file)).find(id),
                  std::string::npos)
            << file << " does not name " << id;
    }
    for (const auto& id : ids) EXPECT_TRUE(known.contains(id)) << id << " has neither";
    for (const auto& id : known) EXPECT_TRUE(ids.contains(id)) << id << " is no case";
}

TEST_P(Golden, figure_is_the_stated_one) {
    const Row& row = rows()[GetParam()];
    SCOPED_TRACE(row.id + (row.defect.empty() ? "" : " (" + row.defect + ")"));
    ASSERT_TRUE(case_of(row.id).contains("expected"));
    std::vector<double> expected;
    flatten(case_of(row.id)["expected"], expected);
    const auto figures = row.figures();
    ASSERT_EQ(figures.size(), expected.size());
    for (std::size_t i = 0; i < figures.size(); ++i)
        EXPECT_NEAR(figures[i], expected[i],
                    row.nearness.absolute + row.nearness.relative * std::abs(expected[i]))
            << "figure " << i;
}

INSTANTIATE_TEST_SUITE_P(Peers, Golden, testing::Range(std::size_t{0}, rows().size()), name_of);
