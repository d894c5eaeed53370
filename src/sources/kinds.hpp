#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/sources/open.hpp"

#include <arrow/status.h>
#include <arrow/type_fwd.h>
#include <memory>
#include <string>

namespace tristrata::sources {

// One function a file format; each opens one file.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_csv(const std::string& path,
                                                                      const SourceOptions& options,
                                                                      const core::Task& task);
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_parquet(const std::string& path);
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_ipc(const std::string& path);
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_folder(const std::string& path,
                                                                         const SourceOptions& options,
                                                                         const core::Task& task);

/// Whether a file's name ends as a table's does.
[[nodiscard]] bool is_table(const std::string& path);
/// An object, or the objects of a folder of keys: fetched into a folder for temporary files, which goes with
/// the source, and read there under the name of where they came from.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_s3(const std::string& url,
                                                                     const SourceOptions& options,
                                                                     const core::Task& task);

/// What a pipe gives, kept in a nameless file; its first bytes say what it is: gzip, Parquet, Arrow IPC, else
/// CSV.
[[nodiscard]] core::Result<std::unique_ptr<dataset::Source>> open_standard_input(int descriptor,
                                                                                 const SourceOptions& options,
                                                                                 const core::Task& task);

/// Our schema of Arrow's; a repeated name is refused.
[[nodiscard]] core::Result<dataset::Schema> schema_of(const arrow::Schema& schema, const std::string& path);
/// A record batch as a Batch of the C interface.
[[nodiscard]] core::Result<dataset::Batch> exported(const arrow::RecordBatch& batch, std::uint64_t first_row);
/// Arrow's status as an error that names the file.
[[nodiscard]] tl::unexpected<core::Error> foreign(const arrow::Status& status, const std::string& path,
                                                  std::string_view what);
/// SHA-256 of a file's bytes.
[[nodiscard]] core::Result<std::string> digest_of(const std::string& path, const core::Task& task);

}  // namespace tristrata::sources
