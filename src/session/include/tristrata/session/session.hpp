#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/drift/evidently.hpp"
#include "tristrata/execution/kpi.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/store/event_target.hpp"
#include "tristrata/store/retention.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/technical/event.hpp"
#include "tristrata/technical/event_catalogue.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::session {

/// Who carries what is spooled to its store: a thread of this process, or whoever drains the spool next
/// (`serve`, `spool drain`, another process), so that this one opens no connection.
enum class Carry : std::uint8_t { here, later };

/// Settings become opened sinks and stores, each at its first use. With a spool (the setting "spool") an emit
/// is durable once it is there, whatever the store does, and a thread carries it on; without one it goes
/// straight to the store. A setting that is missing is an error of kind configuration that names it. With a
/// spool and no store's URL an emit goes to the spool alone, as with Carry::later, and `notice` is told once.
///
/// Exit      The destructor lets what is spooled go out for up to two seconds; the rest stays in the spool.
/// Fork      A child's first call opens everything anew: connections, the spool's slot, the thread.
/// Threads   Any number of callers at once.
class Session {
public:
    /// `notice` is told, in a sentence each, what somebody should know of the spool; by any thread. `carry`:
    /// who carries what is emitted here; a process with a relay of its own says Carry::later, or the two keep
    /// each other from a slot.
    Session(config::Settings settings, core::Clock& clock, std::function<void(std::string_view)> notice = {},
            Carry carry = Carry::here);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] const config::Settings& settings() const noexcept { return settings_; }
    [[nodiscard]] core::Clock& clock() noexcept { return clock_; }

    /// A store of one's own, to be used by one thread at a time. On PostgreSQL a reader comes as
    /// TRISTRATA_READ_URL where that names PostgreSQL too, who maintains as TRISTRATA_ADMIN_URL. Who only
    /// reads needs no other setting than that.
    [[nodiscard]] core::Result<std::unique_ptr<store::Store>> open_store(store::Layer layer,
                                                                         store::OpenMode mode);
    /// A relay from the configured spool to the configured stores and to `more`; it has no thread yet. Alerts
    /// go to the destination of them in `more`, where there is one.
    /// `parked`: it also sends what was parked.
    [[nodiscard]] core::Result<std::unique_ptr<relay::Relay>> open_relay(
        bool parked = false, std::vector<std::shared_ptr<relay::Destination>> more = {});
    /// Where alerts end. Who gives it to open_relay() too has the figures of both, and retries what receivers
    /// are owed. `named` is asked at each delivery who takes them; empty: it is the settings'.
    [[nodiscard]] std::shared_ptr<notification::AlertDestination> open_alerts(
        std::function<core::Result<notification::Receivers>()> named = {});
    /// The configured spool itself, for records that a relay elsewhere carries (`serve`, `spool drain`).
    [[nodiscard]] core::Result<sink::Sink*> open_spool();
    /// A store as who owns its tables moves what is old out of it: as TRISTRATA_ADMIN_URL on PostgreSQL.
    [[nodiscard]] core::Result<std::unique_ptr<store::Retention>> open_retention(store::Layer layer);
    /// What a store recorded of its archive. On PostgreSQL as TRISTRATA_ADMIN_URL or, where that is not set,
    /// as who reads.
    [[nodiscard]] core::Result<std::vector<store::ArchivePart>> recorded_parts(store::Layer layer);
    /// usage: a folder's files for what comes back would be a store itself, by whatever name or link.
    [[nodiscard]] core::Status require_no_store_in(const std::string& folder);
    /// A table or file for rows that come back from the archive: restore_<name> of a layer that is on
    /// PostgreSQL, or a file in a folder.
    [[nodiscard]] core::Result<std::unique_ptr<store::EventTarget>> open_restore(store::Layer layer,
                                                                                 const std::string& name,
                                                                                 const std::string& folder);
    /// Where payloads and the archive are (the setting "archive"); any number of threads may use it.
    [[nodiscard]] core::Result<std::unique_ptr<objects::ObjectStore>> open_objects();
    /// An event's whole payload: what stands in its row, or the object that the row points to, which is
    /// fetched and must be what was pushed. not_found: it is not there, perhaps not yet; invalid_input: other
    /// bytes are.
    [[nodiscard]] core::Result<std::string> payload_of(const drift::Event& event);
    /// Before the work whose result is to be pushed: whether the store takes writes. With a spool whether its
    /// URL, where there is one, is a URL: neither one that does not answer nor none holds anything up.
    [[nodiscard]] core::Status require_target(store::Layer layer);
    /// Takes the store's lock for writing and lets it go: unavailable where another process holds it. With a
    /// spool: whether that opens.
    [[nodiscard]] core::Status require_writable(store::Layer layer);
    /// Where the layer's store is; an error where the setting is missing or no URL.
    [[nodiscard]] core::Result<config::StoreUrl> store_url(store::Layer layer) const;
    /// Whether a setting says where its rows are read.
    [[nodiscard]] bool may_read(store::Layer layer) const;
    /// Makes or migrates the layer's tables: SQLite's file, or PostgreSQL as TRISTRATA_ADMIN_URL. Returns how
    /// many migrations were applied.
    [[nodiscard]] core::Result<std::int64_t> init_store(store::Layer layer, const std::string& role_prefix,
                                                        bool accept_plain);

    /// What was emitted is at least on disk; what went straight to a store is there already.
    [[nodiscard]] core::Status flush();

    /// The configured whitelist, or the built-in one.
    [[nodiscard]] core::Result<const execution::TagPolicy*> tag_policy();

    /// The configured catalogue of events (the setting "events"), or the built-in one.
    [[nodiscard]] core::Result<const technical::EventCatalogue*> event_catalogue();

    /// With Carry::later it needs a spool, and leaves a store that is named alone: that may belong to
    /// somebody else.
    [[nodiscard]] core::Result<execution::KpiReceipt> emit_kpi(const execution::KpiRequest& request,
                                                               std::string_view caller_module,
                                                               Carry carry = Carry::here);
    /// Into the spool; without one straight to the collector, for which it has a second. Where
    /// OpenTelemetry's variables switch the export off an event is its line alone. Errors are mistakes of the
    /// program (technical::emit_event) and of the catalogue; a spool or a collector that fails is said in the
    /// receipt, once to `notice`, and counted. `log` is given the line.
    [[nodiscard]] core::Result<technical::EventReceipt> emit_event(
        const technical::EventRequest& request, const std::function<void(std::string_view)>& log = {});
    [[nodiscard]] core::Result<sink::Acknowledgement> push_drift_event(const drift::EventRequest& request);
    [[nodiscard]] core::Result<sink::Acknowledgement> push_drift_report(
        const drift::Report& report, std::string_view module, std::optional<std::string> run_id,
        std::optional<drift::DriftType> drift_type = std::nullopt, std::string_view caller_module = {});
    /// A report of another tool; `created_at` stands where it carries no time.
    [[nodiscard]] core::Result<sink::Acknowledgement> push_drift_report(
        const drift::EvidentlyReport& report, std::string_view module,
        const std::optional<std::string>& run_id, core::Timestamp created_at,
        std::optional<drift::DriftType> drift_type = std::nullopt, std::string_view caller_module = {});
    /// Events of this process that nothing acknowledged: lost, perhaps.
    [[nodiscard]] std::uint64_t events_not_taken();

private:
    struct Opened;
    [[nodiscard]] core::Result<sink::Sink*> sink_for(store::Layer layer);
    [[nodiscard]] core::Result<sink::Sink*> behind_payloads(Opened& opened, store::Layer layer);
    [[nodiscard]] core::Result<sink::Sink*> spool_of(Opened& opened, Carry carry);
    [[nodiscard]] core::Result<Opened*> with_events();
    [[nodiscard]] Opened& opened();

    config::Settings settings_;
    core::Clock& clock_;
    std::function<void(std::string_view)> notice_;
    Carry carry_;
    std::atomic<Opened*> opened_;  ///< A forked child leaves its parent's as it is.
};

}  // namespace tristrata::session
