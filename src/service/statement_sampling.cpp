#include "statement_sampling.hpp"

#include "tristrata/incident/statement_counts.hpp"

namespace tristrata::service {

std::shared_ptr<StatementSampling> StatementSampling::open(std::shared_ptr<session::Session> session,
                                                           core::Clock& clock, std::shared_ptr<Log> log) {
    if (session->settings().find("kpi_url") == nullptr) return nullptr;
    const auto url = session->store_url(store::Layer::kpi);
    if (!url || url->backend != config::Backend::postgresql) return nullptr;
    return std::shared_ptr<StatementSampling>(
        new StatementSampling(std::move(session), clock, std::move(log)));
}

Duty StatementSampling::duty() {
    return {"statement samples", every, every,
            [sampling = shared_from_this()](const std::stop_token&) { return sampling->run(); }};
}

core::Status StatementSampling::run() {
    constexpr std::int64_t day_us = 86'400'000'000;
    const core::Timestamp now = clock_.now();
    const std::int64_t day = now.microseconds / day_us;
    if (day_ == day) return {};
    auto sampled = sample(now);
    if (!sampled) {
        const core::Error& error = sampled.error();
        if (error.message != said_) {
            if (error.kind == core::ErrorKind::configuration)
                log_->event(LogLevel::info, "statement_samples", error.message);
            else log_->failed("statement_samples", error);
        }
        said_ = error.message;
        return sampled;
    }
    day_ = day;
    said_.clear();
    return {};
}

core::Status StatementSampling::sample(core::Timestamp now) {
    auto counts = incident::count_statements(session_->settings());
    if (!counts) return propagate(counts);
    for (const auto& request : incident::samples_of(*counts, now))
        if (auto emitted = session_->emit_kpi(request, "tristrata.serve"); !emitted)
            return propagate(emitted);
    if (counts->left_out > 0)
        log_->event(LogLevel::warn, "statement_samples", "panels beyond the most asked ones have no sample",
                    {{"left_out", counts->left_out}});
    return {};
}

}  // namespace tristrata::service
