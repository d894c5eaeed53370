#include "key.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::objects {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t segment_bytes_max = 240;  // File systems end at 255.
constexpr std::size_t key_bytes_max = 900;      // S3 ends at 1,024, with the prefix.

tl::unexpected<core::Error> no_key(std::string_view key, std::string_view why) {
    return fail(ErrorKind::usage,
                fmt::format("{} can be no object's key: {}; expected UTF-8 segments parted by /",
                            core::quoted(key), why));
}

bool is_control(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

}  // namespace

core::Result<std::vector<std::string>> segments_of_key(std::string_view key) {
    if (key.size() > key_bytes_max)
        return no_key(key, fmt::format("it has {} bytes, at most {}", key.size(), key_bytes_max));
    if (!core::is_utf8(key)) return no_key(key, "it is not UTF-8");
    if (std::ranges::any_of(key, is_control)) return no_key(key, "it holds a control character");
    std::vector<std::string> segments;
    for (std::size_t begin = 0; begin <= key.size();) {
        const auto end = std::min(key.find('/', begin), key.size());
        const std::string_view segment = key.substr(begin, end - begin);
        if (segment.empty()) return no_key(key, "a segment is empty");
        if (segment == "." || segment == "..") return no_key(key, "a segment is . or ..");
        if (segment.size() > segment_bytes_max)
            return no_key(
                key, fmt::format("a segment has {} bytes, at most {}", segment.size(), segment_bytes_max));
        segments.emplace_back(segment);
        begin = end + 1;
    }
    if (segments.front() == incoming)
        return no_key(key, fmt::format("{} is where a folder writes first", incoming));
    return segments;
}

core::Result<std::vector<std::string>> segments_of_prefix(std::string_view prefix) {
    if (prefix.empty()) return std::vector<std::string>();
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    return segments_of_key(prefix);
}

}  // namespace tristrata::objects
