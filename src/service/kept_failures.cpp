#include "kept_failures.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/spool/whole_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tristrata::service {
namespace {

using core::ErrorKind;
using Lines = analyzer::Failures::Lines;

constexpr int failures_format = 1;

core::Result<Lines> read_lines(spool::FileSystem& files, const std::string& path) {
    constexpr std::uint64_t bytes_max = 16U << 20U;
    auto file = files.open(path, spool::FileSystem::Open::existing);
    if (!file && file.error().kind == ErrorKind::not_found) return Lines();
    if (!file) return propagate(file);
    auto bytes = (*file)->read(0, bytes_max);
    if (!bytes) return propagate(bytes);
    try {
        const auto document = nlohmann::json::parse(*bytes);
        if (document.at("format").get<int>() != failures_format)
            return core::fail(ErrorKind::conflict, "it is of another format");
        Lines lines;
        for (const auto& [who, line] : document.at("failures").items())
            lines[who] = {{line.at("to_us").get<std::int64_t>()}, line.at("windows").get<std::uint64_t>()};
        return lines;
    } catch (const nlohmann::json::exception& error) {
        return core::fail(ErrorKind::invalid_input, error.what());
    }
}

core::Status write_lines(spool::FileSystem& files, const std::string& path, const Lines& lines) {
    core::JsonWriter json;
    json.begin_object();
    json.member("format", failures_format);
    json.key("failures");
    json.begin_object();
    for (const auto& [who, line] : lines) {
        json.key(who);
        json.begin_object();
        json.member("to_us", line.to.microseconds);
        json.member("windows", line.windows);
        json.end_object();
    }
    json.end_object();
    json.end_object();
    const std::size_t slash = path.rfind('/');
    return spool::write_whole(files, path.substr(0, slash), path.substr(slash + 1), json.take());
}

}  // namespace

std::shared_ptr<analyzer::Failures> kept_failures(spool::FileSystem& files, std::string path,
                                                  std::shared_ptr<Log> log) {
    auto begun = read_lines(files, path);
    if (!begun)
        log->event(
            LogLevel::warn, "analyzer",
            fmt::format("how often in a row sources had no answer is not known, and begins anew: {}: {}",
                        path, begun.error().message));
    return std::make_shared<analyzer::Failures>(
        begun.value_or(Lines()),
        [&files, path = std::move(path), log = std::move(log), said = false](const Lines& lines) mutable {
            auto written = write_lines(files, path, lines);
            if (!written && !said) log->failed("analyzer", written.error());
            said = !written;
        });
}

}  // namespace tristrata::service
