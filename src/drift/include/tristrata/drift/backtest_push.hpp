#pragma once

#include "tristrata/drift/backtest.hpp"
#include "tristrata/drift/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::drift {

/// An event for each finding of each tested chunk: the metric is psi_<column>, or the signal's name and its
/// column; the time is the end of the chunk, or the backtest's where a chunk has none. All are `info`: they
/// tell a dashboard of the past, and page nobody; what each would have been stands in the payload (severity,
/// chunk, from, to, column, signal, reason), beside `caller_module` where that is not empty.
///
/// Identity  uuid5 of what the chunk's verdict rests on, module, run, column and kind: a backtest that goes
///           on from where one ended pushes what is new.
[[nodiscard]] std::vector<EventRequest> findings_of(const Backtest& backtest, std::string_view module,
                                                    const std::optional<std::string>& run_id,
                                                    std::string_view caller_module = {});

}  // namespace tristrata::drift
