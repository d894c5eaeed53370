#include "loading.hpp"

#include "feature_choice.hpp"
#include "named_columns.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

namespace tristrata::model_quality {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Column;
using dataset::Source;

constexpr double sum_tolerance = 0.01;

/// The value as a class or a key: a label, or a number as it would be written.
std::optional<std::string> text_at(const Column& column, std::size_t row) {
    if (!column.codes.empty()) {
        if (column.codes[row] == Column::missing_code) return std::nullopt;
        return column.labels[column.codes[row]];
    }
    if (!column.numbers.empty()) {
        const double value = column.numbers[row];
        if (std::isnan(value)) return std::nullopt;
        if (std::isfinite(value)) return core::shortest(value == 0.0 ? 0.0 : value);
        return value > 0 ? "inf" : "-inf";
    }
    if (!column.times.empty() && column.times[row] != Column::missing_time)
        return core::to_string(core::Timestamp{column.times[row]});
    return std::nullopt;
}

bool is_number(const Column& column) {
    return column.type == dataset::Type::integer || column.type == dataset::Type::real ||
           column.type == dataset::Type::null;
}

/// What the plan's --y-proba says: the classes in its order and the column of each; of a binary problem, one
/// column for the positive class.
struct Probabilities {
    std::vector<std::pair<std::string, std::string>> of_class;
    std::string of_positive;
};
core::Result<Probabilities> probabilities_of(const QualityPlan& plan) {
    Probabilities out;
    for (const auto& text : plan.y_proba) {
        const auto at = text.find('=');
        if (at == std::string::npos) {
            if (plan.y_proba.size() > 1)
                return fail(ErrorKind::usage,
                            fmt::format("--y-proba names {} columns, and {} does not say of which class; "
                                        "write CLASS=COLUMN for each",
                                        plan.y_proba.size(), core::quoted(text)));
            out.of_positive = text;
        } else {
            out.of_class.emplace_back(text.substr(0, at), text.substr(at + 1));
        }
    }
    if (out.of_class.size() == 1)
        return fail(ErrorKind::usage,
                    "--y-proba names one class; name all of them, or give the column of the positive "
                    "class alone");
    return out;
}

std::set<std::string> classes_in(const Column& column) {
    std::set<std::string> out;
    for (std::size_t row = 0; row < column.rows; ++row)
        if (auto text = text_at(column, row)) out.insert(std::move(*text));
    return out;
}

core::Result<Problem> problem_of(const QualityPlan& plan, const Probabilities& given, const Column& truth) {
    if (plan.problem) return *plan.problem;
    if (!given.of_positive.empty()) return Problem::binary;
    if (!given.of_class.empty()) return given.of_class.size() == 2 ? Problem::binary : Problem::multiclass;
    if (!is_number(truth)) return classes_in(truth).size() <= 2 ? Problem::binary : Problem::multiclass;
    const bool two =
        std::ranges::all_of(truth.numbers, [](double v) { return std::isnan(v) || v == 0.0 || v == 1.0; });
    return two ? Problem::binary : Problem::regression;
}

/// The classes in order: of a binary problem the negative one first.
core::Result<std::vector<std::string>> classes_of(const QualityPlan& plan, Problem problem,
                                                  const Probabilities& given, const NamedColumns& reference) {
    std::set<std::string> seen = classes_in(reference.columns.at(plan.y_true));
    if (const auto said = reference.columns.find(plan.y_pred); said != reference.columns.end())
        seen.merge(classes_in(said->second));
    if (!given.of_class.empty()) {
        std::vector<std::string> named;
        for (const auto& [label, column] : given.of_class) named.push_back(label);
        for (const auto& label : seen)
            if (std::ranges::find(named, label) == named.end())
                return fail(ErrorKind::usage,
                            fmt::format("the reference holds the class {}, and --y-proba gives it no "
                                        "column",
                                        core::quoted(label)));
        seen = {named.begin(), named.end()};
    }
    std::vector<std::string> classes(seen.begin(), seen.end());
    if (classes.empty())
        return fail(
            ErrorKind::invalid_input,
            fmt::format("no row of the reference has a label in {}; a reference is rows of which it is "
                        "known what came true",
                        core::quoted(plan.y_true)));
    if (classes.size() == 1)
        return fail(
            ErrorKind::invalid_input,
            fmt::format("every label of the reference in {} is {}: where there is one class, no model can "
                        "be wrong; take a reference that holds others too",
                        core::quoted(plan.y_true), core::quoted(classes[0])));
    if (problem == Problem::multiclass) return classes;
    std::string positive = plan.positive;
    if (positive.empty())
        for (const char* usual : {"1", "true", "True", "TRUE"})
            if (seen.contains(usual)) positive = usual;
    if (classes.size() > 2)
        return fail(
            ErrorKind::invalid_input,
            plan.y_proba.empty()
                ? fmt::format(
                      "{} classes stand in {} and {} of the reference, and the problem is binary; say "
                      "--problem multiclass, or, if the second holds probabilities, --y-proba in place "
                      "of --y-pred",
                      classes.size(), core::quoted(plan.y_true), core::quoted(plan.y_pred))
                : fmt::format("{} classes stand in {} of the reference, and with one --y-proba column the "
                              "problem is binary; are --y-true and --y-proba the wrong way round?",
                              classes.size(), core::quoted(plan.y_true)));
    if (!seen.contains(positive))
        return fail(ErrorKind::usage,
                    plan.positive.empty()
                        ? fmt::format("the classes are {} and {}; say which is meant by --positive",
                                      core::quoted(classes[0]), core::quoted(classes[1]))
                        : fmt::format("--positive {} is neither {} nor {}", core::quoted(positive),
                                      core::quoted(classes[0]), core::quoted(classes[1])));
    if (classes[0] == positive) std::swap(classes[0], classes[1]);
    return classes;
}

core::Result<std::vector<std::uint32_t>> codes_of(const Column& column,
                                                  const std::vector<std::string>& classes,
                                                  const std::string& source, const std::string& name) {
    std::vector<std::uint32_t> out(column.rows, no_class);
    for (std::size_t row = 0; row < column.rows; ++row) {
        const auto text = text_at(column, row);
        if (!text) continue;
        const auto found = std::ranges::find(classes, *text);
        if (found == classes.end()) {
            std::string known;
            for (const auto& one : classes) known += (known.empty() ? "" : ", ") + core::quoted(one, 30);
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}, row {}, column {}: the class {} is none of the reference's: {}",
                                    source, row + 1, core::quoted(name), core::quoted(*text), known));
        }
        out[row] = static_cast<std::uint32_t>(found - classes.begin());
    }
    return out;
}

core::Result<std::vector<double>> numbers_of(Column& column, const std::string& source,
                                             const std::string& name) {
    if (!is_number(column))
        return fail(
            ErrorKind::invalid_input,
            fmt::format("{}, column {}: a regression needs numbers, found {}{}", source, core::quoted(name),
                        dataset::name(column.type),
                        column.labels.empty() ? "" : " such as " + core::quoted(column.labels[0], 30)));
    if (column.numbers.empty()) column.numbers.assign(column.rows, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t row = 0; row < column.rows; ++row)
        if (std::isinf(column.numbers[row]))
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}, row {}, column {}: an infinite value has no error; expected "
                                    "a finite number or none",
                                    source, row + 1, core::quoted(name)));
    return std::move(column.numbers);
}

/// Labels that came later, by key: the column y_true of `labels` in the order of `keys`.
core::Result<Column> joined(Source& labels, const QualityPlan& plan, const Column& keys,
                            const std::string& current, std::vector<std::string>& notes,
                            const core::Task& task) {
    if (plan.key.empty())
        return fail(ErrorKind::usage,
                    "labels of another file are joined by a key; name its column with --key");
    auto table = read_named(labels, plan, {plan.key, plan.y_true}, {}, task);
    if (!table) return propagate(table);
    const Column& theirs = table->columns.at(plan.key);
    const Column& values = table->columns.at(plan.y_true);
    std::unordered_map<std::string, std::uint32_t> row_of;
    std::uint64_t without_key = 0;
    for (std::size_t row = 0; row < theirs.rows; ++row) {
        auto text = text_at(theirs, row);
        if (!text) {
            ++without_key;
        } else if (const auto [at, fresh] =
                       row_of.try_emplace(std::move(*text), static_cast<std::uint32_t>(row));
                   !fresh) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: the key {} stands in rows {} and {}; a label belongs to one row",
                                    labels.name(), core::quoted(at->first), at->second + 1, row + 1));
        }
    }
    Column out;
    out.type = values.type;
    out.labels = values.labels;
    out.rows = keys.rows;
    if (is_number(values)) out.numbers.assign(keys.rows, std::numeric_limits<double>::quiet_NaN());
    else out.codes.assign(keys.rows, Column::missing_code);
    std::unordered_map<std::string, std::size_t> seen;
    std::uint64_t matched = 0, keyless = 0;
    for (std::size_t row = 0; row < keys.rows; ++row) {
        auto text = text_at(keys, row);
        if (!text) {
            ++keyless;
            continue;
        }
        const auto found = row_of.find(*text);
        if (const auto [at, fresh] = seen.try_emplace(std::move(*text), row); !fresh)
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}: the key {} stands in rows {} and {}; labels cannot be told apart by it",
                            current, core::quoted(at->first), at->second + 1, row + 1));
        if (found == row_of.end()) continue;
        ++matched;
        if (!out.numbers.empty() && !values.numbers.empty()) out.numbers[row] = values.numbers[found->second];
        if (!out.codes.empty() && !values.codes.empty()) out.codes[row] = values.codes[found->second];
    }
    if (matched == 0)
        return fail(ErrorKind::invalid_input,
                    fmt::format("no key of {} is a key of {}; are they written the same way? One is {}, "
                                "the other {}",
                                labels.name(), current, core::quoted(text_at(theirs, 0).value_or("")),
                                core::quoted(text_at(keys, 0).value_or(""))));
    notes.push_back(fmt::format(
        "{} of {} of {} found their label in {}; {} to no row{}", matched, core::plural(keys.rows, "row"),
        current, labels.name(),
        core::plural(theirs.rows - without_key - matched, "label belongs", "labels belong"),
        without_key + keyless == 0
            ? std::string()
            : fmt::format("; {} there and {} here have no key", core::plural(without_key, "row"), keyless)));
    return out;
}

/// Probabilities as `classes` numbers a row; rows that lack one are NaN there and left out later.
core::Result<std::vector<double>> scores_of(const NamedColumns& table, const Probabilities& given,
                                            const std::vector<std::string>& classes,
                                            const std::string& source) {
    const std::size_t k = classes.size(), n = table.rows;
    std::vector<double> out(n * k);
    const auto fill = [&](const std::string& name, std::size_t of_class) -> core::Status {
        const Column& column = table.columns.at(name);
        if (!is_number(column))
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}, column {}: expected probabilities, found {}", source,
                                    core::quoted(name), dataset::name(column.type)));
        for (std::size_t row = 0; row < n; ++row) {
            const double p =
                column.numbers.empty() ? std::numeric_limits<double>::quiet_NaN() : column.numbers[row];
            if (!std::isnan(p) && !(p >= 0.0 && p <= 1.0))
                return fail(
                    ErrorKind::invalid_input,
                    fmt::format("{}, row {}, column {}: {} is no probability; expected a number from 0 to 1",
                                source, row + 1, core::quoted(name), p));
            out[row * k + of_class] = p;
        }
        return {};
    };
    if (!given.of_positive.empty()) {
        if (auto status = fill(given.of_positive, 1); !status) return propagate(status);
        for (std::size_t row = 0; row < n; ++row) out[row * 2] = 1.0 - out[row * 2 + 1];
        return out;
    }
    for (const auto& [label, name] : given.of_class) {
        const auto of_class = static_cast<std::size_t>(std::ranges::find(classes, label) - classes.begin());
        if (auto status = fill(name, of_class); !status) return propagate(status);
    }
    for (std::size_t row = 0; row < n; ++row) {
        double sum = 0.0;
        for (std::size_t c = 0; c < k; ++c) sum += out[row * k + c];
        if (std::abs(sum - 1.0) > sum_tolerance)
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}, row {}: the probabilities of its {} classes sum to {}; "
                                    "expected 1 (within {})",
                                    source, row + 1, k, core::readable(sum), sum_tolerance));
    }
    return out;
}

template <class T>
void keep_rows(std::vector<T>& values, const std::vector<std::uint32_t>& rows, std::size_t width = 1) {
    if (values.empty()) return;
    std::vector<T> out;
    out.reserve(rows.size() * width);
    for (const auto row : rows)
        for (std::size_t i = 0; i < width; ++i) out.push_back(values[row * width + i]);
    values = std::move(out);
}

}  // namespace

core::Result<Loaded> load(const QualitySide& reference, const QualitySide& current, Source* labels,
                          const QualityPlan& plan, bool with_features, const core::Task& task) {
    const auto given = probabilities_of(plan);
    if (!given) return propagate(given);
    Loaded out;
    std::set<std::string> scores, own;
    if (!given->of_positive.empty()) scores.insert(given->of_positive);
    for (const auto& [label, column] : given->of_class) scores.insert(column);
    own = scores;
    for (const auto& name : {plan.y_true, plan.y_pred, plan.key, plan.time})
        if (!name.empty()) own.insert(name);
    if (with_features) {
        out.features = plan.features;
        if (plan.features.empty())
            out.features =
                shared_columns(reference.source->schema(), current.source->schema(), own, out.notes);
    }
    std::optional<Probabilities> probabilities = *given;
    for (const bool is_current : {false, true}) {
        const QualitySide& side = is_current ? current : reference;
        Sample& sample = is_current ? out.current : out.reference;
        const std::string& source = side.source->name();
        std::set<std::string> needed = scores, optional;
        needed.insert(out.features.begin(), out.features.end());
        if (!plan.time.empty()) needed.insert(plan.time);
        const bool elsewhere = is_current && labels != nullptr;
        if (elsewhere && !plan.key.empty()) needed.insert(plan.key);
        if (!is_current) needed.insert(plan.y_true);
        else if (!elsewhere) optional.insert(plan.y_true);
        if (!plan.y_pred.empty()) (scores.empty() ? needed : optional).insert(plan.y_pred);
        if (scores.empty() && plan.y_pred.empty())
            return fail(ErrorKind::usage,
                        "neither predictions nor probabilities are named; give --y-pred, --y-proba or both");
        auto table = read_named(*side.source, plan, needed, optional, task);
        if (!table) return propagate(table);
        auto version = side.source->digest(task);
        if (!version) return propagate(version);
        sample.side.source = source;
        sample.side.version = *version;
        if (!is_current) {
            auto problem = problem_of(plan, *given, table->columns.at(plan.y_true));
            if (!problem) return propagate(problem);
            out.problem = *problem;
            if (out.problem != Problem::regression) {
                auto classes = classes_of(plan, out.problem, *given, *table);
                if (!classes) return propagate(classes);
                out.classes = std::move(*classes);
            } else if (!scores.empty()) {
                return fail(ErrorKind::usage, "a regression has no probabilities; leave --y-proba out");
            } else if (plan.y_pred.empty()) {
                return fail(ErrorKind::usage, "a regression needs predictions; name them with --y-pred");
            }
        }
        std::optional<Column> truth;
        if (elsewhere) {
            if (plan.key.empty())
                return fail(ErrorKind::usage,
                            "labels of another file are joined by a key; name its column with --key");
            auto found = joined(*labels, plan, table->columns.at(plan.key), source, out.notes, task);
            if (!found) return propagate(found);
            truth = std::move(*found);
        } else if (const auto at = table->columns.find(plan.y_true); at != table->columns.end()) {
            truth = std::move(at->second);
        }
        const std::string& truth_source = elsewhere ? labels->name() : source;
        std::uint64_t rows = table->rows;
        std::vector<std::uint32_t> kept;
        if (!plan.time.empty()) {
            auto times = dataset::times_of(std::move(table->columns.at(plan.time)), source, plan.time);
            if (!times) return propagate(times);
            const auto chosen = dataset::select_window(times->times, side.window.value_or(core::TimeRange{}));
            for (std::size_t i = 0; i < chosen.size(); ++i)
                kept.push_back(chosen.rows.empty() ? static_cast<std::uint32_t>(chosen.begin + i)
                                                   : chosen.rows[i]);
            if (!times->note.empty()) out.notes.push_back(source + ": " + times->note);
            if (!chosen.was_sorted) out.notes.push_back(fmt::format("{}: sorted by {}", source, plan.time));
            if (chosen.missing > 0)
                out.notes.push_back(fmt::format(
                    "{}: {} left out", source,
                    core::plural(chosen.missing, "row has no time and is", "rows have no time and are")));
            sample.times = std::move(times->times);
        } else if (side.window) {
            return fail(ErrorKind::usage, "a window is cut by time; name the column with --time");
        } else {
            for (std::uint32_t row = 0; row < rows; ++row) kept.push_back(row);
        }
        if (out.problem == Problem::regression) {
            auto predicted = numbers_of(table->columns.at(plan.y_pred), source, plan.y_pred);
            if (!predicted) return propagate(predicted);
            sample.predicted = std::move(*predicted);
            sample.truth.assign(rows, std::numeric_limits<double>::quiet_NaN());
            if (truth) {
                auto values = numbers_of(*truth, truth_source, plan.y_true);
                if (!values) return propagate(values);
                sample.truth = std::move(*values);
            }
        } else {
            sample.label.assign(rows, no_class);
            if (truth) {
                auto codes = codes_of(*truth, out.classes, truth_source, plan.y_true);
                if (!codes) return propagate(codes);
                sample.label = std::move(*codes);
            }
            if (const auto said = table->columns.find(plan.y_pred); said != table->columns.end()) {
                auto codes = codes_of(said->second, out.classes, source, plan.y_pred);
                if (!codes) return propagate(codes);
                sample.said = std::move(*codes);
            }
            if (!scores.empty()) {
                auto numbers = scores_of(*table, *given, out.classes, source);
                if (!numbers) return propagate(numbers);
                sample.scores = std::move(*numbers);
            }
        }
        const std::size_t k = out.classes.size(), before = kept.size();
        std::erase_if(kept, [&](std::uint32_t row) {
            if (!sample.predicted.empty() && std::isnan(sample.predicted[row])) return true;
            if (!sample.said.empty() && sample.said[row] == no_class) return true;
            for (std::size_t c = 0; c < k && !sample.scores.empty(); ++c)
                if (std::isnan(sample.scores[row * k + c])) return true;
            return false;
        });
        if (kept.size() < before)
            out.notes.push_back(
                fmt::format("{}: {} left out", source,
                            core::plural(before - kept.size(), "row has no prediction or probability and is",
                                         "rows have no prediction or probability and are")));
        if (kept.empty())
            return fail(ErrorKind::invalid_input, fmt::format("{}: no row with a prediction{} is left",
                                                              source, side.window ? " in the window" : ""));
        keep_rows(sample.times, kept);
        keep_rows(sample.truth, kept);
        keep_rows(sample.predicted, kept);
        keep_rows(sample.label, kept);
        keep_rows(sample.said, kept);
        keep_rows(sample.scores, kept, k);
        dataset::RowSelection selection;
        selection.end = kept.size();
        selection.rows = kept;
        for (const auto& name : out.features)
            sample.features.push_back(dataset::select(table->columns.at(name), selection));
        sample.rows = kept.size();
        sample.side.rows = kept.size();
        if (!sample.times.empty()) {
            sample.side.from = core::Timestamp{sample.times.front()};
            sample.side.to = core::Timestamp{sample.times.back()};
        }
    }
    if (plan.features.empty()) leave_out_no_features(out);
    return out;
}

}  // namespace tristrata::model_quality
