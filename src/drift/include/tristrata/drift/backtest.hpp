#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/drift/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::drift {

/// What a chunk was for.
enum class ChunkUse : std::uint8_t {
    reference,  ///< Stands in the reference of later chunks only.
    tested,
    unused,  ///< Cut short, or outside what was asked for; `reason` says which.
};
[[nodiscard]] std::string_view name(ChunkUse use) noexcept;
[[nodiscard]] core::Result<ChunkUse> parse_chunk_use(std::string_view text);

/// What fired in a chunk.
struct Finding {
    std::string column;                ///< Empty: the table as a whole.
    std::optional<SignalKind> signal;  ///< Absent: the distribution's verdict.
    Severity severity = Severity::info;
    std::optional<double> p_adjusted;
    std::string reason;
    bool operator==(const Finding&) const = default;
};

/// One step of the yearly alarm (docs/backtest.md).
struct YearlyStep {
    double p = 1.0;             ///< Smoothed rank of the chunk among all before it.
    double log_evidence = 0.0;  ///< Natural logarithm of the e-process after it.
    bool alarm = false;         ///< It reached 1 / alpha; it begins anew with the next chunk.
    std::string column;         ///< That stands out most; empty where none does.
    std::string inputs;         ///< SHA-256 of this chunk and all before it.
    bool operator==(const YearlyStep&) const = default;
};

struct BacktestChunk {
    std::string key;
    std::optional<core::Timestamp> from;  ///< As dataset::Chunk has them.
    std::optional<core::Timestamp> to;
    std::uint64_t rows = 0;
    ChunkUse use = ChunkUse::reference;
    std::string reason;  ///< Of `unused`.
    std::string inputs;  ///< SHA-256 of what the verdict rests on: the chunk, its reference, the plan.
    std::uint64_t columns_tested = 0;
    std::uint64_t insufficient_data = 0;
    std::uint64_t not_tested = 0;
    std::vector<Finding> findings;  ///< Verdicts of drift in the order of columns, then signals.
    std::optional<YearlyStep> yearly;
    bool operator==(const BacktestChunk&) const = default;
};

/// A dated event, and how long it took until something fired: from it to the end of the first chunk that ends
/// after it and fired.
struct BacktestEvent {
    std::string name;
    core::Timestamp time;
    std::optional<std::string> first_drift;  ///< The chunk's key; absent where none did.
    std::optional<core::Duration> time_to_drift;
    std::optional<std::string> first_signal;
    std::optional<core::Duration> time_to_signal;
    std::optional<std::string> first_alarm;  ///< Of the yearly e-process.
    std::optional<core::Duration> time_to_alarm;
};

/// What another tool's methods say of one column, chunk by chunk.
struct BacktestColumn {
    std::string column;
    std::string reason;           ///< Why they do not measure it; empty where they do.
    std::vector<PeerTest> tests;  ///< Their chunks are the tested ones, in order.
};

struct BacktestSummary {
    std::uint64_t chunks = 0;
    std::uint64_t tested = 0;
    std::uint64_t unused = 0;
    std::uint64_t reused = 0;             ///< Verdicts taken over from the state; the rest was tested now.
    std::uint64_t empty_periods = 0;      ///< Calendar periods between chunks without a row.
    std::uint64_t drifted = 0;            ///< Chunks in which a column's distribution drifted.
    std::uint64_t signalled = 0;          ///< Chunks with a signal of warn or crit.
    std::uint64_t without_verdict = 0;    ///< Tested chunks of which no column could be tested.
    std::uint64_t insufficient_data = 0;  ///< Columns over all tested chunks; and the next.
    std::uint64_t not_tested = 0;
    std::uint64_t alarms = 0;  ///< Of the yearly e-process.
    std::optional<double> drifted_a_week;
    std::optional<double> signalled_a_week;
    std::optional<Severity> severity;  ///< The worst finding of the chunks tested in this run.
};

/// Every chunk of a table held against a reference before it: "tristrata.backtest/1". It is also the state
/// from which a later run over more data goes on.
struct Backtest {
    core::Timestamp created_at;
    Side source;
    PlanSummary plan;
    std::string chunking;   ///< "day in Europe/Berlin", "96 rows", "10 chunks".
    std::string reference;  ///< "the 60 chunks before each", or "2023-01-01..2023-03-01".
    std::uint64_t reference_chunks = 0;
    bool yearly = false;
    BacktestSummary summary;
    std::vector<BacktestEvent> events;
    std::vector<BacktestChunk> chunks;
    std::vector<BacktestColumn> columns;  ///< Where the plan's method is another tool's; else empty.
    /// Indices of the chunks whose verdicts, and whose steps of the yearly alarm, were taken over from the
    /// state, ascending. Said of this run: not written.
    std::vector<std::size_t> reused, yearly_reused;
    std::vector<std::string> notes;
};

inline constexpr std::string_view backtest_schema = "tristrata.backtest/1";

/// Whether a chunk fired: a column's distribution drifted, or a signal of warn or crit.
[[nodiscard]] bool drifted(const BacktestChunk& chunk) noexcept;
[[nodiscard]] bool signalled(const BacktestChunk& chunk) noexcept;

/// Counts the chunks and finds each event's first chunks. summary.reused, empty_periods and severity are the
/// caller's.
void summarise(Backtest& backtest);

/// docs/formats/backtest.md; docs/formats/backtest.schema.json.
[[nodiscard]] std::string to_json(const Backtest& backtest);
/// A saved backtest, but for what is said of one run only (reused, yearly_reused). invalid_input names what
/// is wrong and where; another schema version is an error of kind conflict.
[[nodiscard]] core::Result<Backtest> parse_backtest(std::string_view json);
/// The chunks of a saved backtest: all that a later run takes over. Errors as above.
[[nodiscard]] core::Result<std::vector<BacktestChunk>> parse_backtest_chunks(std::string_view json);

}  // namespace tristrata::drift
