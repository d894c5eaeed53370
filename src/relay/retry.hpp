#pragma once

#include "tristrata/core/time.hpp"

#include <algorithm>
#include <cstdint>

namespace tristrata::relay {

/// How long to wait after so many failures in a row: first × 2^(failures − 1), at most max; a half of it is
/// fixed and a half drawn, so that many processes do not come back at once.
///
/// Example   first 500 ms, max 60 s: after 1 failure 250 to 500 ms, after 8 and more 30 to 60 s.
[[nodiscard]] inline core::Duration wait_after(unsigned failures, core::Duration first, core::Duration max,
                                               std::uint64_t seed) noexcept {
    std::int64_t whole = first.microseconds;
    for (unsigned i = 1; i < failures && whole < max.microseconds; ++i) whole *= 2;
    whole = std::min(whole, max.microseconds);
    // SplitMix64 of (seed, failures): Steele, Lea and Flood (2014), doi:10.1145/2714064.2660195.
    std::uint64_t drawn = seed + 0x9E3779B97F4A7C15U * (std::uint64_t{failures} + 1);
    drawn = (drawn ^ (drawn >> 30U)) * 0xBF58476D1CE4E5B9U;
    drawn = (drawn ^ (drawn >> 27U)) * 0x94D049BB133111EBU;
    drawn ^= drawn >> 31U;
    const auto half = static_cast<std::uint64_t>(whole / 2);
    return {whole - static_cast<std::int64_t>(drawn % (half + 1))};
}

}  // namespace tristrata::relay
