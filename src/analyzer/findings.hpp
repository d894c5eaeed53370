#pragma once

#include "tristrata/analyzer/judgement.hpp"

#include <optional>
#include <string>
#include <string_view>

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

/// Makes a judgement's findings into its events. Definition and judgement outlive this.
class Findings {
public:
    Findings(const Definition& definition, Judgement& judgement, std::string reference_version = {})
        : definition_(definition), judgement_(judgement), version_(std::move(reference_version)) {}

    void add(Finding finding) { judgement_.events.push_back(event_of(std::move(finding))); }
    /// As info, unless something was found of the metric.
    void add_good(Finding finding);

private:
    [[nodiscard]] drift::EventRequest event_of(Finding finding) const;

    const Definition& definition_;
    Judgement& judgement_;
    std::string version_;
};

}  // namespace tristrata::analyzer
