#include "postgres_event_rows.hpp"

#include "compact_json.hpp"
#include "tristrata/database/cursor.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tristrata::store {
namespace {

class PostgresEventRows final : public EventRows {
public:
    PostgresEventRows(std::unique_ptr<database::Cursor> cursor, Layer layer)
        : cursor_(std::move(cursor)), columns_(event_columns(layer)) {}
    core::Result<bool> next(EventRow& row) override {
        auto more = cursor_->step();
        if (!more || !*more) return more;
        row.resize(columns_.size());
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const int column = static_cast<int>(i);
            if (cursor_->cell(column) == database::Cell::null) {
                row[i] = std::monostate();
                continue;
            }
            switch (columns_[i].type) {
                case ColumnType::time:
                case ColumnType::integer: {
                    const std::string text = cursor_->text(column);
                    std::int64_t number = 0;
                    (void)std::from_chars(text.data(), text.data() + text.size(), number);
                    row[i] = number;
                    break;
                }
                case ColumnType::boolean:
                    row[i] = std::int64_t{cursor_->real(column) == 1 ? 1 : 0};
                    break;
                case ColumnType::real:
                    row[i] = cursor_->real(column);
                    break;
                case ColumnType::json:
                    row[i] = compact_json(cursor_->text(column));
                    break;
                case ColumnType::text:
                case ColumnType::uuid:
                    row[i] = cursor_->text(column);
                    break;
            }
        }
        return true;
    }

private:
    std::unique_ptr<database::Cursor> cursor_;
    std::span<const EventColumn> columns_;
};

}  // namespace

std::string micros(std::string_view time) {
    return fmt::format("(extract(epoch FROM {}) * 1000000)::bigint", time);
}

core::Result<std::unique_ptr<EventRows>> read_postgres_events(database::PostgresOptions options, Layer layer,
                                                              std::string_view from, std::string_view order) {
    std::string columns;
    for (const EventColumn& column : event_columns(layer))
        columns += (columns.empty() ? "" : ", ") +
                   (column.type == ColumnType::time ? micros(column.name) : std::string(column.name));
    auto cursor = database::open_cursor(
        std::move(options), fmt::format("SELECT {} FROM {} ORDER BY {}", columns, from, order),
        [] { return false; }, core::Duration{24 * 3'600'000'000});
    if (!cursor) return propagate(cursor);
    return std::make_unique<PostgresEventRows>(std::move(*cursor), layer);
}

}  // namespace tristrata::store
