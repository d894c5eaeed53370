#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::config {

struct Node;

/// One table of a TOML document, read strictly: every key that is there must be asked for, or finish()
/// refuses it and names the nearest key that was. Absent keys are absent values; a value of another type is
/// an error with file, line and column. Copies share what has been asked for.
class Reader {
public:
    [[nodiscard]] core::Result<std::optional<std::string>> text(std::string_view key);
    [[nodiscard]] core::Result<std::optional<std::int64_t>> integer(std::string_view key);
    /// A number with or without a fraction.
    [[nodiscard]] core::Result<std::optional<double>> number(std::string_view key);
    [[nodiscard]] core::Result<std::optional<bool>> flag(std::string_view key);
    [[nodiscard]] core::Result<std::optional<std::vector<std::string>>> texts(std::string_view key);
    [[nodiscard]] core::Result<std::optional<Reader>> table(std::string_view key);
    /// An array of tables; empty where the key is absent.
    [[nodiscard]] core::Result<std::vector<Reader>> tables(std::string_view key);

    /// Shares nothing with this one; nothing was asked of it yet.
    [[nodiscard]] Reader copy() const;
    /// The keys that are there, in the order of the file.
    [[nodiscard]] std::vector<std::string> keys() const;
    /// "plan.toml:3:1" of a key's value, or of the table.
    [[nodiscard]] std::string where(std::string_view key = {}) const;
    /// A table that somebody else reads and finishes, as a copy that shares nothing; here it counts as asked
    /// for.
    [[nodiscard]] core::Result<std::optional<Reader>> apart(std::string_view key);
    /// Refuses what was never asked for, here and in every table that was.
    [[nodiscard]] core::Status finish() const;

private:
    friend class Document;
    explicit Reader(std::shared_ptr<Node> node) : node_(std::move(node)) {}
    [[nodiscard]] const Node* find(std::string_view key);

    std::shared_ptr<Node> node_;
};

/// A parsed TOML document.
class Document {
public:
    [[nodiscard]] Reader root() const { return Reader(root_); }

private:
    friend core::Result<Document> parse_document(std::string_view text, std::string name);
    std::shared_ptr<Node> root_;
};

/// configuration: no such file, or file, line and column of what TOML does not allow.
[[nodiscard]] core::Result<Document> read_document(const std::filesystem::path& file);
[[nodiscard]] core::Result<Document> parse_document(std::string_view text, std::string name);

}  // namespace tristrata::config
