#include "loading.hpp"
#include "profile_bytes.hpp"
#include "profile_state.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Column;
using dataset::Type;

/// The parts in an order that only what they hold decides: by time, then by all a check can read of them.
std::vector<const Profile*> in_one_order(std::span<const Profile> parts) {
    std::vector<const Profile*> ordered;
    for (const Profile& part : parts) ordered.push_back(&part);
    std::ranges::sort(ordered, {}, [](const Profile* part) {
        const ProfileWindow& window = part->contents().windows.front().window;
        return std::tuple(window.first, window.last, std::string_view(part->version()));
    });
    return ordered;
}

/// All windows of the parts, not sealed: parts that are equal to the byte are rows of their own.
core::Result<Profile> side_by_side(std::span<const Profile* const> parts) {
    Profile::Contents all = parts.front()->contents();
    for (const Profile* part : parts.subspan(1)) {
        const auto& contents = part->contents();
        if (const auto other = made_otherwise(all, contents, "another"); !other.empty())
            return fail(ErrorKind::conflict,
                        fmt::format("a part of {} is no part of the same table: {}", contents.source, other));
        for (std::size_t i = 0; i < all.edges.size(); ++i) {
            if (all.edges[i].empty()) all.edges[i] = contents.edges[i];
            if (!contents.edges[i].empty() && contents.edges[i] != all.edges[i])
                return fail(ErrorKind::conflict,
                            fmt::format("parts of {} count the column {} on different edges; count them like "
                                        "one another before they are joined",
                                        all.source, core::quoted(all.schema.fields[i].name)));
        }
        all.windows.insert(all.windows.end(), contents.windows.begin(), contents.windows.end());
    }
    return Profile(std::make_shared<const Profile::Contents>(std::move(all)));
}

/// The rows of all parts in order of time; nothing without a time column.
core::Result<std::optional<dataset::RowSelection>> order_of_time(const Profile& all) {
    std::optional<dataset::RowSelection> rows;
    const std::string& name = all.plan().time;
    if (name.empty()) return rows;
    auto column = whole_column(all, *all.schema().find(name));
    if (!column) return propagate(column);
    auto times = dataset::times_of(std::move(*column), all.source(), name);
    if (!times) return propagate(times);
    rows = dataset::select_window(times->times, {});
    return rows;
}

/// Whether rows of one part lie between rows of another.
bool interleaved(const std::vector<WindowState>& windows) {
    std::optional<core::Timestamp> latest;  // The windows stand in order of their first time.
    for (const WindowState& state : windows) {
        if (!state.window.first) continue;
        if (latest && *state.window.first < *latest) return true;
        latest = latest ? std::max(*latest, *state.window.last) : state.window.last;
    }
    return false;
}

/// One part may have held labels that look like secrets, and another not.
bool to_be_hashed(const std::vector<std::string>& labels, const config::SensitivePatterns& patterns) {
    return patterns.match_any(labels) || std::ranges::any_of(labels, [](const auto& label) {
               return config::hashed_label(label) == label;
           });
}

/// Labels as one pass over the rows would have met them: each that there is, in order of its first row.
void renumber_labels(Column& column, const config::SensitivePatterns& patterns) {
    const bool hash = column.type == Type::text && to_be_hashed(column.labels, patterns);
    std::vector<std::uint32_t> renumbered(column.labels.size(), Column::missing_code);
    std::unordered_map<std::string, std::uint32_t> code_of;
    std::vector<std::string> labels;
    for (auto& code : column.codes) {
        if (code == Column::missing_code) continue;
        if (renumbered[code] == Column::missing_code) {
            const auto& label = column.labels[code];
            const auto [at, fresh] = code_of.try_emplace(hash ? config::hashed_label(label) : label,
                                                         static_cast<std::uint32_t>(labels.size()));
            if (fresh) labels.push_back(at->first);
            renumbered[code] = at->second;
        }
        code = renumbered[code];
    }
    column.labels = std::move(labels);
}

/// The earliest and the latest time of a column that is no longer kept row by row.
core::Result<Block> joined_span(const Profile& all, std::size_t field) {
    Column ends;
    ends.type = Type::timestamp;
    const auto& contents = all.contents();
    for (const auto& state : contents.windows) {
        if (state.blocks[field].kind == StateKind::times) {
            auto column = read_exact(state.blocks[field], contents.schema.fields[field], contents.source);
            if (!column) return propagate(column);
            ends.times.insert(ends.times.end(), column->times.begin(), column->times.end());
            continue;
        }
        ByteReader in(state.blocks[field].bytes);
        const auto rows = in.number<std::uint64_t>(), missing = in.number<std::uint64_t>();
        if (rows > missing)
            for (int end = 0; end < 2; ++end) ends.times.push_back(in.number<std::int64_t>());
    }
    const auto whole = column_without_rows(all, field);
    if (!whole) return propagate(whole);
    ends.rows = whole->rows;
    ends.missing = whole->missing;
    return sketch_block(ends, {}, 0, false);
}

/// The counts of all parts as one; what a row is worth beside its neighbours is not known of rows that lie
/// between those of other parts.
core::Result<Block> joined_counts(const Profile& all, std::size_t field, bool in_turn,
                                  const config::SensitivePatterns& patterns) {
    const auto forget = [&](auto& counts) {
        if (in_turn) return;
        counts.ordered = false;
        counts.dependence = {};
    };
    const Type type = all.schema().fields[field].type;
    if (is_number(type)) {
        auto counts = number_counts(all, field);
        if (!counts) return propagate(counts);
        forget(*counts);
        return counts_block(*counts);
    }
    if (type == Type::timestamp) return joined_span(all, field);
    auto counts = label_counts(all, field);
    if (!counts) return propagate(counts);
    forget(*counts);
    std::vector<std::string> labels;
    for (const auto& [label, rows] : counts->counts) labels.push_back(label);
    if (type == Type::text && to_be_hashed(labels, patterns)) {
        LabelCounts hashed = *counts;
        hashed.counts.clear();
        for (const auto& [label, rows] : counts->counts) hashed.counts[config::hashed_label(label)] += rows;
        return counts_block(hashed, ProfileOptions().labels);
    }
    return counts_block(*counts, ProfileOptions().labels);
}

core::Result<Block> joined_block(const Profile& all, std::size_t field, bool in_turn,
                                 const std::optional<dataset::RowSelection>& rows,
                                 const config::SensitivePatterns& patterns) {
    if (!all.kept(field)) return Block();
    if (!all.exact(field)) return joined_counts(all, field, in_turn, patterns);
    auto column = whole_column(all, field);
    if (!column) return propagate(column);
    if (rows && !rows->rows.empty()) *column = dataset::select(*column, *rows);
    renumber_labels(*column, patterns);
    return exact_block(*column);
}

}  // namespace

core::Result<Profile> join(std::span<const Profile> parts, const std::string& name, std::uint64_t left_out,
                           const config::SensitivePatterns& patterns) {
    if (parts.empty()) return fail(ErrorKind::usage, "no part to join; give at least one");
    auto all = side_by_side(in_one_order(parts));
    if (!all) return propagate(all);
    auto rows = order_of_time(*all);
    if (!rows) return propagate(rows);
    const bool in_turn = !interleaved(all->contents().windows);

    WindowState whole;
    whole.window.source = name;
    whole.window.left_out = left_out;
    for (const auto& [window, blocks] : all->contents().windows) {
        whole.window.rows += window.rows;
        whole.window.left_out += window.left_out;
        const auto earlier = [](auto a, auto b) { return a && b ? std::min(a, b) : a ? a : b; };
        whole.window.first = earlier(whole.window.first, window.first);
        whole.window.last = std::max(whole.window.last, window.last);  // An absent one is the least.
    }
    for (std::size_t field = 0; field < all->schema().fields.size(); ++field) {
        auto block = joined_block(*all, field, in_turn, *rows, patterns);
        if (!block) return propagate(block);
        whole.blocks.push_back(std::move(*block));
    }
    Profile::Contents contents = all->contents();
    contents.windows.clear();
    contents.windows.push_back(std::move(whole));
    return sealed(std::move(contents));
}

}  // namespace tristrata::detection
