#include "feature_choice.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/stats/ranks.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <span>

namespace tristrata::model_quality {
namespace {

using dataset::Column;

constexpr double nearly_all = 0.95;
constexpr double with_the_rows = 0.99;
constexpr double pairs_to_judge = 10.0;
constexpr double share_of_pairs = 0.1;

std::vector<double> finite_of(const Column& column) {
    std::vector<double> out;
    out.reserve(column.numbers.size());
    std::ranges::copy_if(column.numbers, std::back_inserter(out), [](double v) { return std::isfinite(v); });
    return out;
}

/// Spearman's rank correlation with the number of the row; 0 where all values are one.
double correlation_with_rows(std::span<const double> values) {
    const auto ranks = stats::mid_ranks(values);
    const double middle = (static_cast<double>(values.size()) + 1.0) / 2.0;
    double together = 0.0, of_values = 0.0, of_rows = 0.0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const double rank = ranks[i] - middle, row = static_cast<double>(i + 1) - middle;
        together += rank * row;
        of_values += rank * rank;
        of_rows += row * row;
    }
    return of_values > 0.0 ? together / std::sqrt(of_values * of_rows) : 0.0;
}

bool goes_with_the_rows(std::span<const double> reference, std::span<const double> current) {
    if (reference.size() < 2 || current.empty()) return false;
    const double before = correlation_with_rows(reference);
    if (std::abs(before) < with_the_rows) return false;
    if (current.size() < 2) return true;
    return correlation_with_rows(current) * (before > 0.0 ? 1.0 : -1.0) >= with_the_rows;
}

bool whole_numbers_of_a_key(const std::vector<double>& ascending) {
    if (!std::ranges::all_of(ascending, [](double v) { return v == std::floor(v); })) return false;
    const auto size =
        std::max<std::size_t>(2, static_cast<std::size_t>(std::sqrt(static_cast<double>(ascending.size()))));
    double expected = 0.0, equal = 0.0;
    for (std::size_t first = 0; first + size <= ascending.size(); first += size) {
        const auto block = std::span(ascending).subspan(first, size);
        const auto pairs = [](double n) { return n * (n - 1.0) / 2.0; };
        expected += pairs(static_cast<double>(size)) / (block.back() - block.front() + 1.0);
        for (auto at = block.begin(); at != block.end();) {
            const auto end = std::find_if(at, block.end(), [&](double v) { return v != *at; });
            equal += pairs(static_cast<double>(end - at));
            at = end;
        }
    }
    return expected >= pairs_to_judge && equal <= share_of_pairs * expected;
}

std::string why_no_number(const Column& reference, const Column& current) {
    auto before = finite_of(reference);
    const auto now = finite_of(current);
    const bool with_rows = goes_with_the_rows(before, now);
    std::ranges::sort(before);
    if (whole_numbers_of_a_key(before)) return "its whole numbers hardly ever repeat, as those of a key";
    if (with_rows) return "it goes with the rows on both sides, as a row's number or a time does";
    if (before.empty() || now.empty()) return "";
    const auto outside =
        std::ranges::count_if(now, [&](double v) { return v < before.front() || v > before.back(); });
    const double share = static_cast<double>(outside) / static_cast<double>(now.size());
    if (share < nearly_all) return "";
    return fmt::format(
        "{} of current's {} values lie outside the reference's [{}, {}], where trees know "
        "nothing; if it drifted there, the estimate does not see what that does",
        outside, now.size(), core::readable(before.front()), core::readable(before.back()));
}

std::string why_no_label(const Column& reference, const Column& current) {
    std::set<std::string_view> seen;
    std::size_t before = 0, now = 0, unseen = 0;
    bool times = true;
    for (const auto code : reference.codes)
        if (code != Column::missing_code) {
            ++before;
            seen.insert(reference.labels[code]);
        }
    for (const auto& label : seen) times = times && core::parse_timestamp(label).has_value();
    if (before == 0) return "";
    if (times) return "it holds times";
    if (before >= 2 && static_cast<double>(seen.size()) >= nearly_all * static_cast<double>(before))
        return fmt::format("{} of its {} texts in the reference differ, as those of a key", seen.size(),
                           before);
    std::vector<bool> known;
    for (const auto& label : current.labels) known.push_back(seen.contains(label));
    for (const auto code : current.codes)
        if (code != Column::missing_code) {
            ++now;
            unseen += !known[code];
        }
    if (now == 0 || static_cast<double>(unseen) < nearly_all * static_cast<double>(now)) return "";
    return fmt::format(
        "{} of current's {} labels stand nowhere in the reference, so that trees know nothing "
        "of them; if it drifted there, the estimate does not see what that does",
        unseen, now);
}

}  // namespace

std::vector<std::string> shared_columns(const dataset::Schema& reference, const dataset::Schema& current,
                                        const std::set<std::string>& roles, std::vector<std::string>& notes) {
    std::vector<std::string> out;
    std::string with_role;
    for (const auto& field : reference.fields) {
        const char* reason = roles.contains(field.name)                 ? ""
                             : !current.find(field.name)                ? "current does not have it"
                             : field.type == dataset::Type::unsupported ? "its type cannot be read"
                                                                        : nullptr;
        if (reason == nullptr) out.push_back(field.name);
        else if (*reason != '\0')
            notes.push_back(fmt::format("{} is no feature: {}", core::quoted(field.name), reason));
        else with_role += (with_role.empty() ? "" : ", ") + core::quoted(field.name);
    }
    if (!with_role.empty())
        notes.push_back("no features, as target, prediction, probability, key or time: " + with_role);
    return out;
}

std::string why_no_feature(const Column& reference, const Column& current) {
    if (!reference.times.empty()) return "it holds times";
    return reference.codes.empty() ? why_no_number(reference, current) : why_no_label(reference, current);
}

void leave_out_no_features(Loaded& loaded) {
    std::vector<std::string> names;
    std::vector<Column> before, now;
    for (std::size_t i = 0; i < loaded.features.size(); ++i) {
        const auto reason = why_no_feature(loaded.reference.features[i], loaded.current.features[i]);
        if (!reason.empty()) {
            loaded.notes.push_back(fmt::format("{} is no feature unless --features names it: {}",
                                               core::quoted(loaded.features[i]), reason));
            continue;
        }
        names.push_back(std::move(loaded.features[i]));
        before.push_back(std::move(loaded.reference.features[i]));
        now.push_back(std::move(loaded.current.features[i]));
    }
    loaded.features = std::move(names);
    loaded.reference.features = std::move(before);
    loaded.current.features = std::move(now);
}

}  // namespace tristrata::model_quality
