#pragma once

#include "alone.hpp"
#include "owed.hpp"
#include "posting.hpp"

#include "tristrata/notification/alert_destination.hpp"
#include "tristrata/notification/reception.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tristrata::notification {

using Outcomes = std::vector<Outcome>;

/// The relay looks in a batch for who is to blame of a refusal: no alert is, of what fails here.
[[nodiscard]] core::Error of_now(core::Error error);

/// What is known of one receiver.
struct AlertDestination::Line {
    Line(core::Clock& clock, const AlertOptions& options)
        : posting(clock, options.timeout, options.open_for),
          posting_alone(clock, options.timeout, options.open_for),
          alone(options.retry_first, options.retry_max) {}
    std::mutex sending;  ///< Held while something is sent to it, but for what waits by itself.
    Posting posting;
    Posting posting_alone;  ///< Of retry_owed(): one that hangs holds no other.
    Alone alone;
    // Under the mutex of all.
    ReceiverStatus status;
    unsigned failures_in_a_row = 0;
    core::Timestamp not_before{INT64_MIN};
};

struct AlertDestination::Shared {
    Shared(std::function<core::Result<Receivers>()> receivers, spool::FileSystem& files,
           core::Clock& its_clock, AlertOptions its_options)
        : named(std::move(receivers)),
          clock(its_clock),
          options(std::move(its_options)),
          owed(files, clock, options.owed_folder, options.owed_max),
          receptions(files, options.receptions_folder) {}

    std::function<core::Result<Receivers>()> named;
    core::Clock& clock;
    AlertOptions options;
    Owed owed;
    Receptions receptions;
    mutable std::mutex telling;
    std::map<std::string, std::shared_ptr<Line>, std::less<>> lines;
    std::set<std::string> said;
    std::atomic<bool> is_retried = false;  ///< Somebody sends what is owed.

    void say(const std::string& sentence) const {
        if (options.notice) options.notice(sentence);
    }
    void say_once(const std::string& sentence) {
        {
            const std::lock_guard lock(telling);
            if (!said.insert(sentence).second) return;
        }
        say(sentence);
    }
    std::shared_ptr<Line> line_of(const Receiver& receiver) {
        const std::lock_guard lock(telling);
        auto& line = lines[receiver.key];
        if (!line) line = std::make_shared<Line>(clock, options);
        line->status.shown = receiver.shown;
        return line;
    }
    bool waits(const Line& line) const {
        const std::lock_guard lock(telling);
        return clock.steady_now() < line.not_before;
    }
    void failed(Line& line, const core::Error& error);
    /// Not all was taken by one that can be reached: what it did not take is sent again by itself.
    void failed_alone(Line& line, const core::Error& error, std::uint64_t taken);
    void worked(Line& line, std::uint64_t taken);
    void refused(Line& line, const core::Error& error, bool is_told);
    /// For who keeps incidents: that it cannot be kept is said, and holds no alert.
    void keep(Reception reception);
    /// It is owed one more. What fails here holds the alert, whoever took it.
    core::Status owe(const Receiver& to, const Alert& alert, bool is_told);
    /// An alert that nobody took, and whose receiver is named no longer, is owed to those that are: its mend
    /// may have been another address. False: it stays where it is.
    core::Result<bool> owe_to_named(const Owed::File& file, const Receivers& all);
    struct Turn {
        std::uint64_t taken = 0;
        bool is_all = true;  ///< Nothing is owed to it any more, but for what it does not take.
        std::optional<core::Error> alone = {};  ///< Of what it did not take, and can be reached.
        std::set<std::string> behind = {};      ///< Words of pages that are owed: not to overtake.
    };
    /// What is owed to it, in its order, for as long as one request may last, but for what waits by itself;
    /// the error where it cannot be reached.
    core::Result<Turn> settle_owed(const Receiver& to, const Receivers& all, Line& line);
    /// What waits by itself and is due, that which is due longest first, until one hangs.
    core::Result<Turn> settle_alone(const Receiver& to, const Receivers& all, Line& line);
    /// Both, and what is made of it; how many were taken.
    std::uint64_t settle(const Receiver& to, const Receivers& all, Line& line);
    /// One of these: taken or refused, it is removed. None where another process has it, or it is damaged.
    core::Result<std::optional<Outcome>> send_owed(const Owed::File& file, const Receiver& to,
                                                   const Receivers& all, Line& line, Posting& posting);
    /// What is owed to it first, so that nothing overtakes; nothing where it is being sent to already, or is
    /// still owed something when its turn is over: the others do not wait for thousands.
    std::optional<Outcomes> send(const Receiver& to, const Receivers& all, const std::vector<Alert>& alerts);
    /// What is meant for it, likewise.
    std::optional<Outcomes> send_meant(const Receiver& to, const Receivers& all,
                                       const std::vector<Alert>& alerts);
    /// To each of these at once.
    void send_to(const std::vector<std::size_t>& places, const Receivers& all,
                 const std::vector<Alert>& alerts, std::vector<std::optional<Outcomes>>& outcomes);
};

}  // namespace tristrata::notification
