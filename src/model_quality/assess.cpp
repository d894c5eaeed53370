#include "tristrata/model_quality/calibration.hpp"
#include "tristrata/model_quality/class_metrics.hpp"
#include "tristrata/model_quality/quality.hpp"
#include "tristrata/model_quality/regression_metrics.hpp"
#include "tristrata/model_quality/sampling_error.hpp"

#include "blocks.hpp"
#include "column_drift.hpp"
#include "features.hpp"
#include "loading.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/stats/correction.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace tristrata::model_quality {
namespace {

using core::Result;

constexpr std::uint64_t rows_min = 30;  ///< Labelled rows of a chunk below which nothing is tested.
constexpr double calibration_work = 1e8;

/// What does not fit a double is absent, as what does not exist.
std::optional<double> finite(std::optional<double> number) {
    return number && std::isfinite(*number) ? number : std::nullopt;
}

double two_sided(double z) { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

std::vector<Metric> metrics_of(const Loaded& loaded) {
    std::vector<Metric> out;
    for (const auto& row : metrics()) {
        if (row.classification != (loaded.problem != Problem::regression)) continue;
        if (row.needs_scores && loaded.reference.scores.empty()) continue;
        if (row.needs_predictions && row.classification && loaded.reference.said.empty()) continue;
        out.push_back(row.metric);
    }
    return out;
}

/// The labelled rows of rows [begin, end) of a sample, as the metrics take them.
struct Labelled {
    std::vector<std::uint32_t> said, label;
    std::vector<double> scores, truth, predicted, one_hot;
    std::size_t rows = 0, classes = 0;

    Labelled(const Sample& sample, std::size_t k, std::size_t begin, std::size_t end) : classes(k) {
        for (std::size_t row = begin; row < end; ++row) {
            if (!sample.labelled(row)) continue;
            ++rows;
            if (!sample.predicted.empty()) {
                truth.push_back(sample.truth[row]);
                predicted.push_back(sample.predicted[row]);
                continue;
            }
            label.push_back(sample.label[row]);
            if (!sample.said.empty()) said.push_back(sample.said[row]);
            for (std::size_t c = 0; c < k && !sample.scores.empty(); ++c)
                scores.push_back(sample.scores[row * k + c]);
        }
        if (predicted.empty()) one_hot = truth_of(label, k);
    }
    [[nodiscard]] ClassRows class_rows() const { return {rows, classes, said, scores}; }
};

struct MetricScale {
    Measured value;
    Measured scale;  ///< sampling_scale.
};
std::vector<MetricScale> measure(const Labelled& rows, const std::vector<Metric>& wanted, bool regression,
                                 std::uint64_t seed) {
    std::vector<MetricScale> out;
    if (regression) {
        for (const Metric metric : wanted)
            out.push_back({regression_metric(metric, rows.truth, rows.predicted),
                           sampling_scale(metric, rows.truth, rows.predicted)});
        return out;
    }
    const ClassMetrics metrics(rows.class_rows());
    const auto values = metrics.values(wanted, rows.one_hot);
    for (std::size_t m = 0; m < wanted.size(); ++m)
        out.push_back({values[m], sampling_scale(wanted[m], metrics, rows.one_hot, seed)});
    return out;
}

std::string shown(Metric metric, double value) {
    return traits(metric).share ? fmt::format("{:.3f}", value) : core::readable(value);
}

/// The names of classes in place of their numbers: "no row is of the class (class 2)".
std::string with_class_name(std::string reason, const std::vector<std::string>& classes) {
    for (std::size_t k = 0; k < classes.size(); ++k) {
        const std::string number = fmt::format("(class {})", k);
        if (const auto at = reason.find(number); at != std::string::npos)
            return reason.replace(at, number.size(), core::quoted(classes[k], 30));
    }
    return reason;
}

/// Band, gap and the p of no change; verdicts come when all are there.
void compare(MetricRow& row, const MetricScale& reference, const MetricScale& current, double n_reference,
             double n_current, double error_scale) {
    if (!reference.value.value || !row.realised.value) return;
    const double before = *reference.value.value, now = *row.realised.value;
    row.gap = finite(performance_gap(row.metric, before, now, error_scale));
    if (!reference.scale.value) return;
    const bool share = traits(row.metric).share;
    // Losses without a known spread are too large for one: that of the reference says nothing of them.
    if (!share && !current.scale.value) return;
    // The wider of both, so that one chunk without an error does not prove that there are none.
    double scale = std::max(*reference.scale.value, current.scale.value.value_or(0.0));
    double error = scale / std::sqrt(n_current),
           error_before = *reference.scale.value / std::sqrt(n_reference);
    if (share) {
        error = std::max(error, 0.5 / n_current);
        error_before = std::max(error_before, 0.5 / n_reference);
    }
    row.low = now - normal_975 * error;
    row.high = now + normal_975 * error;
    if (share) {
        row.low = std::max(*row.low, 0.0);
        row.high = std::min(*row.high, 1.0);
    } else if (row.metric != Metric::bias) {
        row.low = std::max(*row.low, 0.0);
    }
    row.low = finite(row.low);
    row.high = finite(row.high);
    const double spread = std::hypot(error, error_before);
    if (spread > 0.0) row.p = finite(two_sided((now - before) / spread));
    else if (now == before) row.p = 1.0;
}

void compare_estimate(MetricRow& row, const MetricScale& reference, double n_reference, double error_scale) {
    const Estimate& one = *row.estimate;
    if (!reference.value.value || !one.estimated.value || !one.high) return;
    const double before = *reference.value.value, now = *one.estimated.value;
    row.gap = finite(performance_gap(row.metric, before, now, error_scale));
    const double deviation = std::max(*one.high - now, now - *one.low) / normal_975;
    const double spread = std::hypot(deviation, reference.scale.value.value_or(0.0) / std::sqrt(n_reference));
    if (spread > 0.0) row.p = finite(two_sided((now - before) / spread));
}

/// Severity of a gap; crit asks for a low end that reaches warn, as it does of distributions.
void weigh(MetricRow& row, const QualityPlan& plan, double before, double error_scale, std::uint64_t rows,
           std::uint64_t needed) {
    const bool estimated = row.estimate.has_value();
    const Measured& value = estimated ? row.estimate->estimated : row.realised;
    if (!value.value) {
        row.verdict = drift::Verdict::not_tested;
        row.reason = value.reason;
        return;
    }
    if (rows < needed) {
        row.verdict = drift::Verdict::insufficient_data;
        row.reason = fmt::format("{} of the {} {}rows that a verdict needs", rows, needed,
                                 estimated ? "" : "labelled ");
        return;
    }
    if (!row.p_adjusted || !row.gap) {
        row.verdict = drift::Verdict::not_tested;
        row.reason = row.gap ? "what chance does to it is not known: its losses have no spread, or one that "
                               "no double holds"
                             : "the reference has no value to compare with";
        return;
    }
    const auto low = estimated ? row.estimate->low : row.low,
               high = estimated ? row.estimate->high : row.high;
    const bool chance = *row.p_adjusted > plan.alpha;
    const std::string change = fmt::format("{}{} -> {}", estimated ? "estimated: " : "",
                                           shown(row.metric, before), shown(row.metric, *value.value));
    if (chance || *row.gap <= 0.0) {
        row.verdict = drift::Verdict::no_drift;
        row.reason =
            chance
                ? fmt::format("{}; chance explains it (adjusted p {:.2g})", change, *row.p_adjusted)
                : fmt::format("{}; better than the reference (adjusted p {:.2g})", change, *row.p_adjusted);
        return;
    }
    row.verdict = drift::Verdict::drift;
    const double nearer =
        traits(row.metric).higher_is_better ? high.value_or(*value.value) : low.value_or(*value.value);
    row.severity =
        severity_of_gap(plan.severity, *row.gap, performance_gap(row.metric, before, nearer, error_scale));
    row.reason =
        fmt::format("{}: worse by {:.3f}{}, which chance does not explain (adjusted p {:.2g})", change,
                    *row.gap, traits(row.metric).share ? "" : " of the reference", *row.p_adjusted);
}

/// Confidence of class 1 (binary), or of the likeliest class and whether it came true.
void confidence_of(const Labelled& rows, std::span<const double> scores, std::vector<double>& confidence,
                   std::vector<double>& came_true) {
    const std::size_t k = rows.classes;
    for (std::size_t i = 0; i < rows.rows; ++i) {
        std::size_t best = 1;
        if (k > 2)
            for (std::size_t c = best = 0; c < k; ++c)
                if (rows.scores[i * k + c] > rows.scores[i * k + best]) best = c;
        confidence.push_back(std::clamp(scores[i * k + best], 0.0, 1.0));
        came_true.push_back(rows.label[i] == best ? 1.0 : 0.0);
    }
}

CalibrationRow calibration_of(const Labelled& rows, const Isotonic& reference, std::size_t reference_rows,
                              std::uint64_t seed) {
    CalibrationRow out;
    std::vector<double> confidence, came_true;
    confidence_of(rows, rows.scores, confidence, came_true);
    const auto draws = static_cast<unsigned>(
        std::clamp(calibration_work / static_cast<double>(rows.rows + 1), 199.0, 999.0));
    if (const auto test = calibration_test(confidence, came_true, seed, draws)) {
        out.error = test->error;
        out.by_chance = test->error_by_chance;
        out.p = test->p;
    }
    for (double& one : confidence) one = std::clamp(reference(one), 0.0, 1.0);
    if (const auto test = calibration_test(confidence, came_true, seed + 1, draws, reference_rows)) {
        out.drift = std::max(test->error - test->error_by_chance, 0.0);
        out.drift_p = test->p;
    }
    return out;
}

void weigh(CalibrationRow& row, const QualityPlan& plan, std::uint64_t rows) {
    if (rows < rows_min || !row.drift_p_adjusted) {
        row.verdict = drift::Verdict::insufficient_data;
        row.reason = fmt::format("{} of the {} labelled rows that a verdict needs", rows, rows_min);
    } else if (*row.drift_p_adjusted > plan.alpha) {
        row.verdict = drift::Verdict::no_drift;
        row.reason = fmt::format("as calibrated as the reference, up to chance (adjusted p {:.2g})",
                                 *row.drift_p_adjusted);
    } else {
        row.verdict = drift::Verdict::drift;
        row.severity = severity_of_gap(plan.severity, *row.drift, row.drift);
        row.reason = fmt::format(
            "probabilities are off by {:.3f} more than on the reference and chance explain (adjusted p "
            "{:.2g})",
            *row.drift, *row.drift_p_adjusted);
    }
}

/// Benjamini-Hochberg over everything that was tested, and then the verdicts.
void conclude(QualityReport& report, const QualityPlan& plan, const std::vector<MetricScale>& reference,
              double error_scale) {
    const std::uint64_t needed = rows_min;
    std::vector<std::optional<double>> p;
    std::vector<std::optional<double>*> of;
    for (auto& chunk : report.chunks) {
        for (auto& row : chunk.metrics)
            if (row.p && (report.estimated ? chunk.rows : chunk.labelled) >= needed) {
                p.push_back(row.p);
                of.push_back(&row.p_adjusted);
            }
        if (chunk.calibration && chunk.calibration->drift_p && chunk.labelled >= needed) {
            p.push_back(chunk.calibration->drift_p);
            of.push_back(&chunk.calibration->drift_p_adjusted);
        }
    }
    const auto adjusted = stats::benjamini_hochberg(p);
    for (std::size_t i = 0; i < of.size(); ++i) *of[i] = adjusted[i];
    const auto note = [&](drift::Verdict verdict, std::optional<drift::Severity> severity) {
        report.tested += verdict == drift::Verdict::drift || verdict == drift::Verdict::no_drift;
        report.drifted += verdict == drift::Verdict::drift;
        if (severity && (!report.severity || *severity > *report.severity)) report.severity = severity;
    };
    for (auto& chunk : report.chunks) {
        for (std::size_t m = 0; m < chunk.metrics.size(); ++m) {
            auto& row = chunk.metrics[m];
            weigh(row, plan, reference[m].value.value.value_or(0.0), error_scale,
                  report.estimated ? chunk.rows : chunk.labelled, needed);
            row.reason = with_class_name(std::move(row.reason), report.classes);
            note(row.verdict, row.severity);
        }
        if (chunk.calibration) {
            weigh(*chunk.calibration, plan, chunk.labelled);
            note(chunk.calibration->verdict, chunk.calibration->severity);
        }
    }
}

Result<QualityReport> assess(const QualitySide& reference, const QualitySide& current,
                             dataset::Source* labels, const QualityPlan& plan, core::Timestamp created_at,
                             const core::Task& task, bool estimating) {
    if (!(plan.alpha > 0.0 && plan.alpha <= 0.5))
        return core::fail(
            core::ErrorKind::usage,
            fmt::format("alpha is {}; expected a share of false alarms above 0 and at most 0.5, such as 0.05",
                        plan.alpha));
    auto loaded = load(reference, current, labels, plan, estimating, task);
    if (!loaded) return propagate(loaded);
    if (plan.patterns.match_any(loaded->classes))
        std::ranges::transform(loaded->classes, loaded->classes.begin(), config::hashed_label);
    const bool regression = loaded->problem == Problem::regression;
    if (estimating && !regression && loaded->reference.scores.empty())
        return core::fail(core::ErrorKind::usage,
                          "estimates of a classifier rest on its probabilities; name them with --y-proba");
    const std::size_t k = loaded->classes.size();
    auto wanted = metrics_of(*loaded);
    if (estimating) std::erase(wanted, Metric::bias);
    QualityReport report;
    report.created_at = created_at;
    report.estimated = estimating;
    report.problem = loaded->problem;
    report.classes = loaded->classes;
    report.reference = loaded->reference.side;
    report.current = loaded->current.side;
    report.alpha = plan.alpha;

    const Labelled known(loaded->reference, k, 0, loaded->reference.rows);
    if (known.rows == 0)
        return core::fail(core::ErrorKind::invalid_input,
                          fmt::format("{} holds no label in {}; the reference needs them",
                                      report.reference.source, core::quoted(plan.y_true)));
    if (known.rows < loaded->reference.rows)
        loaded->notes.push_back(fmt::format("{}: {} of {} without a label left out", report.reference.source,
                                            loaded->reference.rows - known.rows,
                                            core::plural(loaded->reference.rows, "row")));
    const auto before = measure(known, wanted, regression, plan.seed);
    const double n_reference = static_cast<double>(known.rows);
    double error_scale = 0.0;
    for (std::size_t m = 0; m < wanted.size(); ++m) {
        report.reference_metrics.push_back({wanted[m], before[m].value, std::nullopt});
        if (before[m].scale.value)
            report.reference_metrics.back().sampling_error = *before[m].scale.value / std::sqrt(n_reference);
        report.reference_metrics.back().value.reason =
            with_class_name(report.reference_metrics.back().value.reason, loaded->classes);
        if (wanted[m] == Metric::mae) error_scale = before[m].value.value.value_or(0.0);
    }

    std::optional<Isotonic> corrected;
    if (!known.scores.empty()) {
        std::vector<double> confidence, came_true;
        confidence_of(known, known.scores, confidence, came_true);
        corrected.emplace(confidence, came_true);
        report.reference_calibration_error = calibration_error(confidence, came_true).value;
    }

    std::optional<Cbpe> cbpe;
    std::optional<Dle> dle;
    const std::size_t width = loaded->features.size();
    std::vector<double> cells;
    if (estimating) {
        const FeatureEncoder encoder(loaded->reference.features);
        auto table = encoder.encode(loaded->reference.features);
        std::vector<double> with_label;
        for (std::size_t row = 0; row < loaded->reference.rows; ++row)
            if (loaded->reference.labelled(row))
                with_label.insert(with_label.end(), table.begin() + static_cast<std::ptrdiff_t>(row * width),
                                  table.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
        cells = encoder.encode(loaded->current.features);
        const boosting::Matrix matrix{with_label, known.rows, width, boosting::Order::by_row};
        if (regression) {
            auto fitted = Dle::fit(known.truth, known.predicted, matrix, wanted, {plan.seed}, task);
            if (!fitted) return propagate(fitted);
            dle = std::move(*fitted);
            report.estimator = "DLE: " + dle->describe();
        } else {
            auto fitted = Cbpe::fit(known.class_rows(), known.label, matrix, wanted, {plan.seed}, task);
            if (!fitted) return propagate(fitted);
            cbpe = std::move(*fitted);
            report.estimator = fmt::format(
                "CBPE: {}; squared error on stretches of the reference {:.5f}, {:.5f} with the scores as "
                "they are",
                cbpe->chosen().name, cbpe->chosen().error, cbpe->candidates()[0].error);
        }
    }

    dataset::Chunks cut;
    const std::size_t rows = loaded->current.rows;
    if (plan.chunking) {
        auto chunks = dataset::cut_into_chunks(rows, loaded->current.times, *plan.chunking);
        if (!chunks) return propagate(chunks);
        cut = std::move(*chunks);
        if (cut.dropped_rows > 0)
            loaded->notes.push_back(core::plural(cut.dropped_rows, "row fills no chunk and is in none",
                                                 "rows fill no chunk and are in none"));
    } else {
        cut.chunks.push_back(
            {fmt::format("[0:{}]", rows - 1), 0, rows, report.current.from, report.current.to, 0, 0});
    }
    report.chunks.resize(cut.chunks.size());
    const auto one_chunk = [&](std::size_t index) -> core::Status {
        const auto& from = cut.chunks[index];
        QualityChunk& chunk = report.chunks[index];
        chunk.key = from.key;
        chunk.rows = from.size();
        chunk.from = from.from;
        chunk.to = from.to;
        const Labelled part(loaded->current, k, from.begin, from.end);
        chunk.labelled = part.rows;
        const auto now = measure(part, wanted, regression, plan.seed);
        std::vector<Estimate> estimates;
        if (estimating) {
            const boosting::Matrix matrix{std::span(cells).subspan(from.begin * width, from.size() * width),
                                          from.size(), width, boosting::Order::by_row};
            const auto& sample = loaded->current;
            core::Result<std::vector<Estimate>> found;
            if (dle) {
                found = dle->estimate(std::span(sample.predicted).subspan(from.begin, from.size()), matrix);
            } else {
                const ClassRows all{sample.rows, k, sample.said, sample.scores};
                found = cbpe->estimate(all.part(from.begin, from.end), matrix, index);
            }
            if (!found) return propagate(found);
            estimates = std::move(*found);
        }
        for (std::size_t m = 0; m < wanted.size(); ++m) {
            MetricRow row;
            row.metric = wanted[m];
            row.realised = part.rows == 0 ? Measured::none("no label is known") : now[m].value;
            row.realised.reason = with_class_name(row.realised.reason, loaded->classes);
            if (estimating) {
                row.estimate = std::move(estimates[m]);
                compare_estimate(row, before[m], n_reference, error_scale);
            } else if (part.rows > 0) {
                compare(row, before[m], now[m], n_reference, static_cast<double>(part.rows), error_scale);
            }
            chunk.metrics.push_back(std::move(row));
        }
        if (!regression && part.rows > 0 && !part.said.empty())
            chunk.confusion = ClassMetrics(part.class_rows()).confusion(part.one_hot);
        if (corrected && part.rows > 0)
            chunk.calibration = calibration_of(part, *corrected, known.rows, plan.seed + 2 * index);
        return {};
    };
    if (auto status = core::parallel_for(cut.chunks.size(), task.limits.threads, task.stop, one_chunk);
        !status)
        return propagate(status);
    conclude(report, plan, before, error_scale);

    auto columns = column_drift(*loaded, plan, created_at, task);
    if (!columns) return propagate(columns);
    report.columns = std::move(*columns);
    if (report.columns) {
        const auto worst = report.columns->summary.severity;
        if (worst && (!report.severity || *worst > *report.severity)) report.severity = worst;
    }
    report.notes = std::move(loaded->notes);
    std::string identity =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", report.reference.version, report.current.version,
                    estimating, plan.y_true, plan.y_pred, plan.alpha, plan.seed, created_at.microseconds);
    for (const auto& column : plan.y_proba) identity += "\n" + column;
    for (const auto& chunk : report.chunks) identity += "\n" + chunk.key;
    report.report_id = core::uuid_v5(core::tristrata_namespace(), identity);
    return report;
}

}  // namespace

drift::Severity severity_of_gap(const drift::SeverityPolicy& policy, double gap,
                                std::optional<double> nearer) {
    const auto row = std::ranges::find(policy.rows(), "performance_gap", &drift::PolicyRow::subject);
    if (row == policy.rows().end() || gap < row->warn) return drift::Severity::info;
    return gap >= row->crit && nearer && *nearer >= row->warn ? drift::Severity::crit : drift::Severity::warn;
}

Result<QualityReport> check(const QualitySide& reference, const QualitySide& current, dataset::Source* labels,
                            const QualityPlan& plan, core::Timestamp created_at, const core::Task& task) {
    return assess(reference, current, labels, plan, created_at, task, false);
}

Result<QualityReport> estimate(const QualitySide& reference, const QualitySide& current,
                               dataset::Source* labels, const QualityPlan& plan, core::Timestamp created_at,
                               const core::Task& task) {
    return assess(reference, current, labels, plan, created_at, task, true);
}

}  // namespace tristrata::model_quality
