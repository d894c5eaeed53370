#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/core/time.hpp"

#include <fmt/format.h>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::drift {

/// What is wrong, and where: thrown and caught within one reader, since a document nests deep.
struct Wrong {
    std::string where;
    std::string what;
};

/// One object of the document and the path to it.
class Node {
public:
    Node(const nlohmann::ordered_json& value, std::string path) : value_(value), path_(std::move(path)) {}

    [[nodiscard]] Node at(const char* key) const {
        if (!value_.is_object()) throw Wrong{path_, "expected an object"};
        const auto found = value_.find(key);
        if (found == value_.end())
            throw Wrong{path_, fmt::format("the member {} is missing", core::quoted(key))};
        return {*found, path_ + "/" + key};
    }
    [[nodiscard]] bool has(const char* key) const { return value_.is_object() && value_.contains(key); }
    [[nodiscard]] bool null() const { return value_.is_null(); }
    [[nodiscard]] std::string text() const {
        if (!value_.is_string()) throw Wrong{path_, "expected a string"};
        return value_.get<std::string>();
    }
    [[nodiscard]] double number() const {
        if (!value_.is_number()) throw Wrong{path_, "expected a number"};
        return value_.get<double>();
    }
    /// A share of a whole, or a probability.
    [[nodiscard]] double share() const {
        const double value = number();
        if (!(value >= 0.0 && value <= 1.0))
            throw Wrong{path_, fmt::format("expected a number from 0 to 1, found {}", value)};
        return value;
    }
    [[nodiscard]] std::uint64_t count() const {
        if (!value_.is_number_unsigned()) throw Wrong{path_, "expected a whole number, 0 or more"};
        return value_.get<std::uint64_t>();
    }
    [[nodiscard]] bool flag() const {
        if (!value_.is_boolean()) throw Wrong{path_, "expected true or false"};
        return value_.get<bool>();
    }
    [[nodiscard]] std::optional<double> maybe_number() const {
        return null() ? std::nullopt : std::optional(number());
    }
    [[nodiscard]] std::optional<double> maybe_share() const {
        return null() ? std::nullopt : std::optional(share());
    }
    [[nodiscard]] std::optional<std::string> maybe_text() const {
        return null() ? std::nullopt : std::optional(text());
    }
    [[nodiscard]] std::optional<core::Timestamp> maybe_time() const {
        return null() ? std::nullopt : std::optional(time());
    }
    [[nodiscard]] core::Timestamp time() const { return taken(core::parse_timestamp(text())); }
    [[nodiscard]] core::Uuid uuid() const { return taken(core::parse_uuid(text())); }
    [[nodiscard]] std::vector<Node> items() const {
        if (!value_.is_array()) throw Wrong{path_, "expected a list"};
        std::vector<Node> nodes;
        for (std::size_t i = 0; i < value_.size(); ++i)
            nodes.emplace_back(value_[i], path_ + "/" + std::to_string(i));
        return nodes;
    }
    [[nodiscard]] std::vector<std::pair<std::string, Node>> members() const {
        if (!value_.is_object()) throw Wrong{path_, "expected an object"};
        std::vector<std::pair<std::string, Node>> nodes;
        for (const auto& [key, value] : value_.items())
            nodes.emplace_back(key, Node{value, path_ + "/" + key});
        return nodes;
    }
    template <class Value>
    [[nodiscard]] Value taken(core::Result<Value> result) const {
        if (!result) throw Wrong{path_, result.error().message};
        return *result;
    }

private:
    const nlohmann::ordered_json& value_;
    std::string path_;
};

}  // namespace tristrata::drift
