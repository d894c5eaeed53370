#include "tristrata/stats/random.hpp"

#include <boost/math/special_functions/erf.hpp>
#include <cassert>
#include <cmath>

namespace tristrata::stats {
namespace {

struct Product {
    std::uint32_t high, low;
};

Product multiply(std::uint32_t a, std::uint32_t b) noexcept {
    const std::uint64_t product = std::uint64_t{a} * b;
    return {static_cast<std::uint32_t>(product >> 32u), static_cast<std::uint32_t>(product)};
}

/// Ten rounds of Philox 4x32.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) noexcept {
    for (int round = 0; round < 10; ++round) {
        const Product a = multiply(0xD2511F53u, counter[0]);
        const Product b = multiply(0xCD9E8D57u, counter[2]);
        counter = {b.high ^ counter[1] ^ key[0], b.low, a.high ^ counter[3] ^ key[1], a.low};
        key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
    }
    return counter;
}

/// Spreads nearby seeds over all bits (SplitMix64's finaliser).
std::uint64_t mixed(std::uint64_t x) noexcept {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30u)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27u)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31u);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t replicate) noexcept {
    const std::uint64_t key = mixed(mixed(seed) ^ stream);
    key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32u)};
    counter_ = {0, 0, static_cast<std::uint32_t>(replicate), static_cast<std::uint32_t>(replicate >> 32u)};
}

Random::result_type Random::operator()() noexcept {
    if (used_ == 4) {
        block_ = philox(counter_, key_);
        used_ = 0;
        if (++counter_[0] == 0) ++counter_[1];
    }
    const std::uint64_t high = block_[used_], low = block_[used_ + 1];
    used_ += 2;
    return high << 32u | low;
}

double Random::uniform() noexcept { return static_cast<double>((*this)() >> 11u) * 0x1p-53; }

std::uint64_t Random::below(std::uint64_t bound) noexcept {
    assert(bound > 0);
    // Values beyond the last whole multiple of the bound would favour the small ones.
    const std::uint64_t limit = max() - max() % bound;
    std::uint64_t value = (*this)();
    while (value >= limit) value = (*this)();
    return value % bound;
}

double Random::normal() noexcept {
    const double u = (static_cast<double>((*this)() >> 11u) + 0.5) * 0x1p-53;
    return -std::sqrt(2.0) * boost::math::erfc_inv(2.0 * u);
}

}  // namespace tristrata::stats
