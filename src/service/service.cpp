#include "tristrata/service/service.hpp"

#include "duty.hpp"
#include "engaging.hpp"
#include "exposition.hpp"
#include "figures.hpp"
#include "intake_server.hpp"
#include "kept_failures.hpp"
#include "named_receivers.hpp"
#include "statement_sampling.hpp"
#include "tristrata/archive/retain.hpp"
#include "tristrata/config/exposure.hpp"
#include "tristrata/config/unknown_variable.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/technical/telemetry_settings.hpp"
#include "watch.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <mutex>
#include <utility>
#include <vector>

namespace tristrata::service {
namespace {

using core::ErrorKind;
using core::fail;

/// A duty that failed, or found what somebody is at work to mend, is done again after this.
constexpr core::Duration try_again{5'000'000};
constexpr std::string_view lock_not_had = "55P03";
constexpr core::Duration owed_every{1'000'000};
constexpr core::Duration retain_every{86'400'000'000}, retain_again{3'600'000'000};

http::Reply not_found() {
    return {404, "text/plain; charset=utf-8", "there is nothing here; /metrics, /healthz and /livez are\n"};
}

}  // namespace

/// What the threads share; it outlives one that hangs.
class Service::Work : public std::enable_shared_from_this<Service::Work> {
public:
    Work(std::shared_ptr<session::Session> session, Options options, std::shared_ptr<Log> log)
        : session_(std::move(session)), options_(std::move(options)), log_(std::move(log)) {}

    core::Status start();
    [[nodiscard]] const http::Address& address() const noexcept { return server_->address(); }
    [[nodiscard]] std::optional<http::Address> intake_address() const {
        return intake_ ? std::optional(intake_->address()) : std::nullopt;
    }
    relay::Delivered run(const std::stop_token& stop);
    relay::Delivered end(core::Duration budget);

private:
    [[nodiscard]] std::vector<Duty> duties();
    /// One service a spool: unavailable where another has it.
    core::Status take_root();
    core::Status sample();
    [[nodiscard]] core::Result<std::unique_ptr<Watch>> open_watch(const config::Settings& settings);
    /// What receivers are owed of alerts that others took.
    core::Status pay_owed();
    [[nodiscard]] Duty duty_of_owed();
    void open_alerts();
    void reload(const core::Result<config::Settings>& settings);
    /// What a reload changes; an error: nothing of it counts.
    core::Result<std::unique_ptr<Watch>> read_anew(const config::Settings& settings);
    /// From here on alerts go to these.
    void tell_from_now(const config::Settings& settings);
    core::Status keep_partitions(store::Layer layer);
    /// `not_before` (on the steady clock): days that could not leave are not read anew at each try.
    core::Status retain(store::Layer layer, core::Timestamp& not_before, const std::stop_token& stop);
    [[nodiscard]] Figures figures() const;
    [[nodiscard]] http::Reply answer(std::string_view path) const;

    std::shared_ptr<session::Session> session_;
    Options options_;
    std::shared_ptr<Log> log_;
    std::string root_;
    std::unique_ptr<spool::Lock> lock_;
    std::vector<store::Layer> stores_, partitioned_;
    core::Clock& clock_ = core::system_clock();
    std::unique_ptr<relay::Relay> relay_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<IntakeServer> intake_;
    std::shared_ptr<NamedReceivers> receivers_ = std::make_shared<NamedReceivers>(session_->settings());
    std::shared_ptr<notification::AlertDestination> alerts_;  ///< Null until a receiver is named.
    kill_switch::Told told_;
    std::shared_ptr<Engaging> engaging_;
    std::shared_ptr<analyzer::Failures> failures_;
    std::vector<std::unique_ptr<DutyThread>> threads_;
    mutable std::mutex mutex_;  ///< Of what follows.
    std::unique_ptr<Watch> watch_;
    Figures found_;
};

core::Status Service::Work::take_root() {
    auto& files = spool::posix_file_system();
    if (auto own = files.require_own(root_); !own) return propagate(own);
    const std::string path = root_ + "/serve.lock";
    auto lock = files.lock(path);
    if (!lock) return propagate(lock);
    auto file = files.open(path, spool::FileSystem::Open::existing);
    if (!file) return propagate(file);
    if (*lock == nullptr) {
        constexpr std::uint64_t digits = 20;
        auto holder = (*file)->read(0, digits);
        if (!holder) return propagate(holder);
        return fail(
            ErrorKind::unavailable,
            fmt::format("another tristrata serve, process {}, looks after the spool {}; one is enough, "
                        "or name another spool",
                        holder->substr(0, holder->find(' ')), root_));
    }
    lock_ = std::move(*lock);
    // For who reads it; the lock alone decides.
    return (*file)->write(0, fmt::format("{:<20}", ::getpid()));
}

core::Status Service::Work::start() {
    auto root = session_->settings().require("spool");
    if (!root) return propagate(root);
    root_ = root->value.reveal();
    for (const auto layer : {store::Layer::kpi, store::Layer::drift}) {
        if (session_->settings().find(layer == store::Layer::kpi ? "kpi_url" : "drift_url") == nullptr)
            continue;
        auto url = session_->store_url(layer);
        if (!url) return propagate(url);
        stores_.push_back(layer);
        if (url->backend == config::Backend::postgresql) partitioned_.push_back(layer);
    }
    // Neither, and no collector: then the error names the first.
    const auto telemetry = technical::telemetry_settings(session_->settings());
    const bool carries_events = telemetry.exported && telemetry.endpoint && telemetry.endpoint->is_named;
    if (stores_.empty() && !carries_events)
        if (auto setting = session_->settings().require("kpi_url"); !setting) return propagate(setting);
    if (options_.retain) {
        if (auto archive = session_->settings().require("archive"); !archive) return propagate(archive);
        if (!partitioned_.empty())
            if (auto admin = session_->settings().require("admin_url"); !admin) return propagate(admin);
        for (const auto layer : stores_)
            found_.retention.push_back({std::string(schema_name(layer)), {}, 0, {}});
    }
    if (auto made = spool::posix_file_system().make_folder(root_); !made) return made;
    if (auto listed = spool::posix_file_system().list(root_); !listed) return propagate(listed);
    if (auto alone = take_root(); !alone) return alone;
    for (const auto& variable : session_->settings().unknown())
        log_->event(LogLevel::warn, "unknown_setting", config::sentence_of(variable));
    for (const auto& name : config::setting_names())
        if (const auto* setting = session_->settings().find(name.key))
            if (const auto exposed = config::exposure_of(*setting))
                log_->event(LogLevel::warn, "exposed", *exposed);
    std::vector<std::shared_ptr<relay::Destination>> more;
    // The drift store is told of what the switch does; that it cannot be told keeps nothing from being done.
    told_ = [weak = std::weak_ptr(session_), log = log_](const kill_switch::Outcome& outcome) {
        const auto event = kill_switch::event_of(outcome);
        const auto session = weak.lock();
        if (!event || !session || session->settings().find("drift_url") == nullptr) return;
        if (auto pushed = session->push_drift_event(*event); !pushed)
            log->failed("kill_switch_not_told", pushed.error());
    };
    engaging_ = Engaging::open(session_->settings(), clock_, told_);
    if (engaging_) more.push_back(engaging_);
    failures_ = kept_failures(spool::posix_file_system(), root_ + "/failures", log_);
    auto watch = open_watch(session_->settings());
    if (!watch) return propagate(watch);
    watch_ = std::move(*watch);
    if (receivers_->has_any()) {
        open_alerts();
        more.push_back(alerts_);
    }
    auto relay = session_->open_relay(false, std::move(more));
    if (!relay) return propagate(relay);
    relay_ = std::move(*relay);
    found_.version = options_.version;
    found_.started_at = clock_.now();
    for (const auto layer : partitioned_) found_.stores.push_back({std::string(schema_name(layer)), {}, {}});
    (void)sample();
    http::Options listening;
    listening.address = options_.address;
    auto server =
        http::Server::start(listening, [weak = weak_from_this()](std::string_view path) -> http::Reply {
            const auto work = weak.lock();
            return work ? work->answer(path) : http::Reply{503, "text/plain", "stopping\n"};
        });
    if (!server) return propagate(server);
    server_ = std::move(*server);
    auto intake = IntakeServer::start(session_, log_);
    if (!intake) return propagate(intake);
    intake_ = std::move(*intake);
    relay_->start();
    watch_->start(clock_);
    for (Duty& duty : duties()) threads_.push_back(std::make_unique<DutyThread>(clock_, std::move(duty)));
    return {};
}

core::Result<std::unique_ptr<Watch>> Service::Work::open_watch(const config::Settings& settings) {
    auto sampled = [weak = weak_from_this()] {
        const auto work = weak.lock();
        if (!work) return std::vector<spool::SlotStatus>();
        const std::lock_guard lock(work->mutex_);
        return work->found_.slots;
    };
    return Watch::open(session_, settings, told_, std::move(sampled), failures_, log_);
}

std::vector<Duty> Service::Work::duties() {
    std::vector<Duty> all;
    all.push_back({"sample", options_.sample, options_.sample,
                   [work = shared_from_this()](const std::stop_token&) { return work->sample(); }});
    if (alerts_) all.push_back(duty_of_owed());
    for (const auto layer : partitioned_)
        all.push_back({fmt::format("partitions of {}", schema_name(layer)), options_.partitions, try_again,
                       [work = shared_from_this(), layer](const std::stop_token&) {
                           return work->keep_partitions(layer);
                       }});
    if (auto sampling = StatementSampling::open(session_, clock_, log_)) all.push_back(sampling->duty());
    if (options_.retain)
        for (const auto layer : stores_)
            all.push_back(
                {fmt::format("retention of {}", schema_name(layer)), retain_every, try_again,
                 [work = shared_from_this(), layer, not_before = core::Timestamp()](
                     const std::stop_token& stop) mutable { return work->retain(layer, not_before, stop); }});
    return all;
}

void Service::Work::open_alerts() {
    alerts_ = session_->open_alerts([named = receivers_] { return named->read(); });
    auto receivers = alerts_->status();
    const std::lock_guard lock(mutex_);
    found_.receivers = std::move(receivers);
}

Duty Service::Work::duty_of_owed() {
    return {"alerts owed", owed_every, owed_every,
            [work = shared_from_this()](const std::stop_token&) { return work->pay_owed(); }};
}

core::Status Service::Work::sample() {
    auto& files = spool::posix_file_system();
    auto slots = spool::status(files, root_);
    const auto free = files.bytes_free(root_);
    const std::lock_guard lock(mutex_);
    found_.sampled_at = clock_.now();
    found_.spool_error = slots ? std::nullopt : std::optional(slots.error());
    found_.bytes_free = free ? std::optional(*free) : std::nullopt;
    found_.slots = slots ? std::move(*slots) : std::vector<spool::SlotStatus>();
    return {};
}

core::Status Service::Work::pay_owed() {
    auto paid = alerts_->retry_owed();
    auto receivers = alerts_->status();
    const std::lock_guard lock(mutex_);
    found_.receivers = std::move(receivers);
    return paid ? core::Status() : core::Status(propagate(paid));
}

core::Result<std::unique_ptr<Watch>> Service::Work::read_anew(const config::Settings& settings) {
    auto made = open_watch(settings);
    if (made && notification::has_receivers(settings))
        if (auto named = notification::receivers(settings); !named) return propagate(named);
    if (made && engaging_)
        if (auto taken = engaging_->read_anew(settings); !taken) return propagate(taken);
    return made;
}

void Service::Work::tell_from_now(const config::Settings& settings) {
    receivers_->count_from_now(settings);
    // What waits in the spool since nobody was named goes out, too.
    if (alerts_ || !receivers_->has_any()) return;
    open_alerts();
    relay_->add(alerts_);
    threads_.push_back(std::make_unique<DutyThread>(clock_, duty_of_owed()));
}

void Service::Work::reload(const core::Result<config::Settings>& settings) {
    auto made =
        settings ? read_anew(*settings) : core::Result<std::unique_ptr<Watch>>(core::propagate(settings));
    if (!made) {
        log_->failed("reload", made.error());
        const std::lock_guard lock(mutex_);
        ++found_.reloads_refused;
        found_.reload_error = made.error();
        return;
    }
    // The old one ends first: it holds the lease by which one evaluates.
    const core::Timestamp until = clock_.steady_now() + options_.budget;
    watch_->ask_to_stop();
    watch_->stop(until);
    (*made)->take_over(*watch_);
    tell_from_now(*settings);
    {
        const std::lock_guard lock(mutex_);
        watch_ = std::move(*made);
        ++found_.reloads;
        found_.reload_error.reset();
    }
    watch_->start(clock_);
    log_->event(LogLevel::info, "reload", "settings were read anew, and count from here on");
}

core::Status Service::Work::keep_partitions(store::Layer layer) {
    // A connection for the time it takes: a role has few.
    auto store = session_->open_store(layer, store::OpenMode::write);
    auto horizon =
        store ? (*store)->keep_ahead() : core::Result<std::optional<core::Timestamp>>(core::propagate(store));
    std::optional<core::Error> news;
    {
        const std::lock_guard lock(mutex_);
        for (StoreFigures& one : found_.stores) {
            if (one.store != schema_name(layer)) continue;
            if (!horizon && (!one.error || one.error->message != horizon.error().message))
                news = horizon.error();
            one.error = horizon ? std::nullopt : std::optional(horizon.error());
            if (horizon) one.horizon = *horizon;
        }
    }
    if (news) log_->failed("partitions", *news);
    if (!horizon) return propagate(horizon);
    // A problem that was mended is not told for longer than it takes to look again.
    if (*horizon && **horizon - clock_.now() < horizon_min)
        return fail(ErrorKind::unavailable, "partitions end too soon");
    return {};
}

core::Status Service::Work::retain(store::Layer layer, core::Timestamp& not_before,
                                   const std::stop_token& stop) {
    if (clock_.steady_now() < not_before)
        return fail(ErrorKind::unavailable, "days that could not leave are tried again each hour");
    core::Task task;
    task.stop = stop;
    auto objects = session_->open_objects();
    auto retention = objects ? session_->open_retention(layer)
                             : core::Result<std::unique_ptr<store::Retention>>(core::propagate(objects));
    auto outcome = retention ? archive::retain(**retention, layer, **objects, archive::RetainOptions(), task)
                             : core::Result<archive::RetainOutcome>(core::propagate(retention));
    std::optional<core::Error> error;
    if (!outcome) error = outcome.error();
    else
        for (const auto& leaf : outcome->leaves)
            if (leaf.error && !error) error = leaf.error;
    if (stop.stop_requested()) return {};
    const bool is_of_a_day =
        outcome && error && (error->kind != ErrorKind::unavailable || error->foreign_code == lock_not_had);
    if (is_of_a_day) not_before = clock_.steady_now() + retain_again;
    bool is_news = false;
    {
        const std::lock_guard lock(mutex_);
        for (RetentionFigures& one : found_.retention) {
            if (one.store != schema_name(layer)) continue;
            is_news = error && (!one.error || one.error->message != error->message || is_of_a_day);
            one.error = error;
            one.failed_at = error ? std::optional(clock_.now()) : std::nullopt;
            if (outcome) one.rows += outcome->rows;
            if (!error) one.done_at = clock_.now();
        }
    }
    if (error) {
        if (is_news) log_->failed("retention", *error);
        return tl::unexpected<core::Error>(*error);
    }
    log_->event(LogLevel::info, "retention", "what is old was archived, read back and dropped",
                {{"store", std::string(schema_name(layer))},
                 {"rows", outcome->rows},
                 {"late", outcome->cleared.late},
                 {"bytes", outcome->bytes}});
    return {};
}

Figures Service::Work::figures() const {
    std::vector<relay::RouteStatus> routes = relay_->status();
    const std::lock_guard lock(mutex_);
    Figures now = found_;
    now.now = clock_.now();
    now.routes = std::move(routes);
    if (watch_) watch_->add_to(now);
    if (intake_) now.intake = intake_->figures();
    return now;
}

http::Reply Service::Work::answer(std::string_view path) const {
    constexpr const char* json = "application/json";
    if (path == "/livez") return {200, json, "{\"status\":\"ok\"}\n"};
    if (path == "/metrics") return {200, std::string(Exposition::content_type), metrics_text(figures())};
    if (path != "/healthz") return not_found();
    const Figures now = figures();
    const Health health = assess(now);
    return {health.ok() ? 200 : 503, json, health_json(now, health)};
}

relay::Delivered Service::Work::run(const std::stop_token& stop) {
    while (clock_.sleep_for(options_.look, stop))
        if (options_.changed)
            if (const auto settings = options_.changed()) reload(*settings);
    return end(options_.budget);
}

relay::Delivered Service::Work::end(core::Duration budget) {
    const core::Timestamp until = clock_.steady_now() + budget;
    // Nothing new comes in, and what watches hands on what it found before the relay's last round.
    if (intake_) intake_->stop();
    for (auto& thread : threads_) thread->ask_to_stop();
    std::unique_ptr<Watch> watch;
    Figures last;
    {
        const std::lock_guard lock(mutex_);
        watch = std::move(watch_);
    }
    if (watch) {
        watch->ask_to_stop();
        watch->stop(clock_.steady_now() + core::Duration{budget.microseconds / 2});
        watch->add_to(last);
        watch.reset();
    }
    relay::Delivered rest = relay_ ? relay_->stop(budget) : relay::Delivered();
    if (last.analysis && last.analysis->waiting > 0) {
        rest.pending = true;
        rest.held.insert(rest.held.begin(),
                         {ErrorKind::storage,
                          fmt::format("{} of analyzers could not be kept there: {}; the next serve with this "
                                      "spool judges their windows again",
                                      core::plural(last.analysis->waiting, "event"),
                                      last.analysis->error ? last.analysis->error->message : "no time"),
                          {}});
    }
    for (auto& thread : threads_) (void)thread->stop(until);
    threads_.clear();
    if (server_) server_->stop();
    return rest;
}

Service::Service(std::shared_ptr<Work> work) : work_(std::move(work)) {}
Service::~Service() { (void)work_->end({0}); }

core::Result<std::unique_ptr<Service>> Service::start(std::shared_ptr<session::Session> session,
                                                      Options options, std::shared_ptr<Log> log) {
    auto work = std::make_shared<Work>(std::move(session), std::move(options), std::move(log));
    if (auto started = work->start(); !started) return propagate(started);
    return std::unique_ptr<Service>(new Service(std::move(work)));
}

const http::Address& Service::address() const noexcept { return work_->address(); }
std::optional<http::Address> Service::intake_address() const { return work_->intake_address(); }

relay::Delivered Service::run(const std::stop_token& stop) { return work_->run(stop); }

}  // namespace tristrata::service
