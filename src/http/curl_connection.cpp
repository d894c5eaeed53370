#include "connection.hpp"
#include "tristrata/core/no_broken_pipe.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::http {
namespace {

using core::ErrorKind;
using core::fail;

struct Answer {
    std::string body;
    std::size_t bytes_max = 0;
    bool too_long = false;
};

std::size_t take_body(const char* bytes, std::size_t one, std::size_t count, void* into) {
    auto& answer = *static_cast<Answer*>(into);
    if (answer.body.size() + one * count > answer.bytes_max) {
        answer.too_long = true;
        return 0;
    }
    answer.body.append(bytes, one * count);
    return one * count;
}

bool is_of_the_settings(CURLcode code) {
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ENGINE_NOTFOUND;
}

/// What went wrong, without how long it took: what goes wrong again reads the same again.
std::string timeless(std::string why) {
    constexpr std::string_view digits = "0123456789", before = " after ", unit = " ms";
    const auto begin = why.find(before);
    if (begin == std::string::npos) return why;
    const auto end = why.find_first_not_of(digits, begin + before.size());
    if (end == begin + before.size() || end == std::string::npos || why.compare(end, unit.size(), unit) != 0)
        return why;
    return why.erase(begin, end + unit.size() - begin);
}

class CurlConnection final : public Connection {
public:
    CurlConnection() {
        static const CURLcode begun = ::curl_global_init(CURL_GLOBAL_DEFAULT);
        (void)begun;  // What it says is said again by the first request.
        curl_ = ::curl_easy_init();
    }
    ~CurlConnection() override { ::curl_easy_cleanup(curl_); }
    CurlConnection(const CurlConnection&) = delete;
    CurlConnection& operator=(const CurlConnection&) = delete;

    core::Result<Response> send(Method method, const Request& request) override;

private:
    CURL* curl_ = nullptr;
};

core::Result<Response> CurlConnection::send(Method method, const Request& request) {
    if (curl_ == nullptr) return fail(ErrorKind::unavailable, "there is no memory for a connection");
    curl_slist* headers = ::curl_slist_append(nullptr, "Expect:");  // The body follows at once.
    for (const auto& [name, value] : request.headers)
        headers = ::curl_slist_append(headers, fmt::format("{}: {}", name, value.reveal()).c_str());
    Answer answer;
    answer.bytes_max = request.answer_bytes_max;
    std::array<char, CURL_ERROR_SIZE> why{};
    const auto milliseconds = std::max<std::int64_t>(1, request.timeout.microseconds / 1000);
    ::curl_easy_reset(curl_);  // Its connection stays.
    ::curl_easy_setopt(curl_, CURLOPT_URL, request.url.c_str());
    ::curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    if (method == Method::post) {
        ::curl_easy_setopt(curl_, CURLOPT_POST, 1L);
        ::curl_easy_setopt(curl_, CURLOPT_POSTFIELDS,
                           request.body.data() == nullptr ? "" : request.body.data());
        ::curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    } else if (method == Method::remove) {
        ::curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, "DELETE");
    }
    ::curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    ::curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, take_body);
    ::curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
    ::curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, why.data());
    ::curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds));
    ::curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(curl_, CURLOPT_ACCEPT_ENCODING, "gzip");
    if (!request.certificate.empty()) ::curl_easy_setopt(curl_, CURLOPT_CAINFO, request.certificate.c_str());
    if (!request.client_certificate.empty())
        ::curl_easy_setopt(curl_, CURLOPT_SSLCERT, request.client_certificate.c_str());
    if (!request.client_key.empty()) ::curl_easy_setopt(curl_, CURLOPT_SSLKEY, request.client_key.c_str());
    CURLcode code = CURLE_OK;
    {
        const core::NoBrokenPipe held;
        code = ::curl_easy_perform(curl_);
    }
    ::curl_slist_free_all(headers);
    if (request.all_sent != nullptr) {
        curl_off_t begun = 0, sent = 0;
        ::curl_easy_getinfo(curl_, CURLINFO_PRETRANSFER_TIME_T, &begun);
        ::curl_easy_getinfo(curl_, CURLINFO_SIZE_UPLOAD_T, &sent);
        *request.all_sent = begun > 0 && sent >= static_cast<curl_off_t>(request.body.size());
    }
    ::curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, nullptr);
    if (answer.too_long)
        return fail(ErrorKind::unavailable, fmt::format("{} answers with more than {} bytes",
                                                        shown_url(request.url), request.answer_bytes_max));
    if (code != CURLE_OK)
        return fail(is_of_the_settings(code) ? ErrorKind::configuration : ErrorKind::unavailable,
                    fmt::format("{} does not answer: {}", shown_url(request.url),
                                timeless(why[0] == '\0' ? ::curl_easy_strerror(code) : why.data())),
                    fmt::format("curl {}", static_cast<int>(code)));
    Response response;
    response.body = std::move(answer.body);
    ::curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &response.status);
    curl_off_t seconds = 0;
    if (::curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) {
        constexpr curl_off_t longest = 86'400;
        response.retry_after = core::Duration{std::min(seconds, longest) * 1'000'000};
    }
    return response;
}

}  // namespace
}  // namespace tristrata::http

extern "C" [[gnu::visibility("default")]] tristrata::http::Connection* tristrata_http_connect() {
    return new tristrata::http::CurlConnection;
}
