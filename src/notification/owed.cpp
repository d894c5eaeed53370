#include "owed.hpp"

#include "kept_file.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/spool/whole_file.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view ending = ".alert", untold = "untold_";

std::string ending_of(const Alert& alert, std::string_view receiver) {
    return fmt::format("_{}_{}{}", core::to_string(message_id(alert)), receiver, ending);
}

/// How the files of an alert end that say what this one does, and the contrary.
struct Endings {
    std::string same, opposite;
};

Endings endings_of(const Alert& alert, std::string_view receiver) {
    Alert other = alert;
    if (other.ends_at) other.ends_at.reset();
    else other.ends_at = other.starts_at;
    return {ending_of(alert, receiver), ending_of(other, receiver)};
}

/// Whether the last that is owed of this alert says what this one does.
bool waits_already(const std::vector<Owed::File>& owed, const Endings& endings) {
    for (auto file = owed.rbegin(); file != owed.rend(); ++file) {
        if (file->path.ends_with(endings.opposite)) return false;
        if (file->path.ends_with(endings.same)) return true;
    }
    return false;
}

}  // namespace

std::string owed_folder(const std::string& spool_root) { return spool_root + "/owed_alerts"; }

core::Result<std::vector<Alert>> owed_untold(spool::FileSystem& files, const std::string& spool_root) {
    Owed owed(files, core::system_clock(), owed_folder(spool_root), 0);
    auto all = owed.list();
    if (!all) return propagate(all);
    std::vector<Alert> alerts;
    for (const auto& file : *all) {
        if (file.is_told) continue;
        auto alert = owed.read(file);
        if (!alert && alert.error().kind == ErrorKind::not_found) continue;
        if (!alert) return propagate(alert);
        alerts.push_back(std::move(*alert));
    }
    return alerts;
}

core::Result<std::vector<Owed::File>> Owed::list() {
    std::vector<File> owed;
    if (folder_.empty()) return owed;
    auto entries = files_.list(folder_);
    if (!entries && entries.error().kind == ErrorKind::not_found) return owed;
    if (!entries) return propagate(entries);
    for (const auto& entry : *entries) {
        if (!entry.name.ends_with(ending)) continue;
        const auto stem = std::string_view(entry.name).substr(0, entry.name.size() - ending.size());
        const auto receiver = stem.rfind('_');
        if (receiver == std::string_view::npos) continue;
        const auto before = stem.substr(0, receiver);
        owed.push_back({folder_ + "/" + entry.name, std::string(stem.substr(receiver + 1)),
                        std::string(before.substr(before.rfind('_') + 1)),
                        before.find(untold) == std::string_view::npos});
    }
    std::ranges::sort(owed, {}, &File::path);
    return owed;
}

core::Result<std::unique_ptr<spool::Lock>> Owed::lock(std::string_view receiver) {
    return files_.lock(fmt::format("{}/{}.lock", folder_, receiver));
}

core::Result<std::uint64_t> Owed::add(std::string_view receiver, const Alert& alert, bool is_told) {
    if (folder_.empty())
        return fail(ErrorKind::unavailable, "there is no folder for what a receiver did not take");
    auto owed = list();
    if (!owed) return propagate(owed);
    std::erase_if(*owed, [&](const File& file) { return file.receiver != receiver; });
    const Endings endings = endings_of(alert, receiver);
    // Who is started again and again tells again what waits: it is owed once.
    if (waits_already(*owed, endings)) return std::uint64_t{0};
    const auto gives_way = [&](const File& file) {
        return file.is_told || file.path.ends_with(endings.same) || file.path.ends_with(endings.opposite);
    };
    if (owed->size() >= max_ && std::ranges::none_of(*owed, gives_way)) {
        if (is_told) return std::uint64_t{1};
        return fail(
            ErrorKind::limit_exceeded,
            fmt::format("{} wait in {} of which nobody was told, and no more are kept for one receiver",
                        core::plural(owed->size(), "alert"), folder_));
    }
    std::string name;
    {
        const std::lock_guard lock(mutex_);
        last_ = std::max(last_ + 1, clock_.now().microseconds);
        name = fmt::format("{:020}{}{}", last_, is_told ? "" : "_untold", endings.same);
    }
    if (auto made = files_.make_folder(folder_); !made) return propagate(made);
    if (auto written = spool::write_whole(files_, folder_, name, encode(alert).bytes); !written)
        return propagate(written);
    std::uint64_t given_way = 0;
    for (; owed->size() >= max_; ++given_way) {
        auto file = std::ranges::find_if(*owed, [&](const File& one) {
            return one.path.ends_with(endings.same) || one.path.ends_with(endings.opposite);
        });
        if (file == owed->end()) file = std::ranges::find_if(*owed, &File::is_told);
        if (file == owed->end()) break;
        if (auto removed = files_.remove(file->path); !removed) return propagate(removed);
        owed->erase(file);
    }
    return given_way;
}

core::Result<Alert> Owed::read(const File& file) {
    auto bytes = read_kept_file(files_, file.path);
    if (!bytes) return propagate(bytes);
    return decode({sink::RecordClass::alert, std::move(*bytes)});
}

core::Status Owed::remove(const File& file) {
    if (auto removed = files_.remove(file.path); !removed) return removed;
    // Another receiver took it meanwhile, and its name says so.
    if (std::string path = file.path; !file.is_told) {
        path.erase(path.rfind(untold), untold.size());
        if (auto removed = files_.remove(path); !removed) return removed;
    }
    return files_.sync_folder(folder_);
}

core::Result<std::size_t> Owed::told(const File& file) {
    auto owed = list();
    if (!owed) return propagate(owed);
    std::size_t others = 0;
    for (const File& one : *owed) {
        if (one.id != file.id || one.path == file.path) continue;
        ++others;
        if (one.is_told) continue;
        std::string path = one.path;
        path.erase(path.rfind(untold), untold.size());
        // Another process sent it meanwhile, or renamed it.
        if (auto renamed = files_.rename(one.path, path);
            !renamed && renamed.error().kind != ErrorKind::not_found)
            return propagate(renamed);
    }
    return others;
}

core::Result<std::size_t> Owed::others(const File& file) {
    auto owed = list();
    if (!owed) return propagate(owed);
    return static_cast<std::size_t>(std::ranges::count_if(
        *owed, [&](const File& one) { return one.id == file.id && one.path != file.path; }));
}

core::Status Owed::set_aside(const File& file, std::string_view what) {
    return files_.rename(file.path, fmt::format("{}.{}", file.path, what));
}

}  // namespace tristrata::notification
