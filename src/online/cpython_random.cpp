#include "cpython_random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <unordered_set>

namespace tristrata::online {
namespace {

/// Fills the twister's state from a key of 32-bit words (init_by_array of the reference implementation).
class ArrayKey {
public:
    using result_type = std::uint32_t;
    explicit ArrayKey(std::uint64_t seed) {
        key_.push_back(static_cast<std::uint32_t>(seed));
        if (seed >> 32u) key_.push_back(static_cast<std::uint32_t>(seed >> 32u));
    }
    template <class Iterator>
    void generate(Iterator begin, Iterator end) const {
        const auto size = static_cast<std::size_t>(end - begin);
        std::vector<std::uint32_t> state(size);
        state[0] = 19650218u;
        for (std::size_t i = 1; i < size; ++i)
            state[i] = 1812433253u * mixed(state[i - 1]) + static_cast<std::uint32_t>(i);
        std::size_t i = 1, j = 0;
        for (std::size_t k = std::max(size, key_.size()); k > 0; --k) {
            state[i] =
                (state[i] ^ (mixed(state[i - 1]) * 1664525u)) + key_[j] + static_cast<std::uint32_t>(j);
            if (++i == size) {
                state[0] = state[size - 1];
                i = 1;
            }
            j = (j + 1) % key_.size();
        }
        for (std::size_t k = size - 1; k > 0; --k) {
            state[i] = (state[i] ^ (mixed(state[i - 1]) * 1566083941u)) - static_cast<std::uint32_t>(i);
            if (++i == size) {
                state[0] = state[size - 1];
                i = 1;
            }
        }
        state[0] = 0x80000000u;
        std::ranges::copy(state, begin);
    }

private:
    static std::uint32_t mixed(std::uint32_t x) noexcept { return x ^ (x >> 30u); }
    std::vector<std::uint32_t> key_;
};

std::mt19937 seeded(std::uint64_t seed) {
    ArrayKey key(seed);
    return std::mt19937(key);
}

}  // namespace

CpythonRandom::CpythonRandom(std::uint64_t seed) : twister_(seeded(seed)) {}

std::size_t CpythonRandom::below(std::size_t bound) {
    const auto bits = static_cast<unsigned>(std::bit_width(bound));
    std::size_t drawn = bound;
    while (drawn >= bound) drawn = twister_() >> (32u - bits);
    return drawn;
}

std::vector<std::size_t> CpythonRandom::sample(std::size_t population, std::size_t size) {
    // CPython keeps a set of what was drawn where that is smaller than a list of all.
    double set_size = 21.0;
    if (size > 5)
        set_size += std::pow(4.0, std::ceil(std::log(3.0 * static_cast<double>(size)) / std::log(4.0)));
    std::vector<std::size_t> drawn(size);
    if (static_cast<double>(population) <= set_size) {
        std::vector<std::size_t> pool(population);
        std::iota(pool.begin(), pool.end(), std::size_t{0});
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t at = below(population - i);
            drawn[i] = pool[at];
            pool[at] = pool[population - i - 1];
        }
        return drawn;
    }
    std::unordered_set<std::size_t> taken;
    for (auto& one : drawn) {
        do one = below(population);
        while (!taken.insert(one).second);
    }
    return drawn;
}

}  // namespace tristrata::online
