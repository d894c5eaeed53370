#include "tristrata/archive/erase.hpp"

#include "payload.hpp"
#include "published.hpp"
#include "tristrata/archive/restore.hpp"
#include "tristrata/sink/object_record.hpp"

#include <fmt/format.h>
#include <set>
#include <vector>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

/// The payloads that rows of the archive point to.
core::Result<std::set<std::string>> named_in_archive(objects::ObjectStore& objects,
                                                     const std::string& scratch, const core::Task& task) {
    auto parts = manifests(objects, Layer::drift, {});
    if (!parts) return propagate(parts);
    std::set<std::string> named;
    for (const auto& part : *parts) {
        if (auto go_on = task.check(); !go_on) return propagate(go_on);
        auto file = fetch_verified(objects, part, scratch);
        if (!file) return propagate(file);
        auto rows = open_part(file->path(), Layer::drift);
        if (!rows) return propagate(rows);
        store::EventRow row;
        while (true) {
            auto more = (*rows)->next(row);
            if (!more) return propagate(more);
            if (!*more) break;
            if (auto sha256 = payload_of(row, Layer::drift)) named.insert(std::move(*sha256));
        }
    }
    return named;
}

std::string sha256_of(const objects::ObjectInfo& object) {
    return object.key.substr(object.key.rfind('/') + 1);
}

core::Status require_no_leaf_under_way(store::Retention& drift) {
    auto leaves = drift.leaves();
    if (!leaves) return propagate(leaves);
    for (const auto& leaf : *leaves)
        if (leaf.state == store::Leaf::State::detached)
            return fail(
                ErrorKind::conflict,
                fmt::format("{}: {} is on its way to the archive, and its rows may point to payloads; "
                            "finish that first with: tristrata store retain",
                            drift.where(), leaf.name));
    return {};
}

}  // namespace

core::Result<SweepOutcome> sweep(store::Retention& drift, objects::ObjectStore& objects,
                                 core::Duration older_than, bool dry_run, const std::string& scratch,
                                 const core::Task& task) {
    if (auto quiet = require_no_leaf_under_way(drift); !quiet) return propagate(quiet);
    auto recorded = drift.parts();
    if (!recorded) return propagate(recorded);
    auto all = read_manifests(objects, schema_name(Layer::drift));
    if (!all) return propagate(all);
    const Difference difference{missing_parts(*recorded, *all), {}, foreign_parts(*recorded, *all)};
    if (!difference.none())
        return fail(ErrorKind::conflict,
                    describe(difference, drift, *recorded, objects) + ". Nothing was changed");
    auto listed = objects.list(std::string(sink::content_prefix));
    if (!listed) return propagate(listed);
    SweepOutcome outcome;
    outcome.objects = listed->size();
    std::vector<const objects::ObjectInfo*> unnamed;
    for (const auto& object : *listed) {
        auto is_named = drift.names_payload(sha256_of(object));
        if (!is_named) return propagate(is_named);
        if (*is_named) ++outcome.named;
        else unnamed.push_back(&object);
    }
    // Rows go from the store to the archive and never back: looked at in this order, none is passed over,
    // unless a leaf was in between.
    if (auto quiet = require_no_leaf_under_way(drift); !quiet) return propagate(quiet);
    auto archived = named_in_archive(objects, scratch, task);
    if (!archived) return propagate(archived);
    for (const auto* object : unnamed) {
        if (archived->contains(sha256_of(*object))) {
            ++outcome.named;
            continue;
        }
        if (task.clock->now() - object->modified < older_than) {
            ++outcome.young;
            continue;
        }
        ++outcome.removed;
        outcome.bytes += object->bytes;
        if (dry_run) continue;
        if (auto removed = objects.remove(object->key); !removed) return propagate(removed);
    }
    return outcome;
}

}  // namespace tristrata::archive
