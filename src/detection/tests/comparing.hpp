#pragma once

#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/stats/random.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::checking {

using dataset::MemoryColumn;
using dataset::MemorySource;
using drift::Verdict;

constexpr core::Timestamp created{1'679'443'200'000'000};

inline std::vector<double> normal(std::size_t n, std::uint64_t stream, double shift = 0.0) {
    stats::Random random(77, stream);
    std::vector<double> values(n);
    for (auto& x : values) x = shift + random.normal();
    return values;
}

inline std::vector<std::string> labels(std::size_t n, std::uint64_t stream, std::vector<std::string> words) {
    stats::Random random(78, stream);
    std::vector<std::string> values(n);
    for (auto& x : values) x = words[random.below(words.size())];
    return values;
}

inline core::Result<drift::Report> compare(std::vector<MemoryColumn> reference,
                                           std::vector<MemoryColumn> current,
                                           const detection::Plan& plan = {}, unsigned threads = 2) {
    MemorySource before(std::move(reference)), after(std::move(current));
    core::Task task;
    task.limits.threads = threads;
    return detection::check({&before, std::nullopt}, {&after, std::nullopt}, plan, created, task);
}

inline const drift::ColumnReport& column(const drift::Report& report, std::string_view name) {
    for (const auto& one : report.columns)
        if (one.name == name) return one;
    ADD_FAILURE() << name;
    return report.columns.front();
}

inline bool has_signal(const drift::ColumnReport& column, drift::SignalKind kind) {
    for (const auto& signal : column.signals)
        if (signal.kind == kind && signal.verdict == Verdict::drift) return true;
    return false;
}

}  // namespace tristrata::checking
