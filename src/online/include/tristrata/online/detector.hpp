#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::online {

/// What a detector makes of the stream so far.
enum class State : std::uint8_t {
    stable,
    warning,  ///< Only detectors with two limits have it.
    drift,    ///< At this value; the next one begins anew.
};

struct Update {
    State state = State::stable;
    std::optional<double> statistic;  ///< Absent while the detector still fills its window.
};

/// Sees one value after another, in constant or logarithmic time and memory, and says when their
/// distribution changed. Not for two threads at once.
class Detector {
public:
    virtual ~Detector() = default;
    /// The value must be finite; 0 or 1 where the detector reads errors.
    virtual Update update(double value) = 0;
};

/// What the values of a stream are.
enum class Input : std::uint8_t {
    value,  ///< Any finite number.
    error,  ///< 1 where a prediction was wrong, 0 where it was right.
};

struct Parameter {
    std::string_view name;
    double standard;  ///< Its value where nothing is said.
    double low;       ///< Both ends are allowed.
    double high;
    std::string_view meaning;
};

/// One row of the one table of detectors: command line, documents and tests iterate over it.
struct DetectorRow {
    std::string_view name;
    std::string_view title;
    Input input;
    bool needs_reference;  ///< Compares with a sample that is given before the stream begins.
    std::span<const Parameter> parameters;
    std::string_view source;
};

/// All detectors, by family.
[[nodiscard]] std::span<const DetectorRow> detectors() noexcept;
/// The row of this name; nullptr where there is none.
[[nodiscard]] const DetectorRow* find_detector(std::string_view name) noexcept;

using Settings = std::map<std::string, double, std::less<>>;

/// Makes a detector. `reference` is for those that need one, and empty elsewhere; `seed` for those that draw.
///
/// Errors    usage: an unknown detector or parameter (the nearest one is named), a value outside its range, a
///           window shorter than its parts, a reference that is missing, too short or not wanted.
[[nodiscard]] core::Result<std::unique_ptr<Detector>> make_detector(std::string_view name,
                                                                    const Settings& settings,
                                                                    std::span<const double> reference = {},
                                                                    std::uint64_t seed = 0);

/// What a whole stream gave.
struct Detections {
    std::vector<std::size_t> drifts;    ///< Indices into the values.
    std::vector<std::size_t> warnings;  ///< The first value of each stretch of warnings.
    std::size_t skipped = 0;            ///< Missing or infinite: the detector did not see them.
    std::optional<double> statistic;    ///< After the last value; absent where it is not finite.
    std::size_t overflowed = 0;         ///< Values after which the statistic was infinite or no number.
};

/// Runs a new detector over the values. invalid_input, with the index, where a detector of errors meets
/// something else than 0 or 1; else as make_detector.
[[nodiscard]] core::Result<Detections> detect(std::string_view name, const Settings& settings,
                                              std::span<const double> values,
                                              std::span<const double> reference = {}, std::uint64_t seed = 0);

}  // namespace tristrata::online
