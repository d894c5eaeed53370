#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace tristrata::online {

/// The draws of CPython's random.Random(seed): the Mersenne Twister, seeded by an array of words. KSWIN's
/// published results depend on them to the bit, so they are the one exception to counter-based numbers.
///
/// Source    Matsumoto and Nishimura (1998), doi:10.1145/272991.272995; the documentation of CPython's
/// random.
class CpythonRandom {
public:
    explicit CpythonRandom(std::uint64_t seed);
    /// `size` different numbers of {0, ..., below - 1}, in the order of random.sample(range(below), size).
    [[nodiscard]] std::vector<std::size_t> sample(std::size_t below, std::size_t size);

private:
    [[nodiscard]] std::size_t below(std::size_t bound);
    std::mt19937 twister_;
};

}  // namespace tristrata::online
