#pragma once

#include "options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tristrata::cli {

/// The files that a command line names, each with the option or argument that it stands behind.
struct FileArguments {
    std::string command;  ///< "tristrata drift check"
    std::vector<std::pair<std::string, std::string>> written;
    std::vector<std::pair<std::string, std::string>> read;
    SettingOptions settings;
};

/// Why the results of a command cannot or must not go where they are to go, found before anything is read;
/// empty where they can. Refused are a result that would be written
///  - over what is read: data, a member of a folder of data, a plan, a profile, settings; whatever the names,
///    also through links. A backtest's --state is read and written anew by design;
///  - over a store that the settings name, or beside it where SQLite keeps what it has not merged;
///  - over another result of the same command;
///  - into a folder that is not there or may not be written to, or over a folder.
/// What is no regular file, a pipe or a device, loses nothing and is refused only where it may not be written
/// to.
[[nodiscard]] std::string refused_output(const FileArguments& files);

}  // namespace tristrata::cli
