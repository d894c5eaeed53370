#include "judge.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/rendering.hpp"

#include <fmt/format.h>

namespace tristrata::readiness {
namespace {

std::string_view level_of(Level level) {
    return level == Level::note ? "note" : level == Level::warning ? "warning" : "error";
}

/// A path as a URI's: bytes that stand for something else in one are %XX.
std::string uri_of(std::string_view path) {
    std::string uri;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("/-_.~").find(c) != std::string_view::npos;
        if (plain) uri += c;
        else uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri;
}

void write_text(core::JsonWriter& json, std::string_view key, std::string_view text) {
    json.key(key);
    json.begin_object();
    json.member("text", text);
    json.end_object();
}

void write_rule(core::JsonWriter& json, const Rule& rule) {
    json.begin_object();
    json.member("id", rule.id);
    write_text(json, "shortDescription", rule.title);
    write_text(json, "fullDescription", rule.why);
    json.key("help");
    json.begin_object();
    json.member("text", rule.write);
    json.member("markdown", page_of(rule));
    json.end_object();
    json.key("defaultConfiguration");
    json.begin_object();
    json.member("level", level_of(rule.level));
    json.end_object();
    json.end_object();
}

void write_result(core::JsonWriter& json, const Finding& finding, std::uint64_t index) {
    json.begin_object();
    json.member("ruleId", finding.rule->id);
    json.member("ruleIndex", index);
    json.member("level", level_of(finding.rule->level));
    write_text(json, "message",
               fmt::format("{}{}. {}",
                           is_address(finding.file)
                               ? fmt::format("{}, line {}: ", core::valid_utf8(finding.file), finding.line)
                               : "",
                           core::valid_utf8(finding.message), finding.rule->write));
    json.key("locations");
    json.begin_array();
    json.begin_object();
    json.key("physicalLocation");
    json.begin_object();
    json.key("artifactLocation");
    json.begin_object();
    // Code scanning takes no location outside the repository: an issue's is its address without a scheme.
    json.member("uri",
                uri_of(is_address(finding.file) ? without_scheme(finding.file) : std::string(finding.file)));
    json.end_object();
    json.key("region");
    json.begin_object();
    json.member("startLine", static_cast<std::uint64_t>(finding.line == 0 ? 1 : finding.line));
    json.end_object();
    json.end_object();
    json.end_object();
    json.end_array();
    // What makes it the same finding in another commit: neither the line nor what else is wrong.
    json.key("partialFingerprints");
    json.begin_object();
    json.member("primaryLocationLineHash",
                core::sha256(fmt::format("{}\n{}\n{}", finding.file, finding.rule->id, finding.message))
                    .substr(0, 32));
    json.end_object();
    json.end_object();
}

}  // namespace

std::string to_sarif(const Verdict& verdict) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("$schema",
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
    json.member("version", "2.1.0");
    json.key("runs");
    json.begin_array();
    json.begin_object();
    json.key("tool");
    json.begin_object();
    json.key("driver");
    json.begin_object();
    json.member("name", "tristrata readiness");
    if (!verdict.version.empty()) json.member("semanticVersion", verdict.version);
    json.key("rules");
    json.begin_array();
    for (const auto& rule : rules()) write_rule(json, rule);
    json.end_array();
    json.end_object();
    json.end_object();
    json.member("columnKind", "unicodeCodePoints");
    json.key("invocations");
    json.begin_array();
    json.begin_object();
    json.member("executionSuccessful", verdict.evaluable());
    json.member("exitCode", verdict.exit_code());
    json.end_object();
    json.end_array();
    json.key("results");
    json.begin_array();
    for (const auto& outcome : verdict.outcomes)
        for (const auto& finding : outcome.findings)
            write_result(json, finding, static_cast<std::uint64_t>(finding.rule - rules().data()));
    json.end_array();
    json.end_object();
    json.end_array();
    json.end_object();
    return json.take() + "\n";
}

}  // namespace tristrata::readiness
