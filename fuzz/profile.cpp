#include "tristrata/detection/profile.hpp"
#include "profile_state.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

// A profile's bytes are read or refused with a message; and behind the checksums, which a fuzzer does not
// find, a directory that is read is written again as the same bytes, and a block is a column or a message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tristrata;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    if (const auto read = detection::read_profile(bytes, "profile", {})) {
        if (read->bytes() != bytes) std::abort();
    } else if (read.error().message.empty()) {
        std::abort();
    }
    const auto span = std::as_bytes(std::span<const char>(bytes));
    if (auto directory = detection::read_directory(span, "profile"))
        if (directory->first.windows.empty() ||
            directory->first.edges.size() != directory->first.schema.fields.size())
            std::abort();
    if (size == 0) return 0;
    constexpr dataset::Type types[]{dataset::Type::integer, dataset::Type::timestamp, dataset::Type::text,
                                    dataset::Type::boolean, dataset::Type::null};
    for (const auto type : types)
        for (const auto kind : {detection::StateKind::numbers, detection::StateKind::times,
                                detection::StateKind::labels, detection::StateKind::missing,
                                detection::StateKind::histogram, detection::StateKind::label_counts}) {
            detection::Profile::Contents contents;
            contents.schema.fields = {{"x", type, "x"}};
            contents.edges = {{0.0, 1.0}};
            contents.windows.resize(1);
            contents.windows[0].blocks = {detection::block_of(kind, bytes)};
            const detection::Profile profile = detection::sealed(std::move(contents));
            if (const auto column = detection::whole_column(profile, 0)) {
                const std::size_t values =
                    column->numbers.size() + column->times.size() + column->codes.size();
                if (type != dataset::Type::null && values != column->rows) std::abort();
            }
            if (!detection::saved_counts(&profile, 0)) continue;
        }
    return 0;
}
