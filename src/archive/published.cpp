#include "published.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;

/// Others that publish parts of the day at the same moment.
constexpr int attempts_max = 8;

bool touches(core::Timestamp day, const core::TimeRange& range) {
    return (!range.to || day < *range.to) && (!range.from || *range.from < day + day_length);
}

}  // namespace

core::Result<std::vector<Manifest>> read_manifests(objects::ObjectStore& objects, std::string_view prefix,
                                                   const std::optional<core::TimeRange>& range) {
    auto listed = objects.list(std::string(prefix));
    if (!listed) return propagate(listed);
    std::vector<Manifest> manifests;
    for (const auto& object : *listed) {
        if (!is_manifest(object.key)) continue;
        const auto day = day_of_key(object.key);
        if (range && (!day || !touches(*day, *range))) continue;
        auto text = objects.get(object.key);
        if (!text && text.error().kind == ErrorKind::not_found) continue;  // Replaced meanwhile.
        if (!text) return propagate(text);
        auto manifest = parse_manifest(*text, object.key);
        if (!manifest) return propagate(manifest);
        manifests.push_back(std::move(*manifest));
    }
    return manifests;
}

core::Result<Contents> read_contents(objects::ObjectStore& objects, std::string_view prefix) {
    auto files = objects.list(std::string(prefix));
    if (!files) return propagate(files);
    auto manifests = read_manifests(objects, prefix);
    if (!manifests) return propagate(manifests);
    std::set<std::string_view> named;
    for (const auto& one : *manifests) named.insert(one.file);
    std::erase_if(*files, [&](const objects::ObjectInfo& object) {
        return !object.key.ends_with(".parquet") || named.contains(object.key);
    });
    return Contents{std::move(*manifests), std::move(*files)};
}

store::ArchivePart record_of(const Manifest& manifest, const std::string& leaf) {
    return {leaf,
            manifest.half,
            manifest.day,
            manifest.part,
            manifest.rows,
            manifest.time_min,
            manifest.time_max,
            manifest.bytes,
            manifest.sha256,
            manifest.rows_sha256,
            manifest_key(manifest)};
}

std::vector<store::ArchivePart> missing_parts(const std::vector<store::ArchivePart>& recorded,
                                              const std::vector<Manifest>& all) {
    using File = std::pair<std::string, std::string>;
    std::set<File> here;
    for (const auto& one : all) here.emplace(manifest_key(one), one.sha256);
    std::vector<store::ArchivePart> missing;
    // Rows that were sent again may be recorded of two leaves, as one part.
    for (const auto& part : recorded)
        if (here.emplace(part.manifest, part.sha256).second) missing.push_back(part);
    return missing;
}

std::set<std::string> own_manifests(const std::vector<store::ArchivePart>& recorded,
                                    const std::vector<Manifest>& all) {
    std::set<std::pair<std::string_view, std::string_view>> known;
    for (const auto& part : recorded) known.emplace(part.manifest, part.sha256);
    std::vector<const Manifest*> by_number;
    for (const auto& one : all) by_number.push_back(&one);
    std::ranges::sort(by_number, {}, &Manifest::part);  // A part has a higher number than what it replaces.
    std::set<std::string> own;
    for (const auto* one : by_number) {
        const auto stands_in = [&](std::int64_t number) {
            Manifest replaced = *one;
            replaced.part = number;
            return own.contains(manifest_key(replaced));
        };
        std::string key = manifest_key(*one);
        if (known.contains({key, one->sha256}) || std::ranges::any_of(one->replaces, stands_in))
            own.insert(std::move(key));
    }
    return own;
}

std::vector<Manifest> foreign_parts(const std::vector<store::ArchivePart>& recorded,
                                    const std::vector<Manifest>& all) {
    const auto own = own_manifests(recorded, all);
    auto foreign = in_force(all);
    std::erase_if(foreign,
                  [&](const Manifest& one) { return one.rows == 0 || own.contains(manifest_key(one)); });
    return foreign;
}

std::int64_t last_number(const std::vector<store::ArchivePart>& recorded, std::string_view half,
                         core::Timestamp day) {
    std::int64_t last = 0;
    for (const auto& part : recorded)
        if (part.half == half && part.day == day) last = std::max(last, part.part);
    return last;
}

std::string describe(const DamagedPart& part, const objects::ObjectStore& objects) {
    return fmt::format(
        "{} in {} is not what its manifest says: {}; the archive is damaged, or was written to "
        "by somebody else",
        part.manifest.file, objects.where(), part.damage);
}

std::string describe(const Difference& difference, const store::Retention& retention,
                     const std::vector<store::ArchivePart>& recorded, const objects::ObjectStore& objects) {
    std::vector<std::string> sentences;
    if (!difference.missing.empty()) {
        const auto all = missing_parts(recorded, {}).size();
        sentences.push_back(
            fmt::format("{} of the {} parts that {} recorded are not in {}, the first: {}; TRISTRATA_ARCHIVE "
                        "names another archive, or they were lost",
                        difference.missing.size(), all, retention.where(), objects.where(),
                        difference.missing.front().manifest));
    }
    if (!difference.damaged.empty())
        sentences.push_back(fmt::format("{} damaged, the first: {}",
                                        core::plural(difference.damaged.size(), "part is", "parts are"),
                                        describe(difference.damaged.front(), objects)));
    if (!difference.foreign.empty())
        sentences.push_back(fmt::format(
            "{} in {} were not recorded by {}, the first: {}; an archive belongs to one store. Of a run that "
            "died, and of rows that a backup brought back, tristrata store retain records them",
            core::plural(difference.foreign.size(), "part"), objects.where(), retention.where(),
            manifest_key(difference.foreign.front())));
    return fmt::format("{}", fmt::join(sentences, ". "));
}

core::Result<Fetched> fetch_part(objects::ObjectStore& objects, const Manifest& manifest,
                                 const std::string& scratch) {
    const auto differs = [](std::string_view what) {
        return Fetched{std::nullopt, fmt::format("{} differs", what)};
    };
    auto file = ScratchFile::make(scratch);
    if (!file) return propagate(file);
    auto fetched = objects.fetch_file(manifest.file, file->path());
    if (!fetched && fetched.error().kind == ErrorKind::not_found)
        return Fetched{std::nullopt, "it is missing"};
    if (!fetched) return propagate(fetched);
    auto content = file->content();
    if (!content) return propagate(content);
    if (content->sha256 != manifest.sha256) return differs("its SHA-256");
    auto rows = open_part(file->path(), manifest.layer);
    if (!rows) return propagate(rows);
    PartCount count(manifest.layer);
    store::EventRow row;
    while (true) {
        auto more = (*rows)->next(row);
        if (!more) return propagate(more);
        if (!*more) break;
        count.add(row);
    }
    const PartFacts facts = count.finish();
    if (facts.rows != manifest.rows) return differs("the number of its rows");
    if (facts.time_min != manifest.time_min || facts.time_max != manifest.time_max)
        return differs("the range of its times");
    if (facts.rows_sha256 != manifest.rows_sha256) return differs("the digest of its rows");
    return Fetched{std::move(*file), {}};
}

core::Result<ScratchFile> fetch_verified(objects::ObjectStore& objects, const Manifest& manifest,
                                         const std::string& scratch) {
    auto fetched = fetch_part(objects, manifest, scratch);
    if (!fetched) return propagate(fetched);
    if (!fetched->file)
        return fail(ErrorKind::storage, describe(DamagedPart{manifest, fetched->damage}, objects));
    return std::move(*fetched->file);
}

core::Result<Manifest> publish(objects::ObjectStore& objects, const ScratchFile& file, const DayFile& day,
                               const std::string& scratch, core::Timestamp now) {
    auto content = file.content();
    if (!content) return propagate(content);
    Manifest mine{day.layer,
                  day.half,
                  day.day,
                  1,
                  "",
                  content->bytes,
                  content->sha256,
                  day.facts.rows,
                  day.facts.time_min,
                  day.facts.time_max,
                  day.facts.rows_sha256,
                  day.replaces,
                  now};
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        auto there = read_manifests(objects, day_prefix(day.layer, day.half, day.day));
        if (!there) return propagate(there);
        mine.part = day.last_recorded + 1;
        for (const auto& one : *there) mine.part = std::max(mine.part, one.part + 1);
        for (const auto& one : in_force(std::move(*there))) {
            if (one.rows == 0) continue;
            if (one.rows_sha256 != mine.rows_sha256 || one.rows != mine.rows) continue;
            if (auto read = fetch_verified(objects, one, scratch); !read) return propagate(read);
            return one;
        }
        mine.file = file_key(mine);
        if (auto put = objects.put_file(mine.file, file.path()); !put) return propagate(put);
        auto put = objects.put_new(manifest_key(mine), to_json(mine));
        if (!put && put.error().kind == ErrorKind::conflict) continue;  // Another run's has the number.
        if (!put) return propagate(put);
        if (auto read = fetch_verified(objects, mine, scratch); !read) return propagate(read);
        return mine;
    }
    return fail(ErrorKind::unavailable,
                fmt::format("{} others publish parts of {} at the same time; try again", attempts_max,
                            day_prefix(day.layer, day.half, day.day)));
}

core::Status publish_void(objects::ObjectStore& objects, const DayFile& day, core::Timestamp now) {
    Manifest mine;
    mine.layer = day.layer;
    mine.half = day.half;
    mine.day = mine.time_min = mine.time_max = day.day;
    mine.sha256 = mine.rows_sha256 = core::sha256("");
    mine.replaces = day.replaces;
    mine.created_at = now;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        auto there = read_manifests(objects, day_prefix(day.layer, day.half, day.day));
        if (!there) return propagate(there);
        mine.part = day.last_recorded + 1;
        for (const auto& one : *there) mine.part = std::max(mine.part, one.part + 1);
        auto put = objects.put_new(manifest_key(mine), to_json(mine));
        if (put) return {};
        if (put.error().kind != ErrorKind::conflict) return propagate(put);
    }
    return fail(ErrorKind::unavailable,
                fmt::format("{} others publish parts of {} at the same time; try again", attempts_max,
                            day_prefix(day.layer, day.half, day.day)));
}

}  // namespace tristrata::archive
