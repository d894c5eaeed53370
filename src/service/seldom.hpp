#pragma once

#include "tristrata/core/clock.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tristrata::service {

/// Who may say something: so many times a minute for each key, so that who sends rubbish does not fill the
/// log. Keys are few and the program's own.
///
/// Threads   Any number of callers at once.
class Seldom {
public:
    static constexpr std::uint64_t a_minute = 10;

    explicit Seldom(core::Clock& clock) : clock_(clock) {}
    /// How often nothing was said since the last time; none: nothing is to be said this time either.
    [[nodiscard]] std::optional<std::uint64_t> turn(std::string_view key);

private:
    struct Line {
        core::Timestamp begun;  ///< Steady: when this minute began.
        std::uint64_t said = 0;
        std::uint64_t kept_back = 0;
    };
    core::Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Line, std::less<>> lines_;
};

}  // namespace tristrata::service
