#include "tristrata/archive/restore.hpp"

#include "published.hpp"

#include <fmt/format.h>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;

/// What a transaction takes, whichever is reached first.
constexpr std::size_t batch_rows = 5000, batch_bytes = 16u << 20u;

std::size_t bytes_of(const store::EventRow& row) {
    std::size_t bytes = 0;
    for (const auto& value : row)
        if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    return bytes;
}

core::Status take_part(const std::string& path, store::Layer layer, const core::TimeRange& range,
                       store::EventTarget& target, RestoreOutcome& outcome, const core::Task& task) {
    auto rows = open_part(path, layer);
    if (!rows) return propagate(rows);
    std::vector<store::EventRow> batch;
    std::size_t bytes = 0;
    const auto flush = [&]() -> core::Status {
        if (auto go_on = task.check(); !go_on) return go_on;
        auto fresh = target.insert(batch);
        if (!fresh) return propagate(fresh);
        outcome.read += batch.size();
        outcome.restored += *fresh;
        outcome.duplicate += batch.size() - *fresh;
        if (task.progress != nullptr) task.progress->advanced("rows", outcome.read, 0);
        batch.clear();
        bytes = 0;
        return {};
    };
    store::EventRow row;
    while (true) {
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) return batch.empty() ? core::Status() : flush();
        if (!range.contains({std::get<std::int64_t>(row[store::time_column(layer)])})) continue;
        if (auto held = target.holds(row); !held) {
            ++outcome.read;
            ++outcome.refused;
            if (!outcome.first_refusal) outcome.first_refusal = held.error();
            continue;
        }
        bytes += bytes_of(row);
        batch.push_back(std::move(row));
        if (batch.size() < batch_rows && bytes < batch_bytes) continue;
        if (auto taken = flush(); !taken) return taken;
    }
}

}  // namespace

core::Result<std::vector<Manifest>> manifests(objects::ObjectStore& objects, store::Layer layer,
                                              const core::TimeRange& range) {
    auto found = range_parts(objects, layer, range, [] {
        return core::Result<std::optional<std::vector<store::ArchivePart>>>(std::nullopt);
    });
    if (!found) return propagate(found);
    return std::move(found->parts);
}

core::Result<RangeParts> range_parts(objects::ObjectStore& objects, store::Layer layer,
                                     const core::TimeRange& range, const ReadRecord& read) {
    auto recorded = read();
    if (!recorded) return propagate(recorded);
    auto all = read_manifests(objects, schema_name(layer), range);
    if (!all) return propagate(all);
    RangeParts found;
    found.parts = in_force(*all);
    std::erase_if(found.parts, [](const Manifest& one) { return one.rows == 0; });  // All of it was erased.
    if (!*recorded) return found;
    for (auto& part : missing_parts(**recorded, *all))
        if ((!range.to || part.time_min < *range.to) && (!range.from || *range.from <= part.time_max))
            found.missing.push_back(std::move(part));
    found.foreign = foreign_parts(**recorded, *all);
    if (found.foreign.empty()) return found;
    auto after = read();
    if (!after) return propagate(after);
    if (*after) (*recorded)->insert((*recorded)->end(), (*after)->begin(), (*after)->end());
    found.foreign = foreign_parts(**recorded, *all);
    std::set<std::string> foreign;
    for (const auto& one : found.foreign) foreign.insert(manifest_key(one));
    std::erase_if(found.parts, [&](const Manifest& one) { return foreign.contains(manifest_key(one)); });
    return found;
}

core::Result<RestoreOutcome> restore(objects::ObjectStore& objects, const std::vector<Manifest>& parts,
                                     const core::TimeRange& range, store::EventTarget& target,
                                     const std::string& scratch, const core::Task& task) {
    if (parts.empty())
        return fail(ErrorKind::not_found,
                    fmt::format("{} holds no rows of this range; tristrata store status "
                                "shows what was archived",
                                objects.where()));
    RestoreOutcome outcome;
    for (const auto& part : parts) {
        auto fetched = fetch_part(objects, part, scratch);
        if (!fetched) return propagate(fetched);
        if (!fetched->file) {
            outcome.damaged.push_back({part, std::move(fetched->damage)});
            continue;
        }
        if (auto taken = take_part(fetched->file->path(), part.layer, range, target, outcome, task); !taken)
            return propagate(taken);
        ++outcome.parts;
    }
    return outcome;
}

core::Result<RestoreOutcome> restore(objects::ObjectStore& objects, store::Layer layer,
                                     const core::TimeRange& range, store::EventTarget& target,
                                     const std::string& scratch, const core::Task& task) {
    auto parts = manifests(objects, layer, range);
    if (!parts) return propagate(parts);
    return restore(objects, *parts, range, target, scratch, task);
}

}  // namespace tristrata::archive
