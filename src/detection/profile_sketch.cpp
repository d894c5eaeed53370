#include "profile_state.hpp"

#include "profile_bytes.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/histogram.hpp"
#include "tristrata/stats/sample.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

namespace tristrata::detection {
namespace {

using dataset::Column;
using dataset::Type;

constexpr std::size_t edges_of_equal_mass = 1000;
constexpr std::size_t heavy_share = 100;  ///< A value that holds one row in so many has a bin of its own.

/// What repeats itself from row to row, where the rows are in order of time. The lags' weights 1 - k/m need
/// the current side's length, which nobody knows yet: without them τ is larger, so that it errs on the safe
/// side.
stats::Dependence measured(const std::vector<double>& series) {
    const auto found = stats::integrated_autocorrelation_time(series, series.size());
    const auto* dependence = std::get_if<stats::Dependence>(&found);
    return dependence != nullptr ? *dependence : stats::Dependence();
}

void write_dependence(ByteWriter& out, const stats::Dependence& dependence, bool ordered) {
    out.number(std::uint64_t{ordered ? 1u : 0u});
    out.number(dependence.tau);
    out.number(dependence.truncation_lag);
    out.number(dependence.log_variance);
}

bool read_dependence(ByteReader& in, stats::Dependence& dependence, bool& ordered) {
    const auto flag = in.number<std::uint64_t>();
    dependence.tau = in.number<double>();
    dependence.truncation_lag = in.number<double>();
    dependence.log_variance = in.number<double>();
    ordered = flag == 1;
    return flag <= 1 && dependence.tau >= 1.0 && std::isfinite(dependence.tau) &&
           dependence.truncation_lag >= 0.0 && dependence.log_variance >= 0.0 &&
           std::isfinite(dependence.log_variance);
}

NumberCounts counted(const Column& column, std::span<const double> edges) {
    NumberCounts counts;
    counts.rows = column.rows;
    counts.missing = column.missing;
    counts.infinite = column.infinite;
    std::vector<double> sorted = column.sorted;
    if (sorted.empty()) {
        const stats::SortedSample sample{std::span<const double>(column.numbers)};
        sorted.assign(sample.values().begin(), sample.values().end());
    }
    counts.finite = sorted.size();
    stats::Histogram histogram(std::vector<double>(edges.begin(), edges.end()));
    histogram.update_sorted(sorted);
    counts.counts = std::move(histogram.counts);
    if (sorted.empty()) return counts;
    counts.minimum = sorted.front();
    counts.maximum = sorted.back();
    counts.distinct = 1;
    for (std::size_t i = 1; i < sorted.size(); ++i) counts.distinct += sorted[i] != sorted[i - 1] ? 1 : 0;
    const double anchor = sorted[sorted.size() / 2];
    double sum = 0.0;
    for (const double x : sorted) sum += x - anchor;
    counts.mean = anchor + sum / static_cast<double>(sorted.size());
    for (const double x : sorted) counts.squares += (x - counts.mean) * (x - counts.mean);
    return counts;
}

/// Chan's rule for moments: in the order of the windows, so that the digits are always the same.
void add(NumberCounts& whole, const NumberCounts& part) {
    whole.rows += part.rows;
    whole.missing += part.missing;
    whole.infinite += part.infinite;
    whole.distinct = std::max(whole.distinct, part.distinct);
    if (part.finite == 0) return;
    const auto n = static_cast<double>(whole.finite), m = static_cast<double>(part.finite);
    const double apart = part.mean - whole.mean;
    whole.minimum = n == 0.0 ? part.minimum : std::min(whole.minimum, part.minimum);
    whole.maximum = n == 0.0 ? part.maximum : std::max(whole.maximum, part.maximum);
    whole.squares += part.squares + (n == 0.0 ? 0.0 : apart * apart * n * m / (n + m));
    whole.mean = n == 0.0 ? part.mean : whole.mean + apart * m / (n + m);
    whole.finite += part.finite;
    std::ranges::transform(whole.counts, part.counts, whole.counts.begin(), std::plus<>{});
    if (part.dependence.tau > whole.dependence.tau) whole.dependence = part.dependence;
    whole.ordered = whole.ordered || part.ordered;
}

std::string bytes_of(const NumberCounts& counts) {
    ByteWriter out;
    for (const auto value : {counts.rows, counts.missing, counts.infinite, counts.finite, counts.distinct})
        out.number(value);
    for (const double value : {counts.minimum, counts.maximum, counts.mean, counts.squares})
        out.number(value);
    write_dependence(out, counts.dependence, counts.ordered);
    out.number(static_cast<std::uint64_t>(counts.counts.size()));
    out.numbers(std::span<const std::uint64_t>(counts.counts));
    out.pad();
    return out.take();
}

std::string number_bytes(const Column& column, std::span<const double> edges, bool ordered) {
    NumberCounts counts = counted(column, edges);
    counts.ordered = ordered;
    if (ordered) {
        std::vector<double> series;
        std::ranges::copy_if(column.numbers, std::back_inserter(series),
                             [](double x) { return std::isfinite(x); });
        counts.dependence = measured(series);
    }
    return bytes_of(counts);
}

bool read_counts(ByteReader& in, NumberCounts& counts, std::size_t edges) {
    for (auto* value : {&counts.rows, &counts.missing, &counts.infinite, &counts.finite, &counts.distinct})
        *value = in.number<std::uint64_t>();
    bool fits = true;
    for (auto* value : {&counts.minimum, &counts.maximum, &counts.mean, &counts.squares}) {
        *value = in.number<double>();
        fits = fits && !std::isnan(*value);
    }
    fits = read_dependence(in, counts.dependence, counts.ordered) && fits;
    const auto bins = in.number<std::uint64_t>();
    in.numbers<std::uint64_t>(bins, counts.counts);
    return fits && !in.failed() && in.at_padding() && bins == edges + 1 && counts.missing <= counts.rows &&
           counts.infinite <= counts.rows - counts.missing &&
           counts.finite == counts.rows - counts.missing - counts.infinite &&
           std::accumulate(counts.counts.begin(), counts.counts.end(), std::uint64_t{0}) == counts.finite;
}

/// By frequency, equal ones by their bytes.
using ByFrequency = std::vector<std::pair<std::string_view, std::uint64_t>>;
ByFrequency by_frequency(const LabelCounts& counts) {
    ByFrequency order(counts.counts.begin(), counts.counts.end());
    std::ranges::sort(order, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return order;
}

std::string bytes_of(const LabelCounts& counts, std::size_t labels) {
    ByFrequency listed = by_frequency(counts);
    std::uint64_t rest = counts.rest;
    for (std::size_t i = labels; i < listed.size(); ++i) rest += listed[i].second;
    listed.resize(std::min(labels, listed.size()));
    std::ranges::sort(listed);
    ByteWriter out;
    for (const auto value : {counts.rows, counts.missing, counts.distinct, rest}) out.number(value);
    write_dependence(out, counts.dependence, counts.ordered);
    out.number(static_cast<std::uint64_t>(listed.size()));
    for (const auto& [label, rows] : listed) {
        out.number(rows);
        out.text(label);
    }
    out.pad();
    return out.take();
}

std::string label_bytes(const Column& column, std::size_t labels, bool ordered) {
    std::vector<std::uint64_t> by_code(column.labels.size(), 0);
    for (const auto code : column.codes)
        if (code != Column::missing_code) ++by_code[code];
    LabelCounts counts;
    counts.rows = column.rows;
    counts.missing = column.missing;
    for (std::size_t code = 0; code < by_code.size(); ++code)
        counts.counts[column.labels[code]] += by_code[code];
    counts.distinct = counts.counts.size();
    counts.ordered = ordered;
    if (ordered) {
        std::map<std::string_view, double> rank;
        for (const auto& [label, rows] : by_frequency(counts))
            rank.emplace(label, static_cast<double>(rank.size()));
        std::vector<double> rank_of_code, series;
        for (const auto& label : column.labels) rank_of_code.push_back(rank.at(label));
        for (const auto code : column.codes)
            if (code != Column::missing_code) series.push_back(rank_of_code[code]);
        counts.dependence = measured(series);
    }
    return bytes_of(counts, labels);
}

bool read_counts(ByteReader& in, LabelCounts& counts) {
    counts.rows = in.number<std::uint64_t>();
    counts.missing = in.number<std::uint64_t>();
    counts.distinct = in.number<std::uint64_t>();
    counts.rest = in.number<std::uint64_t>();
    bool fits = read_dependence(in, counts.dependence, counts.ordered);
    const auto labels = in.number<std::uint64_t>();
    if (!in.holds(labels, 12)) return false;
    std::uint64_t sum = counts.rest;
    for (std::uint64_t i = 0; i < labels && !in.failed(); ++i) {
        const auto count = in.number<std::uint64_t>();
        sum += count;
        fits = counts.counts.emplace_hint(counts.counts.end(), in.text(), count)->second == count && fits;
    }
    return fits && !in.failed() && in.at_padding() && counts.counts.size() == labels &&
           counts.distinct >= labels && counts.missing <= counts.rows && sum == counts.rows - counts.missing;
}

tl::unexpected<core::Error> contradicts(const Profile::Contents& contents, std::size_t field) {
    return core::fail(core::ErrorKind::invalid_input,
                      fmt::format("{}: the counts of column {} contradict themselves; make the profile again",
                                  contents.source, core::quoted(contents.schema.fields[field].name)));
}

}  // namespace

std::vector<double> stored_edges(std::span<const double> sorted) {
    std::vector<double> edges = stats::equal_mass_edges(sorted, edges_of_equal_mass);
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t j = i + 1;
        while (j < sorted.size() && sorted[j] == sorted[i]) ++j;
        if (i > 0 && (j - i) * heavy_share >= sorted.size()) {
            edges.push_back(std::nextafter(sorted[i], -INFINITY));
            if (j < sorted.size()) edges.push_back(sorted[i]);
        }
        i = j;
    }
    std::ranges::sort(edges);
    const auto repeated = std::ranges::unique(edges);
    edges.erase(repeated.begin(), repeated.end());
    return edges;
}

Block sketch_block(const Column& column, std::span<const double> edges, std::size_t labels, bool ordered) {
    switch (column.type) {
        case Type::integer:
        case Type::real:
            return block_of(StateKind::histogram, number_bytes(column, edges, ordered));
        case Type::text:
        case Type::boolean:
            return block_of(StateKind::label_counts, label_bytes(column, labels, ordered));
        default:
            break;
    }
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    for (const auto time : column.times) {
        if (time == Column::missing_time) continue;
        first = std::min(first, time);
        last = std::max(last, time);
    }
    ByteWriter out;
    out.number(column.rows);
    out.number(column.missing);
    out.number(first <= last ? first : 0);
    out.number(first <= last ? last : 0);
    return block_of(StateKind::time_span, out.take());
}

Block counts_block(const NumberCounts& counts) { return block_of(StateKind::histogram, bytes_of(counts)); }
Block counts_block(const LabelCounts& counts, std::size_t labels) {
    return block_of(StateKind::label_counts, bytes_of(counts, labels));
}

std::optional<double> only_value(const NumberCounts& counts, std::size_t bin) {
    const bool first = bin == 0, last = bin == counts.edges.size();
    const double top = last ? counts.maximum : counts.edges[bin];
    const double bottom = first ? std::nextafter(counts.minimum, -INFINITY) : counts.edges[bin - 1];
    return std::nextafter(top, -INFINITY) == bottom ? std::optional(top) : std::nullopt;
}

core::Result<NumberCounts> number_counts(const Profile& profile, std::size_t field) {
    const auto& contents = profile.contents();
    const auto& edges = contents.edges[field];
    NumberCounts whole;
    whole.edges = edges;
    whole.counts.resize(edges.size() + 1, 0);
    for (const auto& state : contents.windows) {
        NumberCounts part;
        if (is_exact(state.blocks[field].kind)) {
            auto column = read_exact(state.blocks[field], contents.schema.fields[field], contents.source);
            if (!column) return propagate(column);
            part = counted(*column, edges);
        } else {
            ByteReader in(state.blocks[field].bytes);
            if (state.blocks[field].kind != StateKind::histogram || !read_counts(in, part, edges.size()))
                return contradicts(contents, field);
        }
        add(whole, part);
    }
    return whole;
}

core::Result<LabelCounts> label_counts(const Profile& profile, std::size_t field) {
    const auto& contents = profile.contents();
    LabelCounts whole;
    for (const auto& state : contents.windows) {
        LabelCounts part;
        if (is_exact(state.blocks[field].kind)) {
            auto column = read_exact(state.blocks[field], contents.schema.fields[field], contents.source);
            if (!column) return propagate(column);
            part.rows = column->rows;
            part.missing = column->missing;
            for (const auto code : column->codes)
                if (code != Column::missing_code) ++part.counts[column->labels[code]];
            part.distinct = part.counts.size();
        } else {
            ByteReader in(state.blocks[field].bytes);
            if (state.blocks[field].kind != StateKind::label_counts || !read_counts(in, part))
                return contradicts(contents, field);
        }
        whole.rows += part.rows;
        whole.missing += part.missing;
        whole.rest += part.rest;
        whole.distinct = std::max(whole.distinct, part.distinct);
        for (const auto& [label, count] : part.counts) whole.counts[label] += count;
        if (part.dependence.tau > whole.dependence.tau) whole.dependence = part.dependence;
        whole.ordered = whole.ordered || part.ordered;
    }
    whole.distinct = std::max<std::uint64_t>(whole.distinct, whole.counts.size());
    return whole;
}

core::Result<SavedCounts> saved_counts(const Profile* saved, std::size_t field) {
    if (saved == nullptr || !saved->kept(field) || saved->exact(field)) return SavedCounts();
    const auto into = [](auto counts) -> core::Result<SavedCounts> {
        if (!counts) return propagate(counts);
        return SavedCounts(std::move(*counts));
    };
    switch (saved->schema().fields[field].type) {
        case Type::integer:
        case Type::real:
            return into(number_counts(*saved, field));
        case Type::text:
        case Type::boolean:
            return into(label_counts(*saved, field));
        default:
            return SavedCounts(TimeCounts());
    }
}

core::Result<Column> column_without_rows(const Profile& profile, std::size_t field) {
    const auto& contents = profile.contents();
    Column column;
    column.type = contents.schema.fields[field].type;
    for (const auto& state : contents.windows) {
        ByteReader in(state.blocks[field].bytes);
        column.rows += in.number<std::uint64_t>();
        column.missing += in.number<std::uint64_t>();
        const auto kind = state.blocks[field].kind;
        if (kind == StateKind::histogram || kind == StateKind::numbers)
            column.infinite += in.number<std::uint64_t>();
        if (in.failed()) return contradicts(contents, field);
    }
    return column;
}

}  // namespace tristrata::detection
