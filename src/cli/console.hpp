#pragma once

#include "options.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/task.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::cli {

/// Prints the error's one sentence on standard error and returns its exit code, by the one table of kinds.
[[nodiscard]] int report_error(const core::Error& error);
/// A command's own exit code, or its error's, reported.
[[nodiscard]] int code_of(const core::Result<int>& code);

/// Writes a result to --out (first beside it, then renamed: a reader never sees half of it) or standard
/// output.
[[nodiscard]] core::Status write_result(const Output& output, std::string_view text);
/// The same for any file; "-" is standard output.
[[nodiscard]] core::Status write_file(const std::string& path, std::string_view text);

/// usage: the result and the HTML page would both go to standard output.
[[nodiscard]] core::Status check_outputs(const Output& output);
/// Says of a page of so many columns or chunks that browsers open slowly that they do, and what to do.
void note_large_page(std::string_view page, std::size_t count, std::string_view noun,
                     std::string_view advice);

/// Who acts: --who; else USER; else, under cron or in a container, the user as whom the process runs.
[[nodiscard]] std::string person_of(const std::string& who);

[[nodiscard]] bool stdout_is_terminal();
/// Colour only on a terminal, and never with NO_COLOR.
[[nodiscard]] bool colour_wanted();
[[nodiscard]] unsigned terminal_width();

/// One line on standard error for what takes over a second: what, how much, rate, time left.
class ProgressLine final : public core::Progress {
public:
    ProgressLine();
    ~ProgressLine() override;
    void advanced(std::string_view unit, std::uint64_t done, std::uint64_t total) override;

private:
    core::Timestamp started_;
    core::Timestamp shown_;
    bool visible_ = false;
};

/// Stopped by SIGINT and SIGTERM.
[[nodiscard]] std::stop_token interrupted();
/// Whether SIGHUP came since this was last asked; from the first time on the signal ends nothing.
[[nodiscard]] bool reload_asked();

}  // namespace tristrata::cli
