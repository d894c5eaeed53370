#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/notification/receivers.hpp"
#include "tristrata/relay/destination.hpp"
#include "tristrata/spool/file_system.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::notification {

/// How long an alert that lasts is open at Alertmanager while nobody sends it again: longer than an outage of
/// ours, since one that is over would look resolved.
inline constexpr core::Duration open_for_default{3LL * 86'400 * 1'000'000};

struct AlertOptions {
    /// Where alerts are kept that one receiver took and another one did not. Empty: such alerts stay in the
    /// spool, and go to all again.
    std::string owed_folder;
    /// How many are kept there for one receiver: of more the oldest gives way, and is counted as dropped.
    /// What is kept is then the last word of what moved last, which is what a person needs who is paged late.
    std::size_t owed_max = 10'000;
    /// Where it is kept what receivers answered, where one refused (reception.hpp). Empty: nowhere.
    std::string receptions_folder;
    core::Duration timeout{5'000'000};  ///< Of one request, and of a turn of what is owed to one receiver.
    core::Duration open_for = open_for_default;
    core::Duration retry_first{
        1'000'000};  ///< Of a receiver that failed; doubled with each failure in a row.
    core::Duration retry_max{60'000'000};
    std::function<void(std::string_view)> notice;  ///< Told, in a sentence each, by any thread.
};

/// How one receiver has answered.
struct ReceiverStatus {
    std::string shown;
    std::uint64_t taken = 0;     ///< Alerts, those sent again among them.
    std::uint64_t refused = 0;   ///< 400, 413, 422: it will never take them.
    std::uint64_t failures = 0;  ///< Requests.
    std::uint64_t owed = 0;      ///< Alerts that wait for it on the disk,
    std::uint64_t untold = 0;    ///< of them those that nobody has taken.
    /// Of what it does not take, while it is sent what comes behind: one of them.
    std::optional<std::string> alone = {};
    std::optional<core::Error> held = {};
    /// It refused an alert, and has taken none since.
    struct Refusal {
        core::Timestamp at;
        core::Error error;
        bool is_told = false;  ///< Another receiver took that alert.
    };
    std::optional<Refusal> refusal = {};
    std::uint64_t dropped = 0;  ///< Alerts that it never gets: as many as are kept waited for it.
    bool is_full = false;       ///< No more are kept for it: each further one takes the place of another.
    /// Since when it misses alerts; none where it has all that was kept for it since.
    std::optional<core::Timestamp> dropped_at = {};
};

/// Where alerts end: every Alertmanager and every webhook that is named. One is stored once a receiver has
/// taken it; for each of the others that did not, it is kept in a file of its own and sent to it first of all
/// when it answers again, so that no receiver waits for another. Refused by all that were asked, it is dead,
/// with their words; taken by none, it stays in the spool where no receiver answers. A digest is owed then to
/// each that it is meant for, so that no page waits behind it, and so is, where retry_owed() is called, a
/// page that a receiver answered with a status, or a webhook not at all: beside others that were taken, or at
/// its second delivery. A receiver may get an alert twice, under one id.
///
/// Errors    unavailable: no receiver takes them now; configuration: what names receivers cannot be used.
/// Threads   deliver() and retry_owed() by one caller each, also at the same time; status() by any.
class AlertDestination final : public relay::Destination {
public:
    /// `named` is asked at each delivery. Files and clock outlive this.
    AlertDestination(std::function<core::Result<Receivers>()> named, spool::FileSystem& files,
                     core::Clock& clock, AlertOptions options);
    ~AlertDestination() override;

    [[nodiscard]] sink::RecordClass record_class() const noexcept override {
        return sink::RecordClass::alert;
    }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch& batch) override;
    /// Sends what is owed to the receivers whose wait is over: one step, to be called every second or so. A
    /// page that nobody was told of goes to those that are named now where its receiver is named no longer.
    /// Returns   How many alerts were taken.
    [[nodiscard]] core::Result<std::uint64_t> retry_owed();
    /// Of every receiver that is named, also of one that nothing was sent to yet; of every one that was while
    /// nobody can say who is named.
    [[nodiscard]] std::vector<ReceiverStatus> status() const;

private:
    struct Line;
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

/// The folder of alerts that are owed, in a spool's root.
[[nodiscard]] std::string owed_folder(const std::string& spool_root);
/// Pages that are owed there and that nobody has taken, each as often as it is owed.
[[nodiscard]] core::Result<std::vector<Alert>> owed_untold(spool::FileSystem& files,
                                                           const std::string& spool_root);

}  // namespace tristrata::notification
