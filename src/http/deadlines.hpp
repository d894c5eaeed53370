#pragma once

#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace tristrata::http {

/// Connections that somebody talks on, and by when each is to have sent its whole request or taken its whole
/// answer: a byte now and then keeps no thread. Where others wait for a thread, those that have been sending
/// longest give theirs up earlier.
///
/// Threads   Any number of callers at once, and one of its own.
class Deadlines {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds answer_max{30};
    static constexpr std::chrono::milliseconds look_every{100}, patience{1'000};

    /// `waiting`: connections that no thread has taken yet.
    Deadlines(std::chrono::seconds request_max, const std::atomic<std::size_t>& waiting)
        : request_max_(request_max), waiting_(waiting), thread_([this] { look(); }) {}
    ~Deadlines() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    Deadlines(const Deadlines&) = delete;
    Deadlines& operator=(const Deadlines&) = delete;

    /// One connection, for as long as its thread talks on it.
    class Connection {
    public:
        /// The thread's, where it has one.
        static Connection*& current() {
            thread_local Connection* mine = nullptr;
            return mine;
        }
        Connection(Deadlines& all, int socket) : all_(all), socket_(::dup(socket)) {
            if (!is_watched()) return;
            current() = this;
            const std::lock_guard lock(all_.mutex_);
            all_.open_.push_back(this);
            all_.changed_.notify_all();
        }
        ~Connection() {
            if (!is_watched()) return;
            current() = nullptr;
            {
                const std::lock_guard lock(all_.mutex_);
                std::erase(all_.open_, this);
            }
            ::close(socket_);
        }
        Connection(const Connection&) = delete;
        Connection& operator=(const Connection&) = delete;

        /// Of a number of its own: the socket's may be another connection's as soon as it is closed.
        [[nodiscard]] bool is_watched() const { return socket_ >= 0; }
        enum class Does : std::uint8_t { sends, waits, takes };
        void now(Does does) {
            const std::lock_guard lock(all_.mutex_);
            does_ = does;
            since_ = std::chrono::steady_clock::now();
        }
        /// Its request did not come in time.
        [[nodiscard]] bool is_too_slow() const {
            const std::lock_guard lock(all_.mutex_);
            return is_cut_;
        }

    private:
        friend class Deadlines;
        Deadlines& all_;
        int socket_;
        Does does_ = Does::sends;
        Time since_ = std::chrono::steady_clock::now();
        bool is_cut_ = false;
    };

private:
    using Does = Connection::Does;
    void look() {
        std::unique_lock lock(mutex_);
        while (!ending_) {
            if (open_.empty()) changed_.wait(lock, [&] { return ending_ || !open_.empty(); });
            else changed_.wait_for(lock, look_every, [&] { return ending_; });
            cut_what_is_late();
        }
    }
    void cut_what_is_late() {
        const Time now = std::chrono::steady_clock::now();
        std::size_t to_free = waiting_;
        std::ranges::sort(open_, {}, [](const Connection* one) { return one->since_; });
        for (Connection* one : open_) {
            const auto lasts = now - one->since_;
            if (one->does_ == Does::takes && lasts > answer_max) ::shutdown(one->socket_, SHUT_RDWR);
            if (one->does_ != Does::sends || one->is_cut_) continue;
            const bool gives_way = to_free > 0 && lasts > patience;
            if (!gives_way && lasts <= request_max_) continue;
            if (to_free > 0) --to_free;
            one->is_cut_ = true;
            ::shutdown(one->socket_, SHUT_RDWR);
        }
    }

    const std::chrono::seconds request_max_;
    const std::atomic<std::size_t>& waiting_;
    mutable std::mutex mutex_;  ///< Of what follows, and of what changes in a connection.
    std::condition_variable changed_;
    std::vector<Connection*> open_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace tristrata::http
