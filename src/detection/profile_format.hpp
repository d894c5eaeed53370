#pragma once

#include "tristrata/detection/profile.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// What a block holds; the numbers stand in files and are never given another meaning.
enum class StateKind : std::uint8_t {
    none = 0,          ///< The plan left the column out: no bytes.
    numbers = 1,       ///< Exact.
    times = 2,         ///< Exact.
    labels = 3,        ///< Exact: text and booleans.
    missing = 4,       ///< A column without a value, or of a type that is not read: rows only.
    histogram = 5,     ///< Numbers as counts on the column's edges.
    label_counts = 6,  ///< Text and booleans as a count a label.
    time_span = 7,     ///< Times as their ends.
};
[[nodiscard]] constexpr bool is_exact(StateKind kind) noexcept {
    return kind == StateKind::numbers || kind == StateKind::times || kind == StateKind::labels ||
           kind == StateKind::missing;
}

/// The state of one column in one window, as bytes.
struct Block {
    StateKind kind = StateKind::none;
    std::string digest;  ///< SHA-256 of the bytes, hexadecimal.
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;  ///< Keeps the bytes alive.
};

struct WindowState {
    ProfileWindow window;
    std::vector<Block> blocks;  ///< One a field.
};

struct Profile::Contents {
    Plan plan;  ///< time, columns, column and derived; the rest at its defaults.
    dataset::Schema schema;
    std::vector<std::vector<double>> edges;  ///< One a field; empty where no window needed them.
    std::vector<WindowState> windows;        ///< In order; at least one.
    std::string source;
    std::string directory;  ///< As bytes, with what pads it.
    std::string version;    ///< SHA-256 of the directory.
};

/// Orders the windows, drops those that are there already, and writes directory and version.
[[nodiscard]] Profile sealed(Profile::Contents contents);

/// The directory alone, for read_profile and its fuzz target: everything but the blocks' bytes. The second is
/// how many bytes each block takes, window by window.
[[nodiscard]] core::Result<std::pair<Profile::Contents, std::vector<std::uint64_t>>> read_directory(
    std::span<const std::byte> bytes, const std::string& name);

/// A block of these bytes, hashed.
[[nodiscard]] Block block_of(StateKind kind, std::string bytes);

}  // namespace tristrata::detection
