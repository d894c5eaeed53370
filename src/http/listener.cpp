#include "listener.hpp"

#include "deadlines.hpp"
#include "tristrata/core/thread_start.hpp"

#include <httplib.h>
#include <unistd.h>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace tristrata::http {
namespace {

/// So many threads at most, and so many connections that wait for one: who accepts the next waits then, and
/// the kernel keeps the rest.
class BoundedQueue final : public httplib::TaskQueue {
public:
    BoundedQueue(const Options& options, std::atomic<std::size_t>& waiting)
        : threads_max_(options.threads), waiting_max_(options.waiting_max), waiting_(waiting) {}
    void enqueue(std::function<void()> job) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return jobs_.size() < waiting_max_ || ending_; });
        jobs_.push_back(std::move(job));
        waiting_ = jobs_.size();
        if (jobs_.size() > idle_ && threads_.size() < threads_max_)
            // Where the system gives none, those that there are do it, and it is asked again with the next.
            if (auto thread = core::start_thread<std::thread>([this] { work(); }))
                threads_.push_back(std::move(*thread));
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
                ++idle_;
                changed_.wait(lock, [&] { return !jobs_.empty() || ending_; });
                --idle_;
                if (jobs_.empty()) return;
                job = std::move(jobs_.front());
                jobs_.pop_front();
                waiting_ = jobs_.size();
            }
            changed_.notify_all();
            job();
        }
    }
    const std::size_t threads_max_, waiting_max_;
    std::atomic<std::size_t>& waiting_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
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

/// What the library keeps to itself: that a server talks on a connection, with TLS or without, which it does
/// while its own listening socket is one. An explicit instantiation may name what is private.
bool talk(httplib::Server& server, socket_t connection);
void let_talk(httplib::Server& server, socket_t listening);
template <auto Talk, auto Listening>
struct Reached {
    friend bool talk(httplib::Server& server, socket_t connection) { return (server.*Talk)(connection); }
    friend void let_talk(httplib::Server& server, socket_t listening) { server.*Listening = listening; }
};
template struct Reached<&httplib::Server::process_and_close_socket, &httplib::Server::svr_sock_>;

/// Listens, and leaves it to somebody else to talk.
class Accepting final : public httplib::Server {
public:
    explicit Accepting(std::function<bool(socket_t)> take) : take_(std::move(take)) {}
    /// Once bound: the library lets the kernel keep five, and of more each would try again after seconds.
    void let_wait(int connections) { ::listen(svr_sock_, connections); }

private:
    bool process_and_close_socket(socket_t connection) override { return take_(connection); }
    std::function<bool(socket_t)> take_;
};

using Does = Deadlines::Connection::Does;
/// Of the thread's connection.
void note(Does does) {
    if (auto* connection = Deadlines::Connection::current()) connection->now(does);
}
bool is_too_slow() {
    const auto* connection = Deadlines::Connection::current();
    return connection != nullptr && connection->is_too_slow();
}

constexpr int request_timeout = 408;

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
    explicit HttplibListener(const Service& service)
        : talking_(server_of(service.options.tls)),
          deadlines_(std::chrono::seconds(service.options.seconds_max), waiting_),
          refused_(service.options.refused),
          accepting_([this](socket_t connection) { return take(connection); }) {
        const Options& options = service.options;
        accepting_.new_task_queue = [this, options] { return new BoundedQueue(options, waiting_); };
        accepting_.set_socket_options(address_of_one_process);
        accepting_.set_tcp_nodelay(true);
        talking_->set_payload_max_length(options.body_bytes_max);
        for (httplib::Server* one : {talking_.get(), static_cast<httplib::Server*>(&accepting_)}) {
            // Who sends too slowly is found by the deadlines, before this.
            one->set_read_timeout(2 * options.seconds_max + 1);
            one->set_write_timeout(options.seconds_max);
        }
        talking_->set_keep_alive_timeout(1);
        talking_->set_pre_routing_handler(
            [answer = service.answer](const httplib::Request& request, httplib::Response& to) {
                if (request.method != "GET" && request.method != "HEAD")
                    return httplib::Server::HandlerResponse::Unhandled;
                note(Does::waits);
                give(answer(request.path), to);
                note(Does::takes);
                return httplib::Server::HandlerResponse::Handled;
            });
        if (options.take) take_posts(service);
        talking_->set_error_handler([options](const httplib::Request& request, httplib::Response& to) {
            const bool posts = static_cast<bool>(options.take);
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
            // Who is too slow is counted where the connection ends, however little came.
            if (!is_answered && options.refused && !is_too_slow() && request.method != "GET" &&
                request.method != "HEAD")
                options.refused(to.status);
            note(Does::takes);
        });
        // The next request on this connection.
        talking_->set_logger([](const httplib::Request&, const httplib::Response&) { note(Does::sends); });
    }
    ~HttplibListener() override { stop(); }

    [[nodiscard]] bool is_usable() const { return talking_->is_valid(); }

    [[nodiscard]] bool listen(const Address& address) {
        if (address.port == 0) {
            const int port = accepting_.bind_to_any_port(address.host);
            if (port < 0) return false;
            port_ = static_cast<std::uint16_t>(port);
        } else {
            if (!accepting_.bind_to_port(address.host, address.port)) return false;
            port_ = address.port;
        }
        constexpr int kept_by_the_kernel = 128;
        accepting_.let_wait(kept_by_the_kernel);
        let_talk(*talking_, 0);
        thread_ = std::thread([this] { accepting_.listen_after_bind(); });
        // stop() before the loop runs would be lost.
        while (!accepting_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return true;
    }
    [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
    void stop() override {
        if (!thread_.joinable()) return;
        let_talk(*talking_, INVALID_SOCKET);
        accepting_.stop();
        thread_.join();
    }

private:
    bool take(socket_t socket) {
        Deadlines::Connection connection(deadlines_, socket);
        if (!connection.is_watched()) {
            ::close(socket);
            return false;
        }
        const bool done = talk(*talking_, socket);
        if (connection.is_too_slow() && refused_) refused_(request_timeout);
        return done;
    }
    static void give(const Reply& reply, httplib::Response& to) {
        to.status = reply.status;
        to.set_content(reply.body, reply.content_type);
    }
    void take_posts(const Service& service) {
        talking_->Post("/.*", [service](const httplib::Request& request, httplib::Response& to,
                                        const httplib::ContentReader& read) {
            Body body(service.options.body_bytes_max);
            const bool whole =
                read([&](const char* bytes, std::size_t count) { return body.take(bytes, count); });
            // Nothing can be said to it any more.
            if (!whole && is_too_slow()) return;
            note(Does::waits);
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
            note(Does::takes);
        });
    }

    std::unique_ptr<httplib::Server> talking_;
    std::atomic<std::size_t> waiting_ = 0;
    Deadlines deadlines_;
    std::function<void(int status)> refused_;
    Accepting accepting_;
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
