#include "watched_file.hpp"

#include <fmt/format.h>
#include <fstream>

namespace tristrata::service {

core::Result<const config::Setting*> watched_file(const config::Settings& settings, std::string_view key,
                                                  std::initializer_list<std::string_view> stores) {
    const config::Setting* file = settings.find(key);
    if (file == nullptr) return file;
    for (const std::string_view store : stores)
        if (auto setting = settings.require(store); !setting)
            return core::fail(setting.error().kind,
                              fmt::format("{} names {}, and what they find has no store: {}", file->origin,
                                          key, setting.error().message));
    return file;
}

core::Error named_by(const config::Setting& file, core::Error error) {
    if (!std::ifstream(file.value.reveal()))
        error.message = fmt::format("{} names {}", file.origin, error.message);
    return error;
}

}  // namespace tristrata::service
