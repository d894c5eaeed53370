#pragma once

#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/ledger.hpp"

namespace tristrata::spool {

inline constexpr std::uint32_t ledger_format = 1;
inline constexpr std::size_t ledger_page_bytes = 4096;

/// One copy of the ledger (docs/formats/spool.md).
[[nodiscard]] std::string encode(const Ledger& ledger);
/// conflict: another format; invalid_input: no ledger, or damaged.
[[nodiscard]] core::Result<Ledger> decode_ledger(std::string_view page);

/// The newer of the two copies that can be read. not_found: there is none yet; invalid_input: both are
/// damaged.
[[nodiscard]] core::Result<Ledger> read_ledger(FileSystem& files, const std::string& folder);
/// Over the older copy, durable once it returns. `ledger.generation` is the one to write.
[[nodiscard]] core::Status write_ledger(FileSystem& files, const std::string& folder, const Ledger& ledger);
/// Both copies of a first one.
[[nodiscard]] core::Status create_ledger(FileSystem& files, const std::string& folder, const Ledger& ledger);

}  // namespace tristrata::spool
