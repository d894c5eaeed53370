#include "emission.hpp"

#include "active_span.hpp"
#include "call_site.hpp"
#include "failure.hpp"
#include "notices.hpp"
#include "process_session.hpp"
#include "receipt.hpp"
#include "tristrata/execution/tag_policy.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <algorithm>
#include <chrono>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

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

std::vector<std::pair<std::string, double>> metrics_of(const Metrics& metrics) {
    std::vector<std::pair<std::string, double>> read;
    read.reserve(metrics.size());
    for (const auto& [name, value] : metrics) {
        std::string metric = text_of(name, "a metric's name");
        if (PyFloat_Check(value.ptr())) {
            read.emplace_back(std::move(metric), PyFloat_AS_DOUBLE(value.ptr()));
        } else {
            const double number = number_of(value, fmt::format("the metric '{}'", metric));
            read.emplace_back(std::move(metric), number);
        }
    }
    return read;
}

execution::KpiRequest request_of(nb::handle module, nb::handle run_id, nb::handle dag_node,
                                 nb::handle duration_ms, nb::handle success, nb::handle tags, nb::handle time,
                                 nb::handle event_id, const Metrics& metrics) {
    execution::KpiRequest request;
    request.module = text_of(module, "module");
    request.run_id = optional_text_of(run_id, "run_id");
    request.dag_node = optional_text_of(dag_node, "dag_node");
    request.duration_ms = milliseconds_of(duration_ms, "duration_ms");
    request.success = flag_of(success, "success");
    request.tags = tags_of(tags);
    request.time = time_of(time, "time");
    request.event_id = uuid_of(event_id, "event_id");
    request.metrics = metrics_of(metrics);
    if (auto span = active_span()) request.library_tags.emplace("trace_id", std::move(span->trace_id));
    return request;
}

Receipt emit(const execution::KpiRequest& request, const std::string& caller,
             session::Carry carry = session::Carry::here) {
    SessionUse use;
    auto receipt =
        use.without_gil_in_turn([&](auto& session) { return session.emit_kpi(request, caller, carry); });
    if (receipt) warn_of_redaction(*receipt);
    use.leave();
    log_notices();
    if (!receipt) raise(receipt.error());
    return {receipt->emit_id, receipt->time, receipt->acknowledgement, receipt->redacted};
}

Receipt emit_kpi(nb::handle module, nb::handle run_id, nb::handle dag_node, nb::handle duration_ms,
                 nb::handle success, nb::handle tags, nb::handle time, nb::handle event_id,
                 const Metrics& metrics) {
    return emit(request_of(module, run_id, dag_node, duration_ms, success, tags, time, event_id, metrics),
                call_site());
}

/// What a host tells holds up its run at most once a second, two, four, … a minute: a spool that is full, or
/// whose disk hangs, takes an emit's whole budget. With the GIL.
class HostPace {
public:
    using Moment = std::chrono::steady_clock::time_point;
    /// Raises where an emit failed a moment ago.
    void require_turn() const {
        const auto now = std::chrono::steady_clock::now();
        if (now >= again_at_) return;
        raise({core::ErrorKind::storage,
               fmt::format("not tried, for {} s more: an emit failed just now: {}",
                           std::chrono::ceil<std::chrono::seconds>(again_at_ - now).count(), why_),
               {}});
    }
    void failed(std::string why) {
        wait_ = std::min(std::max(2 * wait_, std::chrono::seconds(1)), std::chrono::seconds(60));
        again_at_ = std::chrono::steady_clock::now() + wait_;
        why_ = std::move(why);
    }
    void went_well() noexcept { wait_ = {}; }

private:
    std::chrono::seconds wait_{};
    Moment again_at_{};
    std::string why_;
};

Receipt emit_host_kpi(nb::handle caller, nb::handle library_tags, nb::handle module, nb::handle run_id,
                      nb::handle dag_node, nb::handle duration_ms, nb::handle success, nb::handle tags,
                      nb::handle time, nb::handle event_id, const Metrics& metrics, bool carried) {
    execution::KpiRequest request =
        request_of(module, run_id, dag_node, duration_ms, success, tags, time, event_id, metrics);
    request.library_tags.merge(tags_of(library_tags));
    const std::string called_by = text_of(caller, "caller");
    static auto* const pace = new HostPace;  // Daemon threads may outlive what a library lets go of.
    pace->require_turn();
    try {
        const Receipt receipt =
            emit(request, called_by, carried ? session::Carry::here : session::Carry::later);
        pace->went_well();
        return receipt;
    } catch (const nb::python_error& error) {
        if (error.matches(PyExc_OSError)) pace->failed(nb::str(error.value()).c_str());
        throw;
    }
}

void require_host(nb::handle module, nb::handle run_id, nb::handle tags) {
    execution::KpiRequest request;
    request.module = text_of(module, "module");
    request.run_id = text_of(run_id, "run_id");
    request.tags = tags_of(tags);
    std::optional<SessionUse> use;  // A policy is the session's, and only tags have one.
    const execution::TagPolicy* policy = nullptr;
    if (!request.tags.empty())
        if (const auto held = use.emplace().session().tag_policy(); held)
            policy = *held;  // Else an emit says why.
    if (auto status = execution::check_origin(request, policy); !status) raise(status.error());
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
    use.leave();
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
    use.leave();
    log_notices();
    return value_or_raise(std::move(applied));
}

}  // namespace

void bind_emission(nb::module_& module) {
    module.def("emit_kpi", emit_kpi, nb::arg("module").none(), nb::arg("run_id").none(),
               nb::arg("dag_node").none(), nb::arg("duration_ms").none(), nb::arg("success").none(),
               nb::arg("tags").none(), nb::arg("time").none(), nb::arg("event_id").none(),
               nb::arg("metrics"));
    module.def("emit_host_kpi", emit_host_kpi, nb::arg("caller"), nb::arg("library_tags"),
               nb::arg("module").none(), nb::arg("run_id").none(), nb::arg("dag_node").none(),
               nb::arg("duration_ms").none(), nb::arg("success").none(), nb::arg("tags").none(),
               nb::arg("time").none(), nb::arg("event_id").none(), nb::arg("metrics"),
               nb::arg("carried") = true,
               "What an adapter emits of its host: with the library's own tags, and who called. Not carried: "
               "into the spool, which another process drains; no store needs to be named.");
    module.def("require_host", require_host, nb::arg("module").none(), nb::arg("run_id").none(),
               nb::arg("tags").none(), "Raises what emit_host_kpi would of these, before the host runs.");
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
