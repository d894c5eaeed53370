#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tristrata::store {

/// By module, then metric; of texts that are owned or not, so that a row is looked up without a copy.
struct SeriesOrder {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
        const std::string_view module = a.first, other = b.first;
        if (module != other) return module < other;
        return std::string_view(a.second) < std::string_view(b.second);
    }
};

/// Module and metric of rows that stand in kpi.series.
using Series = std::set<std::pair<std::string, std::string>, SeriesOrder>;
using SeriesView = std::pair<std::string_view, std::string_view>;

}  // namespace tristrata::store
