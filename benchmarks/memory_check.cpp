// A check of columns in memory, as C++ that already holds them in Arrow's form has it: memory_check ROWS
// COLUMNS REPEATS. Like Python's it hashes what it reads, by which the same input is the same report. Prints
// the least milliseconds, and how many columns drifted.
#include "tristrata/core/clock.hpp"
#include "tristrata/dataset/column_batch.hpp"
#include "tristrata/dataset/imported_source.hpp"
#include "tristrata/detection/check.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace tristrata;

namespace {

std::unique_ptr<dataset::Source> drawn(std::size_t rows, std::size_t columns, std::uint64_t seed,
                                       double shift) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> draw;
    std::vector<std::string> names;
    std::vector<dataset::Column> made(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        names.push_back("x" + std::to_string(i));
        made[i].type = dataset::Type::real;
        made[i].rows = rows;
        made[i].numbers.resize(rows);
        for (double& value : made[i].numbers) value = draw(generator) + (i == 0 ? shift : 0.0);
    }
    auto table = dataset::table_of(std::move(names), std::move(made));
    std::vector<dataset::Batch> batches;
    batches.push_back(std::move(table.batch));
    auto source = dataset::ImportedSource::of(std::move(table.schema), std::move(batches), "memory", {});
    return source ? std::move(*source) : nullptr;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) return 2;
    const auto number = [&](int index) { return std::strtoull(arguments[index], nullptr, 10); };
    auto reference = drawn(number(1), number(2), 1, 0.0);
    auto current = drawn(number(1), number(2), 2, 0.5);
    if (reference == nullptr || current == nullptr) return 3;
    core::Task task;
    task.limits.threads = std::max(1u, std::thread::hardware_concurrency());
    std::int64_t least = INT64_MAX;
    std::uint64_t drifted = 0;
    for (std::uint64_t i = 0; i < number(3); ++i) {
        const auto begun = core::system_clock().steady_now();
        auto report = detection::check({reference.get(), {}}, {current.get(), {}}, {}, {0}, task);
        if (!report) return 3;
        least = std::min(least, (core::system_clock().steady_now() - begun).microseconds);
        drifted = report->summary.drifted;
    }
    std::printf("%.2f %llu\n", static_cast<double>(least) / 1000.0, static_cast<unsigned long long>(drifted));
    return 0;
}
