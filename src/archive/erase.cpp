#include "tristrata/archive/erase.hpp"

#include "payload.hpp"
#include "published.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/sink/object_record.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;
using store::Layer;

/// Below it stands an empty object for each payload whose rows are being erased.
constexpr std::string_view notes_prefix = "erasing";
std::string note_key(std::string_view sha256) { return fmt::format("{}/{}", notes_prefix, sha256); }

/// Reads a row's place in an erasure off its columns.
class Selection {
public:
    Selection(Layer layer, const store::Erasure& erasure) : erasure_(erasure) {
        const auto columns = store::event_columns(layer);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].name == "run_id") run_id_ = i;
            if (columns[i].name == "module") module_ = i;
            if (columns[i].name == "report_id") report_id_ = i;
        }
    }
    [[nodiscard]] bool takes(const store::EventRow& row) const {
        const auto is = [](const store::EventValue& value, const std::optional<std::string>& wanted) {
            const auto* text = std::get_if<std::string>(&value);
            return !wanted || (text != nullptr && *text == *wanted);
        };
        return is(row[run_id_], erasure_.run_id) && is(row[module_], erasure_.module);
    }

    /// The report of which a row was pushed.
    [[nodiscard]] std::optional<store::PushedReport> report_of(const store::EventRow& row) const {
        const auto* id = report_id_ ? std::get_if<std::string>(&row[*report_id_]) : nullptr;
        if (id == nullptr) return std::nullopt;
        const auto* run_id = std::get_if<std::string>(&row[run_id_]);
        return store::PushedReport{*id, std::get<std::string>(row[module_]),
                                   run_id != nullptr ? std::optional(*run_id) : std::nullopt};
    }

private:
    store::Erasure erasure_;
    std::size_t run_id_ = 0, module_ = 0;
    std::optional<std::size_t> report_id_;
};

class Run {
public:
    Run(store::Retention& retention, Layer layer, objects::ObjectStore& objects,
        const store::Erasure& erasure, const EraseHow& how, const core::Task& task)
        : retention_(retention),
          layer_(layer),
          objects_(objects),
          erasure_(erasure),
          selection_(layer, erasure),
          how_(how),
          task_(task) {}
    core::Result<EraseOutcome> run();

private:
    using Place = std::tuple<std::string, core::Timestamp, std::int64_t>;

    core::Status require_no_leaf_under_way();
    /// The parts that the store has recorded; conflict where a leaf is under way.
    core::Result<std::set<Place>> recorded_parts();
    /// Archive and tables, once.
    core::Status pass();
    core::Status erase_stored();
    /// Holds the archive against the store's record; conflict where it is not the store's own, whole one and
    /// nobody said to go round that.
    core::Status compare(const std::vector<Manifest>& all);
    core::Result<std::vector<DamagedPart>> without_file(const std::vector<Manifest>& all);
    /// Of a part that is not the store's only the payloads are read that it names.
    core::Status rewrite(const Manifest& part, bool is_foreign);
    [[nodiscard]] bool is_passed_over(const Manifest& part) const;
    [[nodiscard]] std::string what_was_done() const;
    core::Status remove_void(const std::vector<Manifest>& all);
    core::Status remove_leftovers(const std::vector<objects::ObjectInfo>& files);
    /// Before the rows that name payloads go: should this run die, the next one still knows which.
    core::Status note(const std::set<std::string>& payloads);
    core::Status remove_payloads();

    store::Retention& retention_;
    Layer layer_;
    objects::ObjectStore& objects_;
    const store::Erasure& erasure_;
    Selection selection_;
    const EraseHow& how_;
    const core::Task& task_;
    EraseOutcome outcome_;
    std::set<std::string> erased_payloads_, named_payloads_;
    std::set<Place> looked_at_;                 ///< Parts that hold none of the rows, or are void by now.
    std::vector<store::ArchivePart> recorded_;  ///< As they were at the last look.
    std::vector<store::ArchivePart> known_;     ///< As they were at any look.
    bool is_begun_ = false;
};

core::Status Run::require_no_leaf_under_way() {
    auto leaves = retention_.leaves();
    if (!leaves) return propagate(leaves);
    for (const auto& leaf : *leaves)
        if (leaf.state == store::Leaf::State::detached)
            return fail(
                ErrorKind::conflict,
                fmt::format("{}: {} is on its way to the archive{}; finish that first with: tristrata "
                            "store retain",
                            retention_.where(), leaf.name,
                            is_begun_ ? ", and began that while this ran, so that rows which were to be "
                                        "erased may stand in it: erase again"
                                      : ""));
    return {};
}

core::Result<std::set<Run::Place>> Run::recorded_parts() {
    // In this order: a leaf that was dropped between the two is found by the next look.
    auto parts = retention_.parts();
    if (!parts) return propagate(parts);
    if (auto quiet = require_no_leaf_under_way(); !quiet) return propagate(quiet);
    recorded_ = std::move(*parts);
    known_.insert(known_.end(), recorded_.begin(), recorded_.end());
    std::set<Place> places;
    for (const auto& part : recorded_) places.emplace(part.half, part.day, part.part);
    return places;
}

std::string Run::what_was_done() const {
    if (how_.dry_run || outcome_.parts + outcome_.stored_rows + outcome_.parked_rows == 0)
        return "Nothing was changed";
    return fmt::format(
        "Before that, {} of the archive had been written anew without the rows; the next erase "
        "goes on there, and removes their files",
        core::plural(outcome_.parts, "part"));
}

bool Run::is_passed_over(const Manifest& part) const {
    const auto is_it = [&](const Manifest& one) { return manifest_key(one) == manifest_key(part); };
    return std::ranges::any_of(outcome_.damaged, is_it, &DamagedPart::manifest);
}

core::Result<std::vector<DamagedPart>> Run::without_file(const std::vector<Manifest>& all) {
    // Behind the manifests: a file is there before its manifest.
    auto files = objects_.list(std::string(schema_name(layer_)));
    if (!files) return propagate(files);
    std::map<std::string_view, std::uint64_t> bytes;
    for (const auto& file : *files) bytes.emplace(file.key, file.bytes);
    std::vector<DamagedPart> damaged;
    for (const auto& part : in_force(all)) {
        if (part.rows == 0 || looked_at_.contains({part.half, part.day, part.part})) continue;
        const auto file = bytes.find(part.file);
        if (file == bytes.end()) damaged.push_back({part, "it is missing"});
        else if (file->second != part.bytes) damaged.push_back({part, "its length differs"});
    }
    return damaged;
}

core::Status Run::compare(const std::vector<Manifest>& all) {
    // What a retain has put since the last look is recorded by now: no leaf is under way.
    auto now = retention_.parts();
    if (!now) return propagate(now);
    known_.insert(known_.end(), now->begin(), now->end());
    auto damaged = without_file(all);
    if (!damaged) return propagate(damaged);
    Difference difference{missing_parts(recorded_, all), std::move(*damaged), {}};
    if (!how_.with_foreign_parts) difference.foreign = foreign_parts(known_, all);
    std::set<std::string> foreign;
    for (const auto& part : difference.foreign) foreign.insert(manifest_key(part));
    std::erase_if(difference.damaged,
                  [&](const DamagedPart& part) { return foreign.contains(manifest_key(part.manifest)); });
    if (!how_.without_lost_parts && !difference.none())
        return fail(
            ErrorKind::conflict,
            fmt::format("{}. {}; to erase everywhere else, add --without-lost-parts{}",
                        describe(difference, retention_, recorded_, objects_), what_was_done(),
                        difference.foreign.empty()
                            ? ""
                            : "; to erase in parts that were not recorded, too, --with-foreign-parts"));
    outcome_.not_there = std::move(difference.missing);
    outcome_.foreign = std::move(difference.foreign);
    std::ranges::move(difference.damaged, std::back_inserter(outcome_.damaged));
    return {};
}

core::Status Run::rewrite(const Manifest& part, bool is_foreign) {
    auto fetched = fetch_part(objects_, part, how_.scratch);
    if (!fetched) return propagate(fetched);
    if (!fetched->file && is_foreign) return {};  // Whatever it is, it is named as not reached.
    if (!fetched->file) {
        DamagedPart damaged{part, std::move(fetched->damage)};
        if (!how_.without_lost_parts)
            return fail(ErrorKind::storage,
                        fmt::format("{}. {}; to erase everywhere else, add --without-lost-parts",
                                    describe(damaged, objects_), what_was_done()));
        outcome_.damaged.push_back(std::move(damaged));
        return {};
    }
    auto rows = open_part(fetched->file->path(), layer_);
    if (!rows) return propagate(rows);
    auto without = ScratchFile::make(how_.scratch);
    if (!without) return propagate(without);
    auto writer = PartWriter::open(without->path(), layer_);
    if (!writer) return propagate(writer);
    std::uint64_t gone = 0;
    std::set<std::string> erased;
    std::set<store::PushedReport> reports;
    store::EventRow row;
    while (true) {
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) break;
        const bool is_taken = !is_foreign && selection_.takes(row);
        if (auto sha256 = payload_of(row, layer_))
            (is_taken ? erased : named_payloads_).insert(std::move(*sha256));
        if (is_taken) {
            if (auto report = selection_.report_of(row)) reports.insert(std::move(*report));
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
    if (how_.dry_run) return {};
    if (auto noted = note(erased); !noted) return noted;
    erased_payloads_.merge(erased);
    // Before the rows, which alone tell of which reports they are.
    const std::vector<store::PushedReport> pushed(reports.begin(), reports.end());
    if (auto forgotten = retention_.forget_pushes(pushed); !forgotten) return forgotten;
    const DayFile day{layer_, part.half,   part.day,
                      *facts, {part.part}, last_number(known_, part.half, part.day)};
    if (facts->rows > 0) {
        auto successor = publish(objects_, *without, day, how_.scratch, task_.clock->now());
        if (!successor) return propagate(successor);
        looked_at_.emplace(successor->half, successor->day, successor->part);
        if (std::ranges::find(successor->replaces, part.part) != successor->replaces.end()) return {};
    }
    // Nothing is left of it, or what is left stands in another part already.
    return publish_void(objects_, day, task_.clock->now());
}

core::Status Run::remove_void(const std::vector<Manifest>& all) {
    auto recorded = retention_.parts();
    if (!recorded) return propagate(recorded);
    // Of an archive that holds another store's parts only what is surely this one's is touched.
    const auto own = own_manifests(known_, all);
    for (const auto& successor : all) {
        if (!outcome_.foreign.empty() && !own.contains(manifest_key(successor))) continue;
        for (const auto number : successor.replaces) {
            const auto old = std::ranges::find_if(all, [&](const Manifest& one) {
                return one.half == successor.half && one.day == successor.day && one.part == number;
            });
            if (old == all.end() || old->rows == 0) continue;
            for (auto& part : *recorded) {
                if (part.manifest != manifest_key(*old) || part.sha256 != old->sha256) continue;
                std::optional<store::ArchivePart> now;
                if (successor.rows > 0) now = record_of(successor, part.leaf);
                if (auto replaced = retention_.replace(part, now); !replaced) return replaced;
                if (now) part = std::move(*now);  // Which a further part may replace.
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

/// Files of runs that died before their manifest. A retain that began meanwhile puts its files before their
/// manifests too: what it had put is named by one once no leaf is under way.
core::Status Run::remove_leftovers(const std::vector<objects::ObjectInfo>& files) {
    if (files.empty() || !outcome_.foreign.empty()) return {};  // They may be another store's.
    if (auto quiet = require_no_leaf_under_way(); !quiet) return quiet;
    auto now = read_contents(objects_, schema_name(layer_));
    if (!now) return propagate(now);
    std::set<std::string> unnamed;
    for (const auto& file : now->files_without_manifest) unnamed.insert(file.key);
    for (const auto& file : files) {
        if (!unnamed.contains(file.key)) continue;
        if (auto removed = objects_.remove(file.key); !removed) return removed;
        ++outcome_.files_removed;
    }
    return {};
}

core::Status Run::note(const std::set<std::string>& payloads) {
    for (const auto& sha256 : payloads)
        if (auto put = objects_.put_new(note_key(sha256), ""); !put) return propagate(put);
    return {};
}

core::Status Run::remove_payloads() {
    if (layer_ != Layer::drift) return {};
    // What runs that died have noted, too: the rows that named it may be gone.
    auto notes = objects_.list(std::string(notes_prefix));
    if (!notes) return propagate(notes);
    for (const auto& noted : *notes) erased_payloads_.insert(noted.key.substr(noted.key.rfind('/') + 1));
    std::set<std::string> unnamed;
    if (erased_payloads_.empty()) return {};
    for (const auto& sha256 : erased_payloads_) {
        if (named_payloads_.contains(sha256)) continue;
        auto named = retention_.names_payload(sha256);
        if (!named) return propagate(named);
        if (!*named) unnamed.insert(sha256);
    }
    // A row that points to one of them may have gone to the archive, where no look was taken since.
    auto after = recorded_parts();
    if (!after) return propagate(after);
    for (const auto& lost : outcome_.not_there) after->erase({lost.half, lost.day, lost.part});
    if (!std::ranges::includes(looked_at_, *after))
        return fail(ErrorKind::conflict,
                    fmt::format("{}: rows left for the archive while this ran; the rows to "
                                "erase are gone, their payloads are not: erase again",
                                retention_.where()));
    for (const auto& sha256 : erased_payloads_) {
        const std::string key = sink::content_key(sha256);
        auto there = objects_.stat(key);
        if (!there) return propagate(there);
        if (*there && unnamed.contains(sha256)) {
            if (auto removed = objects_.remove(key); !removed) return removed;
            ++outcome_.payloads_removed;
        }
        if (auto removed = objects_.remove(note_key(sha256)); !removed) return removed;
    }
    return {};
}

core::Status Run::erase_stored() {
    auto erased = retention_.erase(erasure_, true);
    if (!erased) return propagate(erased);
    if (!how_.dry_run) {
        const std::set<std::string> payloads(erased->payloads.begin(), erased->payloads.end());
        if (auto noted = note(payloads); !noted) return propagate(noted);
        erased = retention_.erase(erasure_, false);
        if (!erased) return propagate(erased);
    }
    outcome_.stored_rows += erased->rows;
    outcome_.parked_rows += erased->parked;
    erased_payloads_.insert(erased->payloads.begin(), erased->payloads.end());
    return {};
}

core::Status Run::pass() {
    auto all = read_manifests(objects_, schema_name(layer_));
    if (!all) return propagate(all);
    // A manifest that was read of a leaf which is not dropped yet must stay as it is.
    if (auto quiet = require_no_leaf_under_way(); !quiet) return quiet;
    if (auto compared = compare(*all); !compared) return compared;
    std::set<std::string> foreign;
    for (const auto& part : outcome_.foreign) foreign.insert(manifest_key(part));
    is_begun_ = true;
    // The archive first: a row whose payload is still named by the store is found again by the next run.
    for (const auto& part : in_force(std::move(*all))) {
        if (part.rows == 0 || !looked_at_.emplace(part.half, part.day, part.part).second) continue;
        if (is_passed_over(part)) continue;
        if (auto go_on = task_.check(); !go_on) return propagate(go_on);
        if (auto done = rewrite(part, foreign.contains(manifest_key(part))); !done) return propagate(done);
    }
    return erase_stored();
}

core::Result<EraseOutcome> Run::run() {
    auto before = recorded_parts();
    if (!before) return propagate(before);
    // A retain may take rows from the tables to the archive after the archive was looked through.
    while (true) {
        if (auto done = pass(); !done) return propagate(done);
        auto after = recorded_parts();
        if (!after) return propagate(after);
        const bool is_all = std::ranges::includes(*before, *after);
        if (is_all) break;
        if (how_.dry_run)
            return fail(ErrorKind::conflict, fmt::format("{}: rows left for the archive while they were "
                                                         "counted; count again",
                                                         retention_.where()));
        before = std::move(after);
    }
    if (how_.dry_run) return outcome_;
    auto there = read_contents(objects_, schema_name(layer_));
    if (!there) return propagate(there);
    if (auto removed = remove_void(there->manifests); !removed) return propagate(removed);
    if (auto removed = remove_leftovers(there->files_without_manifest); !removed) return propagate(removed);
    if (auto removed = remove_payloads(); !removed) return propagate(removed);
    return outcome_;
}

}  // namespace

core::Result<EraseOutcome> erase(store::Retention& retention, Layer layer, objects::ObjectStore& objects,
                                 const store::Erasure& erasure, const EraseHow& how, const core::Task& task) {
    if (!erasure.run_id && !erasure.module)
        return fail(ErrorKind::usage, "nothing says what to erase; expected a run or a module");
    return Run(retention, layer, objects, erasure, how, task).run();
}

}  // namespace tristrata::archive
