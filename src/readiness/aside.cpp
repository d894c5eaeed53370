#include "aside.hpp"

#include "accepted.hpp"
#include "letters.hpp"
#include "remainder.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

// What of a field's text is none of its words. Rules find what is known to take a value back; what nobody
// thought of is found here, by what is known to be harmless.
namespace tristrata::readiness {
namespace {

using Kind = Token::Kind;
using vocabulary::words;

// What may stand in any field, and in each kind beside the words that its rule accepts.
constexpr auto plain = words(
    {"a",   "an",      "and",      "at",    "by",        "d",      "day",   "days",   "from",     "friday",
     "fri", "h",       "hour",     "hours", "in",        "is",     "mon",   "monday", "of",       "on",
     "per", "sat",     "saturday", "see",   "sun",       "sunday", "the",   "thu",    "thursday", "to",
     "tue", "tuesday", "utc",      "wed",   "wednesday", "week",   "weeks", "with",   "cet",      "cest"});
constexpr auto of_shadow =
    words({"between", "beginning", "begins",   "ending", "ends",    "full",  "from",    "minutes",
           "percent", "since",     "starting", "starts", "through", "till",  "trading", "until",
           "v1",      "v2",        "side",     "twice",  "time",    "times", "fold",    "bar"});
constexpr auto of_canary = words({"from", "then", "until"});
constexpr auto of_day = words({"full", "rollout", "plus", "after", "sunset", "due", "canary", "shadow", "end",
                               "our", "deploy", "window"});
constexpr auto of_lever =
    words({"false", "true", "now", "there", "models", "config", "no", "store", "these"});
constexpr auto of_rehearsal =
    words({"minute", "minutes", "second",      "seconds",      "took",       "took",  "ci",     "link",
           "log",    "session", "drills",      "completed",    "ok",         "works", "worked", "nothing",
           "that",   "all",     "environment", "successfully", "completely", "prod",  "off"});
constexpr auto of_outcome =
    words({"permanent", "revisited", "due",       "sunset",  "it",       "stays",   "made",
           "was",       "kept",      "as",        "under",   "through",  "story",   "issue",
           "new",       "until",     "then",      "when",    "comes",    "decided", "be",
           "will",      "since",     "back",      "rolled",  "reverted", "removed", "withdrawn",
           "ratified",  "confirmed", "committee", "session", "review",   "no",      "incident",
           "incidents", "without",   "alert",     "alerts",  "after",    "its"});
constexpr auto of_person =
    words({"accountable", "sunset", "full", "until", "till", "up", "for", "next", "its"});
constexpr auto of_alert = words({"new", "existing", "alert", "rule", "prometheus", "grafana"});
constexpr auto of_severity =
    words({"p1", "p2", "p3", "ml", "on-call", "oncall", "wakes", "nobody", "but", "no"});
constexpr auto of_channel = words(
    {"alertmanager", "alerts",    "call",       "channel",  "chat",     "console",   "discord",   "e",
     "email",        "mail",      "mattermost", "ml",       "oncall",   "ops",       "opsgenie",  "page",
     "pager",        "pagerduty", "phone",      "pushover", "rotation", "sentry",    "slack",     "sms",
     "squadcast",    "team",      "teams",      "telegram", "the",      "victorops", "webhook",   "zulip",
     "plus",         "via",       "dri",        "duty",     "google",   "ms",        "microsoft", "inbox",
     "list",         "group"});
constexpr auto of_metric =
    words({"number", "count", "seconds", "bytes", "age", "train", "tags", "tag", "label", "labels"});
/// That lead to what is not understood, and are shown with it.
constexpr auto leads = words({"and", "at", "but", "by", "for", "from", "in", "no", "not", "of", "on", "only",
                              "or", "the", "to", "with", "without"});
/// Behind them stands why.
constexpr auto causes = words({"because", "since", "so", "given", "due", "thanks", "as"});

bool ends_clause(const Token& token) {
    return token.is_sign(",;:().!|") || (token.is_sign("-") && token.spaced && token.open);
}

bool has_large_letter(const Token& one) {
    return static_cast<unsigned char>(one.text.front()) >= 0x80 ||
           std::ranges::any_of(one.text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// A file of code, which configures nothing.
bool is_code_file(const Token& one) {
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{".py", ".cpp", ".go", ".java", ".js", ".rs", ".ts", ".scala"},
        [&](std::string_view end) { return one.small.ends_with(end); });
}

/// One field's text, read for what is none of its words.
class Aside {
public:
    Aside(const Policy& policy, Value value, std::span<const Token> tokens)
        : policy_(policy), value_(value), tokens_(tokens) {
        for (; first_ < tokens.size() && !ends_clause(tokens[first_]); ++first_) {
        }
        for (const Token& one : value == Value::alert ? tokens : tokens.first(first_))
            named_ = named_ || one.kind == Kind::code || one.text.find('_') != std::string::npos ||
                     is_identifier(one);
    }

    /// What is not understood, clause by clause; empty where all is.
    [[nodiscard]] std::string unread() const {
        // Without "because" all that stands behind the canary may be its reason.
        bool caused = false;
        for (std::size_t i = 0; i < tokens_.size(); ++i) caused = caused || is_cause(i);
        if (value_ == Value::canary && !caused) return "";
        std::string said;
        bool explained = false;
        for (std::size_t begin = 0; begin < tokens_.size();) {
            std::size_t end = begin, odd = tokens_.size();
            for (; end < tokens_.size() && !ends_clause(tokens_[end]); ++end) {
                explained = explained || is_cause(end);
                if (odd == tokens_.size() && !explained && !is_known(end)) odd = end;
            }
            // ", to be discussed" explains nothing.
            if (explained && end > begin + 1 && tokens_[begin].small == "to" &&
                tokens_[begin + 1].small == "be")
                odd = begin;
            // "win rate 0.54" of an outcome is what was measured.
            if (odd < end && !is_measured(begin, end)) {
                std::size_t from = odd;
                while (from > begin && (vocabulary::has(leads, tokens_[from - 1].small) ||
                                        (from > begin + 1 && tokens_[from - 1].kind == Kind::number &&
                                         vocabulary::has(leads, tokens_[from - 2].small))))
                    --from;
                said += (said.empty() ? "" : "; ") + text_of(tokens_.subspan(from, end - from));
            }
            if (end < tokens_.size() && tokens_[end].is_sign(".;!|)")) explained = false;
            begin = end + 1;
        }
        return said;
    }

private:
    /// Whether what follows says why; "as" does of a canary where it begins the field: "as the deepest book,
    /// …".
    [[nodiscard]] bool is_cause(std::size_t at) const {
        if (tokens_[at].kind != Kind::word || !vocabulary::has(causes, tokens_[at].small)) return false;
        if (tokens_[at].small != "as") return true;
        return value_ != Value::lever && (value_ != Value::canary || at == 0);
    }
    [[nodiscard]] bool is_identifier(const Token& one) const {
        if (value_ != Value::alert || one.kind != Kind::word) return false;
        // "PredictionsMissing", and not "KPI".
        return std::ranges::count_if(one.text, [](char c) { return c >= 'A' && c <= 'Z'; }) > 1 &&
               std::ranges::any_of(one.text, [](char c) { return c >= 'a' && c <= 'z'; });
    }
    /// Of an outcome a clause with a number says what was measured.
    [[nodiscard]] bool is_measured(std::size_t begin, std::size_t end) const {
        return value_ == Value::outcome && begin > 0 &&
               std::ranges::any_of(tokens_.subspan(begin, end - begin),
                                   [](const Token& one) { return one.kind == Kind::number; });
    }
    [[nodiscard]] bool follows(std::size_t at, std::string_view word) const {
        return at > 0 && tokens_[at - 1].small == word;
    }
    /// Days of a length; of a number without a unit itself.
    [[nodiscard]] double days_at(std::size_t at) const {
        constexpr double week = 7.0, day_hours = 24.0;
        const std::string_view unit = at + 1 < tokens_.size() ? std::string_view(tokens_[at + 1].small) : "";
        return tokens_[at].value * (unit.starts_with("week") || unit == "w"   ? week
                                    : unit.starts_with("hour") || unit == "h" ? 1.0 / day_hours
                                                                              : 1.0);
    }
    /// Whether the shadow is said to run so many days: in numbers, in words, or by its first and last day.
    [[nodiscard]] bool is_length(double days) const {
        std::optional<long> begin, end;
        for (const Token& one : tokens_)
            if (one.kind == Kind::day) (begin ? end : begin) = one.day;
        if (end &&
            (days == static_cast<double>(*end - *begin) || days == static_cast<double>(*end - *begin + 1)))
            return true;
        for (std::size_t i = 0; i < first_; ++i) {
            if (tokens_[i].kind == Kind::number && days_at(i) == days) return true;
            const auto word =
                std::ranges::find(vocabulary::numbers, tokens_[i].small, &vocabulary::Number::word);
            if (word != vocabulary::numbers.end() && static_cast<double>(word->value) == days) return true;
        }
        return false;
    }
    /// "never less than 7 days", "and no less"
    [[nodiscard]] bool is_bound(std::size_t at) const {
        static constexpr auto less = words({"below", "fewer", "less", "shorter", "under"});
        std::size_t begin = at;
        while (begin > 0 && !ends_clause(tokens_[begin - 1])) --begin;
        for (std::size_t i = begin; i + 1 < tokens_.size() && !ends_clause(tokens_[i]); ++i)
            if (vocabulary::has(accepted::denials, tokens_[i].small) &&
                vocabulary::has(less, tokens_[i + 1].small))
                return true;
        return false;
    }
    [[nodiscard]] bool is_known_number(std::size_t at) const {
        const Token& one = tokens_[at];
        const Token* const next = at + 1 < tokens_.size() ? &tokens_[at + 1] : nullptr;
        const bool percent = next != nullptr && (next->is_sign("%") || next->small == "percent");
        if (value_ == Value::canary) return one.value > 0.0;
        if (value_ == Value::shadow) {
            const bool length = next == nullptr || ends_clause(*next) || next->small.starts_with("day") ||
                                next->small == "d" || next->small.starts_with("week");
            if (at < first_ || !length || is_bound(at)) return true;
            return is_length(days_at(at));
        }
        if (value_ == Value::day) {
            const bool clock =
                (next != nullptr && (next->is_sign(":h") || next->small == "utc" || next->small == "h")) ||
                (at > 0 && tokens_[at - 1].is_sign(":") && !one.spaced);
            const bool of_term = one.value == static_cast<double>(policy_.sunset_days) || percent;
            return clock || of_term ||
                   (next != nullptr && vocabulary::has(accepted::day_behind, next->small) &&
                    !next->small.starts_with('d'));
        }
        // "win_rate in 2 weeks", "from 2027"
        if (value_ == Value::metric) return !follows(at, "in") && !follows(at, "from");
        // "3/9", "4 of 9"
        if (value_ == Value::verdict && next != nullptr && (next->is_sign("/") || next->small == "of") &&
            at + 2 < tokens_.size() && tokens_[at + 2].kind == Kind::number)
            return one.value >= tokens_[at + 2].value || follows(at, "avg") || follows(at, "average");
        return true;
    }
    [[nodiscard]] bool is_known(std::size_t at) const {
        const Token& one = tokens_[at];
        switch (one.kind) {
            case Kind::sign:
                return !one.is_sign("?");
            case Kind::day:
                return true;
            case Kind::address:
                return true;
            case Kind::code:
                return value_ != Value::lever || !is_code_file(one);
            case Kind::number:
                return is_known_number(at);
            case Kind::handle:
                return value_ != Value::shadow && value_ != Value::day;
            case Kind::word:
                break;
        }
        const auto any = [&](std::initializer_list<vocabulary::Words> lists) {
            return std::ranges::any_of(
                lists, [&](const vocabulary::Words& list) { return vocabulary::has(list, one.small); });
        };
        const bool digit = std::ranges::any_of(one.text, is_digit);
        if (any({plain})) return true;
        switch (value_) {
            case Value::person:
                return any({of_person, accepted::roles, accepted::beside_roles, accepted::deputies,
                            accepted::particles}) ||
                       has_large_letter(one) || at == 0 ||
                       std::ranges::any_of(policy_.teams, [&](const auto& team) {
                           return core::lowered(team.first) == one.small;
                       });
            case Value::verdict:
                return digit ||
                       any({accepted::review_words, accepted::passed, accepted::not_passed,
                            accepted::behind_no}) ||
                       one.small == "without" || one.small == "points";
            case Value::shadow:
                return any({of_shadow, accepted::shadow_before, accepted::shadow_behind,
                            accepted::shadow_clauses, accepted::shadow_remarks}) ||
                       is_counted(one) || is_bound(at);
            case Value::canary:
                return any({of_canary, accepted::canary_beside, accepted::not_this}) || is_counted(one) ||
                       std::ranges::none_of(one.text, [](char c) { return c >= 'a' && c <= 'z'; }) ||
                       is_symbol(one);
            case Value::day:
                return any({of_day, accepted::day_before, accepted::day_behind}) || is_counted(one);
            case Value::outcome:
                return digit || has_large_letter(one) || any({of_outcome});
            case Value::lever:
                if (any({accepted::builds})) return is_without_build(at);
                return digit || one.text.find_first_of("_-") != std::string::npos || has_large_letter(one) ||
                       any({of_lever, accepted::lever_kinds, accepted::lever_words,
                            accepted::lever_remarks}) ||
                       is_without_build(at) || is_dotted(at);
            case Value::rehearsal:
                return digit || any({of_rehearsal, accepted::rehearsal_before, accepted::passed}) ||
                       has_large_letter(one);
            case Value::metric:
                return (!named_ && at < first_) || digit || one.text.find('_') != std::string::npos ||
                       (one.small != "or" && any({of_metric, accepted::metric_beside, accepted::kind_words}));
            case Value::threshold:
                return digit || one.text.find('_') != std::string::npos || is_measure(at) || is_unit(at) ||
                       any({accepted::threshold_beside, accepted::threshold_behind, accepted::threshold_units,
                            accepted::threshold_reasons});
            case Value::alert:
                return (!named_ && at < first_) || is_identifier(one) ||
                       one.text.find('_') != std::string::npos || any({of_alert, of_severity});
            case Value::severity:
                return one.small != "morning" && any({of_severity, accepted::severity_beside});
            case Value::channel:
                return has_large_letter(one) || any({of_channel}) || digit || !one.spaced ||
                       one.text.find('_') != std::string::npos;
        }
        return true;
    }
    /// "btcusdc"
    [[nodiscard]] static bool is_symbol(const Token& one) {
        return std::ranges::any_of(
            std::initializer_list<std::string_view>{"usdc", "usdt", "usd", "eur", "btc"},
            [&](std::string_view quote) { return one.small.ends_with(quote); });
    }
    /// "ten", "two".
    [[nodiscard]] static bool is_counted(const Token& one) {
        return std::ranges::find(vocabulary::numbers, one.small, &vocabulary::Number::word) !=
                   vocabulary::numbers.end() ||
               std::ranges::find(vocabulary::units, one.small, &vocabulary::Number::word) !=
                   vocabulary::units.end();
    }
    /// "no code deploy is needed", "needs no build".
    [[nodiscard]] bool is_without_build(std::size_t at) const {
        static constexpr auto beside = words({"need", "needs", "needed"});
        const Token& one = tokens_[at];
        if (!vocabulary::has(accepted::builds, one.small) &&
            !vocabulary::has(accepted::behind_builds, one.small) && !vocabulary::has(beside, one.small))
            return false;
        std::size_t begin = at, end = at;
        while (begin > 0 && !ends_clause(tokens_[begin - 1])) --begin;
        while (end < tokens_.size() && !ends_clause(tokens_[end])) ++end;
        return std::ranges::any_of(tokens_.subspan(begin, end - begin), [](const Token& word) {
            return vocabulary::has(accepted::without, word.small);
        });
    }
    /// "features" of hamilton.features.method
    [[nodiscard]] bool is_dotted(std::size_t at) const {
        return (at > 0 && !tokens_[at].spaced && tokens_[at - 1].is_sign(".")) ||
               (at + 1 < tokens_.size() && !tokens_[at].open && tokens_[at + 1].is_sign(".") &&
                !tokens_[at + 1].open);
    }
    /// "1 lot / 3 lots": a unit that both numbers have.
    [[nodiscard]] bool is_unit(std::size_t at) const {
        const auto stem = [](std::string_view word) {
            return word.substr(0, word.size() - (word.ends_with('s') ? 1 : 0));
        };
        const auto behind_number = [&](std::size_t i) {
            return i > 0 && tokens_[i - 1].kind == Kind::number;
        };
        if (!behind_number(at)) return false;
        for (std::size_t i = 1; i < first_; ++i)
            if (i != at && behind_number(i) && stem(tokens_[i].small) == stem(tokens_[at].small)) return true;
        return false;
    }
    /// "of decisions", "vs the champion": what is measured, and against what.
    [[nodiscard]] bool is_measure(std::size_t at) const {
        static constexpr auto of = words({"of", "per", "against", "vs", "versus", "than", "over"});
        constexpr std::size_t reach = 4;
        for (std::size_t back = 1; back <= std::min(reach, at); ++back) {
            if (ends_clause(tokens_[at - back])) return false;
            if (vocabulary::has(of, tokens_[at - back].small)) return true;
        }
        return false;
    }

    const Policy& policy_;
    Value value_;
    std::span<const Token> tokens_;
    std::size_t first_ = 0;  ///< Where the first clause ends.
    bool named_ = false;     ///< It has a name as programs have them.
};

}  // namespace

std::string unread_beside(const Policy& policy, Value value, std::span<const Token> text) {
    return Aside(policy, value, text).unread();
}

}  // namespace tristrata::readiness
