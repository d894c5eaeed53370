#include "tristrata/core/json_writer.hpp"

#include "tristrata/core/printable.hpp"
#include "tristrata/core/text.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

namespace tristrata::core {
namespace {

/// Whether a character may need more than to be copied: 0xC2, 0xD8, 0xE2 and 0xEF begin some that
/// unprintable() names.
bool is_special(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || byte == 0xc2 || byte == 0xd8 || byte == 0xe2 || byte == 0xef ||
           c == '"' || c == '\\' || c == '<';
}

void escape_into(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    const std::string repaired = is_utf8(text) ? std::string() : valid_utf8(text);
    const std::string_view source = repaired.empty() ? text : std::string_view(repaired);
    out += '"';
    for (std::size_t i = 0; i < source.size(); ++i) {
        const auto stop =
            std::find_if(source.begin() + static_cast<std::ptrdiff_t>(i), source.end(), is_special);
        const auto plain = static_cast<std::size_t>(stop - source.begin()) - i;
        out += source.substr(i, plain);
        i += plain;
        if (i == source.size()) break;
        const char c = source[i];
        switch (c) {
            case '"':
                out += "\\\"";
                continue;
            case '\\':
                out += "\\\\";
                continue;
            case '\n':
                out += "\\n";
                continue;
            case '\r':
                out += "\\r";
                continue;
            case '\t':
                out += "\\t";
                continue;
            case '<':
                out += "\\u003c";
                continue;
            default:
                break;
        }
        const Unprintable odd = unprintable(source.substr(i));
        if (odd.bytes == 0) {
            out += c;
            continue;
        }
        out += "\\u";
        for (const unsigned shift : {12u, 8u, 4u, 0u}) out += hex[odd.code_point >> shift & 15u];
        i += odd.bytes - 1;
    }
    out += '"';
}

}  // namespace

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (first_.empty()) return;
    if (!first_.back()) text_ += ',';
    first_.back() = false;
    newline();
}

void JsonWriter::newline() {
    if (style_ == Style::compact) return;
    text_ += '\n';
    text_.append(first_.size() * 2, ' ');
}

void JsonWriter::begin_object() {
    separate();
    text_ += '{';
    first_.push_back(true);
}

void JsonWriter::end_object() {
    assert(!first_.empty() && !after_key_);
    const bool empty = first_.back();
    first_.pop_back();
    if (!empty) newline();
    text_ += '}';
}

void JsonWriter::begin_array() {
    separate();
    text_ += '[';
    first_.push_back(true);
}

void JsonWriter::end_array() {
    assert(!first_.empty() && !after_key_);
    const bool empty = first_.back();
    first_.pop_back();
    if (!empty) newline();
    text_ += ']';
}

void JsonWriter::key(std::string_view name) {
    assert(!first_.empty() && !after_key_);
    separate();
    escape_into(text_, name);
    text_ += style_ == Style::compact ? ":" : ": ";
    after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
    separate();
    escape_into(text_, text);
}

void JsonWriter::value(bool flag) {
    separate();
    text_ += flag ? "true" : "false";
}

void JsonWriter::value(double number) {
    if (!std::isfinite(number)) {
        ++not_finite_;
        return null();
    }
    separate();
    text_ += shortest(number);
}

void JsonWriter::value(std::int64_t number) {
    separate();
    text_ += std::to_string(number);
}

void JsonWriter::value(std::uint64_t number) {
    separate();
    text_ += std::to_string(number);
}

void JsonWriter::null() {
    separate();
    text_ += "null";
}

void JsonWriter::raw(std::string_view json) {
    separate();
    text_ += json;
}

std::string JsonWriter::take() {
    assert(first_.empty() && !after_key_);
    return std::move(text_);
}

std::string shortest(double number) {
    if (std::isnan(number)) return "nan";
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return {buffer.data(), end};
}

}  // namespace tristrata::core
