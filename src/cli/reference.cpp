#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "saved_reference.hpp"

#include "tristrata/config/settings.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <charconv>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;
using store::Reference;

core::Result<core::Timestamp> time_of(const ReferenceOptions& options) {
    return time_or_now("--at", options.at);
}

/// "90d" after `now`, or a time; nothing where none was given.
core::Result<std::optional<core::Timestamp>> expiry_of(const std::string& text, core::Timestamp now) {
    if (text.empty()) return std::optional<core::Timestamp>();
    std::int64_t days = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, days);
    core::Timestamp expires;
    if (error == std::errc() && rest + 1 == end && *rest == 'd' && days < 36'600) {
        expires = now + core::Duration{days * 86'400'000'000};
    } else {
        auto parsed = core::parse_timestamp(text);
        if (!parsed)
            return fail(
                ErrorKind::usage,
                fmt::format("--expires is {}; expected a number of days, such as 90d, or a time, such as "
                            "2027-01-01",
                            core::quoted(text)));
        expires = *parsed;
    }
    if (expires <= now)
        return fail(ErrorKind::usage, fmt::format("--expires is {}, which is not after {}",
                                                  core::quoted(text), core::to_string(now)));
    return std::optional(expires);
}

std::string_view state_of(const Reference& reference, bool newest, core::Timestamp now) {
    if (!newest) return "replaced";
    return reference.expires_at && *reference.expires_at <= now ? "expired" : "in force";
}

void write(core::JsonWriter& json, const Reference& reference, std::string_view state) {
    json.begin_object();
    json.member("module", reference.module);
    json.member("version", reference.version);
    json.member("state", state);
    json.member("profile_sha256", reference.profile_sha256);
    json.member("who", reference.who);
    json.member("why", reference.why);
    json.member("promoted_at", core::to_string(reference.promoted_at));
    json.member("expires_at",
                reference.expires_at ? std::optional(core::to_string(*reference.expires_at)) : std::nullopt);
    json.member("replaces", reference.replaces);
    json.end_object();
}

core::Status say(const Reference& reference, const Output& output) {
    if (output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        write(json, reference, "in force");
        return write_result(output, json.take() + "\n");
    }
    return write_result(
        output,
        fmt::format("reference {} of {} is in force{}{}; check against it with: tristrata drift check "
                    "--reference-of {} CURRENT\n",
                    reference.version, reference.module,
                    reference.replaces ? fmt::format(" in place of {}", *reference.replaces) : "",
                    reference.expires_at ? ", until " + core::to_string(*reference.expires_at) : "",
                    reference.module));
}

core::Result<std::unique_ptr<store::Store>> open_drift(const ReferenceOptions& options,
                                                       store::OpenMode mode) {
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    return (*session)->open_store(store::Layer::drift, mode);
}

core::Result<int> promote(const ReferenceOptions& options) {
    core::Task task;
    task.stop = interrupted();
    task.limits.threads = std::max(1u, std::thread::hardware_concurrency());
    auto profile = drift_check::read_profile_file(options.profile, task);
    if (!profile) return propagate(profile);
    auto now = time_of(options);
    if (!now) return propagate(now);
    auto expires = expiry_of(options.expires, *now);
    if (!expires) return propagate(expires);
    auto store = open_drift(options, store::OpenMode::maintain);
    if (!store) return propagate(store);
    auto promoted = (*store)->promote({options.module, profile->version(), profile->bytes(),
                                       person_of(options.who), options.why, *now, *expires});
    if (!promoted) return propagate(promoted);
    if (auto status = say(*promoted, options.output); !status) return propagate(status);
    return 0;
}

core::Result<int> rollback(const ReferenceOptions& options) {
    auto now = time_of(options);
    if (!now) return propagate(now);
    auto expires = expiry_of(options.expires, *now);
    if (!expires) return propagate(expires);
    auto store = open_drift(options, store::OpenMode::maintain);
    if (!store) return propagate(store);
    auto back = (*store)->roll_back(
        {options.module, options.to, person_of(options.who), options.why, *now, *expires});
    if (!back) return propagate(back);
    if (auto status = say(*back, options.output); !status) return propagate(status);
    return 0;
}

core::Result<int> list(const ReferenceOptions& options) {
    auto now = time_of(options);
    if (!now) return propagate(now);
    auto store = open_drift(options, store::OpenMode::read);
    if (!store) return propagate(store);
    auto page = (*store)->query(store::ReferenceQuery{optional_text(options.module), options.limit});
    if (!page) return propagate(page);
    std::vector<std::string_view> states;
    for (const Reference& reference : page->rows) {
        auto newest = (*store)->current_reference(reference.module);
        if (!newest) return propagate(newest);
        states.push_back(state_of(reference, newest->version == reference.version, *now));
    }
    std::string text;
    if (options.output.format == "json") {
        core::JsonWriter json(core::JsonWriter::Style::indented);
        json.begin_object();
        json.key("references");
        json.begin_array();
        for (std::size_t i = 0; i < states.size(); ++i) write(json, page->rows[i], states[i]);
        json.end_array();
        json.member("truncated", page->truncated);
        json.end_object();
        text = json.take() + "\n";
    } else {
        std::vector<std::vector<std::string>> rows;
        for (std::size_t i = 0; i < states.size(); ++i) {
            const Reference& one = page->rows[i];
            rows.push_back({one.module, std::to_string(one.version), std::string(states[i]),
                            core::to_string(one.promoted_at),
                            one.expires_at ? core::to_string(*one.expires_at) : "-", one.who,
                            one.replaces ? std::to_string(*one.replaces) : "-",
                            one.profile_sha256.substr(0, 12), one.why});
        }
        text = report::aligned(
            {"module", "version", "state", "promoted_at", "expires_at", "who", "replaces", "profile", "why"},
            rows);
        if (rows.empty())
            text +=
                "no references; promote a profile with: tristrata reference promote P --module M --why "
                "TEXT\n";
        if (page->truncated)
            text += fmt::format("only the newest {} are shown; --limit shows more\n", options.limit);
    }
    if (auto status = write_result(options.output, text); !status) return propagate(status);
    return 0;
}

}  // namespace

int reference_list(const ReferenceOptions& options) { return code_of(list(options)); }
int reference_promote(const ReferenceOptions& options) { return code_of(promote(options)); }
int reference_rollback(const ReferenceOptions& options) { return code_of(rollback(options)); }

}  // namespace tristrata::cli
