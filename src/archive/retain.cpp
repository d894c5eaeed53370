#include "tristrata/archive/retain.hpp"

#include "published.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;

/// A file without a manifest may be another run's that is under way.
constexpr core::Duration leftover_age{2 * 86'400'000'000};

core::Timestamp day_of(core::Timestamp time) {
    const auto within =
        ((time.microseconds % day_length.microseconds) + day_length.microseconds) % day_length.microseconds;
    return {time.microseconds - within};
}

/// One run over a layer.
class Run {
public:
    Run(store::Retention& retention, store::Layer layer, objects::ObjectStore& objects,
        const RetainOptions& options, const core::Task& task)
        : retention_(retention), layer_(layer), objects_(objects), options_(options), task_(task) {}
    core::Result<RetainOutcome> run();

private:
    core::Status require_server_s_clock();
    core::Status require_clock_of_this_age(const std::vector<store::Leaf>& leaves);
    core::Status archive(LeafOutcome& outcome);
    core::Result<std::vector<store::ArchivePart>> parts_of(const store::Leaf& leaf);
    core::Result<store::ArchivePart> publish_day(const store::Leaf& leaf, core::Timestamp day,
                                                 const ScratchFile& file, PartWriter& writer,
                                                 std::int64_t last_recorded);
    core::Status remove_leftovers(const store::ArchivePart& part, RetainOutcome& outcome);

    store::Retention& retention_;
    store::Layer layer_;
    objects::ObjectStore& objects_;
    const RetainOptions& options_;
    const core::Task& task_;
    store::Retention::Witness witness_;
};

core::Status Run::require_server_s_clock() {
    auto witness = retention_.witness();
    if (!witness) return propagate(witness);
    witness_ = *witness;
    const core::Timestamp now = task_.clock->now();
    const core::Duration apart{std::abs((now - witness_.time).microseconds)};
    if (!witness_.is_server || apart <= clocks_apart_max) return {};
    return fail(
        ErrorKind::configuration,
        fmt::format("{}: it is {} by the server's clock and {} by that of this machine, {} apart; days "
                    "leave by the clock, so expected at most {}: set the one that is wrong. Nothing was "
                    "taken out",
                    retention_.where(), core::to_string(witness_.time), core::to_string(now),
                    core::to_string(apart), core::to_string(clocks_apart_max)));
}

core::Status Run::require_clock_of_this_age(const std::vector<store::Leaf>& leaves) {
    const core::Timestamp now = task_.clock->now();
    if (witness_.is_server || options_.clock_is_right || now - witness_.time <= idle_max) return {};
    const bool is_any_due = std::ranges::any_of(leaves, [&](const store::Leaf& leaf) {
        return leaf.state == store::Leaf::State::attached && is_due(leaf, layer_, options_, now);
    });
    if (!is_any_due) return {};
    return fail(
        ErrorKind::configuration,
        fmt::format(
            "{} was last written at {}, {} ago by this machine's clock, which says {}; a clock that is "
            "ahead would take days out before their time, so expected at most {}: set the clock, or, "
            "where it is right, say so: --clock-is-right. Nothing was taken out",
            retention_.where(), core::to_string(witness_.time), core::to_string(now - witness_.time),
            core::to_string(now), core::to_string(idle_max)));
}

core::Result<store::ArchivePart> Run::publish_day(const store::Leaf& leaf, core::Timestamp day,
                                                  const ScratchFile& file, PartWriter& writer,
                                                  std::int64_t last_recorded) {
    auto facts = writer.finish();
    if (!facts) return propagate(facts);
    auto manifest = publish(objects_, file, {layer_, leaf.half, day, *facts, {}, last_recorded},
                            options_.scratch, task_.clock->now());
    if (!manifest) return propagate(manifest);
    return record_of(*manifest, leaf.name);
}

core::Result<std::vector<store::ArchivePart>> Run::parts_of(const store::Leaf& leaf) {
    auto rows = retention_.rows(leaf);
    if (!rows) return propagate(rows);
    auto recorded = retention_.parts();
    if (!recorded) return propagate(recorded);
    std::vector<store::ArchivePart> parts;
    std::optional<ScratchFile> file;
    std::optional<PartWriter> writer;
    core::Timestamp day;
    const auto end_day = [&]() -> core::Status {
        if (!writer) return {};
        auto part = publish_day(leaf, day, *file, *writer, last_number(*recorded, leaf.half, day));
        if (!part) return propagate(part);
        parts.push_back(std::move(*part));
        writer.reset();
        file.reset();
        return {};
    };
    store::EventRow row;
    constexpr std::uint64_t between_looks = 4096;
    for (std::uint64_t number = 0;; ++number) {
        if (number % between_looks == 0) {
            if (auto go_on = task_.check(); !go_on) return propagate(go_on);
            if (task_.progress != nullptr) task_.progress->advanced("rows", number, 0);
        }
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) break;
        const core::Timestamp time{std::get<std::int64_t>(row[store::time_column(layer_)])};
        if (!writer || day_of(time) != day) {
            if (auto ended = end_day(); !ended) return propagate(ended);
            day = day_of(time);
            auto made = ScratchFile::make(options_.scratch);
            if (!made) return propagate(made);
            file.emplace(std::move(*made));
            auto opened = PartWriter::open(file->path(), layer_);
            if (!opened) return propagate(opened);
            writer.emplace(std::move(*opened));
        }
        if (auto added = writer->add(row); !added) return propagate(added);
    }
    if (auto ended = end_day(); !ended) return propagate(ended);
    return parts;
}

core::Status Run::archive(LeafOutcome& outcome) {
    store::Leaf& leaf = outcome.leaf;
    if (auto taken = retention_.detach(leaf); !taken) return taken;
    auto parts = parts_of(leaf);
    if (!parts) {
        // Another run at the same moment may have done it all.
        auto dropped = retention_.dropped(leaf);
        if (dropped && *dropped) {
            outcome.dropped = true;
            return {};
        }
        return propagate(parts);
    }
    if (auto recorded = retention_.record(*parts); !recorded) return recorded;
    outcome.parts = std::move(*parts);
    auto rows = retention_.drop(leaf);
    if (!rows) return propagate(rows);
    outcome.rows = *rows;
    outcome.dropped = true;
    return {};
}

core::Status Run::remove_leftovers(const store::ArchivePart& part, RetainOutcome& outcome) {
    const std::string prefix = day_prefix(layer_, part.half, part.day);
    auto there = read_contents(objects_, prefix);
    if (!there) return propagate(there);
    for (const auto& file : there->files_without_manifest) {
        if (task_.clock->now() - file.modified < leftover_age) continue;
        if (auto removed = objects_.remove(file.key); !removed) return removed;
        ++outcome.leftovers;
    }
    return {};
}

core::Result<RetainOutcome> Run::run() {
    RetainOutcome outcome;
    if (auto same = require_server_s_clock(); !same) return propagate(same);
    if (!options_.dry_run) {
        // Nothing is taken out for an archive that cannot take it in.
        if (auto alive = objects_.probe(); !alive) {
            core::Error error = alive.error();
            error.message += fmt::format("; nothing was taken out of {}", retention_.where());
            return tl::unexpected(std::move(error));
        }
        auto cleared = retention_.clear_parked();
        if (!cleared) return propagate(cleared);
        outcome.cleared = *cleared;
    }
    auto leaves = retention_.leaves();
    if (!leaves) return propagate(leaves);
    if (auto likely = require_clock_of_this_age(*leaves); !likely) return propagate(likely);
    const core::Timestamp now = task_.clock->now();
    for (auto& leaf : *leaves) {
        if (leaf.state == store::Leaf::State::attached && !is_due(leaf, layer_, options_, now)) continue;
        LeafOutcome& one = outcome.leaves.emplace_back();
        one.leaf = std::move(leaf);
        if (options_.dry_run) {
            auto rows = retention_.count(one.leaf);
            if (!rows) return propagate(rows);
            one.rows = *rows;
            continue;
        }
        auto status = archive(one);
        for (const auto& part : one.parts) {
            if (!status) break;
            outcome.bytes += part.bytes;
            status = remove_leftovers(part, outcome);
        }
        if (one.dropped) outcome.rows += one.rows;
        if (status) continue;
        one.error = status.error();
        const bool is_locked = status.error().foreign_code == "55P03";
        if (is_locked) one.error->message += "; the leaf is left for the next run, which takes it";
        const bool is_of_this_leaf = is_locked || status.error().kind == ErrorKind::conflict;
        if (!is_of_this_leaf) break;
    }
    return outcome;
}

}  // namespace

bool is_due(const store::Leaf& leaf, store::Layer layer, const RetainOptions& options,
            core::Timestamp now) noexcept {
    if (leaf.to > now) return false;
    if (options.range)
        return (!options.range->from || *options.range->from <= leaf.from) &&
               (!options.range->to || leaf.to <= *options.range->to);
    const int days = layer == store::Layer::kpi ? options.kept.kpi_days
                     : leaf.half == "info"      ? options.kept.info_days
                                                : options.kept.drift_days;
    return leaf.to + core::Duration{days * day_length.microseconds} <= now;
}

core::Result<RetainOutcome> retain(store::Retention& retention, store::Layer layer,
                                   objects::ObjectStore& objects, const RetainOptions& options,
                                   const core::Task& task) {
    return Run(retention, layer, objects, options, task).run();
}

}  // namespace tristrata::archive
