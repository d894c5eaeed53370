#include "http_client.hpp"
#include "tristrata/core/ascii.hpp"

#include "tristrata/core/no_broken_pipe.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::objects {
namespace {

constexpr long connect_seconds_max = 5;
constexpr long silent_seconds_max = 3;
constexpr std::size_t answer_bytes_max = 1U << 20U;

std::size_t take_body(const char* bytes, std::size_t one, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + one * count <= answer_bytes_max) body.append(bytes, one * count);
    return one * count;
}

std::size_t take_header(const char* bytes, std::size_t one, std::size_t count, void* into) {
    std::string_view line(bytes, one * count);
    constexpr std::string_view etag = "etag:";
    if (std::equal(etag.begin(), etag.end(), line.substr(0, etag.size()).begin(),
                   line.substr(0, etag.size()).end(),
                   [&](char b, char a) { return core::lowered(a) == b; })) {
        line.remove_prefix(etag.size());
        while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
        while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
        *static_cast<std::string*>(into) = line;
    }
    return one * count;
}

int count_requests(CURL*, curl_infotype type, char*, std::size_t, void* into) {
    if (type == CURLINFO_HEADER_OUT) ++*static_cast<std::uint64_t*>(into);
    return 0;
}

}  // namespace

struct HttpClient::Connection {
    Connection() : handle(::curl_easy_init()) {}
    ~Connection() { ::curl_easy_cleanup(handle); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    CURL* handle;
};

HttpClient::HttpClient(std::string scheme, std::string authorities)
    : scheme_(std::move(scheme)), authorities_(std::move(authorities)) {
    static const CURLcode begun = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)begun;  // What it says is said again by the first request.
}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Connection> HttpClient::take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Connection>();
    auto one = std::move(idle_.back());
    idle_.pop_back();
    return one;
}

HttpAnswer HttpClient::send(const S3Request& request, std::string_view body) {
    HttpAnswer answer;
    auto connection = take();
    CURL* const curl = connection->handle;
    if (curl == nullptr) {
        answer.failure = "curlCode: 2, no memory for a connection";
        return answer;
    }
    const std::string query = query_of(request);
    const std::string url = fmt::format("{}://{}{}{}{}", scheme_, request.host,
                                        percent_encoded(request.path, true), query.empty() ? "" : "?", query);
    curl_slist* headers = nullptr;
    for (const auto& [name, value] : request.headers)
        headers = ::curl_slist_append(headers, fmt::format("{}: {}", name, value).c_str());
    headers = ::curl_slist_append(headers, "expect:");  // The body follows at once.
    ::curl_easy_reset(curl);                            // Its connection stays.
    ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    ::curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    ::curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method != "DELETE") {
        ::curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
        ::curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    }
    ::curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    ::curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    ::curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.etag);
    ::curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    ::curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, count_requests);
    ::curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &answer.times_sent);
    ::curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds_max);
    ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, silent_seconds_max);
    ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(curl, CURLOPT_PROXY, "");  // As Arrow's client, which reads.
    if (!authorities_.empty()) ::curl_easy_setopt(curl, CURLOPT_CAINFO, authorities_.c_str());
    std::array<char, CURL_ERROR_SIZE> details{};
    ::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details.data());
    CURLcode code = CURLE_OK;
    {
        const core::NoBrokenPipe held;
        code = ::curl_easy_perform(curl);
    }
    if (code == CURLE_OK) ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    else
        answer.failure = fmt::format("curlCode: {}, {}: {}", static_cast<int>(code),
                                     ::curl_easy_strerror(code), details.data());
    ::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    ::curl_slist_free_all(headers);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
    return answer;
}

}  // namespace tristrata::objects
