#include "readiness_places.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::cli {
namespace {

namespace fs = std::filesystem;

/// A plan, and whose it is.
struct Placed {
    fs::path home;  ///< Empty: the root's.
    bool in_repository = false;
    std::string name;  ///< Of the root's, as it is called below it.
    fs::path path;     ///< Without links.
};

bool leads_out(const fs::path& relative) {
    return relative.empty() || relative.generic_string().starts_with("..");
}

Placed placed(const fs::path& root, bool named, const std::string& file) {
    std::error_code code;
    Placed plan;
    plan.path = fs::weakly_canonical(file, code);
    const auto inside = code ? fs::path() : plan.path.lexically_relative(root);
    const auto meant = fs::absolute(file, code).lexically_normal().lexically_relative(root);
    const bool linked = fs::is_symlink(file, code);
    // Of a link on its way the name counts that it has here: it is refused by that one.
    if (!leads_out(meant)) plan.name = meant.generic_string();
    else if (!leads_out(inside) && !linked) plan.name = inside.generic_string();
    else plan.name = (fs::current_path() / file).lexically_normal().string();
    const bool out = leads_out(inside) && leads_out(meant) && !linked;
    const auto own = readiness::repository_of(plan.path.parent_path());
    plan.in_repository = fs::exists(own / ".git", code);
    // A repository within the root is another one.
    const bool nested = !named && plan.in_repository && inside == meant && !linked && own != root &&
                        !leads_out(own.lexically_relative(root));
    if (out || nested) plan.home = plan.in_repository ? own : plan.path.parent_path();
    return plan;
}

fs::path shared_folder(const fs::path& a, const fs::path& b) {
    fs::path shared;
    for (auto one = a.begin(), other = b.begin(); one != a.end() && other != b.end() && *one == *other;
         ++one, ++other)
        shared /= *one;
    return shared;
}

}  // namespace

core::Result<PlacedPlans> place_plans(const fs::path& root, bool named,
                                      const std::vector<std::string>& files) {
    std::error_code code;
    const auto canonical = fs::weakly_canonical(root, code);
    std::vector<Placed> plans;
    for (const auto& file : files) plans.push_back(placed(canonical, named, file));
    PlacedPlans result{root, {}, !plans.empty() && !plans.front().home.empty()};
    if (result.elsewhere) result.root = plans.front().home;
    for (const auto& plan : plans) {
        const bool both_in_none =
            result.elsewhere && !plan.home.empty() && !plan.in_repository && !plans.front().in_repository;
        if (both_in_none) result.root = shared_folder(result.root, plan.home);
        else if (plan.home != plans.front().home)
            return core::fail(
                core::ErrorKind::usage,
                fmt::format("readiness check: {} and {} lie in two repositories, each of which has a policy "
                            "of its own; expected the plans of one in a call",
                            core::quoted(files.front(), 200),
                            core::quoted(files[static_cast<std::size_t>(&plan - plans.data())], 200)));
    }
    for (const auto& plan : plans)
        result.files.push_back(
            plan.home.empty() ? plan.name : plan.path.lexically_relative(result.root).generic_string());
    return result;
}

}  // namespace tristrata::cli
