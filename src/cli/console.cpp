#include "console.hpp"

#include "tristrata/config/settings.hpp"
#include "tristrata/core/secret.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

namespace tristrata::cli {

int report_error(const core::Error& error) {
    fmt::print(stderr, "tristrata: {}\n", core::without_credentials(error.message));
    return core::traits(error.kind).exit_code;
}

int code_of(const core::Result<int>& code) { return code ? *code : report_error(code.error()); }

namespace {

core::Status write_standard_output(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        return core::fail(core::ErrorKind::storage,
                          fmt::format("cannot write to standard output: {}", std::strerror(errno)),
                          std::to_string(errno));
    return {};
}

}  // namespace

core::Status write_file(const std::string& path, std::string_view text) {
    if (path == "-") return write_standard_output(text);
    // A pipe or a device is written to as it is: renaming over it would put a file in its place.
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    const bool beside = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
    const std::string part = beside ? fmt::format("{}.part-{}", path, ::getpid()) : path;
    std::FILE* file = std::fopen(part.c_str(), "wb");
    const auto trouble = [&](int code) {
        if (file != nullptr) std::fclose(file);
        if (beside) std::remove(part.c_str());
        return core::fail(core::ErrorKind::storage,
                          fmt::format("cannot write {}: {}", path, std::strerror(code)),
                          std::to_string(code));
    };
    if (file == nullptr) return trouble(errno);
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0)
        return trouble(errno);
    std::FILE* closing = file;
    file = nullptr;
    if (std::fclose(closing) != 0) return trouble(errno);
    if (beside && std::rename(part.c_str(), path.c_str()) != 0) return trouble(errno);
    return {};
}

core::Status write_result(const Output& output, std::string_view text) {
    return write_file(output.out.empty() ? "-" : output.out, text);
}

core::Status check_outputs(const Output& output) {
    if (output.html == "-" && (output.out.empty() || output.out == "-"))
        return core::fail(
            core::ErrorKind::usage,
            "--html - and the result would both go to standard output; give --out FILE for the result, "
            "or --format html in place of --html");
    return {};
}

void note_large_page(std::string_view page, std::size_t count, std::string_view noun,
                     std::string_view advice) {
    constexpr std::size_t page_bytes_large = 10'000'000;
    if (page.size() < page_bytes_large) return;
    fmt::print(stderr, "note: the HTML page of {} {} is {} MB, which browsers open slowly; {}\n", count, noun,
               page.size() / 1'000'000, advice);
}

std::string person_of(const std::string& who) {
    if (!who.empty()) return who;
    const auto environment = config::process_environment();
    const auto user = environment.find("USER");
    if (user != environment.end() && !user->second.empty()) return user->second;
    const passwd* entry = getpwuid(geteuid());
    return entry != nullptr && entry->pw_name != nullptr ? entry->pw_name : fmt::format("user {}", geteuid());
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

bool colour_wanted() {
    // NO_COLOR (no-color.org): any value that is not empty.
    const auto environment = config::process_environment();
    const auto no_colour = environment.find("NO_COLOR");
    return stdout_is_terminal() && (no_colour == environment.end() || no_colour->second.empty());
}

unsigned terminal_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
    return 140;
}

ProgressLine::ProgressLine() : started_(core::system_clock().steady_now()), shown_(started_) {}

ProgressLine::~ProgressLine() {
    if (visible_) fmt::print(stderr, "\r\033[K");
}

void ProgressLine::advanced(std::string_view unit, std::uint64_t done, std::uint64_t total) {
    const auto now = core::system_clock().steady_now();
    const auto elapsed = static_cast<double>((now - started_).microseconds) * 1e-6;
    if (elapsed < 1.0 || (now - shown_).microseconds < 200'000 || ::isatty(STDERR_FILENO) != 1) return;
    shown_ = now;
    visible_ = true;
    const double rate = static_cast<double>(done) / elapsed;
    if (total > done && rate > 0.0)
        fmt::print(stderr, "\r\033[K{} of {} {}, {:.3g} a second, {:.0f} s left", done, total, unit, rate,
                   static_cast<double>(total - done) / rate);
    else fmt::print(stderr, "\r\033[K{} {}, {:.3g} a second", done, unit, rate);
    std::fflush(stderr);
}

namespace {
std::stop_source interruption;
extern "C" void on_signal(int signal) {
    // request_stop takes no lock when no callback is registered: the engine only polls.
    interruption.request_stop();
    std::signal(signal, SIG_DFL);  // A second one ends the process at once.
}
}  // namespace

bool reload_asked() {
    static std::atomic<bool> asked{false};
    static_assert(std::atomic<bool>::is_always_lock_free);
    static const auto before = std::signal(SIGHUP, [](int) { asked = true; });
    (void)before;
    return asked.exchange(false);
}

std::stop_token interrupted() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    return interruption.get_token();
}

}  // namespace tristrata::cli
