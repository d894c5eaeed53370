#include "test_choice.hpp"

#include "evidence.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string>
#include <vector>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using core::Status;

bool takes(const Method& method, drift::Kind kind) {
    return std::ranges::find(method.kinds, kind) != method.kinds.end();
}

bool knows(const Method& method, Null null) {
    const std::string_view wanted = name(null);
    for (std::string_view rest = method.nulls; !rest.empty();) {
        const auto end = rest.find(' ');
        if (rest.substr(0, end) == wanted) return true;
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return false;
}

/// Every choice of the plan, with what it is the test of.
std::vector<std::pair<std::string, std::string>> choices_of(const Plan& plan) {
    std::vector<std::pair<std::string, std::string>> choices;
    if (plan.tests.numeric) choices.emplace_back("the test of numeric columns", *plan.tests.numeric);
    if (plan.tests.categorical)
        choices.emplace_back("the test of categorical columns", *plan.tests.categorical);
    for (const auto& [column_name, column] : plan.column)
        if (column.test)
            choices.emplace_back(fmt::format("the test of column {}", core::quoted(column_name)),
                                 *column.test);
    return choices;
}

}  // namespace

/// The engine's methods, for a message: the nearest, or all of them.
Status check_name(std::string_view what, std::string_view asked, Engine engine,
                  std::optional<drift::Kind> kind) {
    std::vector<std::string> known;
    for (const Method& method : methods()) {
        if (method.engine != engine || (kind && !takes(method, *kind))) continue;
        if (engine == Engine::tristrata && !method.has_p) continue;
        if (method.name == asked) return {};
        known.emplace_back(method.name);
    }
    const auto near = core::nearest(asked, known);
    std::string all;
    for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
    return fail(ErrorKind::usage,
                fmt::format("{} is {}; {} has {}{}", what, core::quoted(asked), name(engine), all,
                            near.empty() ? "" : fmt::format("; did you mean {}?", core::quoted(near))));
}

Status validate_tests(const Plan& plan) {
    for (const auto& [what, test] : choices_of(plan)) {
        const Method* row = find_method(test);
        if (row != nullptr && !row->has_p)
            return fail(ErrorKind::usage,
                        fmt::format("{} is {}, which is a measure: it has no p and stands beside every test; "
                                    "`tristrata drift methods` lists the tests",
                                    what, core::quoted(test)));
        if (auto status = check_name(what, test, Engine::tristrata, std::nullopt); !status) return status;
    }
    for (const auto& [test, kind] : {std::pair{&plan.tests.numeric, drift::Kind::numeric},
                                     {&plan.tests.categorical, drift::Kind::categorical}})
        if (*test)
            if (auto status = check_name(fmt::format("the test of {} columns", drift::name(kind)), **test,
                                         Engine::tristrata, kind);
                !status)
                return status;
    return {};
}

bool choice_refuses_windows(const Plan& plan) {
    return plan.engine() == Engine::tristrata && std::ranges::any_of(choices_of(plan), [](const auto& one) {
               const Method* row = find_method(one.second);
               return row != nullptr && !knows(*row, Null::chunks);
           });
}

Status refuse_unsuited(const Plan& plan, const dataset::Schema& schema) {
    if (plan.engine() != Engine::tristrata) return {};
    for (const auto& field : schema.fields) {
        const ColumnPlan& column = plan.of(field.name);
        if (!column.test || column.ignore || column.role == drift::Role::key || field.name == plan.time)
            continue;
        const drift::Kind kind = kind_of(field.type, column);
        const Method* row = find_method(*column.test);
        if (row == nullptr || kind == drift::Kind::unsupported) continue;
        const std::string subject =
            fmt::format("the test of column {} is {}", core::quoted(field.name), row->name);
        if (kind == drift::Kind::time)
            return fail(ErrorKind::usage,
                        fmt::format("{}, and the column holds times, which are compared by their gaps and by "
                                    "the time of day: leave its test out",
                                    subject));
        if (takes(*row, kind)) continue;
        std::string suited;
        for (const Method& method : methods())
            if (method.engine == Engine::tristrata && method.has_p && takes(method, kind))
                suited += (suited.empty() ? "" : ", ") + std::string(method.name);
        return fail(ErrorKind::usage,
                    fmt::format("{}, which is of {} columns, and the column is {}; it takes {}", subject,
                                drift::name(row->kinds.front()), drift::name(kind), suited));
    }
    return {};
}

Status refuse_null(const Plan& plan, Null null) {
    if (plan.engine() != Engine::tristrata) return {};
    for (const auto& [what, test] : choices_of(plan)) {
        const Method* row = find_method(test);
        if (row == nullptr || knows(*row, null)) continue;
        std::string others;
        for (const Method& method : methods())
            if (method.engine == Engine::tristrata && method.has_p &&
                method.kinds.data() == row->kinds.data() && knows(method, null))
                others += (others.empty() ? "" : ", ") + std::string(method.name);
        return fail(
            ErrorKind::usage,
            fmt::format("{} is {}, which knows the null{} {}, and the null is {}; take another --null{}",
                        what, test, row->nulls.find(' ') == std::string_view::npos ? "" : "s", row->nulls,
                        name(null), others.empty() ? "" : ", or one of " + others));
    }
    return {};
}

Status choose_tests(Plan& plan, const std::vector<std::string>& tests) {
    for (const auto& test : tests) {
        const Method* row = find_method(test, plan.engine());
        if (row == nullptr) {
            if (auto status = check_name("--test", test, plan.engine(), std::nullopt); !status) return status;
            continue;
        }
        const bool numeric = takes(*row, drift::Kind::numeric),
                   labels = takes(*row, drift::Kind::categorical);
        switch (plan.engine()) {
            case Engine::tristrata:
                if (numeric) plan.tests.numeric = test;
                if (labels) plan.tests.categorical = test;
                break;
            case Engine::evidently:
                if (numeric) plan.evidently.num_method = test;
                if (labels) plan.evidently.cat_method = test;
                break;
            case Engine::nannyml:
                if (numeric) plan.nannyml.continuous_methods = {test};
                if (labels) plan.nannyml.categorical_methods = {test};
                break;
        }
    }
    return validate(plan);
}

}  // namespace tristrata::detection
