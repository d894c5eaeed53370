#include "pages_in_spool.hpp"

#include "tristrata/core/clock.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/incident/pages_in_spool.hpp"
#include "tristrata/notification/receivers.hpp"
#include "tristrata/notification/reception.hpp"

#include <fmt/format.h>

namespace tristrata::cli {

std::set<std::string> pages_in_spool(const config::Settings& settings, bool is_for_people) {
    auto found = incident::pages_in_spool(spool::posix_file_system(), settings.text("spool"),
                                          core::system_clock().now());
    for (const auto& error : found.unread)
        fmt::print(stderr, "note: whether pages wait in the spool is not known: {}\n", error.message);
    if (is_for_people && !found.incidents.empty() && !notification::has_receivers(settings))
        fmt::print(stderr, "note: {} in the spool, and here neither {} nor {} says who is told\n",
                   core::plural(found.incidents.size(), "page waits", "pages wait"),
                   config::variable_of("alertmanager_url"), config::variable_of("webhook_url"));
    return std::move(found.incidents);
}

void note_receptions(const config::Settings& settings) {
    const std::string root = settings.text("spool");
    if (root.empty() || settings.find("response_url") == nullptr) return;
    const notification::Receptions receptions(spool::posix_file_system(),
                                              notification::receptions_folder(root));
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
