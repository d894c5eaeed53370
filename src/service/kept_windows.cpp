#include "kept_windows.hpp"

namespace tristrata::service {

const analyzer::LookedAt& KeptWindows::read() {
    auto before = file_.read();
    if (!before) log_->failed(event_, before.error());
    else held_ = std::move(*before);
    return held_;
}

core::Status KeptWindows::keep(analyzer::LookedAt now) {
    return now == held_ ? core::Status() : write(flush_(), std::move(now));
}

core::Status KeptWindows::begin(analyzer::LookedAt now) {
    return now == held_ ? core::Status() : write({}, std::move(now));
}

core::Status KeptWindows::write(core::Status kept, analyzer::LookedAt now) {
    if (kept) kept = file_.write(now);
    if (!kept) {
        if (said_ != kept.error().message) log_->failed(event_, kept.error());
        said_ = kept.error().message;
        return kept;
    }
    said_.clear();
    held_ = std::move(now);
    return {};
}

}  // namespace tristrata::service
