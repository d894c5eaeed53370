#pragma once

#include "tristrata/drift/vocabulary.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::report {

/// A picture as wide as the page, in which each of `chunks` chunks is as wide as every other: lines and areas
/// over the chunks, from 0 at the foot to 1 at the head. Widths of lines do not grow with it.
class Lane {
public:
    /// `height` in pixels.
    Lane(std::size_t chunks, unsigned height) : chunks_(chunks), height_(height) {}

    /// Whole chunks that are filled, from the foot to `share`; of one class of the style sheet.
    void fill(const std::vector<std::size_t>& chunks, double share, std::string_view style);
    /// One bar a chunk: the worse, the higher and the more coloured.
    void bars(const std::vector<std::optional<drift::Severity>>& worst);
    /// A level a chunk; a chunk without one is a gap.
    void steps(const std::vector<std::optional<double>>& levels, std::string_view style);
    /// The area between two levels a chunk.
    void band(const std::vector<std::optional<double>>& low, const std::vector<std::optional<double>>& high,
              std::string_view style);
    /// A level over all chunks.
    void level(double share, std::string_view style);
    /// Upright lines at places among the chunks: 2.5 is the middle of the third.
    void marks(const std::vector<std::optional<double>>& places);

    /// `told`, as it is, is what those hear who do not see it.
    [[nodiscard]] std::string finish(const std::string& told) const;

private:
    [[nodiscard]] double y(double share) const noexcept;
    void path(std::string_view style, const std::string& shape);

    std::size_t chunks_;
    unsigned height_;
    std::string shapes_;
};

/// The names of the first, the middle and the last of several chunks, under a lane.
[[nodiscard]] std::string lane_axis(const std::vector<std::string>& keys);

}  // namespace tristrata::report
