#include "query_text.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

namespace tristrata::analyzer {
namespace {

/// A piece of SQL as it is told apart: a word, a name in double quotes, a parameter, a separator, or what is
/// passed over whole.
enum class Piece : std::uint8_t { word, quoted_name, parameter, semicolon, other, passed_over };

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where a text in quotes ends: behind the closing one; doubled ones are part of it.
std::size_t end_of_quoted(std::string_view sql, std::size_t begin) {
    const char quote = sql[begin];
    for (std::size_t i = begin + 1; i < sql.size(); ++i) {
        if (sql[i] != quote) continue;
        if (i + 1 < sql.size() && sql[i + 1] == quote) ++i;
        else return i + 1;
    }
    return sql.size();
}

/// PostgreSQL's comments nest.
std::size_t end_of_comment(std::string_view sql, std::size_t begin) {
    int depth = 0;
    for (std::size_t i = begin; i + 1 < sql.size(); ++i) {
        if (sql[i] == '/' && sql[i + 1] == '*') ++depth, ++i;
        else if (sql[i] == '*' && sql[i + 1] == '/') {
            ++i;
            if (--depth == 0) return i + 1;
        }
    }
    return sql.size();
}

/// $tag$ … $tag$, or nothing.
std::size_t end_of_dollars(std::string_view sql, std::size_t begin) {
    std::size_t end = begin + 1;
    while (end < sql.size() && in_word(sql[end])) ++end;
    if (end >= sql.size() || sql[end] != '$') return begin;
    const std::string_view tag = sql.substr(begin, end - begin + 1);
    const auto close = sql.find(tag, end + 1);
    return close == std::string_view::npos ? sql.size() : close + tag.size();
}

void each_piece(std::string_view sql, const std::function<void(Piece, std::string_view)>& take) {
    for (std::size_t i = 0; i < sql.size();) {
        const char c = sql[i];
        const char next = i + 1 < sql.size() ? sql[i + 1] : '\0';
        std::size_t end = i + 1;
        Piece piece = Piece::other;
        if (c == '\'' || c == '"') {
            end = end_of_quoted(sql, i);
            piece = c == '"' ? Piece::quoted_name : Piece::passed_over;
        } else if (c == '-' && next == '-') {
            end = std::min(sql.find('\n', i), sql.size());
            piece = Piece::passed_over;
        } else if (c == '/' && next == '*') {
            end = end_of_comment(sql, i);
            piece = Piece::passed_over;
        } else if (c == '$' && end_of_dollars(sql, i) != i) {
            end = end_of_dollars(sql, i);
            piece = Piece::passed_over;
        } else if (c == ':' && next == ':') {
            end = i + 2;
        } else if (c == ';') {
            piece = Piece::semicolon;
        } else if (in_word(c) || (c == ':' && in_word(next))) {
            while (end < sql.size() && in_word(sql[end])) ++end;
            piece = c == ':' ? Piece::parameter : Piece::word;
        }
        take(piece, sql.substr(i, end - i));
        i = end;
    }
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

constexpr std::array clocks{"now",
                            "current_timestamp",
                            "current_date",
                            "current_time",
                            "localtime",
                            "localtimestamp",
                            "clock_timestamp",
                            "timeofday",
                            "statement_timestamp",
                            "transaction_timestamp"};
constexpr std::array writers{"insert", "update",   "delete", "merge",  "create", "drop",
                             "alter",  "truncate", "grant",  "revoke", "commit", "rollback",
                             "begin",  "copy",     "lock",   "vacuum", "call",   "do",
                             "set",    "attach",   "pragma", "listen", "notify"};

/// Functions that sleep or lock, and those that do more than read or run SQL of their own; a * stands for the
/// rest of a name. What the database does not refuse by itself is refused here where it stands in the text.
constexpr std::array sleepers{"pg_sleep*", "pg_advisory*", "pg_try_advisory*"};
constexpr std::array doing{
    "set_config",  "dblink*",     "lo_*",           "loread",         "lowrite",        "nextval",
    "setval",      "pg_notify",   "pg_terminate_*", "pg_cancel_*",    "pg_reload_*",    "pg_rotate_*",
    "pg_read_*",   "pg_ls_*",     "pg_stat_file",   "pg_export_*",    "pg_logical_*",   "pg_replication_*",
    "pg_switch_*", "pg_create_*", "query_to_xml*",  "cursor_to_xml*", "load_extension", "readfile",
    "writefile"};

template <std::size_t n>
bool is_among(const std::array<const char*, n>& names, std::string_view name) {
    return std::ranges::any_of(names, [&](std::string_view one) {
        return one.ends_with('*') ? name.starts_with(one.substr(0, one.size() - 1)) : name == one;
    });
}

/// "a""b" is a"b.
std::string unquoted(std::string_view quoted) {
    std::string name;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        name += quoted[i];
        if (quoted[i] == '"') ++i;
    }
    return name;
}

/// What is called: a name with a parenthesis behind it, with blanks and comments between or without.
class Calls {
public:
    void take(Piece piece, std::string_view text, bool is_nothing) {
        const bool coded = piece == Piece::quoted_name && before_ == "u&";
        if (coded) coded_ = true;
        before_ = piece == Piece::word && lower(text) == "u" ? "u"
                  : before_ == "u" && text == "&"            ? "u&"
                                                             : "";
        if (is_nothing) return;
        if (text == "(" && !name_.empty()) {
            if (is_among(sleepers, name_)) waits.push_back(name_);
            if (is_among(doing, name_)) does.push_back(name_);
            if (quoted_ && is_among(clocks, name_)) reads.push_back(name_);
        }
        quoted_ = piece == Piece::quoted_name;
        name_ = piece == Piece::word ? lower(text) : piece == Piece::quoted_name ? lower(unquoted(text)) : "";
    }
    /// A name by its code points, which says what it is to nobody who reads it: U&"...".
    [[nodiscard]] bool has_coded_name() const { return coded_; }
    std::vector<std::string> waits, does;
    std::vector<std::string> reads;  ///< Clocks, in quotes.

private:
    std::string name_, before_;
    bool quoted_ = false, coded_ = false;
};

/// Whether a table of that schema stands in it: kpi.events, "KPI" . events. Texts and comments count, too.
bool names_schema(std::string_view sql, std::string_view schema) {
    const auto is_same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    for (auto rest = sql;;) {
        const auto found = std::ranges::search(rest, schema, is_same);
        if (found.empty()) return false;
        rest.remove_prefix(static_cast<std::size_t>(found.end() - rest.begin()));
        const auto behind = rest.find_first_not_of("\" \t\r\n");
        if (behind != std::string_view::npos && rest[behind] == '.') return true;
    }
}

}  // namespace

std::vector<std::string> mistakes_of_sql(std::string_view sql) {
    std::vector<std::string> mistakes;
    bool from = false, to = false, ended = false, again = false;
    std::string first;
    std::vector<std::string> read_clocks, other_parameters;
    Calls calls;
    each_piece(sql, [&](Piece piece, std::string_view text) {
        const bool blank =
            piece == Piece::other && std::isspace(static_cast<unsigned char>(text.front())) != 0;
        const bool comment =
            piece == Piece::passed_over && (text.starts_with("--") || text.starts_with("/*"));
        calls.take(piece, text, blank || comment);
        if (ended && !blank && !comment) again = true;
        if (piece == Piece::semicolon) ended = true;
        if (piece == Piece::parameter) {
            if (text == ":from") from = true;
            else if (text == ":to") to = true;
            else other_parameters.emplace_back(text);
        }
        if (piece == Piece::passed_over && lower(text) == "'now'") read_clocks.emplace_back("'now'");
        if (piece != Piece::word) return;
        const std::string word = lower(text);
        if (first.empty()) first = word;
        if (std::ranges::find(clocks, word) != clocks.end()) read_clocks.push_back(word);
    });
    if (first.empty()) return {"the query is empty; expected a SELECT"};
    if (std::ranges::find(writers, first) != writers.end())
        mistakes.push_back(
            fmt::format("the query begins with {}; expected a single SELECT that only reads", first));
    if (again) mistakes.emplace_back("more than one statement; expected a single SELECT");
    for (const auto& word : calls.waits)
        mistakes.push_back(fmt::format("{} sleeps or takes a lock; expected a SELECT of rows alone", word));
    for (const auto& word : calls.does)
        mistakes.push_back(fmt::format("{} does more than read rows; expected a SELECT of rows alone", word));
    if (calls.has_coded_name())
        mistakes.emplace_back("a name is written by its code points (U&\"...\"); expected it as it reads");
    std::ranges::move(calls.reads, std::back_inserter(read_clocks));
    for (const auto& clock : read_clocks)
        mistakes.push_back(fmt::format(
            "{} reads a clock, so that no backtest can repeat it; expected the window's :from and :to",
            clock));
    for (const auto& parameter : other_parameters)
        mistakes.push_back(fmt::format("{} is no parameter; expected :from and :to", parameter));
    if (!from || !to)
        mistakes.push_back(fmt::format(
            "the query does not use {}; expected WHERE time >= :from AND time < :to", !from && !to
                                                                                          ? ":from and :to"
                                                                                      : from ? ":to"
                                                                                             : ":from"));
    return mistakes;
}

std::string store_read_by(const Definition& definition) {
    const std::string& store = definition.place.store;
    if (store == "kpi" || store == "drift") return store;
    const bool kpi = names_schema(definition.query, "kpi"), drift = names_schema(definition.query, "drift");
    if (kpi == drift) return store;
    return kpi ? "kpi" : "drift";
}

std::string six_digits(core::Timestamp time) {
    std::string text = core::to_string(time);
    const auto dot = text.find('.');
    if (dot == std::string::npos) text.insert(text.size() - 1, ".000000");
    else text.insert(text.size() - 1, 6 - (text.size() - 2 - dot), '0');
    return text;
}

std::string with_window(std::string_view sql, core::Timestamp from, core::Timestamp to) {
    std::string text;
    each_piece(sql, [&](Piece piece, std::string_view part) {
        if (piece == Piece::parameter && (part == ":from" || part == ":to"))
            text += fmt::format("'{}'", six_digits(part == ":from" ? from : to));
        else text += part;
    });
    return text;
}

}  // namespace tristrata::analyzer
