#include "sample_report.hpp"
#include "tristrata/report/html.hpp"

#include <fstream>

/// write_sample FILE: the page the browser is shown.
int main(int count, char** arguments) {
    if (count != 2) return 2;
    std::ofstream file(arguments[1], std::ios::binary);
    file << tristrata::report::to_html(tristrata::report::varied_report());
    file.close();
    return file ? 0 : 1;
}
