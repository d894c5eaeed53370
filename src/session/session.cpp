#include "tristrata/session/session.hpp"

#include "layer_setting.hpp"
#include "opened.hpp"

#include "tristrata/core/before_wait.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/notification/reception.hpp"
#include "tristrata/sink/object_record.hpp"
#include "tristrata/store/store_destination.hpp"
#include "tristrata/technical/telemetry_settings.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <mutex>

namespace tristrata::session {
namespace {

/// How long an exit waits for what is spooled to go out.
constexpr core::Duration exit_budget{2'000'000};

core::Result<config::StoreUrl> url_of(const config::Settings& settings, store::Layer layer) {
    auto setting = settings.require(key_of(layer));
    if (!setting) return propagate(setting);
    return config::parse_store_url(*setting);
}

/// No setting says where the layer's rows are but that of who reads them on a server.
bool is_reader_alone(const config::Settings& settings, store::Layer layer) {
    const config::Setting* reader = settings.find("read_url");
    if (reader == nullptr || settings.find(key_of(layer)) != nullptr) return false;
    const auto url = config::parse_store_url(*reader);
    return url && url->backend == config::Backend::postgresql;
}

core::Result<std::unique_ptr<store::Store>> open_layer(const config::Settings& settings, store::Layer layer,
                                                       store::OpenMode mode) {
    // Who writes need not be able to read: each has a user of its own where one is named.
    const std::string_view other = mode == store::OpenMode::read       ? "read_url"
                                   : mode == store::OpenMode::maintain ? "admin_url"
                                                                       : "";
    const config::Setting* setting = settings.find(key_of(layer));
    if (mode != store::OpenMode::read || !is_reader_alone(settings, layer)) {
        auto url = url_of(settings, layer);
        if (!url) return propagate(url);
        if (url->backend == config::Backend::sqlite) return store::open_sqlite(url->path, layer, mode);
    }
    if (const auto* named = other.empty() ? nullptr : settings.find(other)) {
        auto named_url = config::parse_store_url(*named);
        if (!named_url) return propagate(named_url);
        if (named_url->backend == config::Backend::postgresql) setting = named;
    }
    return store::open_postgres(config::source_of(*setting), layer, mode);
}

core::Result<std::unique_ptr<objects::ObjectStore>> open_archive(const config::Settings& settings) {
    auto location = settings.require("archive");
    if (!location) return propagate(location);
    objects::Options options;
    options.origin = location->origin;
    return objects::open(location->value.reveal(), options);
}

/// How long what nobody takes is tried.
core::Result<core::Duration> max_age_of(const config::Settings& settings, core::Duration otherwise) {
    const config::Setting* named = settings.find("spool_max_age");
    if (named == nullptr) return otherwise;
    auto age = core::parse_duration(named->value.reveal());
    if (!age)
        return core::fail(core::ErrorKind::configuration,
                          fmt::format("{}: {}", named->origin, age.error().message));
    return *age;
}

/// Who holds it may be opening a store meanwhile, which takes seconds.
std::unique_lock<std::mutex> held(std::mutex& mutex) {
    std::unique_lock lock(mutex, std::try_to_lock);
    if (lock) return lock;
    core::BeforeWait::say();
    lock.lock();
    return lock;
}

}  // namespace

Session::Session(config::Settings settings, core::Clock& clock, std::function<void(std::string_view)> notice,
                 Carry carry)
    : settings_(std::move(settings)),
      clock_(clock),
      notice_(std::move(notice)),
      carry_(carry),
      opened_(new Opened) {}

Session::~Session() {
    Opened* mine = opened_.load();
    if (mine->generation != spool::fork_generation()) return;  // The parent's.
    if (mine->relay) (void)mine->relay->stop(exit_budget);
    delete mine;
}

Session::Opened& Session::opened() {
    Opened* now = opened_.load();
    if (now->generation == spool::fork_generation()) return *now;
    auto fresh = std::make_unique<Opened>();
    // A mutex that another thread held when the parent forked would never be free again.
    if (opened_.compare_exchange_strong(now, fresh.get())) return *fresh.release();
    return *now;
}

core::Result<config::StoreUrl> Session::store_url(store::Layer layer) const {
    return url_of(settings_, layer);
}

bool Session::may_read(store::Layer layer) const {
    return settings_.find(key_of(layer)) != nullptr || is_reader_alone(settings_, layer);
}

core::Result<std::unique_ptr<store::Store>> Session::open_store(store::Layer layer, store::OpenMode mode) {
    return open_layer(settings_, layer, mode);
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

core::Result<std::unique_ptr<store::Retention>> Session::open_retention(store::Layer layer) {
    auto url = store_url(layer);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite)
        return store::open_sqlite_retention(url->path, layer, clock_);
    auto admin = settings_.require("admin_url");
    if (!admin) return propagate(admin);
    return store::open_postgres_retention(config::source_of(*admin), layer);
}

core::Result<std::vector<store::ArchivePart>> Session::recorded_parts(store::Layer layer) {
    auto url = store_url(layer);
    if (!url) return propagate(url);
    const config::Setting* reader = nullptr;
    for (const auto key : {std::string_view("admin_url"), std::string_view("read_url"), key_of(layer)})
        if (reader == nullptr) reader = settings_.find(key);
    auto retention = url->backend == config::Backend::sqlite
                         ? store::open_sqlite_retention(url->path, layer, clock_)
                         : store::open_postgres_retention(config::source_of(*reader), layer);
    if (!retention) return propagate(retention);
    return (*retention)->parts();
}

core::Result<std::unique_ptr<relay::Relay>> Session::open_relay(
    bool parked, std::vector<std::shared_ptr<relay::Destination>> more) {
    auto root = settings_.require("spool");
    if (!root) return propagate(root);
    // Root would leave dead letters and ledgers that the spool's user cannot write.
    if (auto own = spool::posix_file_system().require_own(root->value.reveal());
        !own && own.error().kind != core::ErrorKind::not_found)
        return propagate(own);
    auto destinations = std::move(more);
    for (const auto layer : {store::Layer::kpi, store::Layer::drift}) {
        if (settings_.find(key_of(layer)) == nullptr) continue;
        if (auto url = store_url(layer); !url) return propagate(url);
        // A delivery that hangs may outlive the session: it has settings of its own.
        destinations.push_back(std::make_shared<store::StoreDestination>(
            class_of(layer),
            [settings = settings_, layer] { return open_layer(settings, layer, store::OpenMode::write); }));
    }
    // Also without the setting: what was spooled waits then, and says for what.
    destinations.push_back(std::make_shared<objects::ObjectDestination>(
        [settings = settings_] { return open_archive(settings); }));
    if (auto telemetry = technical::telemetry_settings(settings_); telemetry.exported)
        destinations.push_back(
            std::make_shared<technical::OtlpDestination>(std::move(telemetry.endpoint), notice_));
    const bool has_alerts = std::ranges::any_of(
        destinations, [](const auto& one) { return one->record_class() == sink::RecordClass::alert; });
    if (!has_alerts && notification::has_receivers(settings_)) destinations.push_back(open_alerts());
    relay::Options options;
    options.root = root->value.reveal();
    options.notice = notice_;
    options.parked = parked;
    auto max_age = max_age_of(settings_, options.max_age);
    if (!max_age) return propagate(max_age);
    options.max_age = *max_age;
    const core::Uuid drawn = core::uuid_v7(clock_);
    std::memcpy(&options.seed, drawn.bytes.data() + 8, sizeof options.seed);
    // Not the session's clock: a thread that waits by a clock which stands still would never rest.
    return std::make_unique<relay::Relay>(spool::posix_file_system(), core::system_clock(),
                                          std::move(options), destinations);
}

std::shared_ptr<notification::AlertDestination> Session::open_alerts(
    std::function<core::Result<notification::Receivers>()> named) {
    if (!named) named = [settings = settings_] { return notification::receivers(settings); };
    notification::AlertOptions options;
    if (const config::Setting* root = settings_.find("spool")) {
        options.owed_folder = notification::owed_folder(root->value.reveal());
        options.receptions_folder = notification::receptions_folder(root->value.reveal());
    }
    options.notice = notice_;
    return std::make_shared<notification::AlertDestination>(std::move(named), spool::posix_file_system(),
                                                            core::system_clock(), std::move(options));
}

core::Result<std::unique_ptr<objects::ObjectStore>> Session::open_objects() {
    return open_archive(settings_);
}

core::Result<std::string> Session::payload_of(const drift::Event& event) {
    const auto pointer = drift::pointer_of(event);
    if (!pointer) return event.payload;
    auto archive = open_objects();
    if (!archive) return propagate(archive);
    auto bytes = (*archive)->get(sink::content_key(pointer->sha256));
    if (!bytes && bytes.error().kind == core::ErrorKind::not_found)
        return core::fail(
            core::ErrorKind::not_found,
            fmt::format("the payload was to be at {}, and {} has no such object; it may be in the "
                        "spool still: tristrata spool status shows what is pending",
                        pointer->url, (*archive)->where()));
    if (!bytes) return propagate(bytes);
    if (auto same = drift::check_payload(*pointer, *bytes); !same) return propagate(same);
    return std::move(*bytes);
}

core::Result<sink::Sink*> Session::spool_of(Opened& opened, Carry carry) {
    std::unique_ptr<relay::Relay> relay;
    if (carry == Carry::here && !opened.relay) {
        auto made = open_relay();
        if (!made) return propagate(made);
        relay = std::move(*made);
    }
    if (!opened.spool || relay) core::BeforeWait::say();
    if (!opened.spool) {
        spool::Options options;
        options.root = settings_.text("spool");
        options.notice = notice_;
        if (const config::Setting* named = settings_.find("spool_level")) {
            auto level = spool::parse_level(named->value.reveal());
            if (!level)
                return core::fail(core::ErrorKind::configuration,
                                  fmt::format("{}: {}", named->origin, level.error().message));
            options.level = *level;
        }
        auto spool = spool::Spool::open(spool::posix_file_system(), clock_, std::move(options));
        if (!spool) return propagate(spool);
        opened.spool = std::move(*spool);
    }
    if (relay) {
        opened.relay = std::move(relay);
        opened.relay->start();
    }
    return opened.spool.get();
}

core::Result<sink::Sink*> Session::behind_payloads(Opened& opened, store::Layer layer) {
    if (settings_.find("spool") != nullptr) {
        const auto named = settings_.require(key_of(layer));
        if (named) return spool_of(opened, carry_);
        auto spool = spool_of(opened, Carry::later);
        bool& said = layer == store::Layer::kpi ? opened.said_kpis_wait : opened.said_drift_waits;
        if (spool && !said && notice_) {
            said = true;
            notice_(fmt::format(
                "{} go to the spool alone, and wait there for whoever has their store's URL (tristrata "
                "serve, tristrata spool drain); for this process to carry them: {}",
                layer == store::Layer::kpi ? "KPIs" : "drift events", named.error().message));
        }
        return spool;
    }
    auto& direct = layer == store::Layer::kpi ? opened.kpi : opened.drift;
    if (!direct.sink) {
        auto store = open_store(layer, store::OpenMode::write);
        if (!store) return propagate(store);
        direct.store = std::move(*store);
        direct.sink = std::make_unique<store::StoreSink>(*direct.store, class_of(layer));
        direct.objects = std::make_unique<objects::ObjectSink>(
            *direct.sink, [settings = settings_] { return open_archive(settings); });
    }
    return direct.objects.get();
}

core::Result<sink::Sink*> Session::sink_for(store::Layer layer) {
    Opened& opened = this->opened();
    const std::unique_lock lock = held(opened.mutex);
    auto behind = behind_payloads(opened, layer);
    if (!behind || layer == store::Layer::kpi) return behind;
    const bool is_named = settings_.find(key_of(layer)) != nullptr;
    auto backend = config::Backend::postgresql;
    if (is_named) {
        auto url = store_url(layer);
        if (!url) return propagate(url);
        backend = url->backend;
    }
    // SQLite keeps a payload of any size in its row.
    if (backend == config::Backend::postgresql && !opened.payloads) {
        std::optional<std::string> place;
        auto archive = settings_.require("archive");
        if (archive) {
            auto checked = objects::checked_location(archive->value.reveal(), archive->origin);
            if (!checked) return propagate(checked);
            place = std::move(*checked);
        }
        std::string without = archive ? "" : archive.error().message;
        // Nobody here knows which store takes it.
        if (!archive && !is_named)
            without += "; or TRISTRATA_DRIFT_URL, if it is SQLite's, which takes any size";
        opened.payloads =
            std::make_unique<drift::PayloadSink>(**behind, std::move(place), std::move(without));
    }
    if (!opened.late) {
        // A day more than rows may wait, as incidents do.
        auto looked_back = max_age_of(settings_, relay::Options().max_age);
        if (!looked_back) return propagate(looked_back);
        opened.late = std::make_unique<LateCrit>(
            backend == config::Backend::postgresql ? *opened.payloads : **behind, clock_,
            core::Duration{looked_back->microseconds + 86'400'000'000}, notice_);
    }
    return opened.late.get();
}

core::Status Session::require_target(store::Layer layer) {
    if (settings_.find("spool") != nullptr) {
        if (settings_.find(key_of(layer)) == nullptr) return {};
        if (auto named = store_url(layer); !named) return propagate(named);
        return {};
    }
    // Opened and closed again: the work may take hours.
    if (auto store = open_store(layer, store::OpenMode::write); !store) return propagate(store);
    return {};
}

core::Status Session::require_writable(store::Layer layer) {
    auto sink = sink_for(layer);
    if (!sink) return propagate(sink);
    if (settings_.find("spool") != nullptr) return {};
    // A transaction of no record, over the connection that takes the records later.
    if (auto nothing = (*sink)->append({}); !nothing) return propagate(nothing);
    return {};
}

core::Status Session::flush() {
    Opened& opened = this->opened();
    spool::Spool* spool = nullptr;
    {
        const std::unique_lock lock = held(opened.mutex);
        spool = opened.spool.get();
    }
    return spool == nullptr ? core::Status() : spool->flush();
}

core::Result<const execution::TagPolicy*> Session::tag_policy() {
    Opened& opened = this->opened();
    const std::unique_lock lock = held(opened.mutex);
    if (!opened.tags) {
        auto sensitive = opened.patterns(settings_);
        if (!sensitive) return propagate(sensitive);
        auto policy = execution::TagPolicy::read(settings_.text("tags"), std::move(*sensitive));
        if (!policy) return propagate(policy);
        opened.tags = std::move(*policy);
    }
    return &*opened.tags;
}

core::Result<sink::Sink*> Session::open_spool() {
    if (auto named = settings_.require("spool"); !named) return propagate(named);
    Opened& opened = this->opened();
    const std::unique_lock lock = held(opened.mutex);
    return spool_of(opened, Carry::later);
}

core::Result<execution::KpiReceipt> Session::emit_kpi(const execution::KpiRequest& request,
                                                      std::string_view caller_module, Carry carry) {
    auto tags = tag_policy();
    if (!tags) return propagate(tags);
    auto sink = carry == Carry::later ? open_spool() : sink_for(store::Layer::kpi);
    if (!sink) return propagate(sink);
    return execution::emit_kpi_as({*sink, &clock_, *tags, settings_.text("environment")}, request,
                                  caller_module);
}

core::Result<Session::Opened*> Session::with_events() {
    Opened& opened = this->opened();
    const std::unique_lock lock = held(opened.mutex);
    if (opened.events) return &opened;
    auto catalogue = technical::EventCatalogue::read(settings_.text("events"));
    if (!catalogue) return propagate(catalogue);
    auto sensitive = opened.patterns(settings_);
    if (!sensitive) return propagate(sensitive);
    technical::TelemetrySettings telemetry = technical::telemetry_settings(settings_);
    telemetry.resource.emplace_back("service.instance.id", core::to_string(core::uuid_v7(clock_)));
    auto events = std::make_unique<Opened::Events>();
    events->catalogue = std::move(*catalogue);
    events->sensitive = std::move(*sensitive);
    events->resource = std::move(telemetry.resource);
    std::function<core::Result<sink::Sink*>()> behind = [this, &opened]() -> core::Result<sink::Sink*> {
        const std::unique_lock opening = held(opened.mutex);
        return spool_of(opened, carry_);
    };
    std::function<core::Duration()> wait_at_least;
    if (settings_.find("spool") == nullptr) {
        events->direct = std::make_unique<technical::OtlpSink>(std::move(telemetry.endpoint), notice_);
        behind = [direct = events->direct.get()]() -> core::Result<sink::Sink*> { return direct; };
        wait_at_least = [direct = events->direct.get()] { return direct->wait_at_least(); };
    }
    if (telemetry.exported)
        events->sink = std::make_unique<technical::EventSink>(std::move(behind), clock_, notice_,
                                                              std::move(wait_at_least));
    if (notice_)
        for (const auto& warning : telemetry.warnings) notice_(warning);
    opened.events = std::move(events);
    return &opened;
}

core::Result<const technical::EventCatalogue*> Session::event_catalogue() {
    auto opened = with_events();
    if (!opened) return propagate(opened);
    return &(*opened)->events->catalogue;
}

std::uint64_t Session::events_not_taken() {
    Opened& opened = this->opened();
    const std::unique_lock lock = held(opened.mutex);
    return opened.events && opened.events->sink ? opened.events->sink->not_taken() : 0;
}

core::Result<technical::EventReceipt> Session::emit_event(const technical::EventRequest& request,
                                                          const std::function<void(std::string_view)>& log) {
    auto opened = with_events();
    if (!opened) return propagate(opened);
    const Opened::Events& events = *(*opened)->events;
    return technical::emit_event(
        {events.sink.get(), &clock_, &events.catalogue, &events.sensitive, &events.resource, log}, request);
}

}  // namespace tristrata::session
