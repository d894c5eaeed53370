#include "tristrata/incident/pages_in_spool.hpp"

#include "tristrata/notification/alert.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/pending.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

namespace tristrata::incident {
namespace {

constexpr std::size_t records_a_read = 1'000;
/// What was appended just now counts too.
constexpr core::Duration soon{60'000'000};

void note(const notification::Alert& alert, PagesInSpool& found) {
    std::string id(alert.annotation("incident_id"));
    // In their order: an end that waits behind its page tells nobody of that either.
    if (!id.empty()) (alert.ends_at ? found.ends : found.incidents).insert(std::move(id));
}

core::Status read_slot(spool::FileSystem& files, const std::string& folder, core::Timestamp before,
                       PagesInSpool& found) {
    std::uint64_t from = 0;
    for (;;) {
        auto pending =
            spool::pending_before(files, folder, sink::RecordClass::alert, from, before, records_a_read);
        if (!pending) return propagate(pending);
        for (const auto& record : pending->records) {
            const auto alert = notification::decode(record);
            if (alert) note(*alert, found);  // Else who drains it says so.
        }
        if (pending->records.size() < records_a_read) return {};
        from = pending->to_row;
    }
}

}  // namespace

PagesInSpool pages_in_spool(spool::FileSystem& files, const std::string& root, core::Timestamp now) {
    PagesInSpool found;
    if (root.empty()) return found;
    auto slots = spool::status(files, root);
    if (!slots && slots.error().kind == core::ErrorKind::not_found) return found;
    if (!slots) {
        found.unread.push_back(slots.error());
        return found;
    }
    for (const auto& slot : *slots) {
        if (slot.unreadable || slot.classes[spool::place(sink::RecordClass::alert)].pending == 0) continue;
        if (auto read = read_slot(files, slot.folder, now + soon, found); !read)
            found.unread.push_back(read.error());
    }
    // Behind the slots: what moves there meanwhile is seen.
    auto owed = notification::owed_untold(files, root);
    if (!owed) found.unread.push_back(owed.error());
    else
        for (const auto& alert : *owed) note(alert, found);
    return found;
}

std::string place_of_spool(const std::string& root) {
    if (root.empty()) return {};
    std::string host(256, '\0');
    if (::gethostname(host.data(), host.size() - 1) != 0) host = "?";
    host.resize(std::min(host.find('\0'), host.size()));
    std::error_code none;
    const auto folder = std::filesystem::weakly_canonical(root, none).string();
    struct statx is{};
    const bool is_there = ::statx(AT_FDCWD, root.c_str(), 0, STATX_INO | STATX_BTIME, &is) == 0;
    // When it was made tells it from that of a machine that is called the same.
    return fmt::format("{}:{}#{:x}-{:x}.{:x}", host, folder, is_there ? std::uint64_t{is.stx_ino} : 0U,
                       is_there ? std::int64_t{is.stx_btime.tv_sec} : 0,
                       is_there ? std::uint32_t{is.stx_btime.tv_nsec} : 0U);
}

}  // namespace tristrata::incident
