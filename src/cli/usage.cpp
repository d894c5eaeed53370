#include "usage.hpp"
#include "tristrata/core/ascii.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <vector>

namespace tristrata::cli {
namespace {

std::string joined(const std::vector<std::string>& names, std::string_view last = " or ") {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? last : ", ";
        text += names[i];
    }
    return text;
}

std::string meant(std::string_view word, const std::vector<std::string>& known) {
    const auto near = core::nearest(word, known);
    return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

/// What CLI11 calls a type, in words.
std::string said(const std::string& type) {
    if (type == "FLOAT") return "a number";
    if (type == "UINT") return "a whole number, 0 or more";
    if (type == "INT") return "a whole number";
    if (type == "TEXT") return "a text";
    return type;
}

bool reads_as(const std::string& type, const std::string& text) {
    double number = 0.0;
    std::int64_t whole = 0;
    std::uint64_t count = 0;
    if (type == "FLOAT") return CLI::detail::lexical_cast(text, number);
    // CLI11 would take -1 for the largest number there is.
    if (type == "UINT") return !text.starts_with('-') && CLI::detail::lexical_cast(text, count);
    if (type == "INT") return CLI::detail::lexical_cast(text, whole);
    return true;
}

/// The words that an option takes, off what CLI11 calls its type, "TEXT:{info,warn}"; none where it takes
/// any.
std::vector<std::string> words_of(const std::string& type) {
    std::vector<std::string> words;
    const auto open = type.find('{'), close = type.rfind('}');
    if (open == std::string::npos || close == std::string::npos) return words;
    for (std::size_t at = open + 1; at < close;) {
        const auto end = std::min(type.find(',', at), close);
        words.push_back(type.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

/// What an option takes, in words.
std::string expected_of(const CLI::Option& option) {
    const auto words = words_of(option.get_type_name());
    return words.empty() ? said(option.get_type_name()) : joined(words);
}

/// The first value of the command's options that is not of its type or none of its words; empty where there
/// is none.
std::string misread(const CLI::App& command, const std::string& path) {
    for (const auto* option : command.get_options())
        for (const auto& given : option->results()) {
            if (option->get_lnames().empty()) continue;
            const auto words = words_of(option->get_type_name());
            const bool known = words.empty() || std::ranges::find(words, given) != words.end();
            if (known && reads_as(option->get_type_name(), given)) continue;
            return fmt::format("{}: --{} is {}; expected {}{}", path, option->get_lnames().front(),
                               core::quoted(given), expected_of(*option), known ? "" : meant(given, words));
        }
    return "";
}

/// The option or argument that has more values than it takes, or none; empty where each has its own.
std::string miscounted(const CLI::App& command, const std::string& path, std::string_view message) {
    for (const auto* option : command.get_options()) {
        const auto& given = option->results();
        const auto most = static_cast<std::size_t>(std::max(option->get_items_expected_max(), 0));
        const std::string name = option->get_name();
        if (most > 0 && given.size() > most) {
            std::string found;
            for (const auto& value : given) found += (found.empty() ? "" : ", ") + core::quoted(value);
            return fmt::format("{}: {} takes {}, found {}: {}", path, name,
                               most == 1 ? "one value" : fmt::format("at most {} values", most), given.size(),
                               found);
        }
        // CLI11 stops at an option without a value before it notes it anywhere but in its message.
        if (given.empty() && message.starts_with(name + ": "))
            return fmt::format("{}: {} has no value; expected {}", path, name, expected_of(*option));
    }
    return "";
}

/// The first word that belongs to no option and no argument; empty where there is none.
std::string left_over(const CLI::App& command, const std::string& path) {
    const auto words = command.remaining();
    if (words.empty()) return "";
    if (words.front().starts_with('-'))
        return fmt::format("{}: there is no option {}", path, core::quoted(words.front()));
    std::vector<std::string> arguments;
    for (const auto* option : command.get_options())
        if (option->get_positional()) arguments.push_back(option->get_name());
    return fmt::format("{}: {} is one argument too many; expected {}", path, core::quoted(words.front()),
                       arguments.empty() ? "options only" : "only " + joined(arguments));
}

/// An option's name as it is compared: without its dashes, in small letters, words apart by a dash.
std::string folded(std::string_view option) {
    std::string name(option.substr(std::min(option.find_first_not_of('-'), option.size())));
    for (char& c : name) c = c == '_' ? '-' : core::lowered(c);
    return name;
}

std::vector<std::string> options_of(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options())
        for (const auto& name : option->get_lnames()) names.push_back(name);
    return names;
}

/// What an option that the command does not have was probably meant to be, as the end of a sentence: one of
/// its own, a form of its result, or an option of the noun's other commands; empty where nothing is near.
std::string option_meant(const CLI::App& command, std::string_view word) {
    constexpr std::size_t beginning = 3;  ///< So many letters are an option's beginning.
    const std::string name = folded(word);
    for (const auto* option : command.get_options()) {
        if (option->get_name() != "--format") continue;
        const auto forms = words_of(option->get_type_name());
        if (std::ranges::find(forms, name) != forms.end() && !std::ranges::count(options_of(command), name))
            return fmt::format("; did you mean --format {}?", name);
    }
    const auto known = options_of(command);
    std::string near(core::nearest(name, known));
    if (near.empty() && name.size() >= beginning)
        for (const auto& one : known)
            if (one.starts_with(name) || (one.size() >= beginning && name.starts_with(one))) near = one;
    if (!near.empty()) return fmt::format("; did you mean --{}?", near);
    const CLI::App* noun = command.get_parent();
    if (noun == nullptr || noun->get_parent() == nullptr) noun = &command;
    std::vector<std::string> theirs, others;
    const auto commands = noun->get_subcommands([](const CLI::App*) { return true; });
    for (const auto* other : commands)
        for (auto& one : options_of(*other)) theirs.push_back(std::move(one));
    near = core::nearest(name, theirs);
    if (near.empty()) return "";
    for (const auto* other : commands)
        if (std::ranges::count(options_of(*other), near) > 0)
            others.push_back(noun->get_name() + " " + other->get_name());
    return fmt::format("; {} {} --{}", joined(others, " and "), others.size() == 1 ? "takes" : "take", near);
}

/// Help whose usage line says of an argument that may be repeated what everybody writes: [data...].
class HelpFormat final : public CLI::Formatter {
public:
    std::string make_option_usage(const CLI::Option* option) const override {
        const std::string name =
            make_option_name(option, true) + (option->get_expected_max() > 1 ? "..." : "");
        return option->get_required() ? name : "[" + name + "]";
    }
};

constexpr std::array written_to{"--out", "--html", "-o", "--state"};
constexpr std::array read_from{"data",      "profiles", "profile",      "report",   "--plan",
                               "--profile", "--like",   "--labels",     "--config", "--tags",
                               "--events",  "--uses",   "--state",      "files",    "--file",
                               "--scope",   "--verify", "--issue-body", "--pr-body"};
constexpr std::array set_by{"--config", "--kpi-url", "--drift-url", "--tags"};

/// The values that the command's options of these names were given.
template <std::size_t n>
std::vector<std::pair<std::string, std::string>> given_to(const CLI::App& command,
                                                          const std::array<const char*, n>& names) {
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto* option : command.get_options())
        for (const char* name : names)
            if (option->get_name() == name)
                for (const auto& value : option->results()) values.emplace_back(name, value);
    return values;
}

/// The command that was parsed, and its words: "tristrata drift check".
std::pair<const CLI::App*, std::string> chosen(const CLI::App& app) {
    const CLI::App* command = &app;
    std::string path = app.get_name();
    while (!command->get_subcommands().empty()) {
        command = command->get_subcommands().front();
        path += " " + command->get_name();
    }
    return {command, path};
}

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_format() { return std::make_shared<HelpFormat>(); }

FileArguments file_arguments(const CLI::App& app) {
    const auto [command, path] = chosen(app);
    FileArguments files;
    files.command = path;
    files.written = given_to(*command, written_to);
    files.read = given_to(*command, read_from);
    SettingOptions& settings = files.settings;
    for (const auto& [option, value] : given_to(*command, set_by))
        (option == "--config"      ? settings.config
         : option == "--kpi-url"   ? settings.kpi_url
         : option == "--drift-url" ? settings.drift_url
                                   : settings.tags) = value;
    return files;
}

std::string misread_value(const CLI::App& app) {
    const auto [command, path] = chosen(app);
    return misread(*command, path);
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
    const CLI::App* command = &app;
    std::string path = "tristrata", unknown;
    const auto names_of = [](const CLI::App& of) {
        std::vector<std::string> names;
        for (const auto* one : of.get_subcommands([](const CLI::App*) { return true; }))
            names.push_back(one->get_name());
        return names;
    };
    for (int i = 1; i < argc && !names_of(*command).empty(); ++i) {
        const std::string word = argv[i];
        const auto names = names_of(*command);
        if (std::ranges::find(names, word) == names.end()) {
            unknown = word;
            break;
        }
        command = command->get_subcommand(word);
        path += " " + word;
    }
    const auto names = names_of(*command);
    if (!unknown.empty() && !unknown.starts_with('-')) {
        const std::string near = meant(unknown, names);
        return fmt::format("{}: there is no command {}{} {} has {}", path, core::quoted(unknown),
                           near.empty() ? ";" : near, path, joined(names));
    }
    const auto options = options_of(*command);
    for (int i = 1; i < argc; ++i) {
        const std::string_view given(argv[i]), word = given.substr(0, given.find('='));
        if (word == "--") break;
        const bool one_dash = word.size() > 2 && word[0] == '-' &&
                              std::isalpha(static_cast<unsigned char>(word[1])) &&
                              !command->get_option_no_throw(std::string(word.substr(0, 2)));
        if (!one_dash && !word.starts_with("--")) continue;
        if (!one_dash && std::ranges::count(options, word.substr(2)) > 0) continue;
        return fmt::format("{}: there is no option {}{}", path, core::quoted(word),
                           option_meant(*command, word));
    }
    if (!names.empty()) return fmt::format("{}: expected a command: {}", path, joined(names));
    const std::string kind = error.get_name();
    std::string wrong;
    if (kind == "ConversionError" || kind == "ValidationError") wrong = misread(*command, path);
    if (kind == "ArgumentMismatch") wrong = miscounted(*command, path, error.what());
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
        wrong = left_over(*command, path);
    if (!wrong.empty()) return wrong;
    return fmt::format("{}: {}", path, error.what());
}

}  // namespace tristrata::cli
