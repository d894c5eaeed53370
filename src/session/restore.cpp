#include "layer_setting.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/session/session.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace tristrata::session {
namespace {

/// Where a layer's rows come back below a folder.
std::string restored_file(const std::string& folder, store::Layer layer) {
    return folder + (layer == store::Layer::kpi ? "/kpi.db" : "/drift.db");
}

}  // namespace

core::Status Session::require_no_store_in(const std::string& folder) {
    namespace fs = std::filesystem;
    if (folder.empty()) return {};
    const auto is_same = [](const fs::path& one, const fs::path& other) {
        std::error_code ignored;
        if (fs::equivalent(one, other, ignored)) return true;
        // A store that is not made yet, or was lost, and would be made of what comes back.
        return one.filename() == other.filename() &&
               fs::equivalent(one.parent_path(), other.parent_path(), ignored);
    };
    for (const auto layer : {store::Layer::kpi, store::Layer::drift}) {
        if (settings_.find(key_of(layer)) == nullptr) continue;
        auto url = store_url(layer);
        if (!url) return propagate(url);
        if (url->backend != config::Backend::sqlite) continue;
        for (const auto restored : {store::Layer::kpi, store::Layer::drift})
            if (const auto file = restored_file(folder, restored); is_same(file, url->path))
                return core::fail(
                    core::ErrorKind::usage,
                    fmt::format("--into {}: {} is the store itself, {}; what comes back never goes among its "
                                "events, where it would leave again: give a folder of its own",
                                core::quoted(folder), file, url->path));
    }
    return {};
}

core::Result<std::unique_ptr<store::EventTarget>> Session::open_restore(store::Layer layer,
                                                                        const std::string& name,
                                                                        const std::string& folder) {
    if (!folder.empty()) return store::restore_into_sqlite(restored_file(folder, layer), layer, clock_);
    auto url = store_url(layer);
    if (!url) return propagate(url);
    if (url->backend == config::Backend::sqlite)
        return core::fail(core::ErrorKind::usage,
                          "a SQLite store has no schemas for what comes back; give a folder for its files: "
                          "--into FOLDER");
    auto admin = settings_.require("admin_url");
    if (!admin) return propagate(admin);
    return store::restore_into_postgres(config::source_of(*admin), layer, name);
}

}  // namespace tristrata::session
