#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/store/event_rows.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::archive {

/// What stands beside each Parquet file of the archive and is written after it, once: a file without its
/// manifest is none (docs/formats/archive.md).
struct Manifest {
    store::Layer layer = store::Layer::kpi;
    std::string half;  ///< "info" or "alert" (drift), empty (kpi).
    core::Timestamp day;
    std::int64_t part = 1;  ///< From 1, a number a day and half.
    std::string file;       ///< The Parquet file's key.
    std::uint64_t bytes = 0;
    std::string sha256;
    std::uint64_t rows = 0;
    core::Timestamp time_min;
    core::Timestamp time_max;
    std::string rows_sha256;             ///< store::RowDigest of the rows, in the file's order.
    std::vector<std::int64_t> replaces;  ///< Parts of the day that are void since this one is there.
    core::Timestamp created_at;
};

/// A part whose file is not what its manifest says.
struct DamagedPart {
    Manifest manifest;
    std::string damage;  ///< "it is missing", "its SHA-256 differs"
};

[[nodiscard]] std::string to_json(const Manifest& manifest);
/// invalid_input: it is none, or of a version that this program does not know; `key` stands in the message.
[[nodiscard]] core::Result<Manifest> parse_manifest(std::string_view json, std::string_view key);

/// "kpi/day=2026-08-27", "drift/half=info/day=2026-08-27"; without a day, what all days of the half begin
/// with.
[[nodiscard]] std::string day_prefix(store::Layer layer, std::string_view half, core::Timestamp day);
/// "<day_prefix>/part-00001-0123456789ab.parquet": the number, and the beginning of the SHA-256.
[[nodiscard]] std::string file_key(const Manifest& manifest);
/// "<day_prefix>/_part-00001.json": engines that read a folder pass over names that begin with '_'.
[[nodiscard]] std::string manifest_key(const Manifest& manifest);
/// Whether a key is that of a manifest.
[[nodiscard]] bool is_manifest(std::string_view key) noexcept;
/// The day in a key; nothing where there is none.
[[nodiscard]] std::optional<core::Timestamp> day_of_key(std::string_view key);

/// Those that no other of the same day and half replaces, by time and part.
[[nodiscard]] std::vector<Manifest> in_force(std::vector<Manifest> manifests);

}  // namespace tristrata::archive
