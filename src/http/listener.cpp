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

class HttplibListener final : public Listener {
public:
    HttplibListener(const Options& options, const Answer& answer) {
        server_.new_task_queue = [threads = options.threads, waiting = options.waiting_max] {
            return new BoundedQueue(threads, waiting);
        };
        server_.set_socket_options(address_of_one_process);
        server_.set_tcp_nodelay(true);
        server_.set_payload_max_length(options.body_bytes_max);
        server_.set_read_timeout(options.seconds_max);
        server_.set_write_timeout(options.seconds_max);
        server_.set_keep_alive_timeout(1);
        server_.set_pre_routing_handler([answer](const httplib::Request& request, httplib::Response& to) {
            if (request.method != "GET" && request.method != "HEAD")
                return httplib::Server::HandlerResponse::Unhandled;
            const Reply reply = answer(request.path);
            to.status = reply.status;
            to.set_content(reply.body, reply.content_type);
            return httplib::Server::HandlerResponse::Handled;
        });
        server_.set_error_handler([](const httplib::Request& request, httplib::Response& to) {
            // A request of another method that came to nothing; one that could not be read is 400.
            if (to.status == 404 && request.method != "GET" && request.method != "HEAD") {
                to.status = 405;
                to.set_header("Allow", "GET, HEAD");
                to.set_content("only GET and HEAD are answered here\n", "text/plain; charset=utf-8");
            }
        });
    }
    ~HttplibListener() override { stop(); }

    [[nodiscard]] bool listen(const Address& address) {
        if (address.port == 0) {
            const int port = server_.bind_to_any_port(address.host);
            if (port < 0) return false;
            port_ = static_cast<std::uint16_t>(port);
        } else {
            if (!server_.bind_to_port(address.host, address.port)) return false;
            port_ = address.port;
        }
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        // stop() before the loop runs would be lost.
        while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return true;
    }
    [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
    void stop() override {
        if (!thread_.joinable()) return;
        server_.stop();
        thread_.join();
    }

private:
    httplib::Server server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace
}  // namespace tristrata::http

extern "C" tristrata::http::Listener* tristrata_http_listen(const tristrata::http::Options& options,
                                                            const tristrata::http::Answer& answer) {
    auto listener = std::make_unique<tristrata::http::HttplibListener>(options, answer);
    if (!listener->listen(options.address)) return nullptr;
    return listener.release();
}
