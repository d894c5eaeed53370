#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/config/document.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::analyzer {

[[nodiscard]] std::string trimmed(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// A table of the file, read on after a mistake: each is kept with its place, and the key is then absent.
class DefinitionReader {
public:
    DefinitionReader(config::Reader& reader, std::vector<Problem>& problems)
        : reader_(reader), problems_(problems) {}

    [[nodiscard]] std::optional<std::string> text(std::string_view key);
    [[nodiscard]] std::optional<double> number(std::string_view key);
    [[nodiscard]] std::optional<core::Duration> duration(std::string_view key);
    /// A whole number from `least` on.
    [[nodiscard]] std::optional<std::uint64_t> count(std::string_view key, std::int64_t least);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] std::vector<config::Reader> tables(std::string_view key);

    /// At a key's place, or at one that is known already.
    void problem(std::string_view key_or_place, std::string message);
    /// Unless the key is there, and was refused for what stands under it.
    void missing(std::string_view key, std::string message);
    /// Unknown keys.
    void finish();
    [[nodiscard]] std::vector<Problem>& problems() noexcept { return problems_; }

private:
    template <class T>
    [[nodiscard]] std::optional<T> taken(core::Result<std::optional<T>> result);
    void say(const std::string& message_with_place);

    config::Reader& reader_;
    std::vector<Problem>& problems_;
};

}  // namespace tristrata::analyzer
