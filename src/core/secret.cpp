#include "tristrata/core/secret.hpp"

namespace tristrata::core {

std::string without_credentials(std::string_view message) {
    constexpr std::string_view mark = "://", advice = "USER:PASSWORD";
    std::string out;
    for (auto at = message.find(mark); at != std::string_view::npos; at = message.find(mark)) {
        out += message.substr(0, at + mark.size());
        message.remove_prefix(at + mark.size());
        // A password may hold anything, so that what is hidden goes up to the last @ that could end it.
        const std::string_view rest = message.substr(0, message.find(mark));
        const auto end = rest.rfind('@');
        if (end == std::string_view::npos || rest.find(':') > end || rest.starts_with(advice)) continue;
        out += hidden;
        message.remove_prefix(end);
    }
    return out.append(message);
}

}  // namespace tristrata::core
