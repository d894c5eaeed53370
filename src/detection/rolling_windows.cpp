#include "rolling_windows.hpp"

#include "numeric_evidence.hpp"
#include "tristrata/stats/robust_deviation.hpp"

#include <algorithm>
#include <cmath>

namespace tristrata::detection {

SortedChunks::SortedChunks(std::span<const double> values, std::span<const std::size_t> first,
                           std::vector<int> classes)
    : sorted_(classes.size()), classes_(std::move(classes)) {
    std::vector<double> scratch;
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
        const auto rows = values.subspan(first[i], first[i + 1] - first[i]);
        std::ranges::copy_if(rows, std::back_inserter(sorted_[i]), [](double x) { return std::isfinite(x); });
        stats::sort_values(sorted_[i], scratch);
    }
}

RollingWindows::RollingWindows(const SortedChunks& chunks)
    : chunks_(&chunks),
      member_(chunks.size(), false),
      measures_(chunks.size()),
      seen_(chunks.size(), 0),
      distance_(chunks.size(), 0.0),
      run_(chunks.size(), 0) {}

void RollingWindows::renew(Pool& pool) {
    if (pool.lost) std::erase_if(pool.entries, [&](const Entry& entry) { return !member_[entry.chunk]; });
    const auto kept = static_cast<std::ptrdiff_t>(pool.entries.size());
    for (const auto chunk : pool.came)
        for (const double value : (*chunks_)[chunk]) pool.entries.push_back({value, chunk});
    const auto less = [](const Entry& a, const Entry& b) { return a.value < b.value; };
    if (pool.came.size() > 1) std::sort(pool.entries.begin() + kept, pool.entries.end(), less);
    std::inplace_merge(pool.entries.begin(), pool.entries.begin() + kept, pool.entries.end(), less);
    pool.came.clear();
    pool.lost = pool.changed = false;
}

void RollingWindows::measure(const Pool& pool, int season_class) {
    for (std::size_t i = 0; i < member_.size(); ++i) {
        if (!member_[i] || chunks_->season_class(i) != season_class) continue;
        measures_[i] = {};
        seen_[i] = 0;
        distance_[i] = 0.0;
        run_[i] = 0;
    }
    const auto& entries = pool.entries;
    const auto total = static_cast<double>(entries.size());
    const auto share = [&](std::uint32_t chunk) {
        return static_cast<double>(seen_[chunk]) / static_cast<double>((*chunks_)[chunk].size());
    };
    std::size_t run = 0;
    for (std::size_t begin = 0; begin < entries.size();) {
        std::size_t end = begin + 1;
        while (end < entries.size() && entries[end].value == entries[begin].value) ++end;
        const double before = static_cast<double>(begin) / total;
        const double through = static_cast<double>(end) / total;
        ++run;
        for (std::size_t k = begin; k < end; ++k) {
            const auto chunk = entries[k].chunk;
            if (run_[chunk] != run) {
                run_[chunk] = run;
                distance_[chunk] = std::max(distance_[chunk], std::abs(share(chunk) - before));
            }
            ++seen_[chunk];
        }
        for (std::size_t k = begin; k < end; ++k) {
            const auto chunk = entries[k].chunk;
            if (run_[chunk] != run) continue;
            run_[chunk] = 0;  // Once a chunk, however many of its values are equal.
            distance_[chunk] = std::max(distance_[chunk], std::abs(share(chunk) - through));
        }
        begin = end;
    }
    const auto at = [&](double q) {
        const double position = q * static_cast<double>(entries.size() - 1);
        const auto index = static_cast<std::size_t>(position);
        if (index + 1 >= entries.size()) return entries.back().value;
        const double rest = position - static_cast<double>(index);
        return entries[index].value + rest * (entries[index + 1].value - entries[index].value);
    };
    const double spread = entries.empty() ? 0.0 : at(0.75) - at(0.25);
    const double middle = entries.empty() ? 0.0 : at(0.5);
    for (std::size_t i = 0; i < member_.size(); ++i) {
        if (!member_[i] || chunks_->season_class(i) != season_class) continue;
        if ((*chunks_)[i].empty() || entries.size() <= (*chunks_)[i].size()) continue;
        measures_[i].log_distance = log_of_measure(distance_[i]);
        const auto third =
            stats::value_of(stats::third_largest_robust_deviation((*chunks_)[i], middle, spread));
        if (third) measures_[i].log_third_largest = log_of_measure(*third);
    }
}

std::vector<WindowMeasure> RollingWindows::measures_of(std::span<const std::size_t> reference,
                                                       std::size_t current) {
    std::vector<bool> wanted(member_.size(), false);
    for (const auto chunk : reference) wanted[chunk] = true;
    wanted[current] = true;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == member_[i]) continue;
        Pool& pool = pools_[chunks_->season_class(i)];
        pool.changed = true;
        if (wanted[i]) pool.came.push_back(static_cast<std::uint32_t>(i));
        else pool.lost = true;
    }
    member_ = std::move(wanted);
    for (auto& [season_class, pool] : pools_) {
        if (!pool.changed) continue;
        renew(pool);
        measure(pool, season_class);
    }
    std::vector<WindowMeasure> measures;
    measures.reserve(reference.size() + 1);
    for (const auto chunk : reference) measures.push_back(measures_[chunk]);
    measures.push_back(measures_[current]);
    return measures;
}

PreparedColumn RollingWindows::move_to(std::span<const std::size_t> reference, std::size_t current) {
    PreparedColumn prepared;
    prepared.measures = measures_of(reference, current);
    std::vector<double> values;
    for (const auto& [season_class, pool] : pools_) {
        const auto middle = static_cast<std::ptrdiff_t>(values.size());
        for (const Entry& entry : pool.entries)
            if (entry.chunk != current) values.push_back(entry.value);
        std::inplace_merge(values.begin(), values.begin() + middle, values.end());
    }
    prepared.reference = stats::SortedSample::from_sorted(std::move(values));
    prepared.current = stats::SortedSample::from_sorted((*chunks_)[current]);
    return prepared;
}

}  // namespace tristrata::detection
