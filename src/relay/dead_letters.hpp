#pragma once

#include "tristrata/core/error.hpp"
#include "tristrata/sink/sink.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::relay {

/// What is to be said of records that can never be stored. Neighbours that died of the same are one sentence:
/// a destination may refuse thousands at once.
[[nodiscard]] inline std::vector<std::string> sentences_of(
    sink::RecordClass record_class, const std::vector<std::pair<std::size_t, core::Error>>& dead) {
    std::vector<std::string> sentences;
    const std::string_view name = sink::name(record_class);
    const std::string_view article = std::string_view("aeiou").find(name.front()) == name.npos ? "a" : "an";
    for (auto first = dead.begin(); first != dead.end();) {
        const std::string& why = first->second.message;
        const auto other =
            std::find_if(first, dead.end(), [&](const auto& one) { return one.second.message != why; });
        const auto count = other - first;
        sentences.push_back(
            count == 1 ? fmt::format("{} {} record can never be stored and is kept as a dead letter: {}",
                                     article, name, why)
                       : fmt::format("{} {} records can never be stored and are kept as dead letters: {}",
                                     count, name, why));
        first = other;
    }
    return sentences;
}

}  // namespace tristrata::relay
