#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::core {

/// The one JSON writer: UTF-8, escapes as RFC 8259 asks (and unprintable(); '<' as \u003c, so that a
/// document can stand inside HTML), shortest digits that read back to the same double. Bytes that are not
/// UTF-8 become U+FFFD. JSON has no infinity and no NaN: such a number is written as null and counted, so
/// that whoever made the document can say how many it lacks. An absent optional is null, and not counted.
///
/// Example   w.begin_object(); w.key("n"); w.value(3); w.end_object();  gives {"n":3}
class JsonWriter {
public:
    enum class Style : std::uint8_t { compact, indented };
    explicit JsonWriter(Style style = Style::compact) : style_(style) {}

    void begin_object();
    void end_object();
    void begin_array();
    void end_array();
    void key(std::string_view name);
    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(bool flag);
    void value(double number);
    void value(std::int64_t number);
    void value(std::uint64_t number);
    void value(int number) { value(static_cast<std::int64_t>(number)); }
    void null();
    /// An already written JSON value, taken as it is.
    void raw(std::string_view json);
    template <class T>
    void value(const std::optional<T>& maybe) {
        if (maybe) value(*maybe);
        else null();
    }
    template <class T>
    void member(std::string_view name, const T& what) {
        key(name);
        value(what);
    }

    /// Numbers that were not finite, and stand as null.
    [[nodiscard]] std::size_t not_finite() const noexcept { return not_finite_; }
    /// The document; every begin must have had its end.
    [[nodiscard]] std::string take();

private:
    void separate();
    void newline();

    Style style_;
    std::string text_;
    std::vector<bool> first_;  ///< One per open container: nothing written in it yet.
    bool after_key_ = false;
    std::size_t not_finite_ = 0;
};

/// The double's shortest decimal digits that read back to the same double ("0.1", "1e+300"); "inf", "-inf"
/// or "nan" where it has none.
[[nodiscard]] std::string shortest(double number);

}  // namespace tristrata::core
