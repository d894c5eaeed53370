#pragma once

#include <array>
#include <cstdint>

namespace tristrata::stats {

/// Counter-based random numbers (Philox 4x32-10): the i-th number of a stream is a pure function of
/// (seed, stream, replicate, i), so that the same draws come out on any number of threads.
///
/// Source    Salmon, Moraes, Dror, Shaw (2011), doi:10.1145/2063384.2063405.
class Random {
public:
    using result_type = std::uint64_t;
    Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t replicate = 0) noexcept;

    [[nodiscard]] static constexpr result_type min() noexcept { return 0; }
    [[nodiscard]] static constexpr result_type max() noexcept { return ~result_type{0}; }
    result_type operator()() noexcept;

    /// Uniform on [0, 1), 53 bits.
    double uniform() noexcept;
    /// Uniform on {0, ..., bound - 1}, without bias. bound > 0.
    std::uint64_t below(std::uint64_t bound) noexcept;
    /// Standard normal, by inversion of the uniform's midpoint; one uniform a value.
    double normal() noexcept;

private:
    std::array<std::uint32_t, 4> counter_;
    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 4> block_{};
    unsigned used_ = 4;
};

}  // namespace tristrata::stats
