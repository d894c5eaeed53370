#include "sample_backtest.hpp"
#include "sample_quality.hpp"
#include "sample_report.hpp"
#include "tristrata/report/backtest_html.hpp"
#include "tristrata/report/html.hpp"
#include "tristrata/report/quality_html.hpp"

#include <fstream>
#include <string>
#include <string_view>

namespace {

std::string page_of(std::string_view kind) {
    namespace report = tristrata::report;
    if (kind == "report") return report::to_html(report::varied_report());
    if (kind == "backtest") {
        auto backtest = report::varied_backtest(60);
        backtest.events[0].name = report::hostile_name;
        backtest.chunks[40].findings[0].column = report::hostile_name;
        return report::to_html(backtest);
    }
    if (kind == "quality") return report::to_html(report::sample_quality(12, true));
    return "";
}

}  // namespace

/// write_sample report|backtest|quality FILE: the page the browser is shown.
int main(int count, char** arguments) {
    if (count != 3) return 2;
    const std::string page = page_of(arguments[1]);
    std::ofstream file(arguments[2], std::ios::binary);
    file << page;
    file.close();
    return file && !page.empty() ? 0 : 1;
}
