#include "tristrata/readiness/changes.hpp"

#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/plan.hpp"
#include "wording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <sstream>

// NOLINTNEXTLINE(readability-redundant-declaration): POSIX asks for it.
extern char** environ;

namespace tristrata::readiness {
namespace {

using core::ErrorKind;
using core::fail;

struct Answer {
    int code = 0;
    std::string out;
    std::string err;
};

/// Runs git without a shell, with nothing on its standard input; no file of the repository is run by it.
core::Result<Answer> git(const std::filesystem::path& folder, std::vector<std::string> words) {
    std::vector<std::string> line{"git", "-C", folder.string(), "-c", "core.fsmonitor=false", "--no-pager"};
    line.insert(line.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
    std::vector<char*> arguments;
    for (auto& word : line) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<int, 2> out{-1, -1}, err{-1, -1};
    if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
        return fail(ErrorKind::unavailable, fmt::format("cannot run git: {}", std::strerror(errno)));
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    pid_t child = -1;
    const int spawned = ::posix_spawnp(&child, "git", &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(err[1]);
    if (spawned != 0) {
        ::close(out[0]);
        ::close(err[0]);
        return fail(ErrorKind::not_found,
                    fmt::format("git cannot be run: {}; install it", std::strerror(spawned)),
                    std::to_string(spawned));
    }
    Answer answer;
    std::array<pollfd, 2> open{pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
    std::size_t left = open.size();
    while (left > 0) {
        if (::poll(open.data(), open.size(), -1) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (open[i].fd < 0 || open[i].revents == 0) continue;
            std::array<char, 65'536> bytes;
            const auto count = ::read(open[i].fd, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                open[i].fd = -1;
                --left;
            } else {
                (i == 0 ? answer.out : answer.err).append(bytes.data(), static_cast<std::size_t>(count));
            }
        }
    }
    ::close(out[0]);
    ::close(err[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return answer;
}

/// Of a list whose items end with a NUL; in alphabetical order, each once.
std::vector<std::string> names_in(const std::string& list) {
    std::set<std::string> names;
    for (std::size_t at = 0; at < list.size();) {
        const auto end = std::min(list.find('\0', at), list.size());
        if (end > at) names.insert(list.substr(at, end - at));
        at = end + 1;
    }
    return {names.begin(), names.end()};
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

core::Result<std::string> commit_of(const std::filesystem::path& folder, std::string_view which,
                                    const std::string& revision) {
    if (revision.empty() || revision.starts_with('-'))
        return fail(ErrorKind::usage, fmt::format("--{} is {}; expected a branch, a tag or a commit", which,
                                                  core::quoted(revision)));
    auto found =
        git(folder, {"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
    if (!found) return propagate(found);
    if (found->code == 0) return first_line(found->out);
    if (found->err.find("not a git repository") != std::string::npos || found->code == 128)
        return fail(ErrorKind::not_found,
                    fmt::format("{}: {}; --base and --head want a clone (git clone, or actions/checkout with "
                                "fetch-depth: 0): run it in one; --story and --all need no git",
                                folder.string(), first_line(found->err)));
    return fail(
        ErrorKind::not_found,
        fmt::format("git knows no {} {}; fetch it (git fetch origin, or fetch-depth: 0 of actions/checkout)",
                    which, core::quoted(revision)));
}

core::Result<std::string> ancestor_of(const std::filesystem::path& folder, const std::string& base,
                                      const std::string& head) {
    for (const auto& [which, revision] : {std::pair{"base", &base}, std::pair{"head", &head}})
        if (auto found = commit_of(folder, which, *revision); !found) return propagate(found);
    auto ancestor = git(folder, {"merge-base", "--end-of-options", base, head});
    if (!ancestor) return propagate(ancestor);
    if (ancestor->code != 0) {
        auto shallow = git(folder, {"rev-parse", "--is-shallow-repository"});
        const bool cut = shallow && first_line(shallow->out) == "true";
        return fail(
            ErrorKind::not_found,
            fmt::format("{} and {} have no common ancestor{}", core::quoted(base), core::quoted(head),
                        cut ? " in this shallow clone: git fetch --unshallow, or fetch-depth: 0 of "
                              "actions/checkout"
                            : "; name the branch that this one began at, such as --base origin/main"));
    }
    return first_line(ancestor->out);
}

core::Result<std::vector<std::string>> changed_paths(const std::filesystem::path& folder,
                                                     const std::string& base, const std::string& head) {
    auto ancestor = ancestor_of(folder, base, head);
    if (!ancestor) return propagate(ancestor);
    auto paths = git(folder, {"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv",
                              "--no-relative", "--ignore-submodules=none", *ancestor, head, "--"});
    if (!paths) return propagate(paths);
    if (paths->code != 0)
        return fail(ErrorKind::not_found, fmt::format("git diff: {}", first_line(paths->err)));
    return names_in(paths->out);
}

core::Result<std::vector<std::string>> paths_at(const std::filesystem::path& folder,
                                                const std::string& commit, const std::string& below) {
    auto listed = git(folder, {"ls-tree", "-r", "-z", "--name-only", commit, "--", below + "/"});
    if (!listed) return propagate(listed);
    if (listed->code != 0)
        return fail(ErrorKind::unavailable, fmt::format("git ls-tree: {}", first_line(listed->err)));
    return names_in(listed->out);
}

core::Result<std::map<std::string, std::string>> uncommitted(const std::filesystem::path& folder,
                                                             const std::vector<std::string>& paths) {
    std::vector<std::string> words{
        "--literal-pathspecs",   "--no-optional-locks", "status", "--porcelain=v1", "-z",
        "--untracked-files=all", "--no-renames",        "--"};
    words.insert(words.end(), paths.begin(), paths.end());
    auto status = git(folder, std::move(words));
    if (!status) return propagate(status);
    if (status->code != 0)
        return fail(ErrorKind::unavailable, fmt::format("git status: {}", first_line(status->err)));
    std::map<std::string, std::string> states;
    for (const auto& entry : names_in(status->out))  // "?? path"
        if (entry.size() > 3)
            states[entry.substr(3)] =
                entry[0] == '?' || entry[0] == 'A' ? "not committed" : "differs from HEAD";
    return states;
}

core::Result<std::optional<std::string>> first_new(const std::filesystem::path& folder,
                                                   const std::string& commit,
                                                   const std::vector<std::string>& paths) {
    constexpr std::size_t paths_a_walk = 500;
    std::set<std::string> left(paths.begin(), paths.end());
    const auto take_out = [&](std::vector<std::string> words) -> core::Status {
        auto listed = git(folder, std::move(words));
        if (!listed) return propagate(listed);
        if (listed->code != 0)
            return fail(ErrorKind::unavailable, fmt::format("git: {}", first_line(listed->err)));
        for (const auto& name : names_in(listed->out)) left.erase(name);
        return {};
    };
    if (auto at_it = take_out({"ls-tree", "-r", "-z", "--name-only", "--full-tree", commit}); !at_it)
        return propagate(at_it);
    const std::vector<std::string> absent(left.begin(), left.end());
    for (std::size_t from = 0; from < absent.size(); from += paths_a_walk) {
        std::vector<std::string> words{
            "--literal-pathspecs", "log",           "-m",   "-z", "--format=", "--name-only", "--no-renames",
            "--no-ext-diff",       "--no-relative", commit, "--"};
        words.insert(
            words.end(), absent.begin() + static_cast<std::ptrdiff_t>(from),
            absent.begin() + static_cast<std::ptrdiff_t>(std::min(from + paths_a_walk, absent.size())));
        if (auto before_it = take_out(std::move(words)); !before_it) return propagate(before_it);
    }
    return left.empty() ? std::optional<std::string>() : *left.begin();
}

core::Result<std::string> text_at(const std::filesystem::path& folder, const std::string& commit,
                                  const std::string& path) {
    const auto where = fmt::format("{} of {}", core::quoted(path, 200), core::quoted(commit.substr(0, 12)));
    const auto plain = std::filesystem::path(path).lexically_normal().generic_string();
    if (plain.empty() || plain.starts_with('/') || plain.starts_with(".."))
        return fail(ErrorKind::not_found, fmt::format("{}: no path of the repository", where));
    auto entry = git(folder, {"ls-tree", "-l", "-z", commit, "--", plain});
    if (!entry) return propagate(entry);
    if (entry->code != 0)
        return fail(ErrorKind::unavailable, fmt::format("{}: {}", where, first_line(entry->err)));
    // "100644 blob NAME SIZE<TAB>PATH"; nothing where there is none.
    std::istringstream words(entry->out.substr(0, entry->out.find('\t')));
    std::string mode, type, name;
    std::size_t bytes = 0;
    if (!(words >> mode >> type >> name))
        return fail(ErrorKind::not_found, fmt::format("{} is not there", where));
    if (type != "blob" || mode == "120000" || !(words >> bytes))
        return fail(ErrorKind::refused, fmt::format("{} is no regular file; a link is not followed", where));
    if (bytes > plan_bytes_max)
        return fail(ErrorKind::limit_exceeded, fmt::format("{} has more than 256 KiB", where));
    auto text = git(folder, {"cat-file", "blob", name});
    if (!text) return propagate(text);
    if (text->code != 0)
        return fail(ErrorKind::unavailable, fmt::format("{}: {}", where, first_line(text->err)));
    return std::move(text->out);
}

std::filesystem::path repository_of(const std::filesystem::path& folder) {
    std::error_code code;
    const auto start = std::filesystem::absolute(folder, code);
    for (auto at = start;; at = at.parent_path()) {
        if (std::filesystem::exists(at / ".git", code)) return at;
        if (at == at.parent_path()) return folder;
    }
}

std::string origin_of(const std::filesystem::path& folder) {
    auto url = git(folder, {"config", "--get", "remote.origin.url"});
    if (!url || url->code != 0) return "";
    std::string text = first_line(url->out);
    // git@github.com:owner/name.git, or with a scheme, a user and a port.
    const auto scheme = text.find("://");
    if (scheme != std::string::npos) text.erase(0, scheme + 3);
    const auto slash = text.find('/');
    if (const auto user = text.rfind('@', slash); user != std::string::npos) text.erase(0, user + 1);
    const auto colon = text.find(':');
    if (colon == 0 || colon > text.find('/')) {
        // A folder, or a host without a port.
    } else if (colon != std::string::npos && scheme == std::string::npos) {
        text[colon] = '/';
    } else if (colon != std::string::npos) {
        text.erase(colon, text.find('/') - colon);
    }
    while (text.ends_with('/')) text.pop_back();
    if (text.ends_with(".git")) text.erase(text.size() - 4);
    const bool host = !text.starts_with('/') && !text.starts_with('.') && text.find('/') != std::string::npos;
    return host ? text : "";
}

core::Result<std::string> path_of_repository(const std::filesystem::path& root, const std::string& given) {
    std::error_code code;
    auto path = std::filesystem::path(given);
    if (path.is_absolute())
        path = std::filesystem::weakly_canonical(path, code)
                   .lexically_relative(std::filesystem::weakly_canonical(root, code));
    std::string plain = path.lexically_normal().generic_string();
    if (plain.empty() || plain == "." || plain == ".." || plain.starts_with("../"))
        return fail(ErrorKind::usage,
                    fmt::format("{} is no path of the repository; expected one below its root, such as "
                                "src/training/fit.py",
                                core::quoted(given, 200)));
    return plain;
}

std::string branch_of(const std::filesystem::path& folder) {
    auto name = git(folder, {"symbolic-ref", "--quiet", "--short", "HEAD"});
    return name && name->code == 0 ? std::string(first_line(name->out)) : "";
}

std::string owner_of_git(const std::filesystem::path& folder) {
    auto name = git(folder, {"config", "--get", "user.name"});
    if (!name || name->code != 0) return "";
    std::string own(first_line(name->out));
    // "Maria Silva" is a name: nobody has the handle that it would make.
    if (std::ranges::any_of(own, [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == ' '; }))
        return own;
    // Of "maria@acme.io" or "maria (work)" no handle is told: another one would be somebody else's.
    const std::string handle = core::lowered(own);
    return std::ranges::all_of(handle, [](char c) { return is_word(c) || c == '-' || c == '.'; }) ? handle
                                                                                                  : "";
}

}  // namespace tristrata::readiness
