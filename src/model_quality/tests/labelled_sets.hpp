#pragma once

#include "features.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/model_quality/class_metrics.hpp"
#include "tristrata/sources/open.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// The labelled sets of tests/data/ml and the inputs of tests/golden, as tests need them.
namespace tristrata::model_quality::sets {

inline std::filesystem::path tests_folder() { return std::filesystem::path(TRISTRATA_SOURCE) / "tests"; }

inline nlohmann::json golden(const std::string& file) {
    std::ifstream stream(tests_folder() / "golden" / file);
    EXPECT_TRUE(stream) << file;
    return nlohmann::json::parse(stream);
}

/// A CSV whole in memory. Words stand as they are and as codes by first appearance.
struct Table {
    std::map<std::string, dataset::Column> columns;
    std::map<std::string, std::vector<double>> numbers;
    std::size_t rows = 0;

    [[nodiscard]] std::string word(const std::string& column, std::size_t row) const {
        const auto& found = columns.at(column);
        return found.labels[found.codes[row]];
    }
};

inline Table read(const std::string& path) {
    Table table;
    auto source = sources::open_source((tests_folder() / path).string(), {}, {});
    if (!source) {
        ADD_FAILURE() << source.error().message;
        return table;
    }
    std::vector<std::size_t> fields((*source)->schema().fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = i;
    auto columns = dataset::read_columns(**source, fields, {});
    if (!columns) {
        ADD_FAILURE() << columns.error().message;
        return table;
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string& name = (*source)->schema().fields[i].name;
        table.rows = (*columns)[i].rows;
        table.numbers[name] = (*columns)[i].numbers;
        table.columns[name] = std::move((*columns)[i]);
    }
    return table;
}

inline std::vector<std::uint32_t> classes(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

/// Scores of both classes from the probability of class 1.
inline std::vector<double> both_classes(const std::vector<double>& of_one) {
    std::vector<double> out;
    for (const double p : of_one) out.insert(out.end(), {1.0 - p, p});
    return out;
}

/// Columns of numbers side by side, by row.
inline std::vector<double> by_row(const Table& table, const std::vector<std::string>& names) {
    std::vector<double> out;
    for (std::size_t i = 0; i < table.rows; ++i)
        for (const auto& name : names) out.push_back(table.numbers.at(name)[i]);
    return out;
}

/// The named columns as a learner takes them, both sides by what the reference holds.
struct Encoded {
    std::vector<double> reference, current;
};
inline Encoded encoded(const Table& reference, const Table& current, const std::vector<std::string>& names) {
    std::vector<dataset::Column> before, now;
    for (const auto& name : names) {
        before.push_back(reference.columns.at(name));
        now.push_back(current.columns.at(name));
    }
    const FeatureEncoder encoder(before);
    return {encoder.encode(before), encoder.encode(now)};
}

}  // namespace tristrata::model_quality::sets
