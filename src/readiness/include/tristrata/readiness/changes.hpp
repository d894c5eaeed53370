#pragma once

#include "tristrata/core/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// The paths that differ between `head` and where it left `base`, as git tells them: both names of what was
/// renamed, and what was deleted, in alphabetical order. Names may hold anything but a slash's own meaning
/// and a NUL.
///
/// Errors    not_found: no git, no repository, no such revision, no common ancestor (a shallow clone: says
/// how to
///           fetch more). Whoever gates on it stays closed.
[[nodiscard]] core::Result<std::vector<std::string>> changed_paths(const std::filesystem::path& folder,
                                                                   const std::string& base,
                                                                   const std::string& head);
/// The commit at which `head` left `base`. Errors as those of changed_paths.
[[nodiscard]] core::Result<std::string> ancestor_of(const std::filesystem::path& folder,
                                                    const std::string& base, const std::string& head);
/// The whole name of the commit that `revision` names; `which`, for messages: "base", "head".
[[nodiscard]] core::Result<std::string> commit_of(const std::filesystem::path& folder, std::string_view which,
                                                  const std::string& revision);
/// Every file below a folder of a commit, by its path.
[[nodiscard]] core::Result<std::vector<std::string>> paths_at(const std::filesystem::path& folder,
                                                              const std::string& commit,
                                                              const std::string& below);
/// Files, of these and of those below these folders, that are not in the working tree as they are in HEAD:
/// by their path, "not committed" or "differs from HEAD". Ignored ones are left out.
[[nodiscard]] core::Result<std::map<std::string, std::string>> uncommitted(
    const std::filesystem::path& folder, const std::vector<std::string>& paths);
/// A file's text as it stands in a commit, its path relative to `folder`. not_found: it is not there;
/// refused: a link, a folder; limit_exceeded: more than 256 KiB, which is not read.
[[nodiscard]] core::Result<std::string> text_at(const std::filesystem::path& folder,
                                                const std::string& commit, const std::string& path);
/// The first of these paths that is not at the commit, nor was at one before it; nothing where each was. One
/// look at the commit, and one walk for what is not there. Of a shallow clone what it has is known.
[[nodiscard]] core::Result<std::optional<std::string>> first_new(const std::filesystem::path& folder,
                                                                 const std::string& commit,
                                                                 const std::vector<std::string>& paths);
/// The folder that holds .git, above or at `folder`; `folder` itself where there is none.
[[nodiscard]] std::filesystem::path repository_of(const std::filesystem::path& folder);
/// Where the remote `origin` is, without scheme, user, port and .git: "github.com/example/trading"; empty
/// where there is none, or a folder.
[[nodiscard]] std::string origin_of(const std::filesystem::path& folder);
/// A path as git names it: "docs/../src/x.py" is src/x.py. usage: one that leads out of the repository, or
/// its root. Asks no disk of a relative one.
[[nodiscard]] core::Result<std::string> path_of_repository(const std::filesystem::path& root,
                                                           const std::string& given);
/// The branch that is checked out; empty where none is, or no git.
[[nodiscard]] std::string branch_of(const std::filesystem::path& folder);
/// user.name of git's settings, as a handle: "Maria" is "maria". A name of several words, or that has letters
/// beyond ASCII is none ("Jana Müller"), and comes as it is; empty where there is none, or something else,
/// such as an address of mail.
[[nodiscard]] std::string owner_of_git(const std::filesystem::path& folder);

}  // namespace tristrata::readiness
