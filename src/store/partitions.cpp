#include "partitions.hpp"

#include "schema_text.hpp"
#include "stored_time.hpp"

#include <fmt/format.h>

namespace tristrata::store {
namespace {

/// Beyond these the text of a time is no date that PostgreSQL reads; the server decides about the rest.
constexpr core::Timestamp year_2000{946'684'800'000'000}, year_9999{253'370'764'800'000'000};
constexpr core::Duration day{86'400'000'000};

}  // namespace

core::Result<bool> Partitions::ensure(database::Postgres& database, core::Timestamp time,
                                      drift::Severity severity) {
    if (time < year_2000 || time >= year_9999) return false;
    Asked asked{time.microseconds / day.microseconds, severity == drift::Severity::info};
    if (last_ && last_->is_of(asked)) return last_->is_there;
    auto is_there = ask(database, time, severity);
    if (!is_there) return is_there;
    asked.is_there = *is_there;
    last_ = asked;
    return is_there;
}

core::Result<bool> Partitions::ask(database::Postgres& database, core::Timestamp time,
                                   drift::Severity severity) {
    const std::string text = stored_time(time);
    const bool is_kpi = layer_ == Layer::kpi;
    const std::string half = is_kpi ? "" : severity == drift::Severity::info ? "info" : "alert";
    const auto key = std::pair(is_kpi ? text.substr(0, 10) : text.substr(0, 7) + "-01", half);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    auto answer = is_kpi ? database.query("SELECT kpi.ensure_day($1)", {key.first})
                         : database.query("SELECT drift.ensure_month($1, $2)", {key.first, key.second});
    if (!answer) return propagate(answer);
    const bool is_there = answer->boolean(0, 0);
    known_.emplace(key, is_there);
    return is_there;
}

void Partitions::forget() {
    known_.clear();
    last_.reset();
}

void Partitions::ask_again() {
    last_.reset();
    std::erase_if(known_, [](const auto& entry) { return !entry.second; });
}

void Partitions::ensure_ahead(database::Postgres& database, core::Clock& clock) {
    const auto now = clock.steady_now();
    if (ahead_at_ && now - *ahead_at_ < day) return;
    ahead_at_ = now;
    (void)database.query(fmt::format("SELECT {}.ensure_ahead($1)", schema_name(layer_)),
                         {std::to_string(days_ahead)});
}

}  // namespace tristrata::store
