#include "tristrata/stats/statistic.hpp"

namespace tristrata::stats {

std::string_view describe(Undefined reason) noexcept {
    switch (reason) {
        case Undefined::empty_sample:
            return "no finite value on one side";
        case Undefined::too_few_values:
            return "fewer values than the method needs";
        case Undefined::constant_sample:
            return "the reference has no spread";
        case Undefined::no_overlap:
            return "the sides have nothing in common";
        case Undefined::unequal_sizes:
            return "the method needs as many rows on both sides";
        case Undefined::not_applicable:
            return "the method does not speak of this kind of column";
    }
    return "no answer";
}

}  // namespace tristrata::stats
