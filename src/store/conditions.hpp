#pragma once

#include "stored_time.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::store {

/// Conditions of a WHERE with their values, written once for the text and for the binding. `sign` stands
/// before a parameter's number: '?' of SQLite, '$' of PostgreSQL.
class Conditions {
public:
    explicit Conditions(char sign) : sign_(sign) {}
    /// "module =" and its value; nothing where there is none.
    void add(const std::string& condition, std::optional<std::string> value) {
        if (!value) return;
        values_.push_back(std::move(*value));
        add(condition + ' ' + sign_ + std::to_string(values_.size()));
    }
    /// A condition without a value.
    void add(const std::string& condition) { text_ += (text_.empty() ? " WHERE " : " AND ") + condition; }
    void add_range(const std::string& column, const core::TimeRange& range) {
        if (range.from) add(column + " >=", stored_time(*range.from));
        if (range.to) add(column + " <", stored_time(*range.to));
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

private:
    char sign_;
    std::string text_;
    std::vector<std::string> values_;
};

}  // namespace tristrata::store
