#pragma once

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::drift {

/// What is wrong, and where: thrown within read_document() and caught there, since a document nests deep.
struct Wrong {
    std::string where;
    std::string what;
};

/// One value of the document and the path to it. What is not as asked for throws Wrong.
class Node {
public:
    /// The value is the parser's, which stays behind this face: only read_document() and nodes make one.
    Node(const void* value, std::string path) : value_(value), path_(std::move(path)) {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] Node at(const char* key) const;
    [[nodiscard]] bool has(const char* key) const;
    [[nodiscard]] bool null() const;
    [[nodiscard]] std::string text() const;
    [[nodiscard]] double number() const;
    /// A share of a whole, or a probability.
    [[nodiscard]] double share() const;
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] bool flag() const;
    [[nodiscard]] std::optional<double> maybe_number() const;
    [[nodiscard]] std::optional<double> maybe_share() const;
    [[nodiscard]] std::optional<std::string> maybe_text() const;
    [[nodiscard]] std::optional<core::Timestamp> maybe_time() const;
    [[nodiscard]] core::Timestamp time() const;
    [[nodiscard]] core::Uuid uuid() const;
    [[nodiscard]] std::vector<Node> items() const;
    [[nodiscard]] std::vector<std::pair<std::string, Node>> members() const;
    template <class Value>
    [[nodiscard]] Value taken(core::Result<Value> result) const {
        if (!result) throw Wrong{path_, result.error().message};
        return *result;
    }

private:
    const void* value_;
    std::string path_;
};

/// A kind of documents, as its errors call it.
struct DocumentKind {
    std::string_view schema;   ///< "tristrata.drift_report/1".
    std::string_view name;     ///< "drift report".
    std::string_view noun;     ///< "report".
    std::string_view made_by;  ///< "drift check --format json".
};

/// Calls read(root) on a whole document of that kind; whatever read throws of Wrong is an error with its
/// place.
///
/// Errors    invalid_input names what is wrong and where; another version of the schema is of kind conflict.
[[nodiscard]] core::Status read_document(std::string_view text, const DocumentKind& kind,
                                         const std::function<void(const Node&)>& read);

}  // namespace tristrata::drift
