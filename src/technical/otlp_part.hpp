#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/technical/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::technical {

/// What a collector says of logs that it took.
struct OtlpAnswer {
    std::uint64_t rejected = 0;  ///< Of the records; it says not which.
    std::string message;
};

/// What the part that is loaded when first used gives: OTLP's messages, which need protobuf, and gzip.
struct OtlpPart {
    /// An ExportLogsServiceRequest of the events, those of a resource together, in their order.
    std::string (*encode)(const std::vector<Event>& events, std::string_view version);
    /// Of an ExportLogsServiceResponse; false: the bytes are none.
    bool (*decode)(std::string_view bytes, OtlpAnswer& answer);
    std::string (*gzip)(std::string_view bytes);
};

inline constexpr const char* otlp_part_file = "tristrata_otlp.so";
inline constexpr const char* otlp_part_name = "tristrata_otlp_part";

/// Loads the part from this file. configuration: it cannot be loaded, or is of another build.
[[nodiscard]] core::Result<const OtlpPart*> load_otlp_part(const std::string& file);

}  // namespace tristrata::technical
