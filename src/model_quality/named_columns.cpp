#include "named_columns.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <vector>

namespace tristrata::model_quality {
namespace {

/// What to do about a column that is not there, as the end of a sentence.
std::string instead_of(const std::string& name, const QualityPlan& plan,
                       const std::vector<std::string>& known) {
    constexpr std::size_t named = 12;
    const auto near = core::nearest(name, known);
    std::string text = near.empty() ? "" : fmt::format("; did you mean {}?", core::quoted(near));
    if (near.empty()) {
        std::string there;
        for (std::size_t i = 0; i < std::min(named, known.size()); ++i)
            there += (i == 0 ? "" : ", ") + core::quoted(known[i], 30);
        text = fmt::format("; it has {}{}", there,
                           known.size() > named ? fmt::format(" and {} more", known.size() - named) : "");
    }
    if (name == plan.y_true)
        return text + (near.empty() ? ";" : "") + " --y-true names the column of what came true";
    if (name == plan.y_pred)
        return text + (near.empty() ? ";" : "") +
               " --y-pred names the column of the predictions, --y-proba that of the probabilities";
    return text;
}

}  // namespace

core::Result<NamedColumns> read_named(dataset::Source& source, const QualityPlan& plan,
                                      const std::set<std::string>& needed,
                                      const std::set<std::string>& optional, const core::Task& task) {
    std::vector<std::size_t> fields;
    std::vector<std::string> names;
    std::vector<std::string> known;
    for (const auto& field : source.schema().fields) known.push_back(field.name);
    const auto take = [&](const std::string& name, bool must) -> core::Status {
        const auto found = source.schema().find(name);
        if (!found) {
            if (!must) return {};
            return core::fail(core::ErrorKind::usage,
                              fmt::format("{} has no column {}{}", source.name(), core::quoted(name),
                                          instead_of(name, plan, known)));
        }
        fields.push_back(*found);
        names.push_back(name);
        return {};
    };
    for (const auto& name : needed)
        if (auto status = take(name, true); !status) return propagate(status);
    for (const auto& name : optional)
        if (!needed.contains(name))
            if (auto status = take(name, false); !status) return propagate(status);
    auto columns = dataset::read_columns(source, fields, task);
    if (!columns) return propagate(columns);
    NamedColumns out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out.rows = (*columns)[i].rows;
        out.columns.emplace(names[i], std::move((*columns)[i]));
    }
    return out;
}

}  // namespace tristrata::model_quality
