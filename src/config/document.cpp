#include "tristrata/config/document.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <variant>

namespace tristrata::config {

using core::ErrorKind;
using core::fail;

/// Our own tree, so that toml++ stays in this file.
struct Node {
    using Array = std::vector<std::shared_ptr<Node>>;
    using Table = std::vector<std::pair<std::string, std::shared_ptr<Node>>>;
    std::variant<std::monostate, std::string, std::int64_t, double, bool, Array, Table> value;
    std::string place;  ///< file:line:column
    mutable std::set<std::string, std::less<>> asked;
    mutable std::vector<std::shared_ptr<Node>> visited;
};

namespace {

std::shared_ptr<Node> converted(const toml::node& from, const std::string& name) {
    auto node = std::make_shared<Node>();
    node->place = fmt::format("{}:{}:{}", name, from.source().begin.line, from.source().begin.column);
    if (const auto* table = from.as_table()) {
        Node::Table entries;
        for (const auto& [key, value] : *table)
            entries.emplace_back(std::string(key.str()), converted(value, name));
        std::ranges::stable_sort(entries, {}, [&](const auto& entry) {
            const auto& source = table->get(entry.first)->source().begin;
            return std::pair(source.line, source.column);
        });
        node->value = std::move(entries);
    } else if (const auto* array = from.as_array()) {
        Node::Array items;
        for (const auto& item : *array) items.push_back(converted(item, name));
        node->value = std::move(items);
    } else if (const auto* text = from.as_string()) {
        node->value = text->get();
    } else if (const auto* integer = from.as_integer()) {
        node->value = integer->get();
    } else if (const auto* number = from.as_floating_point()) {
        node->value = number->get();
    } else if (const auto* flag = from.as_boolean()) {
        node->value = flag->get();
    }
    return node;
}

std::string_view kind_of(const Node& node) {
    switch (node.value.index()) {
        case 1:
            return "a string";
        case 2:
            return "a whole number";
        case 3:
            return "a number";
        case 4:
            return "true or false";
        case 5:
            return "a list";
        case 6:
            return "a table";
        default:
            return "a date or time";
    }
}

tl::unexpected<core::Error> mismatch(const Node& node, std::string_view key, std::string_view expected) {
    return fail(ErrorKind::configuration,
                fmt::format("{}: {} is {}; expected {}", node.place, key, kind_of(node), expected));
}

template <class Value>
core::Result<std::optional<Value>> scalar(const Node* node, std::string_view key, std::string_view expected) {
    if (node == nullptr) return std::optional<Value>();
    if (const auto* value = std::get_if<Value>(&node->value)) return std::optional<Value>(*value);
    return mismatch(*node, key, expected);
}

std::shared_ptr<Node> shared_child(const Node& table, std::string_view key) {
    for (const auto& [name, child] : std::get<Node::Table>(table.value))
        if (name == key) return child;
    return nullptr;
}

/// With all below it; nothing of it was asked for yet.
std::shared_ptr<Node> copy_of(const Node& from) {
    auto node = std::make_shared<Node>();
    node->place = from.place;
    if (const auto* table = std::get_if<Node::Table>(&from.value)) {
        Node::Table entries;
        for (const auto& [key, child] : *table) entries.emplace_back(key, copy_of(*child));
        node->value = std::move(entries);
    } else if (const auto* array = std::get_if<Node::Array>(&from.value)) {
        Node::Array items;
        for (const auto& item : *array) items.push_back(copy_of(*item));
        node->value = std::move(items);
    } else {
        node->value = from.value;
    }
    return node;
}

core::Status finished(const Node& node) {
    const auto* table = std::get_if<Node::Table>(&node.value);
    if (table == nullptr) return {};
    const std::vector<std::string> known(node.asked.begin(), node.asked.end());
    for (const auto& [key, child] : *table) {
        if (node.asked.contains(key)) continue;
        const auto near = core::nearest(key, known);
        std::string all;
        for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
        return fail(ErrorKind::configuration,
                    fmt::format("{}: unknown key {}; {}", child->place, core::quoted(key),
                                near.empty() ? "known are " + all
                                             : fmt::format("did you mean {}?", core::quoted(near))));
    }
    for (const auto& child : node.visited)
        if (auto status = finished(*child); !status) return status;
    return {};
}

}  // namespace

const Node* Reader::find(std::string_view key) {
    node_->asked.emplace(key);
    return shared_child(*node_, key).get();
}

core::Result<std::optional<std::string>> Reader::text(std::string_view key) {
    return scalar<std::string>(find(key), key, "a string");
}
core::Result<std::optional<std::int64_t>> Reader::integer(std::string_view key) {
    return scalar<std::int64_t>(find(key), key, "a whole number");
}
core::Result<std::optional<bool>> Reader::flag(std::string_view key) {
    return scalar<bool>(find(key), key, "true or false");
}

core::Result<std::optional<double>> Reader::number(std::string_view key) {
    const Node* node = find(key);
    if (node != nullptr)
        if (const auto* whole = std::get_if<std::int64_t>(&node->value))
            return std::optional(static_cast<double>(*whole));
    return scalar<double>(node, key, "a number");
}

core::Result<std::optional<std::vector<std::string>>> Reader::texts(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return std::optional<std::vector<std::string>>();
    const auto* array = std::get_if<Node::Array>(&node->value);
    if (array == nullptr) return mismatch(*node, key, "a list of strings");
    std::vector<std::string> texts;
    for (const auto& item : *array) {
        const auto* text = std::get_if<std::string>(&item->value);
        if (text == nullptr) return mismatch(*item, key, "a list of strings");
        texts.push_back(*text);
    }
    return std::optional(std::move(texts));
}

core::Result<std::optional<Reader>> Reader::table(std::string_view key) {
    node_->asked.emplace(key);
    auto child = shared_child(*node_, key);
    if (!child) return std::optional<Reader>();
    if (!std::holds_alternative<Node::Table>(child->value)) return mismatch(*child, key, "a table");
    node_->visited.push_back(child);
    return std::optional(Reader(std::move(child)));
}

core::Result<std::vector<Reader>> Reader::tables(std::string_view key) {
    const Node* node = find(key);
    std::vector<Reader> readers;
    if (node == nullptr) return readers;
    const auto* array = std::get_if<Node::Array>(&node->value);
    if (array == nullptr) return mismatch(*node, key, "a list of tables");
    for (const auto& item : *array) {
        if (!std::holds_alternative<Node::Table>(item->value))
            return mismatch(*item, key, "a list of tables");
        node_->visited.push_back(item);
        readers.push_back(Reader(item));
    }
    return readers;
}

core::Result<std::optional<Reader>> Reader::apart(std::string_view key) {
    node_->asked.emplace(key);
    const auto child = shared_child(*node_, key);
    if (!child) return std::optional<Reader>();
    if (!std::holds_alternative<Node::Table>(child->value)) return mismatch(*child, key, "a table");
    return std::optional(Reader(copy_of(*child)));
}

Reader Reader::copy() const { return Reader(copy_of(*node_)); }

std::vector<std::string> Reader::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, child] : std::get<Node::Table>(node_->value)) keys.push_back(key);
    return keys;
}

std::string Reader::where(std::string_view key) const {
    const auto child = key.empty() ? nullptr : shared_child(*node_, key);
    return child ? child->place : node_->place;
}

core::Status Reader::finish() const { return finished(*node_); }

core::Result<Document> parse_document(std::string_view text, std::string name) {
    try {
        const toml::table table = toml::parse(text, name);
        Document document;
        document.root_ = converted(table, name);
        return document;
    } catch (const toml::parse_error& error) {
        const std::string_view what = error.description();
        // What the parser says of the line's end inside a text.
        const bool unclosed = what.find("string") != std::string_view::npos &&
                              what.find("control characters") != std::string_view::npos;
        return fail(ErrorKind::configuration,
                    fmt::format("{}:{}:{}: not TOML: {}{}", name, error.source().begin.line,
                                error.source().begin.column, core::valid_utf8(what),
                                unclosed ? "; is the quote missing that ends the text on this line?" : ""));
    }
}

core::Result<Document> read_document(const std::filesystem::path& file) {
    std::error_code code;
    if (std::filesystem::is_directory(file, code))
        return fail(ErrorKind::configuration,
                    fmt::format("{} is a folder; expected a TOML file", file.string()));
    // Opening one waits for whoever writes to it, and that may be nobody; a shell's <(…) is in /dev.
    if (std::filesystem::is_fifo(file, code) && !file.generic_string().starts_with("/dev/"))
        return fail(ErrorKind::configuration,
                    fmt::format("{} is a pipe; expected a TOML file", file.string()));
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: no such file, or it may not be read", file.string()),
                    std::to_string(errno));
    std::stringstream text;
    text << stream.rdbuf();
    return parse_document(text.str(), file.string());
}

}  // namespace tristrata::config
