#include "profile_state.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Column;
using dataset::Type;

constexpr std::size_t edges_of_equal_mass = 1000;
/// A value that holds one row in so many of all parts has a bin of its own. Twice as many as in one table: a
/// part that holds little of it has counted it with its neighbours.
constexpr std::size_t heavy_share = 200;

/// Values and the rows that each stands for.
struct Masses {
    std::vector<std::pair<double, std::uint64_t>> at;     ///< A bin's rows, at its upper end.
    std::vector<std::pair<double, std::uint64_t>> alone;  ///< Bins that can hold but one value.
    std::uint64_t rows = 0;

    void add(const NumberCounts& counts) {
        for (std::size_t bin = 0; bin < counts.counts.size(); ++bin) {
            if (counts.counts[bin] == 0) continue;
            const bool last = bin == counts.edges.size();
            at.emplace_back(last ? counts.maximum : std::min(counts.edges[bin], counts.maximum),
                            counts.counts[bin]);
            if (const auto value = only_value(counts, bin)) alone.emplace_back(*value, counts.counts[bin]);
            rows += counts.counts[bin];
        }
    }
};

/// Edges of about equal mass over all parts: beside single values a bin holds at most two thousandths.
std::vector<double> pooled_edges(Masses masses) {
    std::vector<double> edges;
    if (masses.at.empty()) return edges;
    std::ranges::sort(masses.at);
    std::ranges::sort(masses.alone);
    const double least = masses.at.front().first, most = masses.at.back().first;
    std::uint64_t below = 0, bin = 1;
    for (const auto& [value, rows] : masses.at) {
        below += rows;
        if (below * edges_of_equal_mass < bin * masses.rows) continue;
        bin = below * edges_of_equal_mass / masses.rows + 1;
        if (value < most) edges.push_back(value);
    }
    for (std::size_t i = 0; i < masses.alone.size();) {
        const double value = masses.alone[i].first;
        std::uint64_t rows = 0;
        for (; i < masses.alone.size() && masses.alone[i].first == value; ++i) rows += masses.alone[i].second;
        if (rows * heavy_share < masses.rows) continue;
        if (value > least) edges.push_back(std::nextafter(value, -INFINITY));
        if (value < most) edges.push_back(value);
    }
    std::ranges::sort(edges);
    const auto repeated = std::ranges::unique(edges);
    edges.erase(repeated.begin(), repeated.end());
    return edges;
}

}  // namespace

core::Result<Profile> counted(const Profile& profile, std::span<const std::size_t> fields,
                              const Profile* like) {
    Profile::Contents contents = profile.contents();
    if (like != nullptr)
        if (const auto other = made_otherwise(like->contents(), contents, like->source()); !other.empty())
            return fail(ErrorKind::conflict, fmt::format("{} cannot be counted like {}: {}", contents.source,
                                                         like->source(), other));
    const bool ordered = !contents.plan.time.empty();
    for (const std::size_t index : fields) {
        const auto& field = contents.schema.fields[index];
        if (field.name == contents.plan.time || !profile.kept(index)) continue;
        if (is_number(field.type)) {
            if (like != nullptr) {
                contents.edges[index] = like->contents().edges[index];
            } else {
                auto whole = whole_column(profile, index);
                if (!whole) return propagate(whole);
                contents.edges[index] = stored_edges(whole->sorted);
            }
        }
        for (auto& state : contents.windows) {
            Block& block = state.blocks[index];
            if (block.kind == StateKind::missing) continue;  // A row more is no byte more.
            auto column = read_exact(block, field, contents.source);
            if (!column) return propagate(column);
            block = sketch_block(*column, contents.edges[index], ProfileOptions().labels, ordered);
        }
    }
    return sealed(std::move(contents));
}

core::Result<Profile> common_edges(std::span<const Profile> parts) {
    if (parts.empty()) return fail(ErrorKind::usage, "no part to take edges from; give at least one");
    Profile::Contents shape = parts.front().contents();
    std::vector<Masses> masses(shape.schema.fields.size());
    for (const Profile& part : parts) {
        if (const auto other = made_otherwise(shape, part.contents(), shape.source); !other.empty())
            return fail(ErrorKind::conflict, fmt::format("{} has no edges in common with {}: {}",
                                                         part.source(), shape.source, other));
        for (std::size_t field = 0; field < masses.size(); ++field) {
            if (!is_number(shape.schema.fields[field].type) || !part.kept(field) || part.exact(field))
                continue;
            auto counts = number_counts(part, field);
            if (!counts) return propagate(counts);
            masses[field].add(*counts);
        }
    }
    for (std::size_t field = 0; field < masses.size(); ++field)
        shape.edges[field] = pooled_edges(std::move(masses[field]));
    WindowState nothing;
    nothing.window.source = "common edges";
    nothing.blocks.resize(masses.size());
    shape.windows.clear();
    shape.windows.push_back(std::move(nothing));
    return sealed(std::move(shape));
}

}  // namespace tristrata::detection
