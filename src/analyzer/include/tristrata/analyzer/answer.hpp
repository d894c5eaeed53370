#pragma once

#include "tristrata/analyzer/definition.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/core/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tristrata::analyzer {

/// A query's rows in memory, in the order in which they came: what it says of a span of time.
struct Answer {
    struct Numbers {
        std::string name;
        std::vector<double> values;  ///< NaN: missing.
    };
    struct Labels {
        std::string name;
        std::vector<std::string> values;  ///< Empty: the row has none.
    };
    std::vector<std::int64_t> times;  ///< Microseconds, UTC.
    std::vector<Numbers> numbers;
    std::vector<Labels> labels;
    std::vector<std::string> notes;  ///< What the source warned of, what was assumed or left out.

    [[nodiscard]] std::size_t rows() const noexcept { return times.size(); }
};

/// Where answers come from.
class Respondent {
public:
    virtual ~Respondent() = default;
    /// Rows whose time lies in [from, to), and perhaps others. PromQL is evaluated for windows that end at
    /// `to`.
    ///
    /// Errors    unavailable: no answer, and the next query will have none either; cancelled: the query's own
    ///           time ran out, or a stop; limit_exceeded: rows or series; usage: the query is refused, in the
    ///           source's words; configuration: settings, rights, files; invalid_input: an answer that is
    ///           none.
    /// Threads   Any.
    [[nodiscard]] virtual core::Result<Answer> ask(const Definition& definition, core::Timestamp from,
                                                   core::Timestamp to, const core::Task& task) = 0;
    /// What the source's clock says: 0 where it has none of its own.
    [[nodiscard]] virtual core::Result<core::Duration> ahead(const core::Task& task) = 0;
    /// At most so many queries at once.
    [[nodiscard]] virtual unsigned at_once() const noexcept = 0;
};

/// A store as the user of TRISTRATA_ANALYZER_URL, or a named one of the settings. Each query runs in a READ
/// ONLY transaction of its own and ends with it, so that nothing of it stays.
/// Errors    configuration: the store is not set.
[[nodiscard]] core::Result<std::unique_ptr<Respondent>> open_store(const Place& place,
                                                                   const config::Settings& settings);
/// A Prometheus, or what speaks as one.
[[nodiscard]] core::Result<std::unique_ptr<Respondent>> open_prometheus(const Place& place);
/// Whichever the place is.
[[nodiscard]] core::Result<std::unique_ptr<Respondent>> open_respondent(const Place& place,
                                                                        const config::Settings& settings);

}  // namespace tristrata::analyzer
