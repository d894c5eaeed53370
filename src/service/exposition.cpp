#include "exposition.hpp"

#include "tristrata/core/json_writer.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace tristrata::service {
namespace {

[[maybe_unused]] bool is_metric_name(std::string_view name) {
    const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == ':'; };
    return !name.empty() && first(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return first(c) || (c >= '0' && c <= '9'); });
}

/// A backslash and the end of a line are escaped everywhere, a quotation mark within labels.
std::string escaped(std::string_view text, bool label) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') out += "\\\\";
        else if (c == '\n') out += "\\n";
        else if (c == '"' && label) out += "\\\"";
        else out += c;
    }
    return out;
}

}  // namespace

void Exposition::family(Kind kind, std::string_view name, std::string_view help) {
    assert(is_metric_name(name));
    assert((kind == Kind::counter) == name.ends_with("_total"));
    name_ = name;
    head_ = fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(help, false), name,
                        kind == Kind::counter ? "counter" : "gauge");
}

void Exposition::sample(Labels labels, double value) {
    if (std::isnan(value)) write(labels, "NaN");
    else if (std::isinf(value)) write(labels, value > 0 ? "+Inf" : "-Inf");
    else write(labels, core::shortest(value));
}

void Exposition::sample(Labels labels, std::uint64_t value) { write(labels, std::to_string(value)); }

void Exposition::write(Labels labels, std::string_view value) {
    assert(!name_.empty());
    text_ += head_;
    head_.clear();
    text_ += name_;
    char before = '{';
    for (const auto& [label, text] : labels) {
        text_ += fmt::format("{}{}=\"{}\"", before, label, escaped(text, true));
        before = ',';
    }
    if (before == ',') text_ += '}';
    text_ += fmt::format(" {}\n", value);
}

}  // namespace tristrata::service
