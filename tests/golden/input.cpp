#include "golden_case.hpp"

#include <zlib.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace tristrata::golden {
namespace {

std::string unzipped(const std::string& file) {
    const std::string path = std::string(TRISTRATA_GOLDEN) + "/inputs/" + file;
    const auto opened = gzopen(path.c_str(), "rb");
    if (opened == nullptr) throw std::runtime_error("cannot open " + path);
    std::string text;
    std::array<char, 65536> block{};
    for (int read = 0; (read = gzread(opened, block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(read));
    gzclose(opened);
    return text;
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream fields(line);
    for (std::string cell; std::getline(fields, cell, ',');) cells.push_back(cell);
    if (!line.empty() && line.back() == ',') cells.emplace_back();
    return cells;
}

}  // namespace

Nearness decimals(int count) { return within(0.5 * std::pow(10.0, -count) * (1.0 + 1e-9)); }

Input::Input(const std::string& file, bool has_names) {
    std::istringstream lines(unzipped(file));
    std::string line;
    if (has_names && std::getline(lines, line)) names_ = split(line);
    while (std::getline(lines, line)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        const auto cells = split(line);
        if (columns_.size() < cells.size()) columns_.resize(cells.size());
        for (std::size_t i = 0; i < cells.size(); ++i) columns_[i].push_back(cells[i]);
    }
}

const std::vector<std::string>& Input::cells(const std::string& name) const {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) throw std::runtime_error("no column " + name);
    return columns_.at(static_cast<std::size_t>(found - names_.begin()));
}

std::vector<double> Input::numbers(std::size_t column) const {
    std::vector<double> out;
    for (const auto& cell : columns_.at(column))
        if (!cell.empty()) out.push_back(std::stod(cell));
    return out;
}

std::vector<double> Input::numbers(const std::string& name) const {
    std::vector<double> out;
    for (const auto& cell : cells(name))
        if (!cell.empty()) out.push_back(std::stod(cell));
    return out;
}

}  // namespace tristrata::golden
