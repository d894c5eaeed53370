#include "tristrata/drift/backtest_push.hpp"

#include "row_identity.hpp"
#include "tristrata/core/json_writer.hpp"

#include <fmt/format.h>

namespace tristrata::drift {
namespace {

void member_if(core::JsonWriter& out, std::string_view key, const std::optional<core::Timestamp>& time) {
    if (time) out.member(key, core::to_string(*time));
}

std::string payload_of(const BacktestChunk& chunk, const Finding& finding, std::string_view caller_module) {
    core::JsonWriter out;
    out.begin_object();
    out.member("chunk", chunk.key);
    member_if(out, "from", chunk.from);
    member_if(out, "to", chunk.to);
    out.member("rows", chunk.rows);
    if (!finding.column.empty()) out.member("column", finding.column);
    if (finding.signal) out.member("signal", name(*finding.signal));
    out.member("severity", name(finding.severity));
    out.member("reason", finding.reason);
    out.end_object();
    return with_caller(out.take(), caller_module);
}

std::string metric_of(const Finding& finding) {
    const std::string what = finding.signal ? std::string(name(*finding.signal)) : "psi";
    return finding.column.empty() ? what : fmt::format("{}_{}", what, finding.column);
}

}  // namespace

std::vector<EventRequest> findings_of(const Backtest& backtest, std::string_view module,
                                      const std::optional<std::string>& run_id,
                                      std::string_view caller_module) {
    std::vector<EventRequest> requests;
    for (const BacktestChunk& chunk : backtest.chunks) {
        if (chunk.use != ChunkUse::tested) continue;
        const core::Uuid verdict = core::uuid_v5(
            core::tristrata_namespace(), fmt::format("chunk of a backtest {} {}", chunk.inputs, chunk.key));
        for (const Finding& finding : chunk.findings) {
            EventRequest request;
            request.drift_type = finding.signal ? drift_type_of(*finding.signal) : DriftType::data_drift;
            request.module = module;
            request.metric = metric_of(finding);
            request.significance = finding.p_adjusted;
            request.run_id = run_id;
            request.severity = Severity::info;
            request.payload = payload_of(chunk, finding, caller_module);
            request.time = chunk.to.value_or(backtest.created_at);
            request.event_id = row_identity(verdict, module, run_id, finding.column,
                                            finding.signal ? name(*finding.signal) : "distribution");
            requests.push_back(std::move(request));
        }
    }
    return requests;
}

}  // namespace tristrata::drift
