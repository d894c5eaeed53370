#include "foreign_type.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace tristrata::dataset {
namespace {

constexpr std::string_view type_key = "tristrata:type";

constexpr std::pair<std::string_view, std::string_view> names[]{{"n", "null"},
                                                                {"b", "bool"},
                                                                {"c", "int8"},
                                                                {"C", "uint8"},
                                                                {"s", "int16"},
                                                                {"S", "uint16"},
                                                                {"i", "int32"},
                                                                {"I", "uint32"},
                                                                {"l", "int64"},
                                                                {"L", "uint64"},
                                                                {"e", "halffloat"},
                                                                {"f", "float"},
                                                                {"g", "double"},
                                                                {"u", "string"},
                                                                {"U", "large_string"},
                                                                {"vu", "string_view"},
                                                                {"z", "binary"},
                                                                {"Z", "large_binary"},
                                                                {"vz", "binary_view"},
                                                                {"tdD", "date32[day]"},
                                                                {"tdm", "date64[ms]"},
                                                                {"tts", "time32[s]"},
                                                                {"ttm", "time32[ms]"},
                                                                {"ttu", "time64[us]"},
                                                                {"ttn", "time64[ns]"},
                                                                {"tDs", "duration[s]"},
                                                                {"tDm", "duration[ms]"},
                                                                {"tDu", "duration[us]"},
                                                                {"tDn", "duration[ns]"},
                                                                {"tiM", "month_interval"},
                                                                {"tiD", "day_time_interval"},
                                                                {"tin", "month_day_nano_interval"},
                                                                {"+l", "list"},
                                                                {"+L", "large_list"},
                                                                {"+vl", "list_view"},
                                                                {"+vL", "large_list_view"},
                                                                {"+s", "struct"},
                                                                {"+m", "map"},
                                                                {"+r", "run_end_encoded"}};

std::string plain(std::string_view format) {
    for (const auto& [letters, word] : names)
        if (format == letters) return std::string(word);
    constexpr std::pair<char, std::string_view> units[]{{'s', "s"}, {'m', "ms"}, {'u', "us"}, {'n', "ns"}};
    if (format.starts_with("ts") && format.size() >= 4)
        for (const auto& [letter, unit] : units)
            if (format[2] == letter)
                return format.size() == 4 ? fmt::format("timestamp[{}]", unit)
                                          : fmt::format("timestamp[{}, tz={}]", unit, format.substr(4));
    if (format.starts_with("d:")) {
        // d:precision,scale or d:precision,scale,bits
        const auto first = format.find(','), second = format.find(',', first + 1);
        if (first != std::string_view::npos)
            return fmt::format("decimal{}({}, {})",
                               second == std::string_view::npos ? "128" : format.substr(second + 1),
                               format.substr(2, first - 2), format.substr(first + 1, second - first - 1));
    }
    if (format.starts_with("w:")) return fmt::format("fixed_size_binary[{}]", format.substr(2));
    if (format.starts_with("+w:")) return "fixed_size_list";
    if (format.starts_with("+u")) return "union";
    return std::string(format);
}

/// What stands behind a key of the metadata: int32 pairs, then for each int32 and bytes of key and value.
std::optional<std::string> value_in(const char* metadata, std::string_view key) {
    if (metadata == nullptr) return std::nullopt;
    const auto number = [&] {
        std::int32_t read = 0;
        std::memcpy(&read, metadata, sizeof read);
        metadata += sizeof read;
        return read;
    };
    const auto text = [&] {
        const auto size = static_cast<std::size_t>(number());
        return std::string_view(std::exchange(metadata, metadata + size), size);
    };
    for (std::int32_t left = number(); left > 0; --left) {
        const std::string_view name = text(), value = text();
        if (name == key) return core::valid_utf8(std::string(value));
    }
    return std::nullopt;
}

void append(std::string& metadata, std::string_view text) {
    const auto size = static_cast<std::int32_t>(text.size());
    metadata.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
}

}  // namespace

std::string foreign_type_of(const ArrowSchema& schema) {
    if (auto given = value_in(schema.metadata, type_key)) return *given;
    if (schema.dictionary == nullptr) return plain(schema.format);
    return fmt::format("dictionary<values={}, indices={}, ordered={}>", foreign_type_of(*schema.dictionary),
                       plain(schema.format), (schema.flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0 ? 1 : 0);
}

std::string metadata_of_type(std::string_view type) {
    constexpr std::int32_t pairs = 1;
    std::string metadata(reinterpret_cast<const char*>(&pairs), sizeof pairs);
    append(metadata, type_key);
    append(metadata, type);
    return metadata;
}

}  // namespace tristrata::dataset
