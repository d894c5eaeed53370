#pragma once

#include <memory>
#include <string>

namespace CLI {
class App;
class FormatterBase;
class ParseError;
}  // namespace CLI

namespace tristrata::cli {

/// What is wrong with a command line, with the command it belongs to and what was probably meant.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& error, int argc,
                                      char** argv);

/// The first value of a parsed command line that is not of its option's type, in the words of usage_error();
/// empty where there is none.
[[nodiscard]] std::string misread_value(const CLI::App& app);

/// How --help is laid out.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_format();

/// What a parsed command line would write over a file that it reads: data, a member of a folder of data, a
/// plan, a profile, settings; whatever the names, also through links. Empty where there is none, and for what
/// is no regular file: a pipe or a device loses nothing. A backtest's --state is read and written anew by
/// design. Every command is held against this before it begins.
[[nodiscard]] std::string overwritten_input(const CLI::App& app);

/// The file that a parsed command line would write twice, the second result over the first: one that is not
/// there yet by its path, however it is spelled, one that is there also through links. Empty where there is
/// none, and for what is no regular file.
[[nodiscard]] std::string overwritten_output(const CLI::App& app);

}  // namespace tristrata::cli
