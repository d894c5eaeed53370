#include "lane.hpp"

#include "ordering.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::report {

double Lane::y(double share) const noexcept {
    // A pixel and a half at both ends, so that no line is cut.
    const double height = static_cast<double>(height_);
    return height - 1.5 - std::clamp(share, 0.0, 1.0) * (height - 3.0);
}

void Lane::path(std::string_view style, const std::string& shape) {
    if (!shape.empty()) shapes_ += fmt::format("<path class=\"{}\" d=\"{}\"/>", style, shape);
}

void Lane::fill(const std::vector<std::size_t>& chunks, double share, std::string_view style) {
    std::string shape;
    for (std::size_t i = 0; i < chunks.size();) {
        std::size_t end = i + 1;
        while (end < chunks.size() && chunks[end] == chunks[end - 1] + 1) ++end;
        shape += fmt::format("M{} {}V{:.0f}h{}V{}z", chunks[i], height_, y(share), end - i, height_);
        i = end;
    }
    path(style, shape);
}

void Lane::bars(const std::vector<std::optional<drift::Severity>>& worst) {
    constexpr std::array heights{std::pair{drift::Severity::info, 0.35},
                                 std::pair{drift::Severity::warn, 0.65},
                                 std::pair{drift::Severity::crit, 1.0}};
    for (const auto& [severity, share] : heights) {
        std::string shape;
        for (std::size_t i = 0; i < worst.size(); ++i)
            if (worst[i] == severity)
                shape += fmt::format("M{}.15 {}V{:.0f}h.7V{}z", i, height_, y(share), height_);
        path(fmt::format("bar {}", drift::name(severity)), shape);
    }
}

void Lane::steps(const std::vector<std::optional<double>>& levels, std::string_view style) {
    std::string shape;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (!levels[i]) continue;
        const bool goes_on = i > 0 && levels[i - 1];
        shape += goes_on ? fmt::format("V{:.1f}H{}", y(*levels[i]), i + 1)
                         : fmt::format("M{} {:.1f}H{}", i, y(*levels[i]), i + 1);
    }
    path(style, shape);
}

void Lane::band(const std::vector<std::optional<double>>& low, const std::vector<std::optional<double>>& high,
                std::string_view style) {
    std::string shape;
    for (std::size_t i = 0; i < std::min(low.size(), high.size()); ++i)
        if (low[i] && high[i])
            shape += fmt::format("M{} {:.1f}V{:.1f}h1V{:.1f}z", i, y(*low[i]), y(*high[i]), y(*low[i]));
    path(style, shape);
}

void Lane::level(double share, std::string_view style) {
    path(style, fmt::format("M0 {:.1f}H{}", y(share), chunks_));
}

void Lane::marks(const std::vector<std::optional<double>>& places) {
    std::string shape;
    for (const auto& place : places)
        if (place) shape += fmt::format("M{:.2f} 0V{}", *place, height_);
    path("when", shape);
}

std::string Lane::finish(const std::string& told) const {
    return fmt::format(
        "<svg class=\"lane high{}\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" "
        "aria-label=\"{}\">{}</svg>",
        height_, chunks_, height_, escaped(told), shapes_);
}

std::string lane_axis(const std::vector<std::string>& keys) {
    if (keys.empty()) return "";
    std::string out = fmt::format("<p class=\"axis\" aria-hidden=\"true\"><span>{}</span>", escaped(keys[0]));
    if (keys.size() > 2) out += fmt::format("<span>{}</span>", escaped(keys[keys.size() / 2]));
    if (keys.size() > 1) out += fmt::format("<span>{}</span>", escaped(keys.back()));
    return out + "</p>";
}

}  // namespace tristrata::report
