#pragma once

#include "tristrata/drift/event.hpp"
#include "tristrata/http/server.hpp"
#include "tristrata/notification/alert.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::notification {

/// An alert that Alertmanager or Grafana sent.
struct ReceivedAlert {
    Alert alert;              ///< With ends_at where it is resolved.
    std::string fingerprint;  ///< As its sender says it, else of its labels.
    /// Its end was told, and it fires with the same start all the same.
    std::optional<core::Timestamp> again_since = {};
    bool operator==(const ReceivedAlert&) const = default;
};

struct Webhook {
    enum class Sender : std::uint8_t { alertmanager, grafana };
    Sender sender = Sender::alertmanager;
    std::vector<ReceivedAlert> alerts;
    std::uint64_t truncated = 0;  ///< Alerts that its sender left out.
};

/// The JSON of Alertmanager's webhooks (version "4") and of Grafana's ("1"). invalid_input: it is none, with
/// the place; conflict: another version. A time is cut to microseconds.
[[nodiscard]] core::Result<Webhook> parse_webhook(std::string_view body);

/// What a received alert is to the drift store. Its labels say it: drift_type (one of the ten), module, and
/// severity (crit, critical or page; warn or warning; info); the metric is its alertname and its other
/// labels, FoldMissing{crypto="BTC"}, 200 bytes at most. The same alert sent twice is one event (event_id
/// from fingerprint and start). Its payload keeps labels, annotations (1,000 bytes of each) and the sender's
/// link as generator_url; its reason is the annotation summary, else description. One that began before
/// incidents look back (`looked_back` before `now`) and still fires is one event of each day (UTC) on which
/// it comes in, or it would page nobody. One that is resolved is an event of severity info whose payload says
/// `ended`, as of its end: it ends what the same alert told, and no other. One that fires again behind its
/// end is another event.
/// refused: a label is missing or unknown, or a text holds U+0000.
[[nodiscard]] core::Result<drift::EventRequest> drift_event_of(const ReceivedAlert& received,
                                                               core::Timestamp now,
                                                               core::Duration looked_back);

/// What has come in so far.
struct IntakeCounts {
    std::uint64_t taken = 0;          ///< Alerts, handed on.
    std::uint64_t repeated = 0;       ///< Those that had been handed on before.
    std::uint64_t resolved = 0;       ///< Ends, each handed on once.
    std::uint64_t refused = 0;        ///< By whom they were handed on to, for good.
    std::uint64_t truncated = 0;      ///< Left out by their sender.
    std::uint64_t unreadable = 0;     ///< Webhooks, of another version or none at all.
    std::uint64_t other_version = 0;  ///< Those of another version.
};

/// Takes webhooks in: each firing alert is handed on once for its fingerprint and start, and so is its end;
/// behind that it may fire again. An end that is of no use (no label that says what it is of) is counted
/// alone. One counts as handed on when that has succeeded; else its sender is told to send it again.
///
/// Threads   Any number of callers at once; alerts are handed on one after another.
class Intake {
public:
    /// `hand_on`: an error of a kind that a retry may help lets the sender send the whole webhook again, any
    /// other refuses the alert for good. `notice` is told of what was refused or left out.
    explicit Intake(std::function<core::Status(const ReceivedAlert&)> hand_on,
                    std::function<void(std::string_view)> notice = {});

    /// For http::Options::take: 200 with what became of the alerts, 422 for what is no webhook, where all
    /// alerts are refused too, 409 for an unknown version, 503 and 507 where it is to be sent again.
    [[nodiscard]] http::Reply answer(const http::Message& message);
    [[nodiscard]] IntakeCounts counts() const;

private:
    [[nodiscard]] core::Result<IntakeCounts> take(std::string_view body, std::string& refusal);

    static constexpr std::size_t remembered_max = 100'000;
    std::function<core::Status(const ReceivedAlert&)> hand_on_;
    std::function<void(std::string_view)> notice_;
    mutable std::mutex mutex_;
    void remember(std::string name, std::optional<core::Timestamp> ended_at);
    std::map<std::string, std::optional<core::Timestamp>, std::less<>> seen_;  ///< With its end.
    std::deque<std::string> order_;  ///< Of what was seen, the oldest first.
    IntakeCounts counts_;
};

}  // namespace tristrata::notification
