#include "tristrata/report/junit_suite.hpp"

#include "ordering.hpp"

#include <fmt/format.h>

namespace tristrata::report {

void JUnitSuite::describe(std::string_view name, std::string_view value) {
    properties_ += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", escaped(name), escaped(value));
}

void JUnitSuite::add(std::string_view name, Ending ending, std::string_view type, std::string_view message) {
    ++tests_;
    // Whoever collects cases takes those of one name for one.
    const std::size_t time = ++times_[std::string(name)];
    const std::string again = time > 1 ? fmt::format(" ({})", time) : "";
    cases_ += fmt::format("    <testcase classname=\"{}\" name=\"{}{}\"", noun_, escaped(name), again);
    if (ending == Ending::failed) {
        ++failures_;
        cases_ += fmt::format("><failure type=\"{}\" message=\"{}\"/></testcase>\n", escaped(type),
                              escaped(message));
    } else if (ending == Ending::skipped) {
        ++skipped_;
        cases_ += fmt::format("><skipped message=\"{}\"/></testcase>\n", escaped(message));
    } else {
        cases_ += "/>\n";
    }
}

std::string JUnitSuite::finish(core::Timestamp created_at) const {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"tristrata {}\" "
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" timestamp=\"{}\">\n    "
        "<properties>\n{}    </properties>\n{}  "
        "</testsuite>\n</testsuites>\n",
        command_, tests_, failures_, skipped_, core::to_string(created_at).substr(0, 19), properties_,
        cases_);
}

}  // namespace tristrata::report
