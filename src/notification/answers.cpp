#include "answers.hpp"

namespace tristrata::notification {

Answers answers_to(const Alert& alert, std::size_t place, const Receivers& named,
                   const std::vector<std::optional<std::vector<Outcome>>>& outcomes) {
    Answers found;
    bool meant = false;
    for (std::size_t r = 0; r < outcomes.size(); ++r) {
        const auto& of = outcomes[r];
        if (is_meant_for(alert, named.all[r])) {
            meant = true;
            found.all_asked = found.all_asked && of.has_value();
        }
        if (!of) continue;
        const Outcome& one = (*of)[place];
        const bool failed = one.kind == Outcome::Kind::failed;
        if (one.kind == Outcome::Kind::refused) found.refusals.push_back(one.error.message);
        if (failed && !found.failure) found.failure = one.error;
        found.of_itself = found.of_itself || (failed && one.of_itself);
        found.is_taken = found.is_taken || one.kind == Outcome::Kind::taken;
    }
    if (!meant)
        found.refusals.emplace_back(
            "a digest goes to webhooks, and none is named; set TRISTRATA_DIGEST_URL or "
            "TRISTRATA_WEBHOOK_URL");
    found.waits = !found.is_taken && (found.failure || !found.all_asked);
    return found;
}

}  // namespace tristrata::notification
