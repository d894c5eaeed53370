#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tristrata::service {

/// Prometheus' text format, version 0.0.4: a family's HELP and TYPE, then its samples, one after another.
/// A family without a sample is left out.
///
/// Source    https://prometheus.io/docs/instrumenting/exposition_formats/
class Exposition {
public:
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";
    enum class Kind : std::uint8_t { counter, gauge };
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// Names are of [a-z_:][a-z0-9_:]*; a counter's end in _total (both asserted).
    void family(Kind kind, std::string_view name, std::string_view help);
    /// Of the family begun last. A number that is not finite is written as Prometheus spells it.
    void sample(Labels labels, double value);
    void sample(Labels labels, std::uint64_t value);
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void write(Labels labels, std::string_view value);

    std::string name_;
    std::string head_;  ///< HELP and TYPE, until the first sample.
    std::string text_;
};

}  // namespace tristrata::service
