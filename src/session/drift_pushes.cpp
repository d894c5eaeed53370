#include "opened.hpp"
#include "payload.hpp"

namespace tristrata::session {

core::Result<sink::Acknowledgement> Session::push_drift_event(const drift::EventRequest& request) {
    auto sink = sink_for(store::Layer::drift);
    if (!sink) return propagate(sink);
    Opened& opened = this->opened();
    auto sensitive = [&] {
        const std::lock_guard lock(opened.mutex);
        return opened.patterns(settings_);
    }();
    if (!sensitive) return propagate(sensitive);
    return drift::push_drift_event(**sink, clock_, storable(request, *sensitive, notice_));
}

core::Result<sink::Acknowledgement> Session::push_drift_report(const drift::Report& report,
                                                               std::string_view module,
                                                               std::optional<std::string> run_id,
                                                               std::optional<drift::DriftType> drift_type,
                                                               std::string_view caller_module) {
    auto sink = sink_for(store::Layer::drift);
    if (!sink) return propagate(sink);
    return drift::push_drift_report(**sink, report, module, std::move(run_id), drift_type, caller_module);
}

core::Result<sink::Acknowledgement> Session::push_drift_report(
    const drift::EvidentlyReport& report, std::string_view module, const std::optional<std::string>& run_id,
    core::Timestamp created_at, std::optional<drift::DriftType> drift_type, std::string_view caller_module) {
    auto sink = sink_for(store::Layer::drift);
    if (!sink) return propagate(sink);
    return drift::push_drift_report(**sink, report, module, run_id, created_at, drift_type, caller_module);
}

}  // namespace tristrata::session
