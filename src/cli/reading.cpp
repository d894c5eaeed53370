#include "reading.hpp"

#include "tristrata/dataset/derived.hpp"
#include "tristrata/sources/open.hpp"

namespace tristrata::cli {

core::Result<std::unique_ptr<dataset::Source>> open_data(const std::string& path, const detection::Plan& plan,
                                                         const std::optional<dataset::Schema>& read_as,
                                                         const core::Task& task) {
    sources::SourceOptions options;
    for (const auto& [name, column] : plan.column) {
        if (column.kind == drift::Kind::categorical) options.types.emplace(name, dataset::Type::text);
        if (column.kind == drift::Kind::numeric) options.types.emplace(name, dataset::Type::real);
    }
    options.read_as = read_as;
    auto source = sources::open_source(path, options, task);
    if (!source) return propagate(source);
    return dataset::derive(std::move(*source), plan.derived, plan.time);
}

}  // namespace tristrata::cli
