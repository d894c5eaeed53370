#include "seldom.hpp"

#include <utility>

namespace tristrata::service {

std::optional<std::uint64_t> Seldom::turn(std::string_view key) {
    constexpr core::Duration minute{60'000'000};
    const core::Timestamp now = clock_.steady_now();
    const std::lock_guard lock(mutex_);
    auto found = lines_.find(key);
    if (found == lines_.end()) found = lines_.emplace(key, Line{now, 0, 0}).first;
    Line& line = found->second;
    if (now >= line.begun + minute) {
        line.begun = now;
        line.said = 0;
    }
    if (line.said == a_minute) {
        ++line.kept_back;
        return std::nullopt;
    }
    ++line.said;
    return std::exchange(line.kept_back, 0);
}

}  // namespace tristrata::service
