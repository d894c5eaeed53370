#include "joint_evidence.hpp"

#include "tristrata/stats/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tristrata::detection {
namespace {

/// A block cuts off what its rows have to do with those beyond it: a sixth of the variance of a mean at four
/// τ, a fifteenth at ten. So long where current is cut into this many blocks all the same.
constexpr double block_taus = 4.0, block_taus_max = 10.0, current_blocks_enough = 20.0;
constexpr double reference_blocks_min = 10.0;
constexpr double current_blocks_min = 5.0;

std::vector<std::size_t> drawn(std::size_t count, std::size_t of, stats::Random& random) {
    std::vector<std::size_t> order(of);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + random.below(of - i)]);
    order.resize(count);
    return order;
}

}  // namespace

std::vector<double> present_sorted(const std::vector<double>& values) {
    std::vector<double> present;
    std::ranges::copy_if(values, std::back_inserter(present), [](double x) { return !std::isnan(x); });
    std::ranges::sort(present);
    return present;
}

double persistence_of(const std::vector<double>& values, std::size_t window) {
    std::vector<double> finite;
    std::ranges::copy_if(values, std::back_inserter(finite), [](double x) { return std::isfinite(x); });
    const auto outcome = stats::integrated_autocorrelation_time(finite, window);
    const auto* found = std::get_if<stats::Dependence>(&outcome);
    return found != nullptr ? std::max(1.0, found->tau) : 1.0;
}

Exchange exchange_of(const JointSample& sample, const std::vector<std::size_t>& columns,
                     const Setting& setting) {
    Exchange exchange;
    const auto n = static_cast<double>(sample.reference_rows), m = static_cast<double>(sample.current_rows);
    double length = 1.0;
    for (const auto index : columns) {
        if (setting.null == Null::dependent) {
            const double tau = persistence_of(sample.columns[index].reference, sample.current_rows);
            const double own = tau > 1.5 ? block_taus * tau : 1.0;
            if (n / own < reference_blocks_min || m / own < current_blocks_min) {
                ++exchange.persistent;
                continue;
            }
            exchange.tau = std::max(exchange.tau, tau);
            length = std::max(length, own);
        }
        exchange.columns.push_back(index);
    }
    if (length > 1.0)
        length = std::clamp(m / current_blocks_enough, length, length * block_taus_max / block_taus);
    exchange.reference = {sample.reference_rows, static_cast<std::size_t>(n / length)};
    exchange.current = {sample.current_rows, static_cast<std::size_t>(m / length)};
    return exchange;
}

std::vector<bool> drawn_sides(const Exchange& exchange, std::uint64_t seed, std::uint64_t stream,
                              std::uint64_t draw) {
    stats::Random random(seed, stream, draw);
    const Blocks& reference = exchange.reference;
    const Blocks& current = exchange.current;
    std::vector<bool> sides(reference.rows + current.rows, false);
    for (const auto block : drawn(current.count, reference.count + current.count, random)) {
        const bool first = block < reference.count;
        const Blocks& blocks = first ? reference : current;
        const std::size_t own = first ? block : block - reference.count, offset = first ? 0 : reference.rows;
        std::fill(sides.begin() + static_cast<std::ptrdiff_t>(offset + blocks.begin(own)),
                  sides.begin() + static_cast<std::ptrdiff_t>(offset + blocks.begin(own + 1)), true);
    }
    return sides;
}

}  // namespace tristrata::detection
