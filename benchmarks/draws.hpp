#pragma once

#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/stats/random.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

/// What the simulations are made of: columns that are drawn by a counter-based generator.
namespace tristrata::benchmarks {

using Numbers = std::vector<double>;
using Labels = std::vector<std::string>;
using Values = decltype(dataset::MemoryColumn::values);
using Draw = std::function<double(stats::Random&)>;

/// Both sides of one check.
struct Pair {
    std::vector<dataset::MemoryColumn> reference;
    std::vector<dataset::MemoryColumn> current;
};

[[nodiscard]] Numbers drawn(stats::Random& random, std::size_t count, const Draw& draw);
/// Of k labels, all equally likely.
[[nodiscard]] Labels labels(stats::Random& random, std::size_t count, std::uint64_t k);
/// AR(1) of mean 0 and variance 1.
[[nodiscard]] Numbers autoregressive(stats::Random& random, std::size_t count, double phi);
/// Normal values of a spread that comes in clusters: its logarithm is half an AR(1) of φ .98.
[[nodiscard]] Numbers stochastic_volatility(stats::Random& random, std::size_t count);
/// Every quarter of an hour, in microseconds; the first at `start` of them.
[[nodiscard]] std::vector<std::int64_t> quarter_hours(std::size_t count, std::size_t start);

}  // namespace tristrata::benchmarks
