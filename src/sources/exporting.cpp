#include "kinds.hpp"

#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/column.hpp"

#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <vector>

namespace tristrata::sources {

using core::ErrorKind;
using core::fail;

core::Result<dataset::Schema> schema_of(const arrow::Schema& schema, const std::string& path) {
    dataset::Schema out;
    std::set<std::string> seen;
    for (const auto& field : schema.fields()) {
        if (field->name().empty())
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}: column {} has no name; expected a name for every column: give it one, or "
                            "leave it out",
                            path, seen.size() + 1));
        if (!seen.insert(field->name()).second)
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}: the column {} stands twice; every column needs a name of its own",
                                    path, core::quoted(field->name())));
        ArrowSchema exported_field{};
        dataset::Field ours{field->name(), dataset::Type::unsupported, field->type()->ToString()};
        if (arrow::ExportField(*field, &exported_field).ok()) {
            ours.type = dataset::type_of(exported_field);
            exported_field.release(&exported_field);
        }
        out.fields.push_back(std::move(ours));
    }
    return out;
}

core::Result<dataset::Batch> exported(const arrow::RecordBatch& batch, std::uint64_t first_row) {
    ArrowArray array{};
    ArrowSchema schema{};
    if (const auto status = arrow::ExportRecordBatch(batch, &array, &schema); !status.ok())
        return fail(ErrorKind::internal, "a batch cannot be exported: " + status.message());
    return dataset::Batch(schema, array, first_row);
}

tl::unexpected<core::Error> foreign(const arrow::Status& status, const std::string& path,
                                    std::string_view what) {
    // A decoder quotes bytes that it could not make sense of; a message is one line of text.
    std::string message = status.message();
    const bool longer = message.size() > 300;
    if (longer) message.resize(300);
    std::ranges::replace_if(message, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    message.erase(message.find_last_not_of(' ') + 1);
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: {} ({}{})", path, what, core::valid_utf8(message), longer ? "..." : ""));
}

core::Result<std::string> digest_of(const std::string& path, const core::Task& task) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr)
        return fail(ErrorKind::not_found, fmt::format("{}: cannot be read: {}", path, std::strerror(errno)),
                    std::to_string(errno));
    core::Sha256 state;
    std::vector<std::byte> buffer(1u << 17u);  // Stays in the nearer cache.
    core::Status status;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file)) {
        state.update(std::span(buffer.data(), got));
        if (status = task.check(); !status) break;
    }
    std::fclose(file);
    if (!status) return propagate(status);
    return state.finish();
}

}  // namespace tristrata::sources
