#pragma once

#include "joint_sample.hpp"
#include "tristrata/stats/dependence.hpp"
#include "tristrata/stats/windows.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// What one test of all columns together found, before its p is corrected over those tests.
struct JointEvidence {
    drift::JointTest report;
    std::optional<double> p;
    bool gate = false;     ///< The effect is large enough to matter.
    double size = 0.0;     ///< What the severity policy weighs.
    std::string moved;     ///< "rows are told apart with an AUC of 0.83".
    std::string obstacle;  ///< Why there is no p; empty where there is one.
    bool insufficient = false;
    std::vector<stats::WindowSeries> series;  ///< Measures of the windows, current's last: chunks only.
};

/// Fewer rows a side are insufficient data for a test of columns together.
inline constexpr std::size_t joint_rows_min = 100;

/// The values present, ascending.
[[nodiscard]] std::vector<double> present_sorted(const std::vector<double>& values);

/// τ of a column's rows in order; 1 where it cannot be measured.
[[nodiscard]] double persistence_of(const std::vector<double>& values, std::size_t window);

/// Stretches of rows that are permuted as one: `count` of them, nearly equal.
struct Blocks {
    std::size_t rows = 0;
    std::size_t count = 0;
    [[nodiscard]] std::size_t begin(std::size_t block) const noexcept { return block * rows / count; }
};

/// How both sides' rows are permuted: one by one, or, where they depend on their neighbours, in blocks of
/// four times the largest τ of the columns, up to ten where current is cut into twenty all the same. Columns
/// that leave fewer than ten blocks of four τ of the reference or five of current are put aside.
struct Exchange {
    Blocks reference;
    Blocks current;
    std::vector<std::size_t> columns;  ///< Those that take part.
    std::size_t persistent = 0;        ///< Those put aside.
    double tau = 1.0;
};
[[nodiscard]] Exchange exchange_of(const JointSample& sample, const std::vector<std::size_t>& columns,
                                   const Setting& setting);

/// A row's side after one draw: true for current's. Rows of the reference first.
[[nodiscard]] std::vector<bool> drawn_sides(const Exchange& exchange, std::uint64_t seed,
                                            std::uint64_t stream, std::uint64_t draw);

}  // namespace tristrata::detection
