#include "ledger_page.hpp"

#include "checksum.hpp"
#include "little_endian.hpp"
#include "slot.hpp"

#include <fmt/format.h>

namespace tristrata::spool {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view magic = "TRISLEDG";
constexpr std::size_t checksum_offset = ledger_page_bytes - 4;
constexpr std::size_t classes_offset = 48;
constexpr std::size_t class_bytes = 48;
constexpr std::size_t checkpoints_offset = classes_offset + class_count * class_bytes;
/// What programs of before leave as zeros.
constexpr std::size_t later_offset = checkpoints_offset + 16 * checkpoints_max;
constexpr std::size_t later_bytes = 40 + 8 * Refusal::parts;

std::string path_of(const std::string& folder) { return folder + "/ledger"; }

core::Status write_copy(File& file, const Ledger& ledger) {
    const std::uint64_t offset = ledger.generation % 2 * ledger_page_bytes;
    if (auto written = file.write(offset, encode(ledger)); !written) return written;
    return file.sync();
}

}  // namespace

std::string encode(const Ledger& ledger) {
    std::string page(magic);
    put(page, ledger_format);
    put(page, static_cast<std::uint32_t>(ledger.checkpoints.size()));
    put(page, ledger.generation);
    page.append(reinterpret_cast<const char*>(ledger.spool_id.bytes.data()), ledger.spool_id.bytes.size());
    page.resize(classes_offset, '\0');
    for (const auto& one : ledger.classes) {
        put(page, one.stored);
        put(page, one.duplicate);
        put(page, one.dead + one.parked);  // A program of before knows no parked ones.
        put(page, one.dropped);
        put(page, one.batch_number);
        put(page, one.in_flight_to);
    }
    for (const auto& checkpoint : ledger.checkpoints) {
        put(page, checkpoint.time.microseconds);
        put(page, checkpoint.segment);
    }
    page.resize(later_offset, '\0');
    for (const auto& one : ledger.classes) {
        put(page, one.missing);
        put(page, one.seen);
        put(page, one.parked);
        put(page, one.refusal.lasted.microseconds);
        put(page, one.refusal.counted_at.value_or(core::Timestamp{0}).microseconds);
        for (const std::uint64_t rows : one.refusal.emitted) put(page, rows);
    }
    page.resize(checksum_offset, '\0');
    put(page, crc32c(0, page));
    return page;
}

core::Result<Ledger> decode_ledger(std::string_view page) {
    if (page.size() < ledger_page_bytes || !page.starts_with(magic))
        return fail(ErrorKind::invalid_input, "no ledger of a spool");
    page = page.substr(0, ledger_page_bytes);
    if (const auto format = get<std::uint32_t>(page, 8); format != ledger_format)
        return fail(ErrorKind::conflict, of_a_newer_version(format, ledger_format));
    const auto checkpoints = get<std::uint32_t>(page, 12);
    if (crc32c(0, page.substr(0, checksum_offset)) != get<std::uint32_t>(page, checksum_offset) ||
        checkpoints > checkpoints_max)
        return fail(ErrorKind::invalid_input, "a damaged ledger of a spool");
    Ledger ledger;
    ledger.generation = get<std::uint64_t>(page, 16);
    std::memcpy(ledger.spool_id.bytes.data(), page.data() + 24, 16);
    for (std::size_t c = 0; c < class_count; ++c) {
        const std::size_t at = classes_offset + c * class_bytes;
        auto& one = ledger.classes[c];
        one.stored = get<std::uint64_t>(page, at);
        one.duplicate = get<std::uint64_t>(page, at + 8);
        one.dead = get<std::uint64_t>(page, at + 16);
        one.dropped = get<std::uint64_t>(page, at + 24);
        one.batch_number = get<std::uint64_t>(page, at + 32);
        one.in_flight_to = get<std::uint64_t>(page, at + 40);
        const std::size_t later = later_offset + c * later_bytes;
        one.missing = get<std::uint64_t>(page, later);
        one.seen = get<std::uint64_t>(page, later + 8);
        one.parked = get<std::uint64_t>(page, later + 16);
        one.dead -= one.parked;
        one.refusal.lasted = {get<std::int64_t>(page, later + 24)};
        if (const auto counted = get<std::int64_t>(page, later + 32); counted != 0)
            one.refusal.counted_at = core::Timestamp{counted};
        for (std::size_t i = 0; i < Refusal::parts; ++i)
            one.refusal.emitted[i] = get<std::uint64_t>(page, later + 40 + 8 * i);
    }
    for (std::uint32_t i = 0; i < checkpoints; ++i) {
        const std::size_t at = checkpoints_offset + std::size_t{16} * i;
        ledger.checkpoints.push_back({{get<std::int64_t>(page, at)}, get<std::uint64_t>(page, at + 8)});
    }
    return ledger;
}

core::Result<Ledger> read_ledger(FileSystem& files, const std::string& folder) {
    auto file = files.open(path_of(folder), FileSystem::Open::existing);
    if (!file) return propagate(file);
    auto bytes = (*file)->read(0, 2 * ledger_page_bytes);
    if (!bytes) return propagate(bytes);
    // Nothing but zeros: its making was interrupted before anything relied on it.
    if (bytes->find_first_not_of('\0') == std::string::npos)
        return fail(ErrorKind::not_found, fmt::format("{} holds no ledger yet", folder));
    const std::string_view both = *bytes;
    auto first = decode_ledger(both.substr(0, ledger_page_bytes));
    auto second = decode_ledger(both.substr(std::min(both.size(), ledger_page_bytes)));
    for (const auto& copy : {&first, &second})
        if (!*copy && copy->error().kind == ErrorKind::conflict)
            return fail(ErrorKind::conflict, fmt::format("{} {}", path_of(folder), copy->error().message));
    if (!first && !second)
        return fail(ErrorKind::invalid_input, fmt::format("both copies in {} are damaged", path_of(folder)));
    if (!first) return second;
    if (!second) return first;
    return second->generation > first->generation ? second : first;
}

core::Status write_ledger(FileSystem& files, const std::string& folder, const Ledger& ledger) {
    auto file = files.open(path_of(folder), FileSystem::Open::existing);
    if (!file) return propagate(file);
    return write_copy(**file, ledger);
}

core::Status create_ledger(FileSystem& files, const std::string& folder, const Ledger& ledger) {
    auto file = files.open(path_of(folder), FileSystem::Open::create);
    if (!file) return propagate(file);
    if (auto made = (*file)->preallocate(2 * ledger_page_bytes); !made) return made;
    Ledger copy = ledger;
    for (int i = 0; i < 2; ++i, ++copy.generation)
        if (auto written = write_copy(**file, copy); !written) return written;
    return files.sync_folder(folder);
}

}  // namespace tristrata::spool
