#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/notification/wording.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::notification {

/// Who is sent alerts.
struct Receiver {
    enum class Kind : std::uint8_t { alertmanager, webhook };
    Kind kind = Kind::alertmanager;
    bool alerts = true;    ///< Takes what pages and what is over,
    bool digests = false;  ///< and digests; no Alertmanager does.
    core::Secret url;      ///< Where to POST.
    std::string shown;     ///< As it may be shown: a webhook's path is often its password. No two are alike.
    std::string key;       ///< Names it in files: 16 hexadecimal digits.
};

struct Receivers {
    std::vector<Receiver> all;
    std::optional<core::SecretSource> secret;  ///< Signs what webhooks get; there where one is.
    Wording wording;
};

/// Whether it is meant for this receiver.
[[nodiscard]] bool is_meant_for(const Alert& alert, const Receiver& receiver);

/// Whether an Alertmanager or a webhook is set; one for digests alone does not count.
[[nodiscard]] bool has_receivers(const config::Settings& settings);
/// Whether a webhook is set that takes digests.
[[nodiscard]] bool takes_digests(const config::Settings& settings);

/// Those of TRISTRATA_ALERTMANAGER_URL (every peer of a cluster, never a load balancer in front of them),
/// TRISTRATA_WEBHOOK_URL and TRISTRATA_DIGEST_URL (webhooks for digests; where it is not set the others get
/// those too), each one URL or several with spaces, commas or new lines between; a …_FILE twin is
/// read anew. configuration: what is no URL of http or https, a webhook without TRISTRATA_WEBHOOK_SECRET, a
/// wrong placeholder. No message shows more of a URL than its host, and of Alertmanager's its path.
[[nodiscard]] core::Result<Receivers> receivers(const config::Settings& settings);

/// Whether an Alertmanager takes alerts: it is sent none.
[[nodiscard]] core::Status probe(const Receiver& alertmanager);

}  // namespace tristrata::notification
