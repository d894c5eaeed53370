#include "table.hpp"

#include "arrow_stream.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/dataset/column_batch.hpp"

#include <cerrno>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using dataset::Batch;

/// What a stream's private_data is.
struct Reading {
    std::shared_ptr<dataset::Source> source;
    std::unique_ptr<dataset::BatchStream> batches;
    std::shared_ptr<Batch> first;  ///< Read for its schema, not given yet.
    std::string error;
};

/// One of the batch's structs, released when the batch is: whoever takes it shares what owns both.
template <class Struct>
void lend(const Struct& own, const std::shared_ptr<Batch>& batch, Struct* out) {
    *out = own;
    out->private_data = new std::shared_ptr<Batch>(batch);
    out->release = [](Struct* lent) {
        delete static_cast<std::shared_ptr<Batch>*>(lent->private_data);
        lent->release = nullptr;
    };
}

/// Nothing behind the last.
core::Result<std::shared_ptr<Batch>> next_of(Reading& reading) {
    if (reading.first) return std::exchange(reading.first, nullptr);
    if (!reading.batches) {
        std::vector<std::size_t> all(reading.source->schema().fields.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        auto opened = reading.source->open(all, core::Task());
        if (!opened) return propagate(opened);
        reading.batches = std::move(*opened);
    }
    auto batch = reading.batches->next();
    if (!batch) return propagate(batch);
    return *batch ? std::make_shared<Batch>(std::move(**batch)) : nullptr;
}

std::shared_ptr<Batch> without_rows(const dataset::Schema& schema) {
    std::vector<std::string> names;
    std::vector<dataset::Column> columns(schema.fields.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        names.push_back(schema.fields[i].name);
        columns[i].type = schema.fields[i].type;
    }
    return std::make_shared<Batch>(dataset::batch_of(std::move(names), std::move(columns)));
}

Reading& reading_of(ArrowArrayStream* stream) { return *static_cast<Reading*>(stream->private_data); }

int failed(Reading& reading, const core::Error& error) {
    reading.error = error.message;
    return EIO;
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
    Reading& reading = reading_of(stream);
    auto batch = next_of(reading);
    if (!batch) return failed(reading, batch.error());
    reading.first = *batch;
    const auto shown = *batch ? *batch : without_rows(reading.source->schema());
    lend(shown->schema(), shown, out);
    return 0;
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
    Reading& reading = reading_of(stream);
    auto batch = next_of(reading);
    if (!batch) return failed(reading, batch.error());
    if (*batch) lend((*batch)->array(), *batch, out);
    else out->release = nullptr;
    return 0;
}

void release(ArrowArrayStream* stream) {
    delete &reading_of(stream);
    stream->release = nullptr;
}

}  // namespace

nb::object stream_of(std::shared_ptr<dataset::Source> source) {
    auto stream = std::make_unique<ArrowArrayStream>();
    stream->get_schema = get_schema;
    stream->get_next = get_next;
    stream->get_last_error = [](ArrowArrayStream* one) { return reading_of(one).error.c_str(); };
    stream->release = release;
    stream->private_data = new Reading{std::move(source), nullptr, nullptr, {}};
    const auto end = [](void* held) noexcept {
        auto* const one = static_cast<ArrowArrayStream*>(held);
        if (one->release != nullptr) one->release(one);  // Else a consumer has taken it.
        delete one;
    };
    return nb::capsule(stream.release(), "arrow_array_stream", end);
}

}  // namespace tristrata::python
