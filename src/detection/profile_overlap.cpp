#include "profile_format.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <utility>

namespace tristrata::detection {
namespace {

/// "march.csv (2023-03-01T00:00:00Z to 2023-03-31T23:45:00Z)"
std::string told(const ProfileWindow& window) {
    if (!window.first || !window.last) return window.source;
    return fmt::format("{} ({} to {})", window.source, core::to_string(*window.first),
                       core::to_string(*window.last));
}

/// The rows of a window as one text: the digests of its columns. Empty where it holds nothing.
std::string rows_of(const WindowState& state) {
    std::string rows;
    bool holds = false;
    for (const Block& block : state.blocks) {
        holds = holds || (block.kind != StateKind::none && state.window.rows > 0);
        rows += block.digest + " ";
    }
    return holds ? rows : std::string();
}

}  // namespace

std::string rows_twice(const Profile& profile) {
    const auto& windows = profile.contents().windows;
    std::map<std::string, const ProfileWindow*> seen;
    for (const WindowState& state : windows) {
        auto rows = rows_of(state);
        if (rows.empty()) continue;
        const auto [at, fresh] = seen.emplace(std::move(rows), &state.window);
        if (!fresh)
            return fmt::format("{} and {} hold the same {}, which count twice", told(*at->second),
                               told(state.window), core::plural(state.window.rows, "row"));
    }
    std::vector<const ProfileWindow*> in_time;
    for (const WindowState& state : windows)
        if (state.window.first && state.window.last) in_time.push_back(&state.window);
    std::ranges::sort(in_time, {},
                      [](const ProfileWindow* window) { return std::pair(*window->first, *window->last); });
    const ProfileWindow* latest = nullptr;  // Of those before, the one that ends last.
    for (const ProfileWindow* window : in_time) {
        // Rows of one moment may stand at the end of one window and at the start of the next.
        const bool same =
            latest != nullptr && *window->first == *latest->first && *window->last == *latest->last;
        if (latest != nullptr && (same || *window->first < *latest->last))
            return fmt::format("{} and {} overlap: rows of the time that both cover count twice",
                               told(*latest), told(*window));
        if (latest == nullptr || *window->last > *latest->last) latest = window;
    }
    return "";
}

}  // namespace tristrata::detection
