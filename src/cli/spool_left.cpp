#include "spool_left.hpp"

#include "opening.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/notification/receivers.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/technical/telemetry_settings.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::cli {
namespace {

std::string rows_of(std::uint64_t rows, sink::RecordClass record_class) {
    return fmt::format("{} of class {}", core::plural(rows, "row"), sink::name(record_class));
}

std::uint64_t waiting(const spool::SlotStatus& slot, sink::RecordClass record_class) {
    const spool::ClassStatus& one = slot.classes[spool::place(record_class)];
    return one.pending - one.ledger.parked;
}

std::string of_another_drain(const spool::SlotStatus& slot, std::uint64_t rows) {
    const std::string process = spool::drain_process(spool::posix_file_system(), slot.folder);
    return fmt::format("another process{} drains {}, where {} pending",
                       process.empty() ? "" : fmt::format(" ({})", process), slot.folder,
                       core::plural(rows, "row is", "rows are"));
}

}  // namespace

std::vector<std::string> SpoolLeft::sentences() const {
    std::vector<std::string> all = elsewhere;
    all.insert(all.end(), unnamed.begin(), unnamed.end());
    return all;
}

core::Result<SpoolLeft> left_in_spool(const config::Settings& settings, const relay::Delivered& done) {
    auto root = settings.require("spool");
    if (!root) return propagate(root);
    auto slots = spool::status(spool::posix_file_system(), root->value.reveal());
    if (!slots) return propagate(slots);
    SpoolLeft left;
    if (slots->empty()) left.uncarried.push_back(spool::of_no_slots(root->value.reveal()));
    std::array<std::uint64_t, spool::class_count> rows{};
    for (const auto& slot : *slots) {
        std::uint64_t carried = 0;
        for (std::size_t c = 0; c < spool::class_count; ++c) {
            const std::uint64_t wait = waiting(slot, static_cast<sink::RecordClass>(c));
            rows[c] += wait;
            carried += wait;
        }
        const bool is_elsewhere = std::ranges::find(done.elsewhere, slot.folder) != done.elsewhere.end();
        if (is_elsewhere && carried > 0) left.elsewhere.push_back(of_another_drain(slot, carried));
    }
    for (const auto& [layer, key] : layers)
        if (const auto wait = rows[spool::place(class_of(layer))]; wait > 0 && settings.find(key) == nullptr)
            left.unnamed.push_back(fmt::format("{} {}, and {} is not set", rows_of(wait, class_of(layer)),
                                               wait == 1 ? "waits" : "wait", config::variable_of(key)));
    if (const auto wait = rows[spool::place(sink::RecordClass::engage)];
        wait > 0 && settings.find("kill_switch_url") == nullptr)
        left.unnamed.push_back(
            fmt::format("{} {}, and {} is not set", rows_of(wait, sink::RecordClass::engage),
                        wait == 1 ? "waits" : "wait", config::variable_of("kill_switch_url")));
    auto untold = notification::owed_untold(spool::posix_file_system(), root->value.reveal());
    if (!untold) return propagate(untold);
    if (!untold->empty())
        left.unnamed.push_back(fmt::format(
            "{} in {}, and nobody was told: what a receiver answered with a status and did not take is sent "
            "again by serve and by spool drain; tristrata doctor says what it answers",
            core::plural(untold->size(), "alert waits", "alerts wait"),
            notification::owed_folder(root->value.reveal())));
    if (const auto wait = rows[spool::place(sink::RecordClass::event)];
        wait > 0 && !technical::telemetry_settings(settings).exported)
        left.uncarried.push_back(
            fmt::format("{} {} in the spool: OTEL_SDK_DISABLED or OTEL_LOGS_EXPORTER "
                        "switches their export off",
                        rows_of(wait, sink::RecordClass::event), wait == 1 ? "stays" : "stay"));
    if (const auto wait = rows[spool::place(sink::RecordClass::alert)];
        wait > 0 && !notification::has_receivers(settings))
        left.uncarried.push_back(
            fmt::format("{} {} in the spool, and nobody is told: neither {} nor {} is set",
                        rows_of(wait, sink::RecordClass::alert), wait == 1 ? "stays" : "stay",
                        config::variable_of("alertmanager_url"), config::variable_of("webhook_url")));
    return left;
}

}  // namespace tristrata::cli
