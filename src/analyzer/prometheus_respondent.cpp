#include "tristrata/analyzer/answer.hpp"
#include "tristrata/core/authentication.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/http/client.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

namespace tristrata::analyzer {
namespace {

using core::ErrorKind;
using core::fail;
using nlohmann::json;

/// What a Prometheus answers at most for a series.
constexpr std::int64_t points_max = 11'000;
constexpr std::size_t answer_bytes_max = std::size_t{64} << 20U;
/// What the server's own bound needs to come back.
constexpr core::Duration answer_grace{2'000'000};
/// As the client names it where an answer did not come in time.
constexpr std::string_view timed_out = "curl 28";

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '_' || c == '.' || c == '~')
            out += c;
        else out += fmt::format("%{:02X}", byte);
    }
    return out;
}

std::string seconds(std::int64_t microseconds) {
    return fmt::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
}

/// "0.5", "NaN", "+Inf"
std::optional<double> number_of(const json& value) {
    if (!value.is_string()) return std::nullopt;
    std::string_view text = value.get_ref<const std::string&>();
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0.0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string text_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? core::valid_utf8(found->get<std::string>())
                                                       : std::string();
}

core::Error refusal_of(long status, const json& answer) {
    const std::string type = text_of(answer, "errorType"), said = text_of(answer, "error");
    const ErrorKind kind = type == "timeout" || type == "canceled"     ? ErrorKind::cancelled
                           : type == "bad_data" || type == "execution" ? ErrorKind::usage
                           : status == 401 || status == 403            ? ErrorKind::configuration
                           : status == 404                             ? ErrorKind::configuration
                                                                       : ErrorKind::unavailable;
    std::string message = type == "timeout" ? "the query was cut at its timeout" : "the query was refused";
    if (type.empty())
        message =
            fmt::format("the server answered {}; expected Prometheus' HTTP API{}", status,
                        status == 401 || status == 403
                            ? ", and a token or a user that it takes (bearer_token_file; user, password_file)"
                            : "");
    else message += fmt::format(" ({}): {}", type, said.substr(0, 500));
    return {kind, message, std::to_string(status)};
}

class Prometheus final : public Respondent {
public:
    explicit Prometheus(Place place) : place_(std::move(place)) {}

    core::Result<Answer> ask(const Definition& definition, core::Timestamp from, core::Timestamp to,
                             const core::Task& task) override {
        Answer answer;
        answer.numbers.push_back({"value", {}});
        std::set<std::string> labels;
        for (const auto& one : definition.expects)
            for (const auto& [label, value] : one) labels.insert(label);
        for (const auto& label : labels) answer.labels.push_back({label, {}});
        // A row stands for the step that ends where the query is evaluated.
        const std::int64_t step = definition.step.microseconds;
        const bool instant = definition.evaluation == Evaluation::instant;
        const std::int64_t last = to.microseconds - (instant ? step : 0);
        // Aligned with `to`, whatever `from` is.
        const std::int64_t first =
            to.microseconds - (to.microseconds - from.microseconds) / step * step + step;
        for (std::int64_t begin = first; begin <= last; begin += points_max * step) {
            if (auto going = task.check(); !going) return propagate(going);
            const std::int64_t end = std::min(last, begin + (points_max - 1) * step);
            const std::string form = fmt::format("query={}&start={}&end={}&step={}&timeout={}",
                                                 encoded(definition.query), seconds(begin), seconds(end),
                                                 seconds(step), seconds(definition.timeout.microseconds));
            auto result = query_of_analyzer("/api/v1/query_range", form, definition, answer.notes);
            if (!result) return propagate(result);
            if (auto status = take(*result, definition, answer); !status) return propagate(status);
        }
        if (instant) {
            const std::string form =
                fmt::format("query={}&time={}&timeout={}", encoded(definition.query),
                            seconds(to.microseconds), seconds(definition.timeout.microseconds));
            auto result = query_of_analyzer("/api/v1/query", form, definition, answer.notes);
            if (!result) return propagate(result);
            if (auto status = take(*result, definition, answer); !status) return propagate(status);
        }
        return answer;
    }

    core::Result<core::Duration> ahead(const core::Task& task) override {
        std::vector<std::string> notes;
        const core::Timestamp before = task.clock->now();
        auto result = query("/api/v1/query", "query=time()", {5'000'000}, notes);
        if (!result) return propagate(result);
        const core::Timestamp after = task.clock->now();
        const auto& pair = result->at("result");
        const auto now = pair.is_array() && pair.size() == 2 ? number_of(pair[1]) : std::nullopt;
        if (!now) return fail(ErrorKind::invalid_input, "time() is no number; expected Prometheus' HTTP API");
        const std::int64_t middle = before.microseconds + (after.microseconds - before.microseconds) / 2;
        return core::Duration{static_cast<std::int64_t>(std::llround(*now * 1e6)) - middle};
    }

    [[nodiscard]] unsigned at_once() const noexcept override { return 2; }

private:
    /// Read anew each time: files are rotated.
    core::Result<std::optional<core::Secret>> authorization() const {
        const bool by_token = !place_.bearer_token_file.empty();
        const std::string& path = by_token ? place_.bearer_token_file : place_.password_file;
        if (path.empty()) return std::optional<core::Secret>();
        std::ifstream file(path);
        std::string secret;
        if (!std::getline(file, secret) || secret.empty())
            return fail(ErrorKind::configuration,
                        fmt::format("{} {} cannot be read or is empty",
                                    by_token ? "bearer_token_file" : "password_file", path));
        return std::optional(by_token ? core::Secret("Bearer " + secret)
                                      : core::basic_authorization(place_.user, core::Secret(secret)));
    }

    /// A query without an answer in time is the analyzer's own failure where the server answered another one
    /// meanwhile, or does so now: a Prometheus cuts what takes too long by itself, and what stands in front
    /// of it may not.
    core::Result<json> query_of_analyzer(const std::string& path, const std::string& form,
                                         const Definition& definition, std::vector<std::string>& notes) {
        const std::uint64_t before = answers_;
        auto result = query(path, form, definition.timeout, notes);
        if (result || result.error().foreign_code != timed_out) return result;
        std::vector<std::string> of_another;
        if (answers_ == before && !query("/api/v1/query", "query=time()", {1'000'000}, of_another))
            return result;
        return fail(
            ErrorKind::cancelled,
            fmt::format("no answer within {}, while the server answers other queries: make it cheaper, "
                        "or give it a longer timeout",
                        core::to_string(definition.timeout)),
            std::string(timed_out));
    }

    /// The member `data` of an answer.
    core::Result<json> query(const std::string& path, const std::string& form, core::Duration timeout,
                             std::vector<std::string>& notes) {
        http::Request request;
        request.url = place_.url + path;
        request.body = form;
        request.timeout = {timeout.microseconds + answer_grace.microseconds};
        request.answer_bytes_max = answer_bytes_max;
        request.certificate = place_.certificate;
        request.client_certificate = place_.client_certificate;
        request.client_key = place_.client_key;
        request.headers.emplace_back("Content-Type", core::Secret("application/x-www-form-urlencoded"));
        auto shown = authorization();
        if (!shown) return propagate(shown);
        if (*shown) request.headers.emplace_back("Authorization", std::move(**shown));
        auto client = taken();
        if (!client) return propagate(client);
        auto response = (*client)->post(request);
        if (!response && response.error().kind == ErrorKind::unavailable &&
            response.error().foreign_code.empty())
            return fail(ErrorKind::limit_exceeded, response.error().message + "; aggregate in the query");
        if (!response) return propagate(response);
        give_back(std::move(*client));
        ++answers_;
        const json answer = json::parse(response->body, nullptr, false);
        if (!answer.is_object() || text_of(answer, "status") != "success" || !answer.contains("data") ||
            !answer["data"].is_object() || !answer["data"].contains("result"))
            return tl::unexpected(refusal_of(response->status, answer.is_object() ? answer : json::object()));
        for (const char* key : {"warnings", "infos"})
            if (const auto said = answer.find(key); said != answer.end() && said->is_array())
                for (const auto& one : *said)
                    if (one.is_string()) {
                        std::string note = "Prometheus says: " + core::valid_utf8(one.get<std::string>());
                        if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
                    }
        return answer["data"];
    }

    static core::Status take(const json& data, const Definition& definition, Answer& answer) {
        const std::string type = text_of(data, "resultType");
        const json& result = data.at("result");
        if (type == "scalar") {
            if (std::ranges::find(answer.notes, scalar_note) == answer.notes.end())
                answer.notes.emplace_back(scalar_note);
            return sample(result, json::object(), definition, answer);
        }
        if ((type != "vector" && type != "matrix") || !result.is_array())
            return fail(ErrorKind::usage, fmt::format("the query gives a {}; expected series or a scalar",
                                                      type.empty() ? "result without a type" : type));
        if (result.size() > definition.series_max)
            return fail(
                ErrorKind::limit_exceeded,
                fmt::format("the query gives {} series, more than its series_max {}; aggregate in the query",
                            result.size(), definition.series_max));
        for (const json& series : result) {
            const auto metric = series.find("metric");
            const json& labels = metric != series.end() ? *metric : empty_object();
            if (series.contains("histogram") || series.contains("histograms"))
                return fail(
                    ErrorKind::usage,
                    "a series holds native histograms; take a number of each by histogram_quantile()");
            if (type == "vector") {
                if (auto status = sample(series.value("value", json()), labels, definition, answer); !status)
                    return status;
                continue;
            }
            const auto values = series.find("values");
            if (values == series.end()) return fail(ErrorKind::invalid_input, "a series without values");
            for (const json& value : *values)
                if (auto status = sample(value, labels, definition, answer); !status) return status;
        }
        return {};
    }

    static core::Status sample(const json& pair, const json& labels, const Definition& definition,
                               Answer& answer) {
        const bool is_pair = pair.is_array() && pair.size() == 2 && pair[0].is_number();
        const auto value = is_pair ? number_of(pair[1]) : std::nullopt;
        if (!value) return fail(ErrorKind::invalid_input, "a sample is no pair of time and number");
        if (answer.rows() == definition.rows_max)
            return fail(ErrorKind::limit_exceeded,
                        fmt::format("the query gives more than {}, its rows_max; aggregate in the query",
                                    core::plural(definition.rows_max, "sample")));
        const auto at = static_cast<std::int64_t>(std::llround(pair[0].get<double>() * 1e6));
        answer.times.push_back(at - definition.step.microseconds);
        answer.numbers.front().values.push_back(*value);
        for (auto& label : answer.labels) label.values.push_back(text_of(labels, label.name.c_str()));
        return {};
    }

    static const json& empty_object() {
        static const json object = json::object();
        return object;
    }

    core::Result<std::unique_ptr<http::Client>> taken() {
        const std::scoped_lock lock(mutex_);
        if (clients_.empty()) return http::Client::open();
        auto client = std::move(clients_.back());
        clients_.pop_back();
        return client;
    }
    void give_back(std::unique_ptr<http::Client> client) {
        const std::scoped_lock lock(mutex_);
        clients_.push_back(std::move(client));
    }

    static constexpr std::string_view scalar_note = "the query gives a scalar, which has no labels";
    Place place_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<http::Client>> clients_;
    std::atomic<std::uint64_t> answers_{0};
};

}  // namespace

core::Result<std::unique_ptr<Respondent>> open_prometheus(const Place& place) {
    return std::make_unique<Prometheus>(place);
}

}  // namespace tristrata::analyzer
