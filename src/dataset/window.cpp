#include "tristrata/dataset/window.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace tristrata::dataset {
namespace {

using core::ErrorKind;
using core::fail;

struct EpochUnit {
    std::string_view name;
    double per_second;
};

/// 1973 to 2286 in each unit: the ranges do not touch.
const EpochUnit* unit_of(double largest) {
    static constexpr EpochUnit units[]{
        {"seconds", 1.0}, {"milliseconds", 1e3}, {"microseconds", 1e6}, {"nanoseconds", 1e9}};
    for (const EpochUnit& unit : units)
        if (largest >= 1e8 * unit.per_second && largest < 1e10 * unit.per_second) return &unit;
    return nullptr;
}

core::Result<Times> from_numbers(const Column& column, const std::string& source, const std::string& name) {
    double largest = 0.0;
    for (std::size_t i = 0; i < column.numbers.size(); ++i) {
        const double value = column.numbers[i];
        if (std::isnan(value)) continue;
        if (std::isinf(value) || value != std::floor(value))
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}, row {}, column {}: {} is not a time; expected a whole number of s, "
                                    "ms, µs or ns since 1970, "
                                    "or ISO 8601",
                                    source, i + 1, core::quoted(name), value));
        largest = std::max(largest, std::abs(value));
    }
    const EpochUnit* unit = unit_of(largest);
    if (unit == nullptr && largest > 0.0)
        return fail(
            ErrorKind::invalid_input,
            fmt::format(
                "{}, column {}: its largest value {} is no epoch between 1973 and 2286 in s, ms, µs or ns; "
                "name another time column, or write the times as ISO 8601",
                source, core::quoted(name), largest));
    Times out;
    out.times.reserve(column.numbers.size());
    for (const double value : column.numbers) {
        if (std::isnan(value)) {
            out.times.push_back(Column::missing_time);
        } else if (unit != nullptr && unit->per_second > 1e6) {
            out.times.push_back(static_cast<std::int64_t>(value) / 1000);
        } else {
            out.times.push_back(static_cast<std::int64_t>(value) *
                                static_cast<std::int64_t>(unit ? 1e6 / unit->per_second : 1));
        }
    }
    if (unit != nullptr)
        out.note = fmt::format("{} of {} is read as {} since 1970", core::quoted(name), source, unit->name);
    return out;
}

core::Result<Times> from_text(const Column& column, const std::string& source, const std::string& name) {
    std::vector<std::int64_t> moments;
    for (std::size_t i = 0; i < column.labels.size(); ++i) {
        auto parsed = core::parse_timestamp(column.labels[i]);
        if (!parsed) {
            const auto row =
                std::ranges::find(column.codes, static_cast<std::uint32_t>(i)) - column.codes.begin();
            return fail(ErrorKind::invalid_input, fmt::format("{}, row {}, column {}: {}", source, row + 1,
                                                              core::quoted(name), parsed.error().message));
        }
        moments.push_back(parsed->microseconds);
    }
    Times out;
    out.times.reserve(column.codes.size());
    for (const auto code : column.codes)
        out.times.push_back(code == Column::missing_code ? Column::missing_time : moments[code]);
    return out;
}

template <class Value>
std::vector<Value> chosen(const std::vector<Value>& values, const RowSelection& selection) {
    if (values.empty()) return {};
    if (selection.rows.empty())
        return {values.begin() + static_cast<std::ptrdiff_t>(selection.begin),
                values.begin() + static_cast<std::ptrdiff_t>(selection.end)};
    std::vector<Value> out;
    out.reserve(selection.rows.size());
    for (const auto row : selection.rows) out.push_back(values[row]);
    return out;
}

}  // namespace

core::Result<Times> times_of(Column column, const std::string& source, const std::string& name) {
    switch (column.type) {
        case Type::timestamp:
            return Times{std::move(column.times), ""};
        case Type::integer:
        case Type::real:
            return from_numbers(column, source, name);
        case Type::text:
            return from_text(column, source, name);
        case Type::null:
            return Times{std::vector<std::int64_t>(column.rows, Column::missing_time), ""};
        case Type::boolean:
        case Type::unsupported:
            break;
    }
    return fail(ErrorKind::invalid_input,
                fmt::format("{}, column {}: {} is not a time; name a column of times with --time", source,
                            core::quoted(name), dataset::name(column.type)));
}

RowSelection select_window(const std::vector<std::int64_t>& times, const core::TimeRange& range) {
    RowSelection selection;
    selection.was_sorted = true;
    std::int64_t previous = INT64_MIN;
    for (const auto time : times) {
        if (time == Column::missing_time) {
            ++selection.missing;
            continue;
        }
        if (time < previous) selection.was_sorted = false;
        previous = time;
    }
    const auto inside = [&](std::int64_t time) {
        return time != Column::missing_time && range.contains(core::Timestamp{time});
    };
    if (selection.was_sorted && selection.missing == 0) {
        const auto from =
            range.from ? std::ranges::lower_bound(times, range.from->microseconds) : times.begin();
        const auto to = range.to ? std::ranges::lower_bound(times, range.to->microseconds) : times.end();
        selection.begin = static_cast<std::size_t>(from - times.begin());
        selection.end = std::max(selection.begin, static_cast<std::size_t>(to - times.begin()));
        return selection;
    }
    for (std::size_t i = 0; i < times.size(); ++i)
        if (inside(times[i])) selection.rows.push_back(static_cast<std::uint32_t>(i));
    // What is out of order elsewhere is no concern of this window.
    const auto time_of = [&](std::uint32_t row) { return times[row]; };
    selection.was_sorted = std::ranges::is_sorted(selection.rows, {}, time_of);
    std::ranges::stable_sort(selection.rows, {}, time_of);
    return selection;
}

std::vector<std::int64_t> select(const std::vector<std::int64_t>& times, const RowSelection& rows) {
    return chosen(times, rows);
}

Column select(const Column& column, const RowSelection& rows) {
    Column out;
    out.type = column.type;
    out.remark = column.remark;
    out.rows = rows.size();
    out.numbers = chosen(column.numbers, rows);
    out.times = chosen(column.times, rows);
    out.codes = chosen(column.codes, rows);
    for (const double value : out.numbers) {
        out.missing += std::isnan(value);
        out.infinite += std::isinf(value);
    }
    for (const auto time : out.times) out.missing += time == Column::missing_time;
    if (!out.codes.empty()) {
        // Labels that no chosen row holds are left out, in order of first appearance.
        std::vector<std::uint32_t> translation(column.labels.size(), Column::missing_code);
        for (auto& code : out.codes) {
            if (code == Column::missing_code) {
                ++out.missing;
                continue;
            }
            auto& to = translation[code];
            if (to == Column::missing_code) {
                to = static_cast<std::uint32_t>(out.labels.size());
                out.labels.push_back(column.labels[code]);
            }
            code = to;
        }
    }
    if (column.type == Type::null || column.type == Type::unsupported) out.missing = out.rows;
    return out;
}

TimeProfile profile_times(const std::vector<std::int64_t>& ascending) {
    TimeProfile profile;
    std::unordered_map<std::int64_t, std::uint64_t> frequency;
    for (std::size_t i = 1; i < ascending.size(); ++i) {
        const std::int64_t difference = ascending[i] - ascending[i - 1];
        if (difference == 0) ++profile.duplicates;
        else ++frequency[difference];
    }
    std::uint64_t most = 0, all = 0;
    for (const auto& [difference, count] : frequency) {
        all += count;
        if (count > most || (count == most && difference < profile.step_us)) {
            most = count;
            profile.step_us = difference;
        }
    }
    if (2 * most <= all) {
        profile.step_us = 0;
        return profile;
    }
    for (const auto& [difference, count] : frequency) {
        const std::int64_t steps = (difference + profile.step_us / 2) / profile.step_us;
        if (steps > 1) profile.missing_rows += static_cast<std::uint64_t>(steps - 1) * count;
    }
    return profile;
}

}  // namespace tristrata::dataset
