#include "joint_sample.hpp"

#include "tristrata/stats/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace tristrata::detection {
namespace {

using dataset::Column;
using dataset::Type;

constexpr std::size_t rows_wanted = 10'000;  ///< A side; more add time and little else.
constexpr std::size_t rows_least = 500;
constexpr std::size_t labels_max = 1000;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// Streams of the sample: far from those of the columns, which count up from 0.
constexpr std::uint64_t reference_stream = UINT64_C(1) << 40u;
constexpr std::uint64_t current_stream = reference_stream + 1;

bool is_label(Type type) { return type == Type::text || type == Type::boolean; }

std::vector<double> numbers_at(const Column& column, const std::vector<std::size_t>& rows) {
    std::vector<double> out;
    out.reserve(rows.size());
    for (const auto row : rows) out.push_back(column.numbers[row]);
    return out;
}

/// Labels by how frequent they are on both sides together.
std::optional<JointColumn> coded(const Column& reference, const Column& current,
                                 const std::vector<std::size_t>& reference_rows,
                                 const std::vector<std::size_t>& current_rows) {
    std::map<std::string, std::size_t> frequency;
    const auto count = [&](const Column& column, const std::vector<std::size_t>& rows) {
        for (const auto row : rows)
            if (column.codes[row] != Column::missing_code) ++frequency[column.labels[column.codes[row]]];
    };
    count(reference, reference_rows);
    count(current, current_rows);
    // As many labels as that are names: whoever is new is new.
    if (frequency.size() > std::min(labels_max, (reference_rows.size() + current_rows.size()) / 10))
        return std::nullopt;
    std::vector<std::string> order;
    for (const auto& [label, rows] : frequency) order.push_back(label);
    std::ranges::stable_sort(order,
                             [&](const auto& a, const auto& b) { return frequency[a] > frequency[b]; });
    for (std::size_t i = 0; i < order.size(); ++i) frequency[order[i]] = i;
    JointColumn out;
    out.labels = true;
    const auto encode = [&](const Column& column, const std::vector<std::size_t>& rows,
                            std::vector<double>& values) {
        for (const auto row : rows)
            values.push_back(column.codes[row] == Column::missing_code
                                 ? missing
                                 : static_cast<double>(frequency[column.labels[column.codes[row]]]));
    };
    encode(reference, reference_rows, out.reference);
    encode(current, current_rows, out.current);
    return out;
}

/// False where a saved profile keeps counts of the column and no rows, and for types without values.
bool holds_rows(const Column& column) {
    return column.numbers.size() == column.rows || column.codes.size() == column.rows;
}

bool takes_part(drift::Role role) {
    return role != drift::Role::key && role != drift::Role::time && role != drift::Role::segment;
}

}  // namespace

std::vector<std::size_t> spread_rows(std::size_t rows, std::size_t count, std::uint64_t seed,
                                     std::uint64_t stream) {
    std::vector<std::size_t> out(std::min(rows, count));
    if (rows <= count) {
        std::iota(out.begin(), out.end(), std::size_t{0});
        return out;
    }
    stats::Random random(seed, stream);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t first = i * rows / count, end = (i + 1) * rows / count;
        out[i] = first + random.below(end - first);
    }
    return out;
}

JointSampler::JointSampler(std::size_t columns, std::size_t bytes, std::uint64_t seed)
    : rows_max_(std::clamp(bytes / (4 * 2 * sizeof(double) * std::max<std::size_t>(1, columns)), rows_least,
                           rows_wanted)),
      seed_(seed),
      taken_(columns) {}

void JointSampler::take(std::size_t index, const dataset::Field& field, const Column& reference,
                        const Column& current, const Plan& plan) {
    Taken& taken = taken_[index];
    taken.reference_rows = reference.rows;
    taken.current_rows = current.rows;
    const ColumnPlan& column_plan = plan.of(field.name);
    if (!takes_part(column_plan.role) || field.name == plan.time) return;
    if (!holds_rows(reference) || !holds_rows(current)) return;
    const auto reference_rows = spread_rows(reference.rows, rows_max_, seed_, reference_stream);
    const auto current_rows = spread_rows(current.rows, rows_max_, seed_, current_stream);
    if (is_number(reference.type) && is_number(current.type)) {
        JointColumn column;
        column.labels = column_plan.kind == drift::Kind::categorical;
        column.reference = numbers_at(reference, reference_rows);
        column.current = numbers_at(current, current_rows);
        taken.column = std::move(column);
    } else if (is_label(reference.type) && reference.type == current.type) {
        taken.column = coded(reference, current, reference_rows, current_rows);
        if (taken.column && reference.type == Type::boolean) taken.column->labels = false;
    }
    if (!taken.column) return;
    const auto constant = [&] {
        std::optional<double> first;
        for (const auto* side : {&taken.column->reference, &taken.column->current})
            for (const double x : *side) {
                if (std::isnan(x)) continue;
                if (first && *first != x) return false;
                first = x;
            }
        return true;
    };
    if (constant()) {
        taken.column.reset();
        return;
    }
    taken.column->name = field.name;
    taken.column->importance = column_plan.importance.value_or(1.0);
}

JointSample JointSampler::finish(const Setting& setting, std::size_t columns_max) {
    JointSample sample;
    std::size_t all_reference = 0, all_current = 0;
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
        all_reference = std::max(all_reference, taken_[i].reference_rows);
        all_current = std::max(all_current, taken_[i].current_rows);
        if (taken_[i].column) chosen.push_back(i);
    }
    std::ranges::stable_sort(chosen, [&](std::size_t a, std::size_t b) {
        return taken_[a].column->importance > taken_[b].column->importance;
    });
    if (chosen.size() > columns_max) chosen.resize(columns_max);
    std::ranges::sort(chosen);
    for (const auto index : chosen) sample.columns.push_back(std::move(*taken_[index].column));
    sample.left_out = taken_.size() - sample.columns.size();
    const auto rows = spread_rows(all_reference, rows_max_, seed_, reference_stream);
    sample.reference_rows = rows.size();
    sample.current_rows = std::min(all_current, rows_max_);
    sample.sampled = all_reference > rows_max_ || all_current > rows_max_;
    const auto position = [&](std::size_t row) {
        return static_cast<std::size_t>(std::ranges::lower_bound(rows, row) - rows.begin());
    };
    for (const Window& window : setting.windows)
        sample.windows.push_back({position(window.begin), position(window.end), window.season_class});
    taken_.clear();
    return sample;
}

}  // namespace tristrata::detection
