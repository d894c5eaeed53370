#include "payload.hpp"

#include "tristrata/core/secret.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>

namespace tristrata::session {
namespace {

using nlohmann::ordered_json;

/// How many texts within it were redacted.
std::size_t redact(ordered_json& value, const config::SensitivePatterns& sensitive, bool secret) {
    if (auto* const text = value.get_ptr<std::string*>()) {
        if (!secret && !sensitive.match(*text)) return 0;
        *text = core::redacted;
        return 1;
    }
    std::size_t count = 0;
    if (value.is_object())
        for (auto& [key, member] : value.items())
            count += redact(member, sensitive, secret || config::names_a_secret(key));
    else if (value.is_array())
        for (auto& member : value) count += redact(member, sensitive, secret);
    return count;
}

}  // namespace

drift::EventRequest storable(const drift::EventRequest& request, const config::SensitivePatterns& sensitive,
                             const std::function<void(std::string_view)>& notice) {
    drift::EventRequest kept = request;
    ordered_json document = ordered_json::parse(request.payload, nullptr, false);
    if (document.is_discarded()) return kept;
    const std::size_t count = redact(document, sensitive, false);
    if (count == 0) return kept;  // As it was written, to the byte.
    kept.payload = document.dump();
    if (notice)
        notice(
            fmt::format("{} of the payload of {} stored as [redacted]: their keys name a secret, or they "
                        "look like one",
                        core::plural(count, "text was", "texts were"), request.module));
    return kept;
}

}  // namespace tristrata::session
