#include "emission.hpp"

#include "call_site.hpp"
#include "failure.hpp"
#include "notices.hpp"
#include "process_session.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <tuple>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

/// What became of an emit.
struct Receipt {
    std::optional<core::Uuid> event_id;
    core::Timestamp time;
    sink::Acknowledgement taken;
    std::uint64_t redacted = 0;
};

nb::object id_of(const Receipt& receipt) {
    if (!receipt.event_id) return nb::none();
    return nb::str(core::to_string(*receipt.event_id).c_str());
}

std::string shown(const Receipt& receipt) {
    return fmt::format(
        "Receipt(event_id={}, time='{}', durability='{}', stored={}, duplicate={}, parked={}, redacted={})",
        receipt.event_id ? "'" + core::to_string(*receipt.event_id) + "'" : "None",
        core::to_string(receipt.time), sink::name(receipt.taken.durability), receipt.taken.stored,
        receipt.taken.duplicate, receipt.taken.parked, receipt.redacted);
}

using State =
    std::tuple<std::string, std::int64_t, int, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

/// A pool of processes hands back what its calls returned.
State state_of(const Receipt& receipt) {
    return {receipt.event_id ? core::to_string(*receipt.event_id) : "",
            receipt.time.microseconds,
            static_cast<int>(receipt.taken.durability),
            receipt.taken.stored,
            receipt.taken.duplicate,
            receipt.taken.parked,
            receipt.redacted};
}

void from_state(Receipt& empty, const State& state) {
    const auto& [id, time, durability, stored, duplicate, parked, redacted] = state;
    std::optional<core::Uuid> event_id;
    if (!id.empty()) event_id = value_or_raise(core::parse_uuid(id));
    new (&empty) Receipt{
        event_id, {time}, {static_cast<sink::Durability>(durability), stored, duplicate, parked}, redacted};
}

/// Once a process: which values are hidden is told by the receipts.
void warn_of_redaction(const execution::KpiReceipt& receipt) {
    static bool said = false;
    if (receipt.redacted == 0 || said) return;
    said = true;
    keep_notice(
        "a tag's value looks like a secret and was stored as [redacted]; the receipt's `redacted` counts "
        "them");
}

using Metrics = nb::typed<nb::dict, nb::str, nb::any>;

Receipt emit_kpi(nb::handle module, nb::handle run_id, nb::handle dag_node, nb::handle duration_ms,
                 nb::handle success, nb::handle tags, nb::handle time, nb::handle event_id,
                 const Metrics& metrics) {
    execution::KpiRequest request;
    request.module = text_of(module, "module");
    request.run_id = optional_text_of(run_id, "run_id");
    request.dag_node = optional_text_of(dag_node, "dag_node");
    request.duration_ms = milliseconds_of(duration_ms, "duration_ms");
    request.success = flag_of(success, "success");
    request.tags = tags_of(tags);
    request.time = time_of(time, "time");
    request.event_id = uuid_of(event_id, "event_id");
    request.metrics.reserve(metrics.size());
    for (const auto& [name, value] : metrics) {
        std::string metric = text_of(name, "a metric's name");
        if (PyFloat_Check(value.ptr())) {
            request.metrics.emplace_back(std::move(metric), PyFloat_AS_DOUBLE(value.ptr()));
        } else {
            const double number = number_of(value, fmt::format("the metric '{}'", metric));
            request.metrics.emplace_back(std::move(metric), number);
        }
    }
    const std::string caller = call_site();
    SessionUse use;
    auto receipt = use.without_gil([&](auto& session) { return session.emit_kpi(request, caller); });
    if (receipt) warn_of_redaction(*receipt);
    log_notices();
    if (!receipt) raise(receipt.error());
    return {receipt->emit_id, receipt->time, receipt->acknowledgement, receipt->redacted};
}

Receipt push_drift_event(nb::handle drift_type, nb::handle module, nb::handle metric,
                         nb::handle reference_value, nb::handle current_value, nb::handle significance,
                         nb::handle run_id, nb::handle severity, nb::handle payload, nb::handle time,
                         nb::handle event_id) {
    drift::EventRequest request;
    request.drift_type = value_or_raise(drift::parse_drift_type(text_of(drift_type, "drift_type")));
    request.module = text_of(module, "module");
    request.metric = text_of(metric, "metric");
    request.reference_value = optional_number_of(reference_value, "reference_value");
    request.current_value = optional_number_of(current_value, "current_value");
    request.significance = optional_number_of(significance, "significance");
    request.run_id = optional_text_of(run_id, "run_id");
    if (!severity.is_none())
        request.severity = value_or_raise(drift::parse_severity(text_of(severity, "severity")));
    if (!payload.is_none()) request.payload = text_of(payload, "payload");
    request.time = time_of(time, "time");
    request.event_id = uuid_of(event_id, "event_id");
    SessionUse use;
    if (!request.time) request.time = use.session().clock().now();
    if (!request.event_id) request.event_id = core::uuid_v7(use.session().clock());
    auto taken = use.without_gil([&](auto& session) { return session.push_drift_event(request); });
    log_notices();
    if (!taken) raise(taken.error());
    return {request.event_id, *request.time, *taken, 0};
}

std::int64_t init_store(const std::string& layer) {
    if (layer != "kpi" && layer != "drift")
        raise(core::Error{
            core::ErrorKind::usage, fmt::format("there is no store '{}'; expected kpi or drift", layer), {}});
    SessionUse use;
    auto applied = use.without_gil([&](auto& session) {
        return session.init_store(layer == "kpi" ? store::Layer::kpi : store::Layer::drift, "", false);
    });
    log_notices();
    return value_or_raise(std::move(applied));
}

}  // namespace

void bind_emission(nb::module_& module) {
    nb::class_<Receipt>(module, "Receipt", "What became of an emit.")
        .def_prop_ro("event_id", id_of, nb::sig("def event_id(self) -> str | None"),
                     "Names the emit: given again with the same time it is the same rows.")
        .def_prop_ro(
            "time", [](const Receipt& receipt) { return datetime_of(receipt.time); },
            nb::sig("def time(self) -> datetime.datetime"))
        .def_prop_ro(
            "durability", [](const Receipt& receipt) { return sink::name(receipt.taken.durability); },
            "What it survives: \"process\", \"disk\" (the power, too), or \"committed\" (it is in the "
            "store).")
        .def_prop_ro(
            "stored", [](const Receipt& receipt) { return receipt.taken.stored; }, "Rows taken in.")
        .def_prop_ro(
            "duplicate", [](const Receipt& receipt) { return receipt.taken.duplicate; },
            "Rows that were there already.")
        .def_prop_ro(
            "parked", [](const Receipt& receipt) { return receipt.taken.parked; },
            "Of those taken in: beside the table, which has no place for their time.")
        .def_prop_ro(
            "redacted", [](const Receipt& receipt) { return receipt.redacted; },
            "Values of tags that looked like secrets and are stored as [redacted].")
        .def("__repr__", shown)
        .def("__getstate__", state_of)
        .def("__setstate__", from_state);
    module.def("emit_kpi", emit_kpi, nb::arg("module").none(), nb::arg("run_id").none(),
               nb::arg("dag_node").none(), nb::arg("duration_ms").none(), nb::arg("success").none(),
               nb::arg("tags").none(), nb::arg("time").none(), nb::arg("event_id").none(),
               nb::arg("metrics"));
    module.def("push_drift_event", push_drift_event, nb::arg("drift_type").none(), nb::arg("module").none(),
               nb::arg("metric").none(), nb::arg("reference_value").none(), nb::arg("current_value").none(),
               nb::arg("significance").none(), nb::arg("run_id").none(), nb::arg("severity").none(),
               nb::arg("payload").none(), nb::arg("time").none(), nb::arg("event_id").none());
    module.def("call_site", call_site,
               "The module that calls, as it stands on a KPI (the tag caller_module).");
    module.def("init_store", init_store, nb::arg("layer"));
    module.def("flush", flush_session);
    module.def("close", [] { close_session(false); });
    module.def("close_at_exit", [] { close_session(true); });
}

}  // namespace tristrata::python
