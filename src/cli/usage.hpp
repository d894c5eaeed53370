#pragma once

#include "outputs.hpp"

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

/// The files that a parsed command line names.
[[nodiscard]] FileArguments file_arguments(const CLI::App& app);

}  // namespace tristrata::cli
