#pragma once

#include "tristrata/store/event_rows.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace tristrata::archive {

/// What a Parquet file of rows holds, found while it was written or read.
struct PartFacts {
    std::uint64_t rows = 0;
    core::Timestamp time_min;
    core::Timestamp time_max;
    std::string rows_sha256;
};

/// Counts rows that pass by.
class PartCount {
public:
    explicit PartCount(store::Layer layer) : time_column_(store::time_column(layer)) {}
    void add(const store::EventRow& row);
    [[nodiscard]] PartFacts finish();

private:
    std::size_t time_column_;
    PartFacts facts_;
    store::RowDigest digest_;
};

/// Rows on their way into a Parquet file: zstd, pages with checksums, times in whole microseconds of UTC,
/// JSON and UUIDs as text. The same rows give the same bytes.
///
/// Cost      Memory holds a row group: 65,536 rows or 16 MB, whichever is full first.
/// Errors    storage: the file cannot be written.
class PartWriter {
public:
    [[nodiscard]] static core::Result<PartWriter> open(const std::string& path, store::Layer layer);
    PartWriter(PartWriter&&) noexcept;
    PartWriter& operator=(PartWriter&&) noexcept;
    ~PartWriter();
    [[nodiscard]] core::Status add(const store::EventRow& row);
    /// The file is whole, and not yet durable.
    [[nodiscard]] core::Result<PartFacts> finish();

private:
    struct State;
    explicit PartWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// The rows of such a file, in its order. invalid_input: it is none, is damaged, or has other columns.
[[nodiscard]] core::Result<std::unique_ptr<store::EventRows>> open_part(const std::string& path,
                                                                        store::Layer layer);

}  // namespace tristrata::archive
