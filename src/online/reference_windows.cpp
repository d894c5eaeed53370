#include "makers.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>

namespace tristrata::online {
namespace {

/// The newest values against a fixed reference, by KS. Between two neighbouring values of the reference the
/// difference of the distribution functions is extreme at either end, so that it is enough to count the
/// window at each distinct value of the reference and in each gap: a tree over these 2 k + 1 places keeps
/// sum, largest and smallest prefix, and a value costs O(log k).
class IncrementalKs final : public Detector {
public:
    IncrementalKs(const Values& values, std::span<const double> reference)
        : window_max_(values.count("window")), n_(static_cast<std::int64_t>(reference.size())) {
        std::vector<double> sorted(reference.begin(), reference.end());
        std::ranges::sort(sorted);
        points_ = sorted;
        points_.erase(std::unique(points_.begin(), points_.end()), points_.end());
        leaves_ = std::bit_ceil(2 * points_.size() + 1);
        tree_.assign(2 * leaves_, {});
        for (const double x : sorted) tree_[leaves_ + place_of(x)].add(window());
        for (std::size_t node = leaves_ - 1; node > 0; --node) join(node);
        empty_ = tree_;
        limit_ = smallest_distance(values["alpha"]);
    }

    Update update(double x) override {
        if (drifted_) {
            values_.clear();
            tree_ = empty_;
            drifted_ = false;
        }
        if (values_.size() == window_max_) {
            shift(values_.front(), n_);
            values_.pop_front();
        }
        values_.push_back(x);
        shift(x, -n_);
        if (values_.size() < window_max_) return {};
        const std::int64_t steps = std::max(tree_[1].highest, -tree_[1].lowest);
        const double distance = static_cast<double>(steps) / static_cast<double>(n_ * window());
        drifted_ = distance >= limit_ - 1e-12;
        return {drifted_ ? State::drift : State::stable, distance};
    }

private:
    /// In units of 1 / (n window): what the values below a node add, and the extremes on the way.
    struct Node {
        std::int64_t sum = 0, highest = 0, lowest = 0;
        void add(std::int64_t change) noexcept { sum = highest = lowest = sum + change; }
    };

    [[nodiscard]] std::int64_t window() const noexcept { return static_cast<std::int64_t>(window_max_); }

    [[nodiscard]] std::size_t place_of(double x) const {
        const auto at = std::ranges::lower_bound(points_, x);
        const auto below = static_cast<std::size_t>(at - points_.begin());
        return 2 * below + (at != points_.end() && *at == x ? 1 : 0);
    }

    void join(std::size_t node) noexcept {
        const Node &left = tree_[2 * node], &right = tree_[2 * node + 1];
        tree_[node] = {left.sum + right.sum, std::max(left.highest, left.sum + right.highest),
                       std::min(left.lowest, left.sum + right.lowest)};
    }

    void shift(double x, std::int64_t change) {
        std::size_t node = leaves_ + place_of(x);
        tree_[node].add(change);
        while ((node /= 2) > 0) join(node);
    }

    /// The smallest distance whose p is at most alpha, to one part in 2^40; p falls as the distance grows.
    [[nodiscard]] double smallest_distance(double alpha) const {
        constexpr double exact_work_max = 4e6;
        const auto n = static_cast<double>(n_), m = static_cast<double>(window_max_);
        const auto p_of = [&](double distance) {
            return n * m <= exact_work_max
                       ? stats::ks_exact_p(distance, static_cast<std::uint64_t>(n_), window_max_)
                       : stats::ks_asymptotic_p(distance, n, m);
        };
        double low = 0.0, high = 1.0;
        if (p_of(1.0) > alpha) return 2.0;  // Never.
        for (int halving = 0; halving < 40; ++halving) {
            const double middle = 0.5 * (low + high);
            (p_of(middle) <= alpha ? high : low) = middle;
        }
        return high;
    }

    std::size_t window_max_;
    std::int64_t n_;
    std::vector<double> points_;
    std::size_t leaves_ = 1;
    std::vector<Node> tree_, empty_;
    double limit_ = 2.0;
    std::deque<double> values_;
    bool drifted_ = false;
};

/// The newest values against a fixed reference, by the unbiased squared maximum mean discrepancy with a
/// Gaussian kernel. Sums of kernel values are kept, so that a value costs O(reference + window).
class StreamingMmd final : public Detector {
public:
    StreamingMmd(const Values& values, std::span<const double> reference, std::uint64_t seed)
        : window_max_(values.count("window")), reference_(reference.begin(), reference.end()) {
        const double sigma = values["sigma"] > 0.0 ? values["sigma"] : median_distance();
        scale_ = 1.0 / (2.0 * sigma * sigma);
        std::vector<double> rows(reference_.size(), 0.0);
        for (std::size_t i = 0; i < reference_.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) {
                const double k = kernel(reference_[i], reference_[j]);
                rows[i] += k;
                rows[j] += k;
            }
        for (const double row : rows) within_reference_ += row;
        limit_ = drawn_limit(rows, values["alpha"], values.count("draws"), seed);
    }

    Update update(double x) override {
        if (drifted_) {
            values_.clear();
            within_window_ = across_ = 0.0;
            drifted_ = false;
        }
        if (values_.size() == window_max_) {
            const double oldest = values_.front();
            values_.pop_front();
            for (const double y : values_) within_window_ -= 2.0 * kernel(oldest, y);
            across_ -= against_reference(oldest);
        }
        for (const double y : values_) within_window_ += 2.0 * kernel(x, y);
        across_ += against_reference(x);
        values_.push_back(x);
        if (values_.size() < window_max_) return {};
        const double found =
            discrepancy(within_reference_, within_window_, across_, static_cast<double>(reference_.size()));
        drifted_ = found > limit_;
        return {drifted_ ? State::drift : State::stable, found};
    }

private:
    [[nodiscard]] double kernel(double a, double b) const { return std::exp(-(a - b) * (a - b) * scale_); }

    [[nodiscard]] double against_reference(double x) const {
        double sum = 0.0;
        for (const double y : reference_) sum += kernel(x, y);
        return sum;
    }

    [[nodiscard]] double discrepancy(double within_reference, double within_window, double across,
                                     double n) const {
        const auto m = static_cast<double>(window_max_);
        return within_reference / (n * (n - 1.0)) + within_window / (m * (m - 1.0)) - 2.0 * across / (n * m);
    }

    /// Of the first thousand values, which is enough to set a scale; 1 where they are all equal.
    [[nodiscard]] double median_distance() const {
        const std::size_t size = std::min<std::size_t>(reference_.size(), 1000);
        std::vector<double> distances;
        for (std::size_t i = 0; i < size; ++i)
            for (std::size_t j = 0; j < i; ++j) distances.push_back(std::abs(reference_[i] - reference_[j]));
        const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
        std::ranges::nth_element(distances, middle);
        return *middle > 0.0 ? *middle : 1.0;
    }

    /// The 1 - alpha quantile of what windows drawn from the reference show against the rest of it.
    [[nodiscard]] double drawn_limit(const std::vector<double>& rows, double alpha, std::size_t draws,
                                     std::uint64_t seed) const {
        std::vector<double> found(draws);
        std::vector<std::size_t> order(reference_.size());
        for (std::size_t draw = 0; draw < draws; ++draw) {
            stats::Random random(seed, 0, draw);
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
            double window_rows = 0.0, within = 0.0;
            for (std::size_t i = 0; i < window_max_; ++i) {
                std::swap(order[i], order[i + random.below(order.size() - i)]);
                window_rows += rows[order[i]];
                for (std::size_t j = 0; j < i; ++j)
                    within += 2.0 * kernel(reference_[order[i]], reference_[order[j]]);
            }
            found[draw] =
                discrepancy(within_reference_ - 2.0 * window_rows + within, within, window_rows - within,
                            static_cast<double>(reference_.size() - window_max_));
        }
        std::ranges::sort(found);
        const auto rank = static_cast<std::size_t>(std::ceil((1.0 - alpha) * static_cast<double>(draws)));
        return found[std::clamp<std::size_t>(rank, 1, draws) - 1];
    }

    std::size_t window_max_;
    std::vector<double> reference_;
    double scale_ = 0.5;
    double within_reference_ = 0.0, within_window_ = 0.0, across_ = 0.0;
    double limit_ = 0.0;
    std::deque<double> values_;
    bool drifted_ = false;
};

}  // namespace

std::unique_ptr<Detector> make_incremental_ks(const Start& start) {
    return std::make_unique<IncrementalKs>(start.values, start.reference);
}
std::unique_ptr<Detector> make_streaming_mmd(const Start& start) {
    return std::make_unique<StreamingMmd>(start.values, start.reference, start.seed);
}

}  // namespace tristrata::online
