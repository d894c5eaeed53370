#include "pages_in_spool.hpp"

#include "tristrata/core/clock.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/notification/receivers.hpp"
#include "tristrata/notification/reception.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/pending.hpp"

#include <fmt/format.h>

namespace tristrata::cli {
namespace {

constexpr std::size_t records_a_read = 1'000;
/// What was appended just now counts too.
constexpr core::Duration soon{60'000'000};

core::Status read_slot(const spool::SlotStatus& slot, std::set<std::string>& incidents) {
    std::uint64_t from = 0;
    for (;;) {
        auto pending =
            spool::pending_before(spool::posix_file_system(), slot.folder, sink::RecordClass::alert, from,
                                  core::system_clock().now() + soon, records_a_read);
        if (!pending) return propagate(pending);
        for (const auto& record : pending->records) {
            const auto alert = notification::decode(record);
            if (!alert) continue;  // Who drains it says so.
            std::string id(alert->annotation("incident_id"));
            // In their order: an end that waits behind its page tells nobody of that either.
            if (!id.empty() && !alert->ends_at) incidents.insert(std::move(id));
        }
        if (pending->records.size() < records_a_read) return {};
        from = pending->to_row;
    }
}

}  // namespace

std::set<std::string> pages_in_spool(const config::Settings& settings, bool is_for_people) {
    std::set<std::string> incidents;
    const config::Setting* root = settings.find("spool");
    if (root == nullptr) return incidents;
    const auto unread = [](const core::Error& error) {
        fmt::print(stderr, "note: whether pages wait in the spool is not known: {}\n", error.message);
    };
    auto slots = spool::status(spool::posix_file_system(), root->value.reveal());
    if (!slots && slots.error().kind == core::ErrorKind::not_found) return incidents;
    if (!slots) {
        unread(slots.error());
        return incidents;
    }
    for (const auto& slot : *slots) {
        if (slot.unreadable || slot.classes[spool::place(sink::RecordClass::alert)].pending == 0) continue;
        if (auto read = read_slot(slot, incidents); !read) unread(read.error());
    }
    if (is_for_people && !incidents.empty() && !notification::has_receivers(settings))
        fmt::print(stderr, "note: {} in the spool, and here neither {} nor {} says who is told\n",
                   core::plural(incidents.size(), "page waits", "pages wait"),
                   config::variable_of("alertmanager_url"), config::variable_of("webhook_url"));
    return incidents;
}

void note_receptions(const config::Settings& settings) {
    const config::Setting* root = settings.find("spool");
    if (root == nullptr || settings.find("response_url") == nullptr) return;
    const notification::Receptions receptions(spool::posix_file_system(),
                                              notification::receptions_folder(root->value.reveal()));
    const auto kept = receptions.list();
    if (kept && kept->empty()) return;
    auto store = incident::IncidentStore::open(settings);
    const auto noted = store ? incident::note_receptions(*store, receptions)
                             : core::Result<std::vector<std::string>>(core::propagate(store));
    if (!noted)
        fmt::print(stderr, "note: what receivers refused is not in the history of incidents yet: {}\n",
                   noted.error().message);
    else
        for (const auto& sentence : *noted) fmt::print(stderr, "note: {}\n", sentence);
}

}  // namespace tristrata::cli
