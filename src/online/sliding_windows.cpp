#include "cpython_random.hpp"
#include "makers.hpp"
#include "tristrata/stats/ks.hpp"
#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace tristrata::online {
namespace {

/// The newest values against as many drawn from the older ones, by KS.
class Kswin final : public Detector {
public:
    Kswin(const Values& values, std::uint64_t seed)
        : window_max_(values.count("window")),
          recent_(values.count("recent")),
          distance_min_(values["distance_min"]),
          seed_(seed),
          random_(seed) {
        // p falls as the distance grows: the smallest distance, in steps of 1 / recent, whose p is small
        // enough.
        const double alpha = values["alpha"];
        const auto n = static_cast<double>(recent_);
        std::size_t steps = 0;
        while (steps <= recent_ &&
               stats::ks_exact_p(static_cast<double>(steps) / n, recent_, recent_) > alpha)
            ++steps;
        steps_needed_ = steps;
    }

    Update update(double x) override {
        if (drifted_) {
            window_.clear();
            random_ = CpythonRandom(seed_);
            drifted_ = false;
        }
        window_.push_back(x);
        if (window_.size() > window_max_) window_.pop_front();
        if (window_.size() < window_max_) return {};
        const std::size_t older = window_max_ - recent_;
        std::vector<double> drawn;
        drawn.reserve(recent_);
        for (const auto at : random_.sample(older, recent_)) drawn.push_back(window_[at]);
        const std::vector<double> recent(window_.end() - static_cast<std::ptrdiff_t>(recent_), window_.end());
        const auto distance = stats::value_of(
            stats::ks_distance(stats::SortedSample(std::move(drawn)), stats::SortedSample(recent)));
        const double steps = std::round(*distance * static_cast<double>(recent_));
        drifted_ = steps >= static_cast<double>(steps_needed_) && *distance > distance_min_;
        return {drifted_ ? State::drift : State::stable, distance};
    }

private:
    std::size_t window_max_, recent_;
    double distance_min_;
    std::uint64_t seed_;
    std::size_t steps_needed_ = 0;
    CpythonRandom random_;
    std::deque<double> window_;
    bool drifted_ = false;
};

/// The window's older half against its newer one, by the peer's own divergence: both are compared with the
/// pairwise means of the two, over some of the distinct values as edges.
class Jswin final : public Detector {
public:
    explicit Jswin(const Values& values)
        : window_max_(2 * values.count("half")), bins_(values.count("bins")), limit_(values["limit"]) {}

    Update update(double x) override {
        window_.push_back(x);
        if (window_.size() > window_max_) window_.pop_front();
        if (window_.size() < window_max_) return {};
        const auto middle = window_.begin() + static_cast<std::ptrdiff_t>(window_max_ / 2);
        const std::vector<double> older(window_.begin(), middle), newer(middle, window_.end());
        std::vector<double> means(older.size());
        std::ranges::transform(older, newer, means.begin(), [](double a, double b) { return (a + b) / 2.0; });
        const auto a = divergence(older, means), b = divergence(newer, means);
        if (!a || !b) return {};
        const double found = 0.5 * (*a + *b);
        if (found <= limit_) return {State::stable, found};
        window_.erase(window_.begin(), middle);
        return {State::drift, found};
    }

private:
    /// Shares of density over the bins, the last one closed; nothing where no value falls into any.
    [[nodiscard]] static std::optional<std::vector<double>> densities(const std::vector<double>& values,
                                                                      const std::vector<double>& edges) {
        std::vector<double> shares(edges.size() - 1, 0.0);
        for (const double x : values) {
            if (x < edges.front() || x > edges.back()) continue;
            const auto above = std::ranges::upper_bound(edges, x) - edges.begin();
            const auto bin = std::min(static_cast<std::size_t>(above), edges.size() - 1) - 1;
            shares[bin] += 1.0 / (edges[bin + 1] - edges[bin]);
        }
        double total = 0.0;
        for (const double share : shares) total += share;
        if (total == 0.0) return std::nullopt;
        for (double& share : shares) share /= total;
        return shares;
    }

    [[nodiscard]] std::optional<double> divergence(const std::vector<double>& p,
                                                   const std::vector<double>& q) const {
        std::vector<double> points(p);
        points.insert(points.end(), q.begin(), q.end());
        std::ranges::sort(points);
        points.erase(std::unique(points.begin(), points.end()), points.end());
        std::vector<double> edges;
        const std::size_t step = std::max<std::size_t>(1, points.size() / bins_);
        for (std::size_t i = 0; i < points.size(); i += step) edges.push_back(points[i]);
        if (edges.size() < 2) return 0.0;
        const auto a = densities(p, edges), b = densities(q, edges);
        if (!a || !b) return std::nullopt;
        constexpr double against_zero = 1e-8;
        double sum = 0.0;
        for (std::size_t i = 0; i < a->size(); ++i)
            if ((*a)[i] != 0.0 && (*b)[i] != 0.0)
                sum += (*a)[i] * std::log((*a)[i] / ((*b)[i] + against_zero)) - (*a)[i] + (*b)[i];
        return sum;
    }

    std::size_t window_max_, bins_;
    double limit_;
    std::deque<double> window_;
};

}  // namespace

std::unique_ptr<Detector> make_kswin(const Start& start) {
    return std::make_unique<Kswin>(start.values, start.seed);
}
std::unique_ptr<Detector> make_jswin(const Start& start) { return std::make_unique<Jswin>(start.values); }

}  // namespace tristrata::online
