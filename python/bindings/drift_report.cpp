#include "drift_report.hpp"

#include "failure.hpp"
#include "notices.hpp"
#include "process_session.hpp"
#include "receipt.hpp"
#include "tristrata/drift/report_document.hpp"
#include "unlocked.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using Pushed = core::Result<sink::Acknowledgement>;

Receipt push_report(const drift::Report& report, const std::string& module,
                    const std::optional<std::string>& run_id, std::optional<drift::DriftType> drift_type,
                    std::optional<core::Timestamp> time, const std::string& caller) {
    if (time && *time != report.created_at)
        raise({core::ErrorKind::usage,
               fmt::format("the report says when it was made, {}; time is for reports that carry none",
                           core::to_string(report.created_at)),
               {}});
    SessionUse use;
    const Pushed pushed = use.without_gil(
        [&](auto& session) { return session.push_drift_report(report, module, run_id, drift_type, caller); });
    use.leave();
    log_notices();
    return {std::nullopt, report.created_at, value_or_raise(pushed), 0};
}

Receipt push_of_another_tool(const drift::EvidentlyReport& report, const std::string& module,
                             const std::optional<std::string>& run_id,
                             std::optional<drift::DriftType> drift_type, std::optional<core::Timestamp> time,
                             const std::string& caller) {
    for (const auto& note : report.notes) keep_notice("the pushed report: " + note);
    SessionUse use;
    const core::Timestamp at = time ? *time : use.session().clock().now();
    const Pushed pushed = use.without_gil([&](auto& session) {
        return session.push_drift_report(report, module, run_id, at, drift_type, caller);
    });
    use.leave();
    log_notices();
    return {std::nullopt, report.created_at.value_or(at), value_or_raise(pushed), 0};
}

Receipt push_drift_report(nb::handle document, nb::handle module, nb::handle run_id, nb::handle drift_type,
                          nb::handle time, const std::string& caller, const std::string& path) {
    const std::string text = text_of(document, "the report");
    const std::string named = text_of(module, "module");
    const auto run = optional_text_of(run_id, "run_id");
    std::optional<drift::DriftType> type;
    if (!drift_type.is_none())
        type = value_or_raise(drift::parse_drift_type(text_of(drift_type, "drift_type")));
    const auto at = time_of(time, "time");
    if (drift::is_report(text))
        return push_report(value_or_raise(unlocked([&] { return drift::parse_report(text); }), path), named,
                           run, type, at, caller);
    return push_of_another_tool(value_or_raise(unlocked([&] { return drift::parse_evidently(text); }), path),
                                named, run, type, at, caller);
}

}  // namespace

void bind_drift_report(nb::module_& module) {
    module.def("push_drift_report", push_drift_report, nb::arg("document").none(), nb::arg("module").none(),
               nb::arg("run_id").none(), nb::arg("drift_type").none(), nb::arg("time").none(),
               nb::arg("caller"), nb::arg("path") = "");
}

}  // namespace tristrata::python
