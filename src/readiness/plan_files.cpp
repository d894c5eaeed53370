#include "plan_files.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>

namespace tristrata::readiness {
namespace {

/// Whether a folder on the way to a file of the repository is a link: git has no such path.
bool is_behind_a_link(const std::filesystem::path& root, const std::filesystem::path& file) {
    std::error_code code;
    auto at = root;
    for (const auto& part : file.lexically_normal().parent_path()) {
        at /= part;
        if (std::filesystem::is_symlink(at, code)) return true;
    }
    return false;
}

}  // namespace

core::Result<std::string> text_of(const GateRequest& request, const std::string& file) {
    if (std::filesystem::path(file).is_absolute()) return read_text(file, request.root);
    if (!request.commit.empty()) return text_at(request.root, request.commit, file);
    auto text = read_text(request.root / file, request.root);
    // As git has it: a link is one also where it leads to a file of the repository.
    std::error_code code;
    if (text && is_behind_a_link(request.root, file))
        return core::fail(core::ErrorKind::refused,
                          fmt::format("{} stands below a folder that is a link; a link is not followed",
                                      core::quoted(file, 200)));
    if (text && std::filesystem::is_symlink(request.root / file, code))
        return core::fail(
            core::ErrorKind::refused,
            fmt::format("{} is no regular file; a link is not followed", core::quoted(file, 200)));
    return text;
}

bool is_there(const GateRequest& request, const std::string& file) {
    std::error_code code;
    if (request.commit.empty())
        return !is_behind_a_link(request.root, file) &&
               std::filesystem::exists(std::filesystem::symlink_status(request.root / file, code));
    const auto text = text_at(request.root, request.commit, file);
    return text || text.error().kind != core::ErrorKind::not_found;
}

Read read_plan_file(const GateRequest& request, const std::string& file, SectionSet required) {
    Read read;
    auto text = text_of(request, file);
    if (!text) {
        // A link that leads nowhere is there, and is no plan.
        const bool absent = text.error().kind == core::ErrorKind::not_found && !is_there(request, file);
        read.instead = outcome_of(
            absent ? "RDY001" : "RDY002", file,
            absent ? fmt::format("there is no plan {}", core::quoted(file)) : text.error().message, required);
        return read;
    }
    auto plan = parse_plan(*text, file);
    if (plan) read.plan = std::move(*plan);
    else read.instead = outcome_of("RDY002", file, plan.error().message, required);
    return read;
}

}  // namespace tristrata::readiness
