#include "tristrata/drift/json_node.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace tristrata::drift {
namespace {

using json = nlohmann::ordered_json;  // nlohmann's other one keeps members in alphabetical order.

const json& value_at(const void* value) { return *static_cast<const json*>(value); }

/// Where the text stops being JSON; `byte` counts from 1, and is past the text where that ends too early.
std::string place_of(std::string_view text, std::size_t byte) {
    const std::string_view read = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto lines = std::ranges::count(read, '\n');
    const auto begin = read.rfind('\n') + 1;  // npos + 1 is 0: the first line.
    return fmt::format("it {} at line {}, column {}", byte > text.size() ? "ends" : "is broken", lines + 1,
                       read.size() - begin + 1);
}

}  // namespace

Node Node::at(const char* key) const {
    const json& value = value_at(value_);
    if (!value.is_object()) throw Wrong{path_, "expected an object"};
    const auto found = value.find(key);
    if (found == value.end()) throw Wrong{path_, fmt::format("the member {} is missing", core::quoted(key))};
    return {&*found, path_ + "/" + key};
}

bool Node::has(const char* key) const {
    const json& value = value_at(value_);
    return value.is_object() && value.contains(key);
}

bool Node::null() const { return value_at(value_).is_null(); }

std::string Node::text() const {
    if (!value_at(value_).is_string()) throw Wrong{path_, "expected a string"};
    return value_at(value_).get<std::string>();
}

double Node::number() const {
    if (!value_at(value_).is_number()) throw Wrong{path_, "expected a number"};
    return value_at(value_).get<double>();
}

double Node::share() const {
    const double value = number();
    if (!(value >= 0.0 && value <= 1.0))
        throw Wrong{path_, fmt::format("expected a number from 0 to 1, found {}", value)};
    return value;
}

std::uint64_t Node::count() const {
    if (!value_at(value_).is_number_unsigned()) throw Wrong{path_, "expected a whole number, 0 or more"};
    return value_at(value_).get<std::uint64_t>();
}

bool Node::flag() const {
    if (!value_at(value_).is_boolean()) throw Wrong{path_, "expected true or false"};
    return value_at(value_).get<bool>();
}

std::optional<double> Node::maybe_number() const { return null() ? std::nullopt : std::optional(number()); }

std::optional<double> Node::maybe_share() const { return null() ? std::nullopt : std::optional(share()); }

std::optional<std::string> Node::maybe_text() const { return null() ? std::nullopt : std::optional(text()); }

std::optional<core::Timestamp> Node::maybe_time() const {
    return null() ? std::nullopt : std::optional(time());
}

core::Timestamp Node::time() const { return taken(core::parse_timestamp(text())); }

core::Uuid Node::uuid() const { return taken(core::parse_uuid(text())); }

std::vector<Node> Node::items() const {
    const json& value = value_at(value_);
    if (!value.is_array()) throw Wrong{path_, "expected a list"};
    std::vector<Node> nodes;
    for (std::size_t i = 0; i < value.size(); ++i)
        nodes.emplace_back(&value[i], path_ + "/" + std::to_string(i));
    return nodes;
}

std::vector<std::pair<std::string, Node>> Node::members() const {
    const json& object = value_at(value_);
    if (!object.is_object()) throw Wrong{path_, "expected an object"};
    std::vector<std::pair<std::string, Node>> nodes;
    for (const auto& [key, value] : object.items()) nodes.emplace_back(key, Node{&value, path_ + "/" + key});
    return nodes;
}

core::Status read_document(std::string_view text, const DocumentKind& kind,
                           const std::function<void(const Node&)>& read) {
    using core::ErrorKind;
    try {
        const json document = json::parse(text);
        const Node root(&document, "");
        const std::string schema = root.at("schema").text();
        if (!schema.starts_with(kind.schema.substr(0, kind.schema.find('/') + 1)))
            throw Wrong{"/schema", fmt::format("expected {}, found {}", core::quoted(kind.schema),
                                               core::quoted(schema))};
        if (schema != kind.schema)
            return core::fail(
                ErrorKind::conflict,
                fmt::format("the {0}'s schema is {1}; this program reads {2}; make the {0} again "
                            "with this version",
                            kind.noun, core::quoted(schema), core::quoted(kind.schema)));
        read(root);
        return {};
    } catch (const json::parse_error& error) {
        return core::fail(ErrorKind::invalid_input,
                          fmt::format("not a whole JSON document: {}; it may be cut short: write or copy it "
                                      "again",
                                      place_of(text, error.byte)));
    } catch (const json::exception& error) {
        return core::fail(ErrorKind::invalid_input,
                          fmt::format("not a JSON document: {}; expected a {}, as {} writes it",
                                      core::valid_utf8(error.what()), kind.name, kind.made_by));
    } catch (const Wrong& wrong) {
        return core::fail(ErrorKind::invalid_input,
                          fmt::format("not a {}: at {}: {}", kind.name,
                                      wrong.where.empty() ? "/" : wrong.where, wrong.what));
    }
}

}  // namespace tristrata::drift
