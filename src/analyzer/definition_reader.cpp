#include "definition_reader.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::analyzer {

std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0;;) {
        const auto end = text.find(separator, begin);
        parts.emplace_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return parts;
        begin = end + 1;
    }
}

void DefinitionReader::say(const std::string& message_with_place) {
    // "file:3:1: what is wrong"
    const auto end = message_with_place.find(": ");
    Problem problem{end == std::string::npos ? reader_.where() : message_with_place.substr(0, end),
                    end == std::string::npos ? message_with_place : message_with_place.substr(end + 2)};
    if (std::ranges::find(problems_, problem) == problems_.end()) problems_.push_back(std::move(problem));
}

template <class T>
std::optional<T> DefinitionReader::taken(core::Result<std::optional<T>> result) {
    if (result) return std::move(*result);
    say(result.error().message);
    return std::nullopt;
}

std::optional<std::string> DefinitionReader::text(std::string_view key) { return taken(reader_.text(key)); }
std::optional<double> DefinitionReader::number(std::string_view key) { return taken(reader_.number(key)); }

std::optional<core::Duration> DefinitionReader::duration(std::string_view key) {
    const auto words = text(key);
    if (!words) return std::nullopt;
    auto parsed = core::parse_duration(*words);
    if (parsed) return *parsed;
    problem(key, parsed.error().message);
    return std::nullopt;
}

std::optional<std::uint64_t> DefinitionReader::count(std::string_view key, std::int64_t least) {
    const auto number = taken(reader_.integer(key));
    if (!number) return std::nullopt;
    if (*number >= least) return static_cast<std::uint64_t>(*number);
    problem(key, fmt::format("{} is {}; expected {} or more", key, *number, least));
    return std::nullopt;
}

std::vector<std::string> DefinitionReader::texts(std::string_view key) {
    return taken(reader_.texts(key)).value_or(std::vector<std::string>{});
}

std::vector<config::Reader> DefinitionReader::tables(std::string_view key) {
    auto all = reader_.tables(key);
    if (all) return std::move(*all);
    say(all.error().message);
    return {};
}

void DefinitionReader::problem(std::string_view key_or_place, std::string message) {
    const bool is_place = key_or_place.find(':') != std::string_view::npos;
    problems_.push_back(
        {is_place ? std::string(key_or_place) : reader_.where(key_or_place), std::move(message)});
}

void DefinitionReader::missing(std::string_view key, std::string message) {
    const auto keys = reader_.keys();
    if (std::ranges::find(keys, key) == keys.end()) problem(key, std::move(message));
}

void DefinitionReader::finish() {
    if (auto status = reader_.finish(); !status) say(status.error().message);
}

}  // namespace tristrata::analyzer
