#include "tristrata/readiness/policy.hpp"

#include "canary_field.hpp"
#include "tristrata/config/document.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;
using core::fail;

SectionSet set_of(std::initializer_list<Part> parts) {
    SectionSet set;
    for (const Part part : parts) set.add(part);
    return set;
}

/// One name of a path, or of a pattern.
struct Names {
    std::string_view rest;
    [[nodiscard]] bool done() const { return rest.data() == nullptr; }
    [[nodiscard]] std::string_view next() {
        const auto slash = rest.find('/');
        const auto name = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        return name;
    }
};

/// What to write in place of a pattern that matches no path of a repository as it stands; empty of one that
/// may.
std::string mend_of(const std::string& pattern) {
    constexpr std::string_view plain = "names of folders and files apart by /, such as src/training/**";
    if (pattern.find_first_not_of(" \t") == std::string::npos) return std::string("expected ").append(plain);
    if (pattern.front() == ' ' || pattern.back() == ' ') return "take out the spaces at its ends";
    if (pattern.front() == '!')
        return "no pattern takes away; write a [[scope]] with sections = [] above the other";
    if (pattern.front() == '/')
        return fmt::format("paths begin at the repository's root without a /: write \"{}\"",
                           pattern.substr(pattern.find_first_not_of('/') == std::string::npos
                                              ? pattern.size() - 1
                                              : pattern.find_first_not_of('/')));
    if (pattern.find_first_of("[]\\") != std::string::npos)
        return "[…] and \\ are none of * ? ** {a,b}; write each reading, such as {train,label}";
    int open = 0;
    for (const char c : pattern) {
        open += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (open < 0 || open > 1) return "a { holds names apart by commas up to its }, and no other {";
    }
    if (open != 0) return "the { has no }; write {a,b}";
    for (const auto& reading : readings_of(pattern))
        for (Names rest{reading}; !rest.done();) {
            const auto name = rest.next();
            if (name.empty() || name == "." || name == "..")
                return fmt::format("git names no path with {}; expected {}",
                                   name.empty() ? "an empty name" : fmt::format("a {}", name), plain);
        }
    return "";
}

/// "src/training/" is all that lies below it, as in other lists of paths.
core::Result<std::string> pattern_of(const std::string& given, const std::string& where) {
    std::string pattern = given;
    if (pattern.size() > 1 && pattern.ends_with('/') && !pattern.ends_with("//")) pattern += "**";
    if (const auto mend = mend_of(pattern); !mend.empty())
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {} can match no path: {}", where, core::quoted(given, 200), mend));
    return pattern;
}

/// Reads one [[scope]].
core::Result<ScopeRow> read_row(config::Reader& reader) {
    ScopeRow row;
    auto paths = reader.texts("paths");
    if (!paths) return propagate(paths);
    if (!*paths || (*paths)->empty())
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: a scope has no paths; expected paths = [\"src/training/**\"]", reader.where()));
    for (const auto& given : **paths) {
        auto pattern = pattern_of(given, reader.where("paths"));
        if (!pattern) return propagate(pattern);
        for (auto& reading : readings_of(*pattern)) row.paths.push_back(std::move(reading));
    }
    auto sections = reader.texts("sections");
    if (!sections) return propagate(sections);
    if (!*sections)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: a scope has no sections; expected sections = [\"1\", \"2\", \"5\"], [\"all\"] "
                        "or []",
                        reader.where()));
    for (const auto& text : **sections) {
        if (text == "all") {
            row.sections = SectionSet::all();
        } else if (text.size() == 1 && text[0] >= '1' && text[0] <= '6') {
            row.sections.add(static_cast<Part>(text[0] - '0'));
        } else {
            return fail(ErrorKind::configuration,
                        fmt::format("{}: there is no section \"{}\"; expected \"1\" to \"6\", or \"all\"",
                                    reader.where("sections"), text));
        }
    }
    auto reason = reader.text("reason");
    if (!reason) return propagate(reason);
    if (!*reason || (*reason)->empty())
        return fail(ErrorKind::configuration,
                    fmt::format("{}: a scope has no reason; `readiness scope` shows it to whoever is held up",
                                reader.where()));
    row.reason = **reason;
    return row;
}

core::Status read_thresholds(config::Reader& reader, std::string_view key, Thresholds& thresholds) {
    auto table = reader.table(key);
    if (!table) return propagate(table);
    if (!*table) return {};
    for (auto [name, place] : {std::pair{"warn", &thresholds.warn}, std::pair{"crit", &thresholds.crit}}) {
        auto number = (*table)->number(name);
        if (!number) return propagate(number);
        if (*number) *place = **number;
    }
    if (!(thresholds.warn < thresholds.crit) || !std::isfinite(thresholds.warn) ||
        !std::isfinite(thresholds.crit))
        return fail(ErrorKind::configuration,
                    fmt::format("{}: warn is {} and crit {}; expected warn below crit", reader.where(key),
                                thresholds.warn, thresholds.crit));
    return {};
}

core::Status read_texts(config::Reader& reader, std::string_view key, std::vector<std::string>& into) {
    auto texts = reader.texts(key);
    if (!texts) return propagate(texts);
    if (*texts) into = **texts;
    return {};
}

core::Status read_text_of(config::Reader& reader, std::string_view key, std::string& into) {
    auto text = reader.text(key);
    if (!text) return propagate(text);
    if (*text) into = **text;
    return {};
}

/// A path of the repository as git has it: "./docs/plans/" is docs/plans.
core::Status read_path_of(config::Reader& reader, std::string_view key, std::string& into) {
    std::string text = into;
    if (auto read = read_text_of(reader, key, text); !read) return read;
    // template = "": the repository has none.
    if (text == into || (text.empty() && key == "template")) {
        into = text;
        return {};
    }
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    auto plain = path_of_repository({}, text);
    if (!plain)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {}", reader.where(key), plain.error().message));
    into = std::move(*plain);
    return {};
}

core::Status read_places(config::Reader& root, Places& places) {
    auto table = root.table("places");
    if (!table) return propagate(table);
    if (!*table) return {};
    for (auto [key, into] :
         {std::pair{"rules", &places.rules}, std::pair{"rule_tests", &places.rule_tests},
          std::pair{"runbooks", &places.runbooks}, std::pair{"metrics", &places.metrics},
          std::pair{"runbook_headings", &places.runbook_headings}, std::pair{"addresses", &places.addresses}})
        if (auto read = read_texts(**table, key, *into); !read) return read;
    const auto keys = (*table)->keys();
    places.owners_named = std::ranges::find(keys, "owners") != keys.end();
    return read_text_of(**table, "owners", places.owners);
}

core::Status read_removed(config::Reader& root, Policy& policy) {
    auto removed = root.tables("removed");
    if (!removed) return propagate(removed);
    for (auto& table : *removed) {
        auto section = table.integer("section");
        if (!section) return propagate(section);
        auto adr = table.text("adr");
        if (!adr) return propagate(adr);
        if (!*section || **section < 1 || **section > 6 || !*adr || (*adr)->empty())
            return fail(
                ErrorKind::configuration,
                fmt::format("{}: expected section = 1 to 6 and adr = \"docs/adr/….md\", the decision that "
                            "took it out of the template",
                            table.where()));
        policy.removed[static_cast<int>(**section)] = **adr;
    }
    return {};
}

core::Status read_minima(config::Reader& root, Policy& policy) {
    auto table = root.table("minima");
    if (!table) return propagate(table);
    if (!*table) return {};
    auto shadow = (*table)->number("shadow_days");
    if (!shadow) return propagate(shadow);
    if (*shadow && !(std::isfinite(**shadow) && **shadow > 0.0))
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {} is no number of days; expected one above 0, such as 7",
                                (*table)->where("shadow_days"), **shadow));
    if (*shadow) policy.shadow_days_min = **shadow;
    auto sunset = (*table)->integer("sunset_days");
    if (!sunset) return propagate(sunset);
    if (*sunset && (**sunset < 1 || **sunset > 36'500))
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {} is no number of days; expected 1 or more, such as 90",
                                (*table)->where("sunset_days"), **sunset));
    if (*sunset) policy.sunset_days = static_cast<long>(**sunset);
    if (auto read = read_thresholds(**table, "psi", policy.psi); !read) return read;
    if (auto read = read_thresholds(**table, "performance_gap", policy.performance_gap); !read) return read;
    if (auto read = read_texts(**table, "cryptos", policy.cryptos); !read) return read;
    for (const auto& one : policy.cryptos)
        if (symbol_of(one).empty())
            return fail(
                ErrorKind::configuration,
                fmt::format("{}: {} is no symbol that a plan can name; expected letters and digits, such "
                            "as BTCUSDC or BTC/USDC",
                            (*table)->where("cryptos"), core::quoted(one, 40)));
    return {};
}

core::Status read_teams(config::Reader& root, Policy& policy) {
    auto table = root.table("teams");
    if (!table) return propagate(table);
    if (!*table) return {};
    for (const auto& team : (*table)->keys())
        if (auto read = read_texts(**table, team, policy.teams[team]); !read) return read;
    return {};
}

core::Result<Policy> policy_of(const config::Document& document) {
    Policy policy = Policy::defaults();
    config::Reader root = document.root();
    auto rows = root.tables("scope");
    if (!rows) return propagate(rows);
    if (!rows->empty()) policy.scope.clear();
    for (auto& table : *rows) {
        auto row = read_row(table);
        if (!row) return propagate(row);
        policy.scope.push_back(std::move(*row));
    }
    for (auto [key, into] :
         {std::pair{"stories", &policy.stories}, std::pair{"template", &policy.template_file}})
        if (auto read = read_path_of(root, key, *into); !read) return propagate(read);
    for (auto* read : {&read_removed, &read_minima, &read_teams})
        if (auto done = (*read)(root, policy); !done) return propagate(done);
    if (auto read = read_places(root, policy.places); !read) return propagate(read);
    if (auto finished = root.finish(); !finished) return propagate(finished);
    return policy;
}

/// With * for any letters and ? for one; remembers only the last *, so that nothing is tried twice.
bool name_matches(std::string_view pattern, std::string_view name) {
    std::size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') star = p++, mark = n;
        else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) ++p, ++n;
        else if (star != std::string_view::npos) p = star + 1, n = ++mark;
        else return false;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::vector<std::string_view> names_of(std::string_view path) {
    std::vector<std::string_view> names;
    for (Names rest{path}; !rest.done();) names.push_back(rest.next());
    return names;
}

}  // namespace

SectionSet SectionSet::all() {
    SectionSet set;
    for (const Part part : sections_of_a_plan) set.add(part);
    return set;
}
void SectionSet::add(Part part) { bits_ = static_cast<std::uint8_t>(bits_ | 1u << number_of(part)); }
bool SectionSet::contains(Part part) const noexcept { return (bits_ >> number_of(part) & 1u) != 0; }
SectionSet SectionSet::operator|(SectionSet other) const noexcept {
    SectionSet both;
    both.bits_ = static_cast<std::uint8_t>(bits_ | other.bits_);
    return both;
}

std::string shown(SectionSet sections) {
    std::string text;
    for (const Part part : sections_of_a_plan)
        if (sections.contains(part)) text += fmt::format("{}§{}", text.empty() ? "" : ", ", number_of(part));
    return text.empty() ? "none" : text;
}

Policy Policy::defaults() {
    Policy policy;
    const SectionSet nothing;
    const auto row = [&](const std::vector<std::string>& paths, SectionSet sections, std::string reason) {
        ScopeRow one{{}, sections, std::move(reason)};
        for (const auto& pattern : paths)
            for (auto& reading : readings_of(pattern)) one.paths.push_back(std::move(reading));
        policy.scope.push_back(std::move(one));
    };
    // Wherever it lies: what each row below it asks for is a part of this.
    row({"**/*.{pkl,pickle,joblib,onnx,ubj,cbm,pt,pth,safetensors,keras,h5,tflite}"}, SectionSet::all(),
        "a model artefact");
    row({"**/*.md", "docs/**", "documentation/**", "infra/grafana/**", "deploy/grafana/**"}, nothing,
        "pure documentation or dashboards");
    row({"src/commun/{audit,observability}/**"},
        set_of({Part::monitoring, Part::alerting, Part::rollback, Part::owner}),
        "audit or observability: it fails in silence, so it needs a way back and a DRI");
    row({"src/training/**", "src/commun/{pipeline,inference,filters,labels,features}/**", "src/features/**"},
        SectionSet::all(), "training, features, labels, inference or trading filters");
    row({"models/**"}, SectionSet::all(), "a model artefact");
    row({"**/ftf_factor*", "**/factor_matrix*"}, SectionSet::all(), "the FTF factor matrix");
    row({"src/backtest/**"}, set_of({Part::monitoring, Part::alerting, Part::rollback}),
        "backtest only: not live, so neither drift nor rollout");
    row({"experiments/ftf/**", "tests/**", "**/tests/**", ".github/**"}, nothing,
        "an experiment without promotion, a test or the build");
    policy.places.rules = {"deploy/prometheus/*.yml", "deploy/grafana/provisioning/alerting/*.yaml",
                           "infra/prometheus/*.yml", "infra/grafana/provisioning/alerting/*.yaml"};
    policy.places.rule_tests = {"deploy/prometheus/*_test.yml", "infra/prometheus/*_test.yml"};
    policy.places.runbooks = {"docs/runbooks", "documentation/runbooks"};
    policy.places.runbook_headings = {"Meaning", "Impact", "Diagnosis", "Mitigation"};
    policy.places.owners = "deploy/owners.toml";
    return policy;
}

core::Result<Policy> Policy::read(const std::filesystem::path& file) {
    auto document = config::read_document(file);
    if (!document) return propagate(document);
    return policy_of(*document);
}

core::Result<Policy> Policy::parse(std::string_view text, std::string name) {
    auto document = config::parse_document(text, std::move(name));
    if (!document) return propagate(document);
    return policy_of(*document);
}

Policy Policy::beside_the_defaults() const {
    // What is not named here is the decision's: a key that is new guards before anybody has thought of it.
    Policy both = defaults();
    both.also = std::exchange(both.scope, scope);
    both.shadow_days_min = std::max(shadow_days_min, both.shadow_days_min);
    for (const auto& heading : places.runbook_headings)
        if (std::ranges::find(both.places.runbook_headings, heading) == both.places.runbook_headings.end())
            both.places.runbook_headings.push_back(heading);
    return both;
}

std::vector<std::string> readings_of(const std::string& pattern) {
    constexpr std::size_t readings_max = 256;
    std::vector<std::string> todo{pattern}, readings;
    while (!todo.empty() && todo.size() + readings.size() < readings_max) {
        const std::string one = std::move(todo.back());
        todo.pop_back();
        const auto open = one.find('{');
        const auto close = open == std::string::npos ? open : one.find('}', open);
        if (close == std::string::npos) {
            readings.push_back(one);
            continue;
        }
        for (std::size_t at = open + 1; at <= close;) {
            const auto end = std::min(one.find(',', at), close);
            todo.push_back(one.substr(0, open) + one.substr(at, end - at) + one.substr(close + 1));
            at = end + 1;
        }
    }
    readings.insert(readings.end(), todo.begin(), todo.end());
    std::ranges::sort(readings);
    return readings;
}

bool matches(std::string_view pattern, std::string_view path) {
    const auto wanted = names_of(pattern), names = names_of(path);
    std::size_t w = 0, n = 0, star = wanted.size() + 1, mark = 0;
    while (n < names.size()) {
        if (w < wanted.size() && wanted[w] == "**") star = w++, mark = n;
        else if (w < wanted.size() && name_matches(wanted[w], names[n])) ++w, ++n;
        else if (star <= wanted.size()) w = star + 1, n = ++mark;
        else return false;
    }
    while (w < wanted.size() && wanted[w] == "**") ++w;
    return w == wanted.size();
}

namespace {

/// A pattern of an ending alone, **/*.onnx, whose ending a path may have in any capitals: m.ONNX.
bool matches_ending(std::string_view pattern, const std::string& path) {
    constexpr std::string_view any = "**/*.";
    const auto point = path.rfind('.');
    return point != std::string::npos && pattern.starts_with(any) &&
           pattern.find_first_of("*?/", any.size()) == std::string_view::npos &&
           core::lowered(std::string_view(path).substr(point + 1)) == pattern.substr(any.size());
}

/// By the first row that the path matches.
std::optional<PathDecision> decision_in(const std::vector<ScopeRow>& table, const std::string& path) {
    for (const auto& row : table) {
        const auto found = std::ranges::find_if(row.paths, [&](const std::string& one) {
            return matches(one, path) || matches_ending(one, path);
        });
        if (found != row.paths.end()) return PathDecision{path, *found, row.sections, row.reason, false};
    }
    return std::nullopt;
}

}  // namespace

Scope scope_of(const Policy& policy, const std::vector<std::string>& paths) {
    Scope scope;
    for (const auto& path : paths) {
        PathDecision decision{
            path, "", {}, "no scope knows this path: add it to readiness.scope.toml", false};
        for (const auto* table : {&policy.scope, &policy.also}) {
            const auto asks = decision_in(*table, path);
            if (!asks) continue;
            // That a path is known and asks for nothing is less than that nobody knows it.
            if (table == &policy.scope && !policy.also.empty() && asks->sections.empty()) {
                decision.reason = fmt::format(
                    "{} of a policy that the base does not have yet, and that may only ask for more",
                    core::quoted(asks->pattern, 200));
                decision.unaccepted = true;
                continue;
            }
            decision.unaccepted = false;
            const bool more =
                decision.pattern.empty() || (decision.sections | asks->sections) != decision.sections;
            if (more) decision.pattern = asks->pattern, decision.reason = asks->reason;
            decision.sections = decision.sections | asks->sections;
        }
        scope.unknown += decision.pattern.empty() ? 1 : 0;
        scope.sections = scope.sections | decision.sections;
        scope.paths.push_back(std::move(decision));
    }
    return scope;
}

}  // namespace tristrata::readiness
