#include "tristrata/config/exposure.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace tristrata::config {

std::optional<std::string> exposure_of(const Setting& setting) {
    std::error_code code;
    if (setting.file.empty()) return std::nullopt;
    const auto may = std::filesystem::status(setting.file, code).permissions();
    if (code || (may & std::filesystem::perms::others_read) == std::filesystem::perms::none)
        return std::nullopt;
    return fmt::format("{} names {}, which every user of this machine may read (mode {:04o}); chmod 600 it",
                       setting.origin, setting.file, static_cast<unsigned>(may));
}

}  // namespace tristrata::config
