#include "listener.hpp"

#include <httplib.h>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace tristrata::http {
namespace {

/// So many threads, and so many connections that wait for one: who accepts the next waits then, and the
/// kernel keeps the rest.
class BoundedQueue final : public httplib::TaskQueue {
public:
    BoundedQueue(unsigned threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
        for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    }
    void enqueue(std::function<void()> job) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return jobs_.size() < waiting_max_ || ending_; });
        jobs_.push_back(std::move(job));
        changed_.notify_all();
    }
    void shutdown() override {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        for (auto& thread : threads_) thread.join();
    }

private:
    void work() {
        while (true) {
            std::function<void()> job;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [&] { return !jobs_.empty() || ending_; });
                if (jobs_.empty()) return;
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
            changed_.notify_all();
            job();
        }
    }
    std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    std::vector<std::thread> threads_;
    bool ending_ = false;
};

/// The library's own option lets two processes share a port, each with a half of the requests.
void address_of_one_process(socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

std::unique_ptr<httplib::Server> server_of(const ServerTls& tls) {
    if (tls.certificate.empty()) return std::make_unique<httplib::Server>();
    return std::make_unique<httplib::SSLServer>(
        tls.certificate.c_str(), tls.key.c_str(),
        tls.client_authority.empty() ? nullptr : tls.client_authority.c_str());
}

constexpr const char* too_long = "the body is longer than is taken here\n";

void refuse(httplib::Response& to, int status, const char* words) {
    to.status = status;
    to.set_content(words, "text/plain; charset=utf-8");
}

/// Takes a body to its end, and keeps no more of it than so many bytes: a packed one may be any size, and
/// what is not read would be taken for the next request.
class Body {
public:
    explicit Body(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    bool take(const char* bytes, std::size_t count) {
        constexpr std::size_t read_max = 64U << 20U;
        read_ += count;
        if (!is_too_long()) text_.append(bytes, count);
        return read_ <= read_max;
    }
    [[nodiscard]] bool is_too_long() const { return read_ > bytes_max_; }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::size_t bytes_max_;
    std::size_t read_ = 0;
    std::string text_;
};

class HttplibListener final : public Listener {
public:
    explicit HttplibListener(const Service& service) : server_(server_of(service.options.tls)) {
        const Options& options = service.options;
        server_->new_task_queue = [threads = options.threads, waiting = options.waiting_max] {
            return new BoundedQueue(threads, waiting);
        };
        server_->set_socket_options(address_of_one_process);
        server_->set_tcp_nodelay(true);
        server_->set_payload_max_length(options.body_bytes_max);
        server_->set_read_timeout(options.seconds_max);
        server_->set_write_timeout(options.seconds_max);
        server_->set_keep_alive_timeout(1);
        server_->set_pre_routing_handler(
            [answer = service.answer](const httplib::Request& request, httplib::Response& to) {
                if (request.method != "GET" && request.method != "HEAD")
                    return httplib::Server::HandlerResponse::Unhandled;
                give(answer(request.path), to);
                return httplib::Server::HandlerResponse::Handled;
            });
        if (options.take) take_posts(service);
        server_->set_error_handler([posts = static_cast<bool>(options.take), refused = options.refused](
                                       const httplib::Request& request, httplib::Response& to) {
            const bool is_answered = !to.body.empty();
            // Of another method, and came to nothing; what could not be read is 400.
            if (to.status == 413 && to.body.empty()) {
                refuse(to, 413, too_long);
            } else if (to.status == 404 && request.method != "GET" && request.method != "HEAD" &&
                       !(posts && request.method == "POST")) {
                to.set_header("Allow", posts ? "GET, HEAD, POST" : "GET, HEAD");
                refuse(to, 405,
                       posts ? "only GET, HEAD and POST are answered here\n"
                             : "only GET and HEAD are answered here\n");
            }
            if (!is_answered && refused && request.method != "GET" && request.method != "HEAD")
                refused(to.status);
        });
    }
    ~HttplibListener() override { stop(); }

    [[nodiscard]] bool is_usable() const { return server_->is_valid(); }

    [[nodiscard]] bool listen(const Address& address) {
        if (address.port == 0) {
            const int port = server_->bind_to_any_port(address.host);
            if (port < 0) return false;
            port_ = static_cast<std::uint16_t>(port);
        } else {
            if (!server_->bind_to_port(address.host, address.port)) return false;
            port_ = address.port;
        }
        thread_ = std::thread([this] { server_->listen_after_bind(); });
        // stop() before the loop runs would be lost.
        while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return true;
    }
    [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
    void stop() override {
        if (!thread_.joinable()) return;
        server_->stop();
        thread_.join();
    }

private:
    static void give(const Reply& reply, httplib::Response& to) {
        to.status = reply.status;
        to.set_content(reply.body, reply.content_type);
    }
    void take_posts(const Service& service) {
        server_->Post("/.*", [service](const httplib::Request& request, httplib::Response& to,
                                       const httplib::ContentReader& read) {
            Body body(service.options.body_bytes_max);
            const bool whole =
                read([&](const char* bytes, std::size_t count) { return body.take(bytes, count); });
            if (const int status = service.refusal(request.get_header_value("Authorization")); status != 0) {
                if (status == 401) to.set_header("WWW-Authenticate", "Bearer");
                refuse(to, status,
                       status == 401 ? "expected the header Authorization: Bearer TOKEN with this server's "
                                       "token\n"
                                     : "this server cannot read its own token now; try again\n");
                if (service.options.refused) service.options.refused(status);
            } else if (body.is_too_long()) {
                refuse(to, 413, too_long);
                if (service.options.refused) service.options.refused(413);
            } else if (whole) {
                give(service.options.take({request.path, body.text()}), to);
            }  // Else the library says what it could not read.
        });
    }

    std::unique_ptr<httplib::Server> server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace
}  // namespace tristrata::http

extern "C" tristrata::http::Listener* tristrata_http_listen(const tristrata::http::Service& service) {
    auto listener = std::make_unique<tristrata::http::HttplibListener>(service);
    if (!listener->is_usable()) {
        errno = tristrata::http::wrong_tls;
        return nullptr;
    }
    if (!listener->listen(service.options.address)) return nullptr;
    return listener.release();
}
