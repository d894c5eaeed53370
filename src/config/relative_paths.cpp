#include "tristrata/config/relative_paths.hpp"

#include "known_settings.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace tristrata::config {
namespace {

constexpr std::array<std::string_view, 2> file_schemes{"sqlite:///", "file://"};

/// The same from the folder; a text that is no path of its own (":memory:") does not come here.
std::string resolved(const std::string& path, const std::filesystem::path& folder) {
    return path.empty() || path.front() == '/' ? path : (folder / path).string();
}

}  // namespace

void resolve_paths(Settings& settings, const std::filesystem::path& folder) {
    const auto is_path = [](const std::string& key) {
        return std::ranges::any_of(
            known_settings(), [&](const KnownSetting& one) { return one.is_path && one.name.key == key; });
    };
    for (const std::string& key : settings.keys()) {
        Setting setting = *settings.find(key);
        const std::string& value = setting.value.reveal();
        if (is_path(key)) setting.value = core::Secret(resolved(value, folder));
        for (const std::string_view scheme : file_schemes)
            if (value.starts_with(scheme))
                setting.value =
                    core::Secret(std::string(scheme) + resolved(value.substr(scheme.size()), folder));
        if (!setting.file.empty()) setting.file = resolved(setting.file, folder);
        settings.set(key, std::move(setting));
    }
}

}  // namespace tristrata::config
