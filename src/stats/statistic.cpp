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
        case Undefined::too_few_windows:
            return "too few reference windows";
        case Undefined::too_dependent:
            return "neighbouring rows are too alike";
        case Undefined::no_categories:
            return "no category with a value";
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
