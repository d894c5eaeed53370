#include "silencing.hpp"

#include "retelling.hpp"

#include <algorithm>
#include <utility>

namespace tristrata::service {

Silencing::Shape Silencing::shape_of(const std::vector<notification::Answered>& answered) {
    Shape shape;
    for (const auto& one : answered) shape.emplace_back(one.incident_id, one.alert.ends_at.has_value());
    return shape;
}

core::Status Silencing::turn(const std::vector<notification::Answered>& answered) {
    const bool lasts = std::ranges::any_of(
        answered, [](const notification::Answered& one) { return !one.alert.ends_at.has_value(); });
    if (!lasts && !is_due(answered)) return {};
    auto done = silencer_.step(answered);
    if (done && done->failed.empty()) settled_ = shape_of(answered);
    std::vector<core::Error> news;
    {
        const std::lock_guard lock(mutex_);
        const auto before = std::exchange(found_.error, std::nullopt);
        if (!done) {
            found_.error = done.error();
            if (!before || before->message != done.error().message) news.push_back(done.error());
        } else {
            found_.begun += done->begun;
            found_.ended += done->ended;
            news = note_failures(found_.peers, done->failed);
        }
    }
    for (const core::Error& one : news) log_->failed("silences", one);
    return done ? core::Status() : core::Status(propagate(done));
}

SilencingFigures Silencing::figures() const {
    const std::lock_guard lock(mutex_);
    return found_;
}

}  // namespace tristrata::service
