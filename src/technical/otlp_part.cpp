#include "otlp_part.hpp"

#include "tristrata/core/program_part.hpp"

namespace tristrata::technical {

core::Result<const OtlpPart*> load_otlp_part(const std::string& file) {
    auto found = core::load_part(file, otlp_part_name, "sending events", "libprotobuf-lite32");
    if (!found) return propagate(found);
    return static_cast<const OtlpPart*>(*found);
}

}  // namespace tristrata::technical
