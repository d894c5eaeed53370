#include "tristrata/session/session.hpp"

#include "tristrata/store/store_sink.hpp"

#include <mutex>

namespace tristrata::session {
namespace {

std::string_view key_of(store::Layer layer) { return layer == store::Layer::kpi ? "kpi_url" : "drift_url"; }

}  // namespace

/// What has been opened so far.
struct Session::Opened {
    struct Direct {
        std::unique_ptr<store::Store> store;
        std::unique_ptr<store::StoreSink> sink;
    };
    std::mutex mutex;
    Direct kpi;
    Direct drift;
    std::optional<execution::TagPolicy> tags;
};

Session::Session(config::Settings settings, core::Clock& clock)
    : settings_(std::move(settings)), clock_(clock), opened_(std::make_unique<Opened>()) {}
Session::~Session() = default;

core::Result<config::StoreUrl> Session::store_url(store::Layer layer) const {
    auto setting = settings_.require(key_of(layer));
    if (!setting) return propagate(setting);
    return config::parse_store_url(*setting);
}

core::Result<std::unique_ptr<store::Store>> Session::open_store(store::Layer layer, store::OpenMode mode) {
    auto url = store_url(layer);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite) return store::open_sqlite(url->path, layer, mode);
    const config::Setting* setting = settings_.find(key_of(layer));
    // Who writes need not be able to read: each has a user of its own where one is named.
    const std::string_view other = mode == store::OpenMode::read       ? "read_url"
                                   : mode == store::OpenMode::maintain ? "admin_url"
                                                                       : "";
    if (const auto* named = other.empty() ? nullptr : settings_.find(other)) {
        auto named_url = config::parse_store_url(*named);
        if (!named_url) return propagate(named_url);
        if (named_url->backend == config::Backend::postgresql) setting = named;
    }
    return store::open_postgres(config::source_of(*setting), layer, mode);
}

core::Result<std::int64_t> Session::init_store(store::Layer layer, const std::string& role_prefix,
                                               bool accept_plain) {
    auto url = store_url(layer);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite) return store::init_sqlite(url->path, layer, clock_);
    auto admin = settings_.require("admin_url");
    if (!admin) return propagate(admin);
    return store::init_postgres({config::source_of(*admin), role_prefix, accept_plain}, layer);
}

core::Result<sink::Sink*> Session::sink_for(store::Layer layer) {
    const std::lock_guard lock(opened_->mutex);
    auto& direct = layer == store::Layer::kpi ? opened_->kpi : opened_->drift;
    if (!direct.sink) {
        auto store = open_store(layer, store::OpenMode::write);
        if (!store) return propagate(store);
        direct.store = std::move(*store);
        const auto record_class =
            layer == store::Layer::kpi ? sink::RecordClass::kpi : sink::RecordClass::drift;
        direct.sink = std::make_unique<store::StoreSink>(*direct.store, record_class);
    }
    return direct.sink.get();
}

core::Status Session::require_writable(store::Layer layer) {
    auto store = open_store(layer, store::OpenMode::write);
    if (!store) return propagate(store);
    // A transaction of no record.
    if (auto nothing = (*store)->ingest({}, std::nullopt); !nothing) return propagate(nothing);
    return {};
}

core::Result<const execution::TagPolicy*> Session::tag_policy() {
    const std::lock_guard lock(opened_->mutex);
    if (!opened_->tags) {
        auto sensitive = config::SensitivePatterns::of(settings_);
        if (!sensitive) return propagate(sensitive);
        auto policy = execution::TagPolicy::read(settings_.text("tags"), std::move(*sensitive));
        if (!policy) return propagate(policy);
        opened_->tags = std::move(*policy);
    }
    return &*opened_->tags;
}

core::Result<execution::KpiReceipt> Session::emit_kpi(const execution::KpiRequest& request,
                                                      std::string_view caller_module) {
    auto tags = tag_policy();
    if (!tags) return propagate(tags);
    auto sink = sink_for(store::Layer::kpi);
    if (!sink) return propagate(sink);
    return execution::emit_kpi_as({*sink, &clock_, *tags, settings_.text("environment")}, request,
                                  caller_module);
}

core::Result<sink::Acknowledgement> Session::push_drift_event(const drift::EventRequest& request) {
    auto sink = sink_for(store::Layer::drift);
    if (!sink) return propagate(sink);
    return drift::push_drift_event(**sink, clock_, request);
}

core::Result<sink::Acknowledgement> Session::push_drift_report(const drift::Report& report,
                                                               std::string_view module,
                                                               std::optional<std::string> run_id,
                                                               std::optional<drift::DriftType> drift_type) {
    auto sink = sink_for(store::Layer::drift);
    if (!sink) return propagate(sink);
    return drift::push_drift_report(**sink, report, module, std::move(run_id), drift_type);
}

core::Result<sink::Acknowledgement> Session::push_drift_report(const drift::EvidentlyReport& report,
                                                               std::string_view module,
                                                               const std::optional<std::string>& run_id,
                                                               core::Timestamp created_at,
                                                               std::optional<drift::DriftType> drift_type) {
    auto sink = sink_for(store::Layer::drift);
    if (!sink) return propagate(sink);
    return drift::push_drift_report(**sink, report, module, run_id, created_at, drift_type);
}

}  // namespace tristrata::session
