#pragma once

#include "tristrata/analyzer/judgement.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tristrata::analyzer {

/// What an analyzer looked at, and how it stood.
struct Finding {
    drift::DriftType type = drift::DriftType::data_drift;
    std::string metric;
    std::string_view what;  ///< A signal's kind, "distribution", "combination", "source".
    std::optional<double> reference = std::nullopt;
    std::optional<double> current = std::nullopt;
    std::optional<double> significance = std::nullopt;
    drift::Severity severity = drift::Severity::info;
    std::string reason;
    std::string_view measured = {};
    std::string column = {};  ///< Its element of the report, as JSON.
};

/// Makes a judgement's findings into its events. What is given outlives this.
class Findings {
public:
    Findings(const Definition& definition, Judgement& judgement, const WantsGood& wants_good)
        : definition_(definition), judgement_(judgement), wants_good_(wants_good) {}

    /// Rows or labels that did not come: what is added from here on says so, since whatever moved in what is
    /// left may have moved by that alone.
    void note_missing(std::string_view reason) {
        if (missing_.find(reason) != std::string::npos) return;
        missing_ += (missing_.empty() ? "" : "; ") + std::string(reason);
    }
    void add(Finding finding) { judgement_.events.push_back(event_of(std::move(finding))); }
    /// As info, unless something was found of the metric. `make` gives the finding, and is called only where
    /// its type is wanted: mostly none is, and there are some twenty a window.
    template <class Make>
    void add_good(drift::DriftType type, const Make& make) {
        if (wants(type)) keep_good(make());
    }

private:
    [[nodiscard]] bool wants(drift::DriftType type);
    void keep_good(Finding finding);
    [[nodiscard]] drift::EventRequest event_of(Finding finding) const;

    const Definition& definition_;
    Judgement& judgement_;
    const WantsGood& wants_good_;
    std::string missing_;
    std::array<std::optional<bool>, drift::drift_type_count> wanted_;  ///< Absent: not asked yet.
};

}  // namespace tristrata::analyzer
