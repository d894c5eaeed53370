#pragma once

#include "partitions.hpp"
#include "series.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/store/store.hpp"

namespace tristrata::store {

/// Batches of records into PostgreSQL: one transaction each. Many rows are staged by COPY into a temporary
/// table and taken over with ON CONFLICT DO NOTHING; few, or where TEMP is not granted, go as arrays. Nothing
/// of a session outlives the transaction, and the role needs no right but INSERT.
class PostgresIngest {
public:
    /// How rows go: as arrays; by COPY straight into the table; by COPY into a temporary one and from there.
    enum class Way : std::uint8_t { arrays, straight, staged };

    PostgresIngest(database::Postgres& database, Layer layer, core::Clock& clock)
        : database_(database), layer_(layer), clock_(clock), partitions_(layer) {}
    [[nodiscard]] core::Result<IngestResult> ingest(std::span<const sink::Record> records,
                                                    const std::optional<BatchOrigin>& origin);

private:
    struct Batch;
    struct Counts;
    [[nodiscard]] core::Status route(Batch& batch);
    [[nodiscard]] core::Result<IngestResult> store(const Batch& batch,
                                                   const std::optional<BatchOrigin>& origin, bool careful);
    /// Why a record is refused, as who made it can act on it.
    [[nodiscard]] core::Error reason(const Batch& batch, std::size_t record, core::Error error) const;
    /// True where the batch is new; false where it was committed before.
    [[nodiscard]] core::Result<bool> record_batch(const BatchOrigin& origin);
    /// Halves what the server refuses until the records that it refuses stand alone.
    [[nodiscard]] core::Status isolate(const Batch& batch, std::size_t first, std::size_t last,
                                       IngestResult& result);
    [[nodiscard]] core::Result<Counts> insert(const Batch& batch, std::size_t first, std::size_t last,
                                              bool careful);
    [[nodiscard]] core::Result<Counts> insert_kpi(const Batch& batch, std::size_t first, std::size_t last,
                                                  bool careful);
    [[nodiscard]] core::Result<Counts> insert_drift(const Batch& batch, std::size_t first, std::size_t last,
                                                    bool careful);
    [[nodiscard]] core::Status insert_series(const Batch& batch, std::size_t first, std::size_t last);
    [[nodiscard]] core::Result<Way> way_of(std::size_t rows, bool careful);

    database::Postgres& database_;
    Layer layer_;
    core::Clock& clock_;
    Partitions partitions_;
    std::optional<bool> may_stage_;
    int staged_left_ = 0;  ///< Batches that do not go straight, since one before had duplicates.
    Series known_series_;
};

}  // namespace tristrata::store
