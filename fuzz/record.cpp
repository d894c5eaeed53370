#include "tristrata/drift/event.hpp"
#include "tristrata/execution/kpi.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

// A record that is decoded is encoded and decoded again as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tristrata;
    sink::Record record;
    record.bytes.assign(reinterpret_cast<const char*>(data), size);
    record.record_class = sink::RecordClass::drift;
    if (const auto push = drift::decode(record)) {
        const sink::Record written = drift::encode(*push);
        const auto again = drift::decode(written);
        if (!again || drift::encode(*again).bytes != written.bytes) std::abort();
    }
    record.record_class = sink::RecordClass::kpi;
    if (const auto emit = execution::decode(record)) {
        const sink::Record written = execution::encode(*emit);
        const auto again = execution::decode(written);
        if (!again || execution::encode(*again).bytes != written.bytes) std::abort();
    }
    return 0;
}
