#include "groups.hpp"

#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "verdict.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Column;
using dataset::Type;

/// Labels of both sides under one numbering.
class Labels {
public:
    std::uint32_t code(const std::string& label) {
        const auto [at, fresh] = code_of_.try_emplace(label, static_cast<std::uint32_t>(labels_.size()));
        if (fresh) labels_.push_back(label);
        return at->second;
    }
    [[nodiscard]] const std::vector<std::string>& all() const noexcept { return labels_; }

private:
    std::unordered_map<std::string, std::uint32_t> code_of_;
    std::vector<std::string> labels_;
};

core::Result<std::vector<std::uint32_t>> codes_of(const OrderedSide& side, const Plan& plan, Labels& labels,
                                                  const core::Task& task) {
    const auto field = side.source->schema().find(plan.by);
    if (!field) return no_such_column(*side.source, plan.by, "column to group by");
    const std::size_t wanted[]{*field};
    auto columns = dataset::read_columns(*side.source, wanted, task);
    if (!columns) return propagate(columns);
    const Column column = side.rows ? dataset::select((*columns)[0], *side.rows) : std::move((*columns)[0]);
    std::vector<std::uint32_t> codes;
    // As in the columns: sensitive labels meet as hashes.
    const bool sensitive = plan.of(plan.by).sensitive;
    const auto code_of = [&](const std::string& label) {
        return labels.code(sensitive || plan.patterns.match(label) ? config::hashed_label(label) : label);
    };
    const auto refuse = [&](const std::string& found) {
        return fail(ErrorKind::usage,
                    fmt::format("{} of {} {}; groups are made of text, boolean or whole-number columns, such "
                                "as a symbol or a model's version",
                                core::quoted(plan.by), side.source->name(), found));
    };
    switch (column.type) {
        case Type::text:
        case Type::boolean: {
            std::vector<std::uint32_t> translation;
            for (const auto& label : column.labels) translation.push_back(code_of(label));
            codes = column.codes;
            for (auto& code : codes)
                if (code != Column::missing_code) code = translation[code];
            return codes;
        }
        case Type::integer:
        case Type::real:
            codes.reserve(column.numbers.size());
            for (std::size_t row = 0; row < column.numbers.size(); ++row) {
                const double x = column.numbers[row];
                if (!std::isnan(x) && (std::isinf(x) || x != std::trunc(x)))
                    return refuse(fmt::format("holds {} in row {} of its window, which is no whole number", x,
                                              row + 1));
                codes.push_back(std::isnan(x) ? Column::missing_code
                                              : code_of(core::shortest(x == 0.0 ? 0.0 : x)));
            }
            return codes;
        case Type::null:
            return std::vector<std::uint32_t>(column.rows, Column::missing_code);
        case Type::timestamp:
        case Type::unsupported:
            break;
    }
    return refuse(fmt::format("is of type {}", dataset::name(column.type)));
}

/// The group's own share of the reference's windows: the same number of them, some perhaps empty.
std::vector<Window> windows_within(const std::vector<Window>& windows,
                                   const std::vector<std::uint32_t>& rows) {
    std::vector<Window> own;
    const auto position = [&](std::size_t row) {
        return static_cast<std::size_t>(std::ranges::lower_bound(rows, row) - rows.begin());
    };
    for (const Window& window : windows)
        own.push_back({position(window.begin), position(window.end), window.season_class});
    return own;
}

dataset::RowSelection selection_of(const std::vector<std::uint32_t>& rows) {
    dataset::RowSelection selection;
    selection.rows = rows;
    return selection;
}

}  // namespace

Plan with_grouping_column(Plan plan) {
    if (plan.by.empty()) return plan;
    ColumnPlan& column = plan.column[plan.by];
    if (column.role == drift::Role::feature) column.role = drift::Role::segment;
    if (!column.kind) column.kind = drift::Kind::categorical;
    if (!plan.columns.empty() && std::ranges::find(plan.columns, plan.by) == plan.columns.end())
        plan.columns.push_back(plan.by);
    return plan;
}

core::Result<Grouping> Grouping::read(const OrderedSide& reference, const OrderedSide& current,
                                      const Plan& plan, const core::Task& task) {
    Labels labels;
    auto before = codes_of(reference, plan, labels, task);
    if (!before) return propagate(before);
    auto after = codes_of(current, plan, labels, task);
    if (!after) return propagate(after);

    Grouping grouping;
    drift::Groups& report = grouping.groups_;
    report.by = plan.by;
    report.limit = plan.groups_max;
    std::vector<std::uint64_t> reference_rows(labels.all().size(), 0), current_rows(labels.all().size(), 0);
    const auto count = [](const std::vector<std::uint32_t>& codes, std::vector<std::uint64_t>& rows,
                          std::uint64_t& ungrouped) {
        for (const auto code : codes) {
            if (code == Column::missing_code) ++ungrouped;
            else ++rows[code];
        }
    };
    count(*before, reference_rows, report.ungrouped_reference_rows);
    count(*after, current_rows, report.ungrouped_current_rows);

    std::vector<std::uint32_t> order(labels.all().size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        const std::uint64_t x = reference_rows[a] + current_rows[a], y = reference_rows[b] + current_rows[b];
        return x != y ? x > y : labels.all()[a] < labels.all()[b];
    });
    std::vector<std::uint32_t> group_of(order.size(), Column::missing_code);
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::uint32_t code = order[rank];
        if (rank >= plan.groups_max) {
            ++report.beyond_limit;
            report.beyond_limit_reference_rows += reference_rows[code];
            report.beyond_limit_current_rows += current_rows[code];
            continue;
        }
        group_of[code] = static_cast<std::uint32_t>(rank);
        drift::Group group;
        group.label = labels.all()[code];
        group.reference_rows = reference_rows[code];
        group.current_rows = current_rows[code];
        if (group.reference_rows == 0) group.reason = "New: no row of the reference is in this group.";
        if (group.current_rows == 0) group.reason = "No row of current is in this group.";
        report.groups.push_back(std::move(group));
        grouping.rows_.emplace_back();
    }
    for (auto [codes, side] : {std::pair{&*before, &Rows::reference}, std::pair{&*after, &Rows::current}})
        for (std::size_t row = 0; row < codes->size(); ++row) {
            const std::uint32_t code = (*codes)[row];
            if (code != Column::missing_code && group_of[code] != Column::missing_code)
                (grouping.rows_[group_of[code]].*side).push_back(static_cast<std::uint32_t>(row));
        }
    return grouping;
}

void Grouping::prepare(const Setting& setting, std::size_t pairs) {
    std::size_t compared = 0;
    for (const Rows& rows : rows_) compared += !rows.reference.empty() && !rows.current.empty();
    for (const Rows& rows : rows_) {
        Setting own = setting;
        own.columns = std::max<std::size_t>(1, compared * pairs);
        own.windows = windows_within(setting.windows, rows.reference);
        settings_.push_back(std::move(own));
    }
    evidence_.resize(rows_.size());
    for (auto& columns : evidence_) columns.resize(pairs);
}

void Grouping::examine(std::size_t index, const dataset::Field& field, const Column& reference,
                       const Column& current) {
    if (field.name == groups_.by || settings_.empty() || field.name == settings_.front().plan->time) return;
    for (std::size_t g = 0; g < rows_.size(); ++g) {
        if (rows_[g].reference.empty() || rows_[g].current.empty()) continue;
        const std::uint64_t stream = (g + 1) * evidence_[g].size() + index;
        evidence_[g][index] = detection::examine(
            field, dataset::select(reference, selection_of(rows_[g].reference)),
            dataset::select(current, selection_of(rows_[g].current)), settings_[g], stream);
    }
}

drift::Groups Grouping::finish(const Setting& setting) {
    std::vector<Evidence> family;
    std::vector<std::size_t> group_of;
    for (std::size_t g = 0; g < evidence_.size(); ++g)
        for (auto& one : evidence_[g]) {
            if (!one) continue;
            family.push_back(std::move(*one));
            group_of.push_back(g);
        }
    auto columns = judge(std::move(family), setting);
    weigh(columns, *setting.plan);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& column = columns[i];
        if (column.verdict == drift::Verdict::drift || column.verdict == drift::Verdict::no_drift)
            ++groups_.tests;
        // Groups x columns pictures would be most of the report: those that show something are kept.
        if (column.verdict != drift::Verdict::drift) column.distribution = {};
        groups_.groups[group_of[i]].columns.push_back(std::move(column));
    }
    for (auto& group : groups_.groups) drift::conclude(group);
    return std::move(groups_);
}

}  // namespace tristrata::detection
