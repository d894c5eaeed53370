#pragma once

#include "quote_watch.hpp"

#include <arrow/csv/options.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/util/future.h>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace tristrata::sources {

/// The rows of a CSV as batches, in order. The bytes are cut where rows end, some half a megabyte at a time;
/// each piece is parsed and converted, by Arrow, on a thread of its own, `threads` of them at once. Arrow's
/// own streaming reader parses one block after another.
///
/// A row may be as long as memory allows. Bytes are held of as many pieces as there are threads. Threads: one
/// calls.
class CsvRows {
public:
    /// `names` are the header's, whose row is passed over; the columns of `convert.include_columns` are
    /// given, each of its type in `convert.column_types`.
    [[nodiscard]] static arrow::Result<CsvRows> make(std::shared_ptr<arrow::io::InputStream> bytes,
                                                     const std::vector<std::string>& names,
                                                     const arrow::csv::ParseOptions& parse,
                                                     const arrow::csv::ConvertOptions& convert,
                                                     unsigned threads);

    /// The next rows; null at the end. Arrow's words where they cannot be read; then no more is to be asked.
    [[nodiscard]] arrow::Result<std::shared_ptr<arrow::RecordBatch>> next();

    /// At the end: whether a quote swallowed rows.
    [[nodiscard]] bool swallowed() const { return quotes_.swallowed(); }

private:
    using Rows = arrow::Result<std::shared_ptr<arrow::RecordBatch>>;
    struct Parser;

    CsvRows(std::shared_ptr<arrow::io::InputStream> bytes, std::shared_ptr<const Parser> parser,
            unsigned threads);
    arrow::Result<std::shared_ptr<arrow::Buffer>> cut();

    std::shared_ptr<arrow::io::InputStream> bytes_;
    std::shared_ptr<const Parser> parser_;
    std::size_t at_once_;
    QuoteWatch quotes_;
    bool quotes_in_piece_ = false;
    std::string rest_;  ///< What was read of the next piece.
    bool began_ = false, ended_ = false;
    std::deque<arrow::Future<std::shared_ptr<arrow::RecordBatch>>>
        parsed_;  ///< The first is the next to be given.
};

}  // namespace tristrata::sources
