#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/http/client.hpp"
#include "tristrata/notification/receivers.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::notification {

/// What a receiver answered to one alert; not_meant: it was not asked.
struct Outcome {
    enum class Kind : std::uint8_t { taken, refused, failed, not_meant };
    Kind kind = Kind::taken;
    core::Error error = {};
    /// It failed with a status, or when a webhook had all of it: of this alert perhaps, and of no other.
    bool of_itself = false;
    bool hung = false;  ///< A webhook had all of it and gave no answer.
};

/// Whether both are words of the same page: that it fires, or is over.
[[nodiscard]] bool is_same_page(const Alert& one, const Alert& other);

/// The body for Alertmanager. What lasts ends a good while from now: left out, Alertmanager would resolve it
/// after five minutes of silence. A link that it would refuse is left out.
[[nodiscard]] std::string alertmanager_body(const std::vector<Alert>& alerts, const Wording& wording,
                                            core::Timestamp now, core::Duration open_for);
/// The body for a webhook (docs/alerts.md).
[[nodiscard]] std::string webhook_body(const Alert& alert, const Wording& wording);
/// "v1=…": HMAC-SHA256 over seconds, a dot and the body.
[[nodiscard]] std::string signature(const core::Secret& secret, std::string_view seconds,
                                    std::string_view body);

/// Sends alerts to one receiver, in their order. Where it cannot be reached nothing more is sent, and what
/// comes then failed for the same reason: a dead receiver costs one timeout. After a status, or once where a
/// webhook had all of an alert and gave no answer, the others are sent, but for words of the same page; not
/// after ten in a row that it did not take, or when the time of one request is over. An alert with a link
/// that an Alertmanager refuses is sent there once more without. 2xx: taken; 400, 413 and 422: refused, with
/// the receiver's words; everything else, and no answer: failed.
///
/// Threads   One caller at a time.
class Posting {
public:
    Posting(core::Clock& clock, core::Duration timeout, core::Duration open_for)
        : clock_(clock), timeout_(timeout), open_for_(open_for) {}
    [[nodiscard]] std::vector<Outcome> send(const Receiver& to, const Receivers& all,
                                            const std::vector<Alert>& alerts);

private:
    [[nodiscard]] Outcome post(const Receiver& to, const Receivers& all, const std::vector<Alert>& alerts);

    core::Clock& clock_;
    core::Duration timeout_, open_for_;
    std::unique_ptr<http::Client> client_;
};

}  // namespace tristrata::notification
