#pragma once

#include "profile_state.hpp"
#include "tristrata/dataset/chunk.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/stats/sample.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::detection {

/// Rows [begin, end) of the ordered reference, and the class it is compared within.
struct Window {
    std::size_t begin = 0;
    std::size_t end = 0;
    int season_class = 0;
};

/// What every column of one check shares.
struct Setting {
    const Plan* plan = nullptr;
    Null null = Null::independent;  ///< Never automatic.
    bool ordered = false;           ///< Rows are in order of time on both sides.
    std::size_t columns =
        1;  ///< How many are tested together: permutation p needs draws for alpha / columns.
    std::vector<Window> windows;  ///< Of the reference, for the null `chunks`.
    int current_class = 0;
    bool brief = false;  ///< Only what a verdict and its signals rest on: no pictures, measures, effects.
    bool no_verdict = false;  ///< Another gives it: of numbers only the two sides and their pictures.
    /// NannyML's, where there are times; without them each column is cut by its rows.
    std::optional<dataset::Chunks> reference_chunks, current_chunks;
};

/// The chunk null's two measures of one window, where they exist.
struct WindowMeasure {
    std::optional<double> log_distance;
    std::optional<double> log_third_largest;
};

/// What a caller has at hand of a numeric column.
struct PreparedColumn {
    std::vector<WindowMeasure> measures;  ///< As window_measures() has them, under the null `chunks`.
    stats::SortedSample reference;
    stats::SortedSample current;
};

/// What was found in one column before the columns are looked at together: everything of its report but the
/// adjusted p, the verdict, the severity and the reason.
struct Evidence {
    drift::ColumnReport report;
    std::optional<double> p;
    bool gate = false;                    ///< The effect is large enough to matter.
    std::string moved;                    ///< "median trades fell from 105,382 to 12,178 trades (-88 %)".
    std::string obstacle;                 ///< Why there is no p, as a sentence; empty where there is one.
    bool insufficient = false;            ///< The obstacle is a lack of data, not of kind.
    std::vector<WindowMeasure> measures;  ///< One per reference window, then current's: chunks only.
};

/// Compares one column. `reference` and `current` are in the order of their rows; they are consumed. What is
/// `prepared` of a numeric column is not sorted and measured again. Where `saved` holds counts, they stand in
/// place of the reference's rows, and `reference` has no values.
[[nodiscard]] Evidence examine(const dataset::Field& field, dataset::Column reference,
                               dataset::Column current, const Setting& setting, std::uint64_t column_index,
                               PreparedColumn* prepared = nullptr, const SavedCounts& saved = {});

/// The distance of neighbouring doubles at the largest value of a column of whole numbers or decimals; 0
/// where doubles hold each of them.
[[nodiscard]] double lost_to_doubles(const drift::ColumnReport& column, const dataset::Field& field);

/// A number as a label: its shortest digits, "inf" or "-inf".
[[nodiscard]] std::string category_of(double number);

/// The kind of a column, decided from the reference's type and the plan.
[[nodiscard]] drift::Kind kind_of(dataset::Type type, const ColumnPlan& plan) noexcept;

}  // namespace tristrata::detection
