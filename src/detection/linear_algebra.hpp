#pragma once

#include <cstddef>
#include <vector>

namespace tristrata::detection {

/// A dense table by column: the rows of column 0, then those of column 1. No NaN.
struct Table {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;

    Table(std::size_t row_count, std::size_t column_count)
        : rows(row_count), columns(column_count), values(row_count * column_count, 0.0) {}
    [[nodiscard]] double* column(std::size_t index) noexcept { return values.data() + index * rows; }
    [[nodiscard]] const double* column(std::size_t index) const noexcept {
        return values.data() + index * rows;
    }
};

/// What is left of a table's rows when its main directions are taken out.
struct PrincipalComponents {
    std::vector<double> means;   ///< Of each column, and
    std::vector<double> scales;  ///< its standard deviation (ddof 0); 1 for a constant.
    std::size_t components = 0;  ///< Directions kept.
    std::vector<double> basis;   ///< The directions, one after another, each of unit length.
};

/// The directions of most variance of the standardised columns: as few as explain more than `explained` of
/// it, and at most `components_max`. Each direction's largest coordinate is positive.
[[nodiscard]] PrincipalComponents principal_components(const Table& table, double explained,
                                                       std::size_t components_max);

/// Of each row the length of what the directions kept do not hold: |x - x̂|, x standardised.
[[nodiscard]] std::vector<double> reconstruction_errors(const PrincipalComponents& fitted,
                                                        const Table& table);

/// Products of the columns of two tables of the same shape: element i * columns + j is Σ a_i b_j.
[[nodiscard]] std::vector<double> cross_products(const Table& a, const Table& b);

}  // namespace tristrata::detection
