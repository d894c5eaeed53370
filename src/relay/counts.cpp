#include "tristrata/relay/relay.hpp"

namespace tristrata::relay {

Counts& Counts::operator+=(const Counts& more) {
    stored += more.stored;
    duplicate += more.duplicate;
    dead += more.dead;
    missing += more.missing;
    batches += more.batches;
    attempts += more.attempts;
    return *this;
}

Counts Counts::operator-(const Counts& before) const {
    return {stored - before.stored,   duplicate - before.duplicate, dead - before.dead,
            missing - before.missing, batches - before.batches,     attempts - before.attempts};
}

}  // namespace tristrata::relay
