#include "nannyml_methods.hpp"
#include "peer.hpp"

#include "tristrata/stats/random.hpp"
#include "tristrata/stats/sample.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>

namespace tristrata::detection {
namespace {

using dataset::Chunk;
using dataset::Column;
using dataset::Type;

constexpr double chi_square_level = 0.05;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What a method found in one chunk.
struct Measured {
    double value = nan;
    std::optional<double> p;
};

/// The limits that a method's bounds are held against.
Bounds limits_of(std::string_view method) {
    if (method == "kolmogorov_smirnov") return {0.0, 1.0};
    return {0.0, std::nullopt};
}

/// Columns of numbers. Chunks of the two columns are prepared once, and every method measures them; a batch
/// that is drawn is another column, and is prepared when it is measured.
class NumberColumns {
public:
    NumberColumns(const Column& reference, const Column& current)
        : sides_{&reference, &current}, reference_(std::span<const double>(reference.numbers)) {}
    [[nodiscard]] std::function<Measured(const Column&, const Chunk&)> fit(std::string_view name) {
        std::shared_ptr<NumberMethod> method = fit_number_method(name, fitted_on_);
        return [method, this](const Column& column, const Chunk& chunk) -> Measured {
            const auto measured = [&](ChunkValues& values) {
                return values.values().empty() ? Measured{} : Measured{method->measure(values), std::nullopt};
            };
            if (&column != sides_[0] && &column != sides_[1]) {
                ChunkValues drawn = values_of(column, chunk.begin, chunk.end);
                return measured(drawn);
            }
            auto& pieces = pieces_[&column == sides_[0] ? 0 : 1];
            auto piece = pieces.find({chunk.begin, chunk.end});
            if (piece == pieces.end())
                piece =
                    pieces
                        .emplace(std::pair(chunk.begin, chunk.end), values_of(column, chunk.begin, chunk.end))
                        .first;
            return measured(piece->second);
        };
    }

    [[nodiscard]] double middle() const { return reference_.middle(); }
    /// Bins of equal width need a range.
    [[nodiscard]] bool has_bins() const {
        return std::isfinite(reference_.values().back() - reference_.values().front());
    }
    /// The methods stand on it: taken when they have measured.
    [[nodiscard]] stats::SortedSample&& take_reference() { return std::move(reference_); }

private:
    /// Without missing ones: those of a column that has none stay where they are.
    static ChunkValues values_of(const Column& column, std::size_t begin, std::size_t end) {
        if (column.missing == 0) return ChunkValues(std::span(column.numbers).subspan(begin, end - begin));
        std::vector<double> values;
        values.reserve(end - begin);
        for (std::size_t i = begin; i < end; ++i)
            if (!std::isnan(column.numbers[i])) values.push_back(column.numbers[i]);
        return ChunkValues(std::move(values));
    }

    std::array<const Column*, 2> sides_;
    stats::SortedSample reference_;  ///< It holds no infinite value: why_not().
    NumberReference fitted_on_{reference_.values()};
    std::array<std::map<std::pair<std::size_t, std::size_t>, ChunkValues>, 2> pieces_;
};

/// Columns of labels: codes of both sides over one ascending list of labels.
class LabelColumns {
public:
    LabelColumns(const Column& reference, const Column& current) {
        std::map<std::string_view, std::uint32_t> code_of;
        for (const auto* side : {&reference, &current})
            for (const auto& label : side->labels) code_of.emplace(label, 0);
        for (auto& [label, code] : code_of) code = labels_++;
        for (const auto* side : {&reference, &current})
            for (const auto& label : side->labels)
                (side == &reference ? from_reference_ : from_current_).push_back(code_of.at(label));
        counts_.assign(labels_, 0);
        for (const auto code : reference.codes)
            if (code != Column::missing_code) ++counts_[from_reference_[code]];
    }
    /// Of `current`'s rows; every other column's codes are the reference's.
    [[nodiscard]] std::function<Measured(const Column&, const Chunk&)> fit(std::string_view name,
                                                                           const Column& current) const {
        std::shared_ptr<LabelMethod> method = fit_label_method(name, counts_);
        return [method, this, &current](const Column& column, const Chunk& chunk) -> Measured {
            const auto& translation = &column == &current ? from_current_ : from_reference_;
            std::vector<std::uint64_t> counts(labels_, 0);
            std::uint64_t total = 0;
            for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
                if (column.codes[i] == Column::missing_code) continue;
                ++counts[translation[column.codes[i]]];
                ++total;
            }
            if (total == 0) return {};
            return {method->measure(counts), method->p(counts)};
        };
    }

private:
    std::uint32_t labels_ = 0;
    std::vector<std::uint32_t> from_reference_, from_current_;
    std::vector<std::uint64_t> counts_;
};

/// A bound that is infinite or NaN is no bound: nothing lies beyond it. Returns why, empty where both are
/// finite.
std::string leave_out_not_finite(std::optional<double>& lower, std::optional<double>& upper) {
    std::string which;
    for (const auto& [bound, name] : {std::pair{&lower, "lower"}, std::pair{&upper, "upper"}}) {
        if (!*bound || std::isfinite(**bound)) continue;
        which += fmt::format("{}{} bound is {}", which.empty() ? "the " : ", the ", name, **bound);
        bound->reset();
    }
    if (which.empty()) return which;
    return which + ", for the reference's values are too large for its arithmetic: no alert is possible";
}

/// Numbers as labels, where the plan takes them for categories: their order is that of the numbers.
Column labelled(const Column& column, const Column& other) {
    if (!is_number(column.type)) return column;
    std::map<double, std::uint32_t> code_of;
    for (const auto* side : {&column, &other})
        for (const double x : side->numbers)
            if (!std::isnan(x)) code_of.emplace(x, 0);
    Column out;
    out.type = Type::text;
    out.rows = column.rows;
    std::uint32_t next = 0;
    for (auto& [x, code] : code_of) {
        code = next++;
        out.labels.push_back(fmt::format("{:010}", code));
    }
    for (const double x : column.numbers)
        out.codes.push_back(std::isnan(x) ? Column::missing_code : code_of.at(x));
    return out;
}

std::string why_not(const dataset::Field& field, const Column& reference, const Column& current,
                    const Plan& plan) {
    if (field.name == plan.time) return "it orders the rows, which is all that NannyML uses it for";
    if (reference.type == Type::timestamp)
        return "NannyML would take every time for a category of its own; it is left out";
    if (reference.type == Type::unsupported || current.type == Type::unsupported)
        return fmt::format("its type {} is none that NannyML compares", field.foreign_type);
    if (reference.type == Type::null || reference.rows == reference.missing)
        return "the reference holds no value: NannyML would end its fit with an error";
    if (reference.infinite > 0)
        return "the reference holds infinite values: NannyML would end its fit with an error";
    if (current.type != Type::null && is_number(reference.type) != is_number(current.type))
        return fmt::format("the type changed from {} to {}", dataset::name(reference.type),
                           dataset::name(current.type));
    return "";
}

constexpr std::size_t draws_max = 40;
constexpr double drawn_work_max = 2e7;

/// Batches of the usual chunk's size, drawn from the reference's rows with replacement, held against the
/// bounds.
DrawnBatches draw_batches(const Column& reference, const dataset::Chunks& chunks,
                          const std::function<Measured(const Column&, const Chunk&)>& measure,
                          const drift::PeerTest& test, stats::Random random) {
    DrawnBatches drawn;
    if (chunks.chunks.empty() || reference.rows == 0) return drawn;
    drawn.rows = chunks.chunks.front().size();
    const auto work = static_cast<double>(drawn.rows + 20'000);
    drawn.draws = std::min(draws_max, static_cast<std::size_t>(drawn_work_max / work));
    Column batch;
    batch.type = reference.type;
    batch.labels = reference.labels;
    for (std::size_t draw = 0; draw < drawn.draws; ++draw) {
        batch.numbers.clear();
        batch.codes.clear();
        batch.missing = 0;
        for (std::size_t i = 0; i < drawn.rows; ++i) {
            const auto row = static_cast<std::size_t>(random.below(reference.rows));
            if (reference.codes.empty()) {
                batch.numbers.push_back(reference.numbers[row]);
                batch.missing += static_cast<std::uint64_t>(std::isnan(reference.numbers[row]));
            } else batch.codes.push_back(reference.codes[row]);
        }
        const Measured measured = measure(batch, Chunk{"", 0, drawn.rows, {}, {}, 0, 0});
        drawn.flagged += measured.p ? *measured.p < chi_square_level
                                    : (test.lower && measured.value < *test.lower) ||
                                          (test.upper && measured.value > *test.upper);
    }
    return drawn;
}

}  // namespace

Bounds nannyml_bounds(const NannymlThreshold& threshold, std::span<const double> values,
                      std::optional<double> lower_limit, std::optional<double> upper_limit) {
    Bounds bounds{threshold.lower, threshold.upper};
    if (threshold.kind == NannymlThreshold::Kind::standard_deviation) {
        std::vector<double> present;
        std::ranges::copy_if(values, std::back_inserter(present), [](double x) { return !std::isnan(x); });
        if (present.empty()) return {};
        const auto n = static_cast<double>(present.size());
        const double mean = std::accumulate(present.begin(), present.end(), 0.0) / n;
        double squares = 0.0;
        for (const double x : present) squares += (x - mean) * (x - mean);
        const double sd = std::sqrt(squares / n);
        std::ranges::sort(present);
        double offset = mean;
        switch (threshold.offset_from) {
            case NannymlThreshold::Offset::mean:
                break;
            case NannymlThreshold::Offset::median:
                offset = (present[(present.size() - 1) / 2] + present[present.size() / 2]) / 2.0;
                break;
            case NannymlThreshold::Offset::min:
                offset = present.front();
                break;
            case NannymlThreshold::Offset::max:
                offset = present.back();
                break;
        }
        bounds = {};
        if (threshold.std_lower_multiplier) bounds.first = offset - sd * *threshold.std_lower_multiplier;
        if (threshold.std_upper_multiplier) bounds.second = offset + sd * *threshold.std_upper_multiplier;
    }
    if (bounds.first && lower_limit && *bounds.first <= *lower_limit) bounds.first = lower_limit;
    if (bounds.second && upper_limit && *bounds.second >= *upper_limit) bounds.second = upper_limit;
    return bounds;
}

PeerFindings find_by_nannyml(const dataset::Field& field, const Column& reference_column,
                             const Column& current_column, const Setting& setting,
                             std::uint64_t column_index) {
    PeerFindings findings;
    const Plan& plan = *setting.plan;
    findings.obstacle = why_not(field, reference_column, current_column, plan);
    if (!findings.obstacle.empty()) return findings;
    const auto cut = [&](const Column& column, const std::optional<dataset::Chunks>& ready) {
        return ready ? core::Result<dataset::Chunks>(*ready)
                     : dataset::cut_into_chunks(column.rows, {}, plan.nannyml.chunking);
    };
    const auto reference_chunks = cut(reference_column, setting.reference_chunks);
    const auto current_chunks = cut(current_column, setting.current_chunks);
    for (const auto* chunks : {&reference_chunks, &current_chunks})
        if (!*chunks) {
            findings.obstacle = chunks->error().message;
            return findings;
        }

    const auto& asked = plan.of(field.name).kind;
    const bool numeric = asked ? *asked == drift::Kind::numeric && is_number(reference_column.type)
                               : is_number(reference_column.type);
    const Column reference = numeric ? Column{} : labelled(reference_column, current_column);
    const Column current = numeric ? Column{} : labelled(current_column, reference_column);
    const Column& before = numeric ? reference_column : reference;
    const Column& after = numeric ? current_column : current;
    std::optional<NumberColumns> numbers;
    std::optional<LabelColumns> labels;
    if (numeric) numbers.emplace(before, after);
    else labels.emplace(before, after);

    if (plan.explain_difference && numeric) findings.middle = numbers->middle();
    for (const auto& name : numeric ? plan.nannyml.continuous_methods : plan.nannyml.categorical_methods) {
        const Method* method = find_method(name, Engine::nannyml);
        const auto measure = numeric ? numbers->fit(name) : labels->fit(name, after);
        if (numeric && (name == "jensen_shannon" || name == "hellinger") && !numbers->has_bins()) {
            findings.tests.clear();
            findings.obstacle =
                "the range of the reference fits no double, so that it has no bins: NannyML "
                "would end its fit with an error";
            return findings;
        }
        std::vector<double> of_reference;
        std::optional<double> last_p;
        for (const Chunk& chunk : reference_chunks->chunks) {
            const Measured measured = measure(before, chunk);
            of_reference.push_back(measured.value);
            if (measured.p) last_p = measured.p;
        }
        drift::PeerTest test;
        test.method = method->name;
        test.title = method->title;
        test.rule = "value < lower or value > upper";
        const bool by_p = name == "chi2";
        if (by_p) {
            test.rule = "p < 0.05";
        } else {
            const auto chosen = plan.nannyml.threshold.find(name);
            const auto [low, high] = limits_of(name);
            std::tie(test.lower, test.upper) =
                nannyml_bounds(chosen == plan.nannyml.threshold.end() ? NannymlThreshold{} : chosen->second,
                               of_reference, low, high);
            test.reason = leave_out_not_finite(test.lower, test.upper);
        }
        for (const Chunk& chunk : current_chunks->chunks) {
            // A column without any value has no type to measure by.
            const Measured measured = after.type == Type::null ? Measured{} : measure(after, chunk);
            drift::PeerChunk one;
            one.key = chunk.key;
            one.rows = chunk.size();
            if (std::isfinite(measured.value)) one.value = measured.value;
            // An empty chunk is judged by the p of the chunk before it: NannyML's own slip, kept.
            if (measured.p) last_p = measured.p;
            one.alert = by_p ? last_p && *last_p < chi_square_level
                             : (test.lower && measured.value < *test.lower) ||
                                   (test.upper && measured.value > *test.upper);
            test.alerts += one.alert;
            if (one.value && (!test.score || *one.value > *test.score)) test.score = one.value;
            test.chunks.push_back(std::move(one));
        }
        test.drifted = test.alerts > 0;
        // Of the method that is told of first: the first that alerts, or else the first.
        if (plan.explain_difference &&
            (findings.tests.empty() || (test.drifted && !findings.tests.front().drifted)))
            findings.drawn = draw_batches(before, *current_chunks, measure, test,
                                          stats::Random(plan.seed, column_index, 3));
        findings.tests.push_back(std::move(test));
    }
    if (numeric && !plan.explain_difference)
        findings.sorted.emplace(std::vector<WindowMeasure>{}, numbers->take_reference(),
                                stats::SortedSample(std::span<const double>(after.numbers)));
    return findings;
}

}  // namespace tristrata::detection
