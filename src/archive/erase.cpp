#include "tristrata/archive/erase.hpp"

#include "payload.hpp"
#include "published.hpp"
#include "tristrata/archive/restore.hpp"
#include "tristrata/sink/object_record.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

/// Reads a row's place in an erasure off its columns.
class Selection {
public:
    Selection(Layer layer, const store::Erasure& erasure) : erasure_(erasure) {
        const auto columns = store::event_columns(layer);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].name == "run_id") run_id_ = i;
            if (columns[i].name == "module") module_ = i;
        }
    }
    [[nodiscard]] bool takes(const store::EventRow& row) const {
        const auto is = [](const store::EventValue& value, const std::optional<std::string>& wanted) {
            const auto* text = std::get_if<std::string>(&value);
            return !wanted || (text != nullptr && *text == *wanted);
        };
        return is(row[run_id_], erasure_.run_id) && is(row[module_], erasure_.module);
    }

private:
    store::Erasure erasure_;
    std::size_t run_id_ = 0, module_ = 0;
};

class Run {
public:
    Run(store::Retention& retention, Layer layer, objects::ObjectStore& objects,
        const store::Erasure& erasure, bool dry_run, const std::string& scratch, const core::Task& task)
        : retention_(retention),
          layer_(layer),
          objects_(objects),
          erasure_(erasure),
          selection_(layer, erasure),
          dry_run_(dry_run),
          scratch_(scratch),
          task_(task) {}
    core::Result<EraseOutcome> run();

private:
    core::Status rewrite(const Manifest& part);
    core::Status remove_void();
    core::Status remove_leftovers();
    core::Status remove_payloads();

    store::Retention& retention_;
    Layer layer_;
    objects::ObjectStore& objects_;
    const store::Erasure& erasure_;
    Selection selection_;
    bool dry_run_;
    const std::string& scratch_;
    const core::Task& task_;
    EraseOutcome outcome_;
    std::set<std::string> erased_payloads_, named_payloads_;
};

core::Status Run::rewrite(const Manifest& part) {
    auto file = fetch_verified(objects_, part, scratch_);
    if (!file) return propagate(file);
    auto rows = open_part(file->path(), layer_);
    if (!rows) return propagate(rows);
    auto without = ScratchFile::make(scratch_);
    if (!without) return propagate(without);
    auto writer = PartWriter::open(without->path(), layer_);
    if (!writer) return propagate(writer);
    std::uint64_t gone = 0;
    store::EventRow row;
    while (true) {
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) break;
        const bool is_taken = selection_.takes(row);
        if (auto sha256 = payload_of(row, layer_))
            (is_taken ? erased_payloads_ : named_payloads_).insert(std::move(*sha256));
        if (is_taken) {
            ++gone;
            continue;
        }
        if (auto added = writer->add(row); !added) return added;
    }
    auto facts = writer->finish();
    if (!facts) return propagate(facts);
    if (gone == 0) return {};
    outcome_.archived_rows += gone;
    ++outcome_.parts;
    if (dry_run_) return {};
    const DayFile day{layer_, part.half, part.day, *facts, {part.part}};
    if (facts->rows > 0) {
        auto successor = publish(objects_, *without, day, scratch_, task_.clock->now());
        if (!successor) return propagate(successor);
        if (std::ranges::find(successor->replaces, part.part) != successor->replaces.end()) return {};
    }
    // Nothing is left of it, or what is left stands in another part already.
    return publish_void(objects_, day, task_.clock->now());
}

core::Status Run::remove_void() {
    auto all = read_manifests(objects_, schema_name(layer_));
    if (!all) return propagate(all);
    auto recorded = retention_.parts();
    if (!recorded) return propagate(recorded);
    for (const auto& successor : *all) {
        for (const auto number : successor.replaces) {
            const auto old = std::ranges::find_if(*all, [&](const Manifest& one) {
                return one.half == successor.half && one.day == successor.day && one.part == number;
            });
            if (old == all->end() || old->rows == 0) continue;
            for (const auto& part : *recorded) {
                if (part.half != old->half || part.day != old->day || part.part != old->part) continue;
                std::optional<store::ArchivePart> now;
                if (successor.rows > 0) now = record_of(successor, part.leaf);
                if (auto replaced = retention_.replace(part, now); !replaced) return replaced;
            }
            auto there = objects_.stat(old->file);
            if (!there) return propagate(there);
            if (!*there) continue;
            if (auto removed = objects_.remove(old->file); !removed) return removed;
            ++outcome_.files_removed;
        }
    }
    return {};
}

/// Files of runs that died before their manifest: no run is under way, since no leaf is.
core::Status Run::remove_leftovers() {
    auto files = files_without_manifest(objects_, schema_name(layer_));
    if (!files) return propagate(files);
    for (const auto& file : *files) {
        if (auto removed = objects_.remove(file.key); !removed) return removed;
        ++outcome_.files_removed;
    }
    return {};
}

core::Status Run::remove_payloads() {
    for (const auto& sha256 : erased_payloads_) {
        if (named_payloads_.contains(sha256)) continue;
        auto is_named = retention_.names_payload(sha256);
        if (!is_named) return propagate(is_named);
        if (*is_named) continue;
        const std::string key = sink::content_key(sha256);
        auto there = objects_.stat(key);
        if (!there) return propagate(there);
        if (!*there) continue;
        if (auto removed = objects_.remove(key); !removed) return removed;
        ++outcome_.payloads_removed;
    }
    return {};
}

core::Result<EraseOutcome> Run::run() {
    auto leaves = retention_.leaves();
    if (!leaves) return propagate(leaves);
    for (const auto& leaf : *leaves)
        if (leaf.state == store::Leaf::State::detached)
            return fail(
                ErrorKind::conflict,
                fmt::format("{}: {} is on its way to the archive; finish that first with: tristrata store "
                            "retain",
                            retention_.where(), leaf.name));
    if (auto whole = require_archive_of(retention_, layer_, objects_, false); !whole) return propagate(whole);
    // The archive first: a row whose payload is still named by the store is found again by the next run.
    auto parts = manifests(objects_, layer_, {});
    if (!parts) return propagate(parts);
    for (const auto& part : *parts) {
        if (auto go_on = task_.check(); !go_on) return propagate(go_on);
        if (auto done = rewrite(part); !done) return propagate(done);
    }
    auto erased = retention_.erase(erasure_, dry_run_);
    if (!erased) return propagate(erased);
    outcome_.stored_rows = erased->rows;
    outcome_.parked_rows = erased->parked;
    erased_payloads_.insert(erased->payloads.begin(), erased->payloads.end());
    if (dry_run_) return outcome_;
    if (auto removed = remove_void(); !removed) return propagate(removed);
    if (auto removed = remove_leftovers(); !removed) return propagate(removed);
    if (auto removed = remove_payloads(); !removed) return propagate(removed);
    return outcome_;
}

}  // namespace

core::Result<EraseOutcome> erase(store::Retention& retention, Layer layer, objects::ObjectStore& objects,
                                 const store::Erasure& erasure, bool dry_run, const std::string& scratch,
                                 const core::Task& task) {
    if (!erasure.run_id && !erasure.module)
        return fail(ErrorKind::usage, "nothing says what to erase; expected a run or a module");
    return Run(retention, layer, objects, erasure, dry_run, scratch, task).run();
}

}  // namespace tristrata::archive
