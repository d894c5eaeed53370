// A check of columns in memory, as C++ that already holds them has it: memory_check ROWS COLUMNS REPEATS
// Prints the least milliseconds, and how many columns drifted.
#include "tristrata/core/clock.hpp"
#include "tristrata/dataset/memory_source.hpp"
#include "tristrata/detection/check.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

using namespace tristrata;

namespace {

dataset::MemorySource table(std::size_t rows, std::size_t columns, std::uint64_t seed, double shift) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> draw;
    std::vector<dataset::MemoryColumn> made;
    for (std::size_t i = 0; i < columns; ++i) {
        std::vector<double> values(rows);
        for (double& value : values) value = draw(generator) + (i == 0 ? shift : 0.0);
        made.push_back({"x" + std::to_string(i), std::move(values)});
    }
    return dataset::MemorySource(std::move(made));
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) return 2;
    const auto number = [&](int index) { return std::strtoull(arguments[index], nullptr, 10); };
    auto reference = table(number(1), number(2), 1, 0.0);
    auto current = table(number(1), number(2), 2, 0.5);
    core::Task task;
    task.limits.threads = std::max(1u, std::thread::hardware_concurrency());
    std::int64_t least = INT64_MAX;
    std::uint64_t drifted = 0;
    for (std::uint64_t i = 0; i < number(3); ++i) {
        const auto begun = core::system_clock().steady_now();
        auto report = detection::check({&reference, {}}, {&current, {}}, {}, {0}, task);
        if (!report) return 3;
        least = std::min(least, (core::system_clock().steady_now() - begun).microseconds);
        drifted = report->summary.drifted;
    }
    std::printf("%.2f %llu\n", static_cast<double>(least) / 1000.0, static_cast<unsigned long long>(drifted));
    return 0;
}
