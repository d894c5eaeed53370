#include "draws.hpp"

#include <fmt/format.h>
#include <cmath>

namespace tristrata::benchmarks {

using stats::Random;

Numbers drawn(Random& random, std::size_t count, const Draw& draw) {
    Numbers values(count);
    for (double& value : values) value = draw(random);
    return values;
}

Labels labels(Random& random, std::size_t count, std::uint64_t k) {
    Labels values(count);
    for (auto& value : values) value = fmt::format("label{}", random.below(k));
    return values;
}

Numbers autoregressive(Random& random, std::size_t count, double phi) {
    Numbers values(count);
    double previous = random.normal();
    const double scale = std::sqrt(1.0 - phi * phi);
    for (double& value : values) value = previous = phi * previous + scale * random.normal();
    return values;
}

Numbers stochastic_volatility(Random& random, std::size_t count) {
    Numbers values = autoregressive(random, count, 0.98);
    for (double& value : values) value = std::exp(0.5 * value) * random.normal();
    return values;
}

std::vector<std::int64_t> quarter_hours(std::size_t count, std::size_t start) {
    std::vector<std::int64_t> times(count);
    for (std::size_t i = 0; i < count; ++i) times[i] = static_cast<std::int64_t>(start + i) * 900'000'000;
    return times;
}

}  // namespace tristrata::benchmarks
