#pragma once

#include "evidence.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// One column of the joint sample. Labels are numbers: 0 for the most frequent of both sides together, ties
/// in the order of the alphabet; so that the sides are treated alike.
struct JointColumn {
    std::string name;
    bool labels = false;  ///< The order of its numbers means nothing.
    double importance = 1.0;
    std::vector<double> reference;  ///< NaN where missing.
    std::vector<double> current;
};

/// The same rows of several columns.
struct JointSample {
    std::vector<JointColumn> columns;
    std::size_t left_out = 0;  ///< Columns that cannot be looked at together with others.
    std::size_t reference_rows = 0;
    std::size_t current_rows = 0;
    bool sampled = false;         ///< Not all rows of the sides.
    std::vector<Window> windows;  ///< Of the null `chunks`, in rows of the sample.
};

/// Takes the sample while columns pass through: no pass of its own.
class JointSampler {
public:
    /// Room for `columns` columns within so many bytes.
    JointSampler(std::size_t columns, std::size_t bytes, std::uint64_t seed);

    /// One column's rows; once an index, from any thread.
    void take(std::size_t index, const dataset::Field& field, const dataset::Column& reference,
              const dataset::Column& current, const Plan& plan);

    /// `setting` gives the windows. At most `columns_max` columns: the most important, else the first.
    [[nodiscard]] JointSample finish(const Setting& setting, std::size_t columns_max);

private:
    struct Taken {
        std::optional<JointColumn> column;
        std::size_t reference_rows = 0;  ///< Of the whole sides.
        std::size_t current_rows = 0;
    };
    std::size_t rows_max_;
    std::uint64_t seed_;
    std::vector<Taken> taken_;
};

/// One row out of each of `count` equal stretches of `rows` rows, drawn; all rows where there are no more.
/// Ascending.
[[nodiscard]] std::vector<std::size_t> spread_rows(std::size_t rows, std::size_t count, std::uint64_t seed,
                                                   std::uint64_t stream);

}  // namespace tristrata::detection
