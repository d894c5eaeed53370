#pragma once

#include "posting.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tristrata::notification {

/// What all receivers answered to one alert.
struct Answers {
    std::vector<std::string> refusals = {};  ///< In their words.
    std::optional<core::Error> failure = {};
    bool of_itself = false;  ///< A failure is perhaps of this alert, and of no other.
    bool all_asked = true;   ///< Of those that it is meant for.
    bool is_taken = false;
    bool waits = false;  ///< Nobody took it, and somebody may.
};

/// To the alert at this place; `outcomes` of each receiver, none where it was not asked.
[[nodiscard]] Answers answers_to(const Alert& alert, std::size_t place, const Receivers& named,
                                 const std::vector<std::optional<std::vector<Outcome>>>& outcomes);

}  // namespace tristrata::notification
