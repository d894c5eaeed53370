#pragma once

#include "tristrata/database/postgres.hpp"
#include "tristrata/drift/event.hpp"
#include "tristrata/store/store.hpp"

#include <map>
#include <utility>

namespace tristrata::store {

/// Which partitions of a layer's events there are, as far as this process has asked: a day of kpi.events, a
/// month of drift.events and one of its halves.
class Partitions {
public:
    explicit Partitions(Layer layer) : layer_(layer) {}

    /// Whether a row of this time has a place; the partition is made where it is missing and may be made.
    [[nodiscard]] core::Result<bool> ensure(database::Postgres& database, core::Timestamp time,
                                            drift::Severity severity = drift::Severity::info);
    /// What was refused is asked again: an operator may have made place.
    void ask_again();
    /// Everything is: a partition that was there may have left for the archive.
    void forget();
    /// The days ahead, once a day; what cannot be made is seen in the store's horizon.
    void ensure_ahead(database::Postgres& database, core::Clock& clock);

private:
    Layer layer_;
    [[nodiscard]] core::Result<bool> ask(database::Postgres& database, core::Timestamp time,
                                         drift::Severity severity);
    struct Asked {
        std::int64_t day = 0;  ///< Since 1970.
        bool is_info = false;
        bool is_there = false;
        [[nodiscard]] bool is_of(const Asked& other) const {
            return day == other.day && is_info == other.is_info;
        }
    };
    std::map<std::pair<std::string, std::string>, bool> known_;
    std::optional<Asked> last_;  ///< Most rows are of the day of the row before.
    std::optional<core::Timestamp> ahead_at_;
};

/// How many days ahead partitions are made: above the thirty that are promised.
inline constexpr int days_ahead = 33;

}  // namespace tristrata::store
