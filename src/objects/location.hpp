#pragma once

#include "tristrata/core/result.hpp"

#include <string>
#include <string_view>

namespace tristrata::objects {

/// Where objects are, taken apart.
struct Location {
    enum class Kind { folder, s3 };
    Kind kind = Kind::folder;
    std::string text;    ///< As it was given, without '/' at its end.
    std::string folder;  ///< Absolute.
    std::string bucket;
    std::string prefix;  ///< Without '/' at either end; may be empty.
};

/// configuration, with the setting's name: it is no s3://BUCKET/PREFIX and no file:///FOLDER. A message never
/// repeats the location: it may hold what somebody put into the wrong place.
[[nodiscard]] core::Result<Location> parse_location(std::string_view location, std::string_view origin);

}  // namespace tristrata::objects
