#include "tristrata/report/display.hpp"
#include "tristrata/spool/inspection.hpp"

#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "pages_in_spool.hpp"
#include "spool_left.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/kill_switch/engage_destination.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/notification/receivers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

/// How long the end of --follow waits for what is under way.
constexpr core::Duration last_budget{5'000'000};
/// How long rows that another process drains may take to go out, and how often that is looked at.
constexpr core::Duration others_budget{5'000'000}, look_again{200'000};
constexpr std::size_t replay_records = 5000;

core::Result<std::string> root_of(const SpoolOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto root = settings->require("spool");
    if (!root) return propagate(root);
    return root->value.reveal();
}

void write_class(core::JsonWriter& json, sink::RecordClass record_class, const spool::ClassStatus& one) {
    json.begin_object();
    json.member("class", sink::name(record_class));
    json.member("emitted", one.emitted);
    json.member("stored", one.ledger.stored);
    json.member("duplicate", one.ledger.duplicate);
    json.member("dead", one.ledger.dead);
    json.member("missing", one.ledger.missing);
    json.member("dropped", one.ledger.dropped);
    json.member("pending", one.pending);
    json.member("parked", one.ledger.parked);
    json.member("pending_since",
                one.pending_since ? std::optional(core::to_string(*one.pending_since)) : std::nullopt);
    json.end_object();
}

core::Result<int> status(const SpoolOptions& options) {
    auto root = root_of(options);
    if (!root) return propagate(root);
    auto slots = spool::status(spool::posix_file_system(), *root);
    if (!slots) return propagate(slots);
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("slots");
    json.begin_array();
    std::vector<std::vector<std::string>> rows;
    std::string below;
    for (const auto& slot : *slots) {
        json.begin_object();
        json.member("folder", slot.folder);
        json.member("spool_id",
                    slot.spool_id ? std::optional(core::to_string(*slot.spool_id)) : std::nullopt);
        json.member("has_writer", slot.has_writer);
        json.member("has_drain", slot.has_drain);
        json.member("segments", slot.segments);
        json.member("bytes", slot.bytes);
        json.member("damaged", slot.damaged);
        json.member("dead_letters", slot.dead_letters);
        json.member("unreadable", slot.unreadable ? std::optional(slot.unreadable->message) : std::nullopt);
        json.key("classes");
        json.begin_array();
        std::uint64_t missing = 0, parked = 0;
        for (std::size_t c = 0; c < spool::class_count; ++c) {
            const auto& one = slot.classes[c];
            if (one.emitted == 0) continue;
            missing += one.ledger.missing;
            parked += one.ledger.parked;
            const auto record_class = static_cast<sink::RecordClass>(c);
            write_class(json, record_class, one);
            rows.push_back({slot.folder, std::string(sink::name(record_class)), std::to_string(one.emitted),
                            std::to_string(one.ledger.stored), std::to_string(one.ledger.duplicate),
                            std::to_string(one.ledger.dead), std::to_string(one.ledger.dropped),
                            std::to_string(one.pending),
                            one.pending_since ? core::to_string(*one.pending_since) : "-"});
        }
        json.end_array();
        json.end_object();
        below += fmt::format(
            "{}: {}, {} bytes{}{}{}{}{}{}\n", slot.folder, core::plural(slot.segments, "segment"), slot.bytes,
            slot.has_writer ? ", a process writes" : "", slot.has_drain ? ", a relay drains" : "",
            slot.damaged > 0 ? fmt::format(", {} kept", core::plural(slot.damaged, "damaged file")) : "",
            missing > 0 ? fmt::format(", {} dead because no segment held them",
                                      core::plural(missing, "row is", "rows are"))
                        : "",
            parked > 0 ? fmt::format(", {} parked: tristrata spool drain --parked sends them",
                                     core::plural(parked, "row is", "rows are"))
                       : "",
            slot.unreadable ? "; " + slot.unreadable->message : "");
    }
    if (slots->empty()) below = spool::of_no_slots(*root) + "\n";
    json.end_array();
    json.end_object();
    const std::string text = options.output.format == "json"
                                 ? json.take() + "\n"
                                 : report::aligned({"slot", "class", "emitted", "stored", "duplicate", "dead",
                                                    "dropped", "pending", "pending since"},
                                                   rows) +
                                       below;
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

std::string text_of(const relay::Delivered& done, const SpoolLeft& left, bool follow) {
    std::string text =
        fmt::format("{}{} stored, {} there already, {} dead{}, in {}\n", follow ? "in all: " : "",
                    core::plural(done.stored, "row"), core::plural(done.duplicate, "was", "were"), done.dead,
                    done.missing > 0 ? fmt::format(" ({} missing on the disk)", done.missing) : "",
                    core::plural(done.batches, "batch", "batches"));
    for (const auto& sentence : left.sentences()) text += sentence + "\n";
    for (const auto& sentence : left.uncarried) text += "note: " + sentence + "\n";
    return text;
}

std::vector<std::string> messages(const std::vector<core::Error>& errors) {
    std::vector<std::string> all;
    for (const auto& error : errors) all.push_back(error.message);
    return all;
}

std::string json_of(const relay::Delivered& done, const SpoolLeft& left) {
    const std::vector<std::string> sentences = left.sentences();
    const std::vector<std::string> held = messages(done.held);
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("stored", done.stored);
    json.member("duplicate", done.duplicate);
    json.member("dead", done.dead);
    json.member("missing", done.missing);
    json.member("batches", done.batches);
    json.member("pending", done.pending || !left.ok());
    for (const auto& [name, list] :
         {std::pair{"held", &held}, std::pair{"left", &sentences}, std::pair{"notes", &left.uncarried}}) {
        json.key(name);
        json.begin_array();
        for (const auto& sentence : *list) json.value(sentence);
        json.end_array();
    }
    json.end_object();
    return json.take() + "\n";
}

/// What can be carried within the budget; what another process drains gets a part of it to go out there.
core::Result<std::pair<relay::Delivered, SpoolLeft>> carry(session::Session& session, relay::Relay& relay,
                                                           core::Duration budget,
                                                           const std::stop_token& stop) {
    core::Clock& clock = core::system_clock();
    const core::Timestamp begun = clock.steady_now();
    relay::Delivered done = relay.drain(budget, stop);
    auto left = left_in_spool(session.settings(), done);
    while (left && !left->elsewhere.empty() && !done.pending) {
        const core::Timestamp until = begun + std::min(budget, others_budget);
        if (clock.steady_now() >= until || !clock.sleep_for(look_again, stop)) break;
        const relay::Counts before = done;
        done = relay.drain(until - clock.steady_now(), stop);
        done += before;
        left = left_in_spool(session.settings(), done);
    }
    if (!left) return propagate(left);
    return std::pair{std::move(done), std::move(*left)};
}

/// What receivers are owed: that it cannot be read is said once, and holds nothing.
void pay_owed(notification::AlertDestination* alerts, std::string& said) {
    if (alerts == nullptr) return;
    const auto paid = alerts->retry_owed();
    if (!paid && paid.error().message != said)
        fmt::print(stderr, "note: what receivers are owed cannot be sent: {}\n", paid.error().message);
    said = paid ? std::string() : paid.error().message;
}

core::Result<std::pair<relay::Delivered, SpoolLeft>> follow(session::Session& session, relay::Relay& relay,
                                                            notification::AlertDestination* alerts,
                                                            const std::stop_token& stop) {
    relay.start();
    constexpr core::Duration owed_every{1'000'000};
    std::string said;
    while (core::system_clock().sleep_for(owed_every, stop)) pay_owed(alerts, said);
    relay::Delivered done = relay.stop(last_budget);
    auto left = left_in_spool(session.settings(), done);
    if (!left && left.error().kind != ErrorKind::not_found) return propagate(left);
    return std::pair{std::move(done), left ? std::move(*left) : SpoolLeft()};
}

core::Result<int> drain(const SpoolOptions& options) {
    auto budget = core::parse_duration(options.budget);
    if (!budget) return fail(budget.error().kind, fmt::format("--budget: {}", budget.error().message));
    auto root = root_of(options);
    if (!root) return propagate(root);
    // What is no spool becomes none while one waits.
    if (auto slots = spool::slots(spool::posix_file_system(), *root);
        !slots && slots.error().kind != ErrorKind::not_found)
        return propagate(slots);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    std::vector<std::shared_ptr<relay::Destination>> more;
    if (auto engage = kill_switch::engage_destination((*session)->settings(), core::system_clock()))
        more.push_back(std::move(engage));
    std::shared_ptr<notification::AlertDestination> alerts;
    if (notification::has_receivers((*session)->settings())) {
        alerts = (*session)->open_alerts();
        more.push_back(alerts);
    }
    auto relay = (*session)->open_relay(options.parked, std::move(more));
    if (!relay) return propagate(relay);
    const std::stop_token stop = interrupted();
    std::string said;
    pay_owed(alerts.get(), said);
    auto carried = options.follow ? follow(**session, **relay, alerts.get(), stop)
                                  : carry(**session, **relay, *budget, stop);
    if (!carried) return propagate(carried);
    note_receptions((*session)->settings());
    const auto& [done, left] = *carried;
    const std::string text =
        options.output.format == "json" ? json_of(done, left) : text_of(done, left, options.follow);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (!done.held.empty()) return tl::unexpected<core::Error>(done.held.front());
    if (done.pending)
        return fail(ErrorKind::cancelled,
                    fmt::format("not everything was carried within {}: what is left stays in the spool, and "
                                "goes out with a longer --budget or the next time",
                                options.budget));
    if (!left.ok())
        return fail(ErrorKind::cancelled,
                    fmt::format("not everything was carried, and it stays in the spool: {}",
                                left.sentences().front()));
    return 0;
}

core::Result<int> check(const SpoolOptions& options) {
    auto root = root_of(options);
    if (!root) return propagate(root);
    auto found = spool::check(spool::posix_file_system(), *root);
    if (!found) return propagate(found);
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("slots", found->slots);
    json.member("segments", found->segments);
    json.member("frames", found->frames);
    json.member("rows", found->rows);
    std::string text = fmt::format("{}, {}, {}, {}: {}\n", core::plural(found->slots, "slot"),
                                   core::plural(found->segments, "segment"),
                                   core::plural(found->frames, "append"), core::plural(found->rows, "row"),
                                   !found->findings.empty() ? "damaged"
                                   : found->torn > 0        ? "no damage, or only at the end of a segment"
                                                            : "nothing is damaged");
    if (!found->newer.empty())
        text += fmt::format("{} of a newer version than this tristrata {}, and not read\n",
                            core::plural(found->newer.size(), "file is", "files are"), options.version);
    for (const auto& [name, sentences] :
         {std::pair{"findings", &found->findings}, std::pair{"newer", &found->newer},
          std::pair{"notes", &found->notes}}) {
        json.key(name);
        json.begin_array();
        for (const auto& sentence : *sentences) {
            json.value(sentence);
            text += fmt::format("{}{}\n", sentences == &found->notes ? "note: " : "", sentence);
        }
        json.end_array();
    }
    json.end_object();
    if (options.output.format == "json") text = json.take() + "\n";
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (!found->findings.empty()) return 1;
    return found->newer.empty() ? 0 : core::traits(ErrorKind::conflict).exit_code;
}

core::Result<int> replay(const SpoolOptions& options) {
    auto since = core::parse_timestamp(options.since);
    if (!since) return fail(since.error().kind, fmt::format("--since: {}", since.error().message));
    if (*since > core::system_clock().now())
        return fail(ErrorKind::usage, fmt::format("--since: {} is in the future; give the time from which on "
                                                  "the store may have lost rows",
                                                  core::to_string(*since)));
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto root = root_of(options);
    if (!root) return propagate(root);
    auto folders = spool::slots(spool::posix_file_system(), *root);
    if (!folders) return propagate(folders);
    std::vector<std::vector<std::string>> rows;
    std::optional<core::Error> newer;
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.key("classes");
    json.begin_array();
    for (const auto& [layer, key] : layers) {
        const auto record_class = class_of(layer);
        if ((*session)->settings().find(key) == nullptr) continue;
        auto store = (*session)->open_store(layer, store::OpenMode::write);
        if (!store) return propagate(store);
        std::uint64_t sent = 0, stored = 0, dead = 0;
        for (const auto& folder : *folders) {
            auto read =
                spool::settled_since(spool::posix_file_system(), folder, record_class, *since, replay_records,
                                     [&](std::span<const sink::Record> records) -> core::Status {
                                         auto taken = (*store)->ingest(records, std::nullopt);
                                         if (!taken) return propagate(taken);
                                         stored += taken->stored;
                                         for (const auto& [index, error] : taken->dead)
                                             dead += records[index].rows;
                                         return {};
                                     });
            if (!read && read.error().kind != ErrorKind::conflict) return propagate(read);
            if (read) sent += *read;
            else newer = read.error();  // The other slots are sent all the same.
        }
        json.begin_object();
        json.member("class", sink::name(record_class));
        json.member("sent", sent);
        json.member("stored", stored);
        json.member("there_already", sent - stored - dead);
        json.member("dead", dead);
        json.end_object();
        rows.push_back({std::string(sink::name(record_class)), std::to_string(sent), std::to_string(stored),
                        std::to_string(sent - stored - dead), std::to_string(dead)});
    }
    json.end_array();
    json.end_object();
    const std::string text =
        options.output.format == "json"
            ? json.take() + "\n"
            : report::aligned({"class", "sent again", "was missing", "there already", "dead"}, rows) +
                  (folders->empty() ? spool::of_no_slots(*root) + "\n" : "");
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (newer) return tl::unexpected<core::Error>(*newer);
    return 0;
}

}  // namespace

int spool_status(const SpoolOptions& options) { return code_of(status(options)); }
int spool_drain(const SpoolOptions& options) { return code_of(drain(options)); }
int spool_check(const SpoolOptions& options) { return code_of(check(options)); }
int spool_replay(const SpoolOptions& options) { return code_of(replay(options)); }

}  // namespace tristrata::cli
