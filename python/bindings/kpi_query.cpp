#include "kpi_query.hpp"

#include "failure.hpp"
#include "notices.hpp"
#include "process_session.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using Row = nb::typed<nb::dict, nb::str, nb::any>;
using Rows = nb::typed<nb::list, Row>;

nb::object text_or_none(const std::optional<std::string>& text) {
    return text ? nb::object(nb::str(text->c_str(), text->size())) : nb::none();
}

Row shown(const store::KpiResultRow& row, const nb::object& read_json) {
    Row shown;
    shown["time"] = datetime_of(row.time);
    shown["module"] = row.module;
    shown["run_id"] = text_or_none(row.run_id);
    shown["dag_node"] = text_or_none(row.dag_node);
    shown["metric_name"] = row.metric_name;
    shown["metric_value"] = row.value ? nb::object(nb::float_(*row.value)) : nb::none();
    shown["duration_ms"] = row.duration_ms ? nb::object(nb::int_(*row.duration_ms)) : nb::none();
    shown["success"] = row.success ? nb::object(nb::bool_(*row.success)) : nb::none();
    shown["tags"] = read_json(row.tags.empty() ? "{}" : row.tags);
    return shown;
}

Rows query_kpi(nb::handle module, nb::handle metric, nb::handle run_id, nb::handle from, nb::handle to,
               nb::handle limit) {
    store::KpiQuery query;
    query.module = optional_text_of(module, "module");
    query.metric = optional_text_of(metric, "metric");
    query.run_id = optional_text_of(run_id, "run_id");
    query.range = {time_of(from, "since"), time_of(to, "until")};
    if (const auto given = optional_count_of(limit, "limit", 1)) query.limit = *given;
    SessionUse use;
    auto page = use.without_gil([&](auto& session) -> core::Result<store::Page<store::KpiResultRow>> {
        auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
        if (!store) return propagate(store);
        return (*store)->query(query);
    });
    use.leave();
    log_notices();
    if (!page) raise(page.error());
    if (page->truncated)
        raise(core::Error{core::ErrorKind::usage,
                          fmt::format("more than {} rows match, and a part of them would mislead: narrow the "
                                      "query, or raise limit",
                                      query.limit),
                          {}});
    const nb::object read_json = nb::module_::import_("json").attr("loads");
    Rows rows;
    for (const auto& row : page->rows) rows.append(shown(row, read_json));
    return rows;
}

}  // namespace

void bind_kpi_query(nb::module_& module) {
    module.def("query_kpi", query_kpi, nb::arg("module").none(), nb::arg("metric").none(),
               nb::arg("run_id").none(), nb::arg("since").none(), nb::arg("until").none(),
               nb::arg("limit").none());
}

}  // namespace tristrata::python
