#include "profile_format.hpp"

#include "profile_bytes.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view magic = "TRISPROF";
constexpr std::uint32_t format_version = 1;
constexpr std::size_t header_bytes = 64;
constexpr std::size_t digest_digits = 64;

// Flags of a column.
constexpr std::uint8_t named_in_plan = 1, sensitive = 2, ignored = 4;
// Flags of a window.
constexpr std::uint8_t asked_from = 1, asked_to = 2, has_times = 4, in_order = 8;
constexpr std::uint8_t no_kind = 255;

std::string source_of(const std::vector<WindowState>& windows) {
    if (windows.size() == 1) return windows.front().window.source;
    std::vector<std::string> sources;
    for (const auto& one : windows)
        if (std::ranges::find(sources, one.window.source) == sources.end())
            sources.push_back(one.window.source);
    constexpr std::size_t named_max = 3;
    const std::size_t left = sources.size() - std::min(sources.size(), named_max);
    sources.resize(sources.size() - left);
    return fmt::format("{} merged profiles ({}{})", windows.size(), fmt::join(sources, ", "),
                       left == 0 ? "" : fmt::format(" and {} more", left));
}

void write_window(ByteWriter& out, const WindowState& state) {
    const ProfileWindow& window = state.window;
    out.text(window.source);
    out.number(static_cast<std::uint8_t>((window.asked.from ? asked_from : 0) |
                                         (window.asked.to ? asked_to : 0) | (window.first ? has_times : 0) |
                                         (window.was_sorted ? in_order : 0)));
    for (const auto& time : {window.asked.from, window.asked.to, window.first, window.last})
        out.number(time ? time->microseconds : std::int64_t{0});
    out.number(window.rows);
    out.number(window.left_out);
    for (const Block& block : state.blocks) {
        out.number(static_cast<std::uint8_t>(block.kind));
        out.number(static_cast<std::uint64_t>(block.bytes.size()));
        out.raw(block.kind == StateKind::none ? std::string(digest_digits, '0') : block.digest);
    }
}

void write_fields(ByteWriter& out, const Profile::Contents& contents) {
    out.text(contents.plan.time);
    out.number(static_cast<std::uint32_t>(contents.plan.columns.size()));
    for (const auto& column : contents.plan.columns) out.text(column);
    out.number(static_cast<std::uint32_t>(contents.plan.derived.size()));
    for (const auto& derived : contents.plan.derived) {
        out.text(derived.name);
        out.number(static_cast<std::uint8_t>(derived.by));
        out.number(static_cast<std::uint32_t>(derived.of.size()));
        for (const auto& input : derived.of) out.text(input);
    }
    out.number(static_cast<std::uint32_t>(contents.schema.fields.size()));
    for (std::size_t i = 0; i < contents.schema.fields.size(); ++i) {
        const auto& field = contents.schema.fields[i];
        const ColumnPlan& plan = contents.plan.of(field.name);
        out.text(field.name);
        out.number(static_cast<std::uint8_t>(field.type));
        out.text(field.foreign_type);
        out.number(static_cast<std::uint8_t>((contents.plan.column.contains(field.name) ? named_in_plan : 0) |
                                             (plan.sensitive ? sensitive : 0) | (plan.ignore ? ignored : 0)));
        out.number(static_cast<std::uint8_t>(plan.role));
        out.number(plan.kind ? static_cast<std::uint8_t>(*plan.kind) : no_kind);
        out.text(plan.unit);
        out.number(static_cast<std::uint32_t>(contents.edges[i].size()));
        out.numbers(std::span<const double>(contents.edges[i]));
    }
}

/// Fills plan, schema and edges.
void read_fields(ByteReader& in, Profile::Contents& contents) {
    contents.plan.time = in.text();
    const auto columns = in.number<std::uint32_t>();
    if (!in.holds(columns, 4)) return;
    for (std::uint32_t i = 0; i < columns; ++i) contents.plan.columns.push_back(in.text());
    const auto derived = in.number<std::uint32_t>();
    if (!in.holds(derived, 9)) return;
    for (std::uint32_t i = 0; i < derived && !in.failed(); ++i) {
        auto& one = contents.plan.derived.emplace_back();
        one.name = in.text();
        const auto by = in.number<std::uint8_t>();
        const auto inputs = in.number<std::uint32_t>();
        if (by > static_cast<std::uint8_t>(dataset::Derivation::log_change) || !in.holds(inputs, 4))
            return in.fail();
        one.by = static_cast<dataset::Derivation>(by);
        for (std::uint32_t input = 0; input < inputs; ++input) one.of.push_back(in.text());
    }
    const auto fields = in.number<std::uint32_t>();
    if (!in.holds(fields, 20)) return;
    for (std::uint32_t i = 0; i < fields && !in.failed(); ++i) {
        dataset::Field field;
        field.name = in.text();
        const auto type = in.number<std::uint8_t>();
        field.foreign_type = in.text();
        const auto flags = in.number<std::uint8_t>();
        const auto role = in.number<std::uint8_t>(), kind = in.number<std::uint8_t>();
        ColumnPlan plan;
        plan.unit = in.text();
        auto& edges = contents.edges.emplace_back();
        in.numbers<double>(in.number<std::uint32_t>(), edges);
        const bool known = type <= static_cast<std::uint8_t>(dataset::Type::unsupported) && flags < 8 &&
                           role <= static_cast<std::uint8_t>(drift::Role::segment) &&
                           (kind == no_kind || kind <= static_cast<std::uint8_t>(drift::Kind::unsupported)) &&
                           std::ranges::all_of(
                               edges, [](double edge) { return std::isfinite(edge); }) &&
                           std::ranges::adjacent_find(edges, std::greater_equal<>{}) == edges.end() &&
                           !contents.schema.find(field.name);
        if (!known) return in.fail();
        field.type = static_cast<dataset::Type>(type);
        plan.sensitive = (flags & sensitive) != 0;
        plan.ignore = (flags & ignored) != 0;
        plan.role = static_cast<drift::Role>(role);
        if (kind != no_kind) plan.kind = static_cast<drift::Kind>(kind);
        if ((flags & named_in_plan) != 0) contents.plan.column.emplace(field.name, plan);
        contents.schema.fields.push_back(std::move(field));
    }
}

void read_window(ByteReader& in, std::size_t fields, WindowState& state, std::vector<std::uint64_t>& bytes) {
    ProfileWindow& window = state.window;
    window.source = in.text();
    const auto flags = in.number<std::uint8_t>();
    if (flags >= 16) return in.fail();
    const auto time = [&](std::uint8_t flag) {
        const auto value = in.number<std::int64_t>();
        return (flags & flag) != 0 ? std::optional(core::Timestamp{value}) : std::nullopt;
    };
    window.asked.from = time(asked_from);
    window.asked.to = time(asked_to);
    window.first = time(has_times);
    window.last = time(has_times);
    window.was_sorted = (flags & in_order) != 0;
    window.rows = in.number<std::uint64_t>();
    window.left_out = in.number<std::uint64_t>();
    for (std::size_t i = 0; i < fields && !in.failed(); ++i) {
        const auto kind = in.number<std::uint8_t>();
        const auto size = in.number<std::uint64_t>();
        if (kind > static_cast<std::uint8_t>(StateKind::time_span) || size % 8 != 0 ||
            (kind == 0 && size != 0))
            return in.fail();
        Block block;
        block.kind = static_cast<StateKind>(kind);
        block.digest = in.raw(digest_digits);
        state.blocks.push_back(std::move(block));
        bytes.push_back(size);
    }
}

std::string digest_of(std::span<const std::byte> bytes) {
    core::Sha256 state;
    state.update(bytes);
    return state.finish();
}

tl::unexpected<core::Error> damaged(const std::string& name, std::string_view what) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}: {}; expected a profile as tristrata drift profile wrote it, so take it from a "
                    "copy or make it again",
                    name, what));
}

}  // namespace

Block block_of(StateKind kind, std::string bytes) {
    Block block;
    block.kind = kind;
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    block.bytes = std::as_bytes(std::span<const char>(*owner));
    block.owner = owner;
    block.digest = digest_of(block.bytes);
    return block;
}

Profile sealed(Profile::Contents contents) {
    // By time first, so that partitions stand as one table would; then by all that the directory says.
    struct Record {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        std::string bytes;
        std::size_t index = 0;
        auto key() const { return std::tie(begin, end, bytes); }
    };
    std::vector<Record> records;
    for (std::size_t i = 0; i < contents.windows.size(); ++i) {
        const auto& window = contents.windows[i].window;
        const auto begin = window.asked.from ? window.asked.from : window.first;
        const auto end = window.asked.to ? window.asked.to : window.last;
        ByteWriter bytes;
        write_window(bytes, contents.windows[i]);
        records.push_back({begin ? begin->microseconds : 0, end ? end->microseconds : 0, bytes.take(), i});
    }
    std::ranges::sort(records, {}, &Record::key);
    const auto repeated = std::ranges::unique(records, {}, &Record::key);
    records.erase(repeated.begin(), repeated.end());

    std::vector<WindowState> ordered;
    ByteWriter out;
    write_fields(out, contents);
    out.number(static_cast<std::uint32_t>(records.size()));
    for (const Record& record : records) {
        out.raw(record.bytes);
        ordered.push_back(std::move(contents.windows[record.index]));
    }
    out.pad();
    contents.windows = std::move(ordered);
    contents.source = source_of(contents.windows);
    contents.directory = out.take();
    contents.version = core::sha256(contents.directory);
    return Profile(std::make_shared<const Profile::Contents>(std::move(contents)));
}

std::string Profile::bytes() const {
    std::size_t all = header_bytes + contents_->directory.size();
    for (const auto& state : contents_->windows)
        for (const Block& block : state.blocks) all += block.bytes.size();
    ByteWriter out;
    out.raw(magic);
    out.number(format_version);
    out.number(std::uint32_t{0});
    out.number(static_cast<std::uint64_t>(contents_->directory.size()));
    out.number(static_cast<std::uint64_t>(all));
    // The version as 32 bytes: the header's own checksum, and the directory's.
    for (std::size_t i = 0; i < digest_digits; i += 2)
        out.number(static_cast<std::uint8_t>(std::stoi(contents_->version.substr(i, 2), nullptr, 16)));
    out.raw(contents_->directory);
    for (const auto& state : contents_->windows)
        for (const Block& block : state.blocks)
            out.raw({reinterpret_cast<const char*>(block.bytes.data()), block.bytes.size()});
    return out.take();
}

core::Result<std::pair<Profile::Contents, std::vector<std::uint64_t>>> read_directory(
    std::span<const std::byte> bytes, const std::string& name) {
    Profile::Contents contents;
    std::vector<std::uint64_t> sizes;
    ByteReader in(bytes);
    read_fields(in, contents);
    const auto windows = in.number<std::uint32_t>();
    const std::size_t fields = contents.schema.fields.size();
    if (in.holds(windows, 53 + fields * 73))
        for (std::uint32_t i = 0; i < windows && !in.failed(); ++i)
            read_window(in, fields, contents.windows.emplace_back(), sizes);
    if (windows == 0 || !in.at_padding()) return damaged(name, "its directory cannot be read");
    contents.source = source_of(contents.windows);
    contents.directory.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    contents.version = digest_of(bytes);
    return std::pair{std::move(contents), std::move(sizes)};
}

bool begins_as_profile(std::string_view bytes) noexcept { return bytes.starts_with(magic); }

core::Result<Profile> read_profile(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner,
                                   const std::string& name, const core::Task& task) {
    ByteReader header(bytes);
    if (header.raw(magic.size()) != magic) return damaged(name, "it is not a profile");
    const auto format = header.number<std::uint32_t>();
    if (format != format_version && !header.failed())
        return fail(
            ErrorKind::conflict,
            fmt::format("{}: a profile of format {}; this program reads format {}, so make the profile "
                        "again with tristrata drift profile",
                        name, format, format_version));
    const auto zero = header.number<std::uint32_t>();
    const auto directory_bytes = header.number<std::uint64_t>(), all = header.number<std::uint64_t>();
    const std::string stated = header.raw(32);
    if (header.failed() || all > bytes.size())
        return damaged(name, fmt::format("it is cut short at {} bytes", bytes.size()));
    if (zero != 0 || all != bytes.size() || directory_bytes % 8 != 0 ||
        directory_bytes > bytes.size() - header_bytes)
        return damaged(name, "its header is damaged");
    const auto directory = bytes.subspan(header_bytes, directory_bytes);
    std::string version;
    for (const char byte : stated) version += fmt::format("{:02x}", static_cast<std::uint8_t>(byte));
    if (digest_of(directory) != version) return damaged(name, "its directory does not fit its checksum");
    auto read = read_directory(directory, name);
    if (!read) return propagate(read);
    auto& [contents, sizes] = *read;

    std::size_t at = header_bytes + directory_bytes;
    std::vector<std::pair<Block*, std::size_t>> blocks;
    for (auto& state : contents.windows) {
        for (std::size_t field = 0; field < state.blocks.size(); ++field) {
            const std::uint64_t size = sizes[blocks.size()];
            if (size > bytes.size() - at) return damaged(name, "its blocks do not fit its size");
            state.blocks[field].bytes = bytes.subspan(at, size);
            state.blocks[field].owner = owner;
            blocks.emplace_back(&state.blocks[field], field);
            at += size;
        }
    }
    if (at != bytes.size()) return damaged(name, "its blocks do not fit its size");
    auto status = core::parallel_for(
        blocks.size(), task.limits.threads, task.stop, [&](std::size_t index) -> core::Status {
            const auto& [block, field] = blocks[index];
            if (block->kind == StateKind::none || digest_of(block->bytes) == block->digest) return {};
            return damaged(name, fmt::format("its column {} does not fit its checksum",
                                             core::quoted(contents.schema.fields[field].name)));
        });
    if (!status) return propagate(status);
    return Profile(std::make_shared<const Profile::Contents>(std::move(contents)));
}

core::Result<Profile> read_profile(std::string bytes, const std::string& name, const core::Task& task) {
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    return read_profile(std::as_bytes(std::span<const char>(*owner)), owner, name, task);
}

}  // namespace tristrata::detection
