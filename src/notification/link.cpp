#include "link.hpp"

#include "tristrata/core/secret.hpp"

#include <algorithm>

namespace tristrata::notification {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool has_whole_escapes(std::string_view text) {
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
        if (at + 2 >= text.size() || !is_hexadecimal(text[at + 1]) || !is_hexadecimal(text[at + 2]))
            return false;
    return true;
}

/// A name, an address, or one of version 6 in brackets; with a port or without.
bool is_host(std::string_view text) {
    const auto colon = text.rfind(':');
    const bool has_port = colon != std::string_view::npos && (text.front() != '[' || text.find(']') < colon);
    if (has_port) {
        if (!std::ranges::all_of(text.substr(colon + 1), is_digit)) return false;
        text = text.substr(0, colon);
    }
    if (text.empty()) return false;
    if (text.front() == '[')
        return text.size() > 2 && text.back() == ']' &&
               std::ranges::all_of(text.substr(1, text.size() - 2),
                                   [](char c) { return is_hexadecimal(c) || c == ':' || c == '.'; });
    return std::ranges::all_of(text, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;
    });
}

}  // namespace

std::string link_of(std::string_view url) {
    const auto is_blank_or_control = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) == 0x7f;
    };
    if (std::ranges::any_of(url, is_blank_or_control)) return {};
    constexpr std::string_view slashes = "://";
    const auto scheme = url.find(slashes);
    if (scheme == std::string_view::npos || scheme == 0 || !is_letter(url.front()) ||
        !std::ranges::all_of(url.substr(0, scheme), [](char c) {
            return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
        }))
        return {};
    const auto begin = scheme + slashes.size();
    const auto end = std::min(url.find_first_of("/?#", begin), url.size());
    std::string_view host = url.substr(begin, end - begin);
    if (const auto credentials = host.rfind('@'); credentials != std::string_view::npos) {
        if (host.substr(0, credentials) == core::hidden) return {};
        host = host.substr(credentials + 1);
    }
    const std::string_view rest = url.substr(end);
    const auto query = rest.find('?');
    const auto fragment = rest.find('#');
    if (!is_host(host) || !has_whole_escapes(rest.substr(0, query)) ||
        (fragment != std::string_view::npos && !has_whole_escapes(rest.substr(fragment))))
        return {};
    return std::string(url.substr(0, begin)) + std::string(host) + std::string(rest);
}

}  // namespace tristrata::notification
