#pragma once

#include "duty.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/session/session.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tristrata::service {

/// Once a day (UTC) what PostgreSQL has counted of statements goes to the KPI store, for `report hypotheses`:
/// counts grow until they are reset, and say nothing of a day afterwards.
///
/// Where statements are not counted that is said once, and asked again each hour: nobody has to get up for
/// it.
class StatementSampling : public std::enable_shared_from_this<StatementSampling> {
public:
    static constexpr core::Duration every{3'600'000'000};  ///< Asked whether the day has its sample.

    /// Null where the KPI store is not on PostgreSQL.
    [[nodiscard]] static std::shared_ptr<StatementSampling> open(std::shared_ptr<session::Session> session,
                                                                 core::Clock& clock,
                                                                 std::shared_ptr<Log> log);
    [[nodiscard]] Duty duty();
    core::Status run();

private:
    StatementSampling(std::shared_ptr<session::Session> session, core::Clock& clock, std::shared_ptr<Log> log)
        : session_(std::move(session)), clock_(clock), log_(std::move(log)) {}
    core::Status sample(core::Timestamp now);

    std::shared_ptr<session::Session> session_;
    core::Clock& clock_;
    std::shared_ptr<Log> log_;
    // Of the thread that samples.
    std::optional<std::int64_t> day_;  ///< Days since 1970 of the last sample.
    std::string said_;                 ///< Why there was none.
};

}  // namespace tristrata::service
