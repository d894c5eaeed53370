#pragma once

#include "series.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/store/store.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::store {

/// Batches of records into SQLite: one transaction each. Where a table refuses a row, the transaction is
/// begun anew with a savepoint a record, which costs a copy of every page that the record touches.
class SqliteIngest {
public:
    SqliteIngest(database::Sqlite& database, Layer layer) : database_(database), layer_(layer) {}
    [[nodiscard]] core::Result<IngestResult> ingest(std::span<const sink::Record> records,
                                                    const std::optional<BatchOrigin>& origin);

private:
    struct Counts {
        std::uint64_t stored = 0;
        std::uint64_t duplicate = 0;
    };
    /// A record that could be read.
    struct Decoded {
        std::size_t index = 0;
        execution::KpiEmit emit;  ///< Of the layer kpi.
        drift::Push push;         ///< Of the layer drift.
    };
    [[nodiscard]] core::Status store(std::span<const Decoded> records,
                                     const std::optional<BatchOrigin>& origin, bool careful,
                                     IngestResult& result);
    [[nodiscard]] core::Result<Counts> insert(const Decoded& record);
    [[nodiscard]] core::Result<Counts> insert(const execution::KpiEmit& emit);
    [[nodiscard]] core::Result<Counts> insert(const drift::Push& push);
    /// True where the batch is new; false where it was committed before.
    [[nodiscard]] core::Result<bool> record_batch(const BatchOrigin& origin);
    /// A statement, prepared once.
    [[nodiscard]] core::Result<database::Statement*> kept(const char* sql);
    [[nodiscard]] core::Status run_kept(const char* sql);

    database::Sqlite& database_;
    Layer layer_;
    std::map<std::string_view, database::Statement> kept_;  ///< By their text, a literal.
    Series known_series_;  ///< Committed: what stands in kpi.series is not asked for again.
    Series new_series_;    ///< Of the transaction at hand.
};

}  // namespace tristrata::store
