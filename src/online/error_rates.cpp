#include "makers.hpp"
#include "running.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace tristrata::online {
namespace {

/// Error rate plus its standard deviation against the lowest such sum so far.
class Ddm final : public Detector {
public:
    explicit Ddm(const Values& values)
        : warm_up_(values.count("warm_up")), warn_(values["warn"]), drift_(values["drift"]) {}

    Update update(double error) override {
        if (drifted_) {
            rate_ = {};
            lowest_ = std::numeric_limits<double>::infinity();
            drifted_ = false;
        }
        rate_.update(error);
        const double p = rate_.mean;
        const double sd = std::sqrt(p * (1.0 - p) / static_cast<double>(rate_.n));
        if (rate_.n <= warm_up_) return {};
        if (p + sd <= lowest_) {
            lowest_p_ = p;
            lowest_sd_ = sd;
            lowest_ = p + sd;
        }
        drifted_ = p + sd > lowest_p_ + drift_ * lowest_sd_;
        if (drifted_) return {State::drift, p + sd};
        return {p + sd > lowest_p_ + warn_ * lowest_sd_ ? State::warning : State::stable, p + sd};
    }

private:
    std::size_t warm_up_;
    double warn_, drift_;
    RunningMoments rate_;
    double lowest_p_ = 0.0, lowest_sd_ = 0.0;
    double lowest_ = std::numeric_limits<double>::infinity();
    bool drifted_ = false;
};

/// Mean plus two standard deviations of the distance between errors against its highest value so far.
class Eddm final : public Detector {
public:
    explicit Eddm(const Values& values)
        : warm_up_(values.count("warm_up")), warn_(values["warn"]), drift_(values["drift"]) {}

    Update update(double error) override {
        if (state_ == State::drift) {
            distances_ = {};
            n_ = last_ = 0;
            highest_ = -1.0;
            state_ = State::stable;
            statistic_.reset();
        }
        ++n_;
        if (error != 1.0) return {state_, statistic_};
        distances_.update(static_cast<double>(n_ - last_));
        last_ = n_;
        if (n_ <= warm_up_) return {state_, statistic_};
        const double reach = distances_.mean + 2.0 * distances_.standard_deviation();
        if (reach > highest_) {
            highest_ = reach;
        } else if (distances_.n > warm_up_) {
            statistic_ = reach / highest_;
            state_ = *statistic_ < drift_  ? State::drift
                     : *statistic_ < warn_ ? State::warning
                                           : State::stable;
        }
        return {state_, statistic_};
    }

private:
    std::size_t warm_up_;
    double warn_, drift_;
    RunningMoments distances_;
    std::size_t n_ = 0, last_ = 0;
    double highest_ = -1.0;
    State state_ = State::stable;
    std::optional<double> statistic_;
};

/// A mean with what is needed to bound it: the cut point of HDDM_A.
struct Mean {
    std::uint64_t n = 0;
    double mean = 0.0;
    void update(double x) noexcept {
        ++n;
        mean += (x - mean) / static_cast<double>(n);
    }
};

class HddmA final : public Detector {
public:
    explicit HddmA(const Values& values)
        : drift_(values["drift_confidence"]),
          warn_(values["warn_confidence"]),
          direction_(direction_of(values["direction"])) {}

    Update update(double error) override {
        if (drifted_) {
            all_ = low_ = high_ = {};
            drifted_ = false;
        }
        all_.update(error);
        if (low_.n == 0 || low_.mean + bound(low_.n) >= all_.mean + bound(all_.n)) low_ = all_;
        if (high_.n == 0 || high_.mean - bound(high_.n) <= all_.mean - bound(all_.n)) high_ = all_;
        const double rise = all_.mean - low_.mean, fall = high_.mean - all_.mean;
        const auto changed = [&](double confidence) {
            return (direction_ != Direction::fall && low_.n != all_.n && rise >= reach(low_, confidence)) ||
                   (direction_ != Direction::rise && high_.n != all_.n && fall >= reach(high_, confidence));
        };
        drifted_ = changed(drift_);
        if (drifted_) return {State::drift, rise};
        return {changed(warn_) ? State::warning : State::stable, rise};
    }

private:
    [[nodiscard]] double bound(std::uint64_t n) const {
        return std::sqrt(std::log(1.0 / drift_) / (2.0 * static_cast<double>(n)));
    }
    [[nodiscard]] double reach(const Mean& cut, double confidence) const {
        const auto n = static_cast<double>(all_.n), m = static_cast<double>(cut.n);
        return std::sqrt((n - m) / m * (1.0 / n) / 2.0 * std::log(2.0 / confidence));
    }
    double drift_, warn_;
    Direction direction_;
    Mean all_, low_, high_;
    bool drifted_ = false;
};

/// An exponentially weighted mean and the sum of its squared weights, which McDiarmid's bound needs.
struct WeightedMean {
    double mean = 0.0;
    double squares = 1.0;
    bool begun = false;
    void update(double x, double weight) noexcept {
        mean = begun ? weight * x + (1.0 - weight) * mean : x;
        begun = true;
        squares = weight * weight + (1.0 - weight) * (1.0 - weight) * squares;
    }
};

class HddmW final : public Detector {
public:
    explicit HddmW(const Values& values)
        : drift_(values["drift_confidence"]),
          warn_(values["warn_confidence"]),
          weight_(values["weight"]),
          direction_(direction_of(values["direction"])) {}

    Update update(double error) override {
        if (drifted_) {
            all_ = {};
            rise_ = fall_ = {};
            lowest_ = std::numeric_limits<double>::infinity();
            highest_ = -std::numeric_limits<double>::infinity();
            drifted_ = false;
        }
        all_.update(error, weight_);
        const double reach = bound(all_.squares, drift_);
        follow(rise_, error, all_.mean + reach < lowest_, lowest_, all_.mean + reach);
        follow(fall_, error, all_.mean - reach > highest_, highest_, all_.mean - reach);
        const auto changed = [&](double confidence) {
            return (direction_ != Direction::fall && exceeds(rise_.after, rise_.before, confidence)) ||
                   (direction_ != Direction::rise && exceeds(fall_.before, fall_.after, confidence));
        };
        drifted_ = changed(drift_);
        if (drifted_) return {State::drift, all_.mean};
        return {changed(warn_) ? State::warning : State::stable, all_.mean};
    }

private:
    /// The mean up to a cut point, and of what came after it.
    struct Cut {
        WeightedMean before, after;
    };
    void follow(Cut& cut, double error, bool moves, double& point, double to) const {
        if (moves) {
            point = to;
            cut = {all_, {}};
        } else {
            cut.after.update(error, weight_);
        }
    }
    [[nodiscard]] static double bound(double squares, double confidence) {
        return std::sqrt(squares * std::log(1.0 / confidence) / 2.0);
    }
    [[nodiscard]] static bool exceeds(const WeightedMean& larger, const WeightedMean& smaller,
                                      double confidence) {
        return larger.begun && smaller.begun &&
               larger.mean - smaller.mean > bound(larger.squares + smaller.squares, confidence);
    }
    double drift_, warn_, weight_;
    Direction direction_;
    WeightedMean all_;
    Cut rise_, fall_;
    double lowest_ = std::numeric_limits<double>::infinity();
    double highest_ = -std::numeric_limits<double>::infinity();
    bool drifted_ = false;
};

/// The weighted share of right answers in a window against its highest value so far.
class Mddm final : public Detector {
public:
    Mddm(const Values& values, std::vector<double> weights) : weights_(std::move(weights)) {
        double squares = 0.0;
        for (const double weight : weights_) total_ += weight;
        for (const double weight : weights_) squares += weight / total_ * (weight / total_);
        drift_ = std::sqrt(0.5 * squares * std::log(1.0 / values["drift_confidence"]));
        warn_ = std::sqrt(0.5 * squares * std::log(1.0 / values["warn_confidence"]));
        window_.reserve(weights_.size());
    }

    Update update(double error) override {
        if (state_ == State::drift) {
            window_.clear();
            next_ = 0;
            highest_ = 0.0;
            state_ = State::stable;
        }
        const double right = error == 1.0 ? 0.0 : 1.0;
        if (window_.size() < weights_.size()) {
            window_.push_back(right);
        } else {
            window_[next_] = right;
            next_ = (next_ + 1) % window_.size();
        }
        if (window_.size() < weights_.size()) return {};
        double sum = 0.0;
        for (std::size_t i = 0; i < weights_.size(); ++i)
            sum += weights_[i] * window_[(next_ + i) % window_.size()];
        const double mean = sum / total_;
        highest_ = std::max(highest_, mean);
        if (highest_ - mean > drift_) state_ = State::drift;
        else if (highest_ - mean > warn_) state_ = State::warning;
        return {state_, highest_ - mean};
    }

private:
    std::vector<double> weights_;
    double total_ = 0.0, drift_ = 0.0, warn_ = 0.0, highest_ = 0.0;
    std::vector<double> window_;  ///< A ring; `next_` is its oldest value.
    std::size_t next_ = 0;
    State state_ = State::stable;
};

template <class Weight>
std::vector<double> weights(const Values& values, Weight weight) {
    std::vector<double> all(values.count("window"));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = weight(static_cast<double>(i));
    return all;
}

}  // namespace

std::unique_ptr<Detector> make_ddm(const Start& start) { return std::make_unique<Ddm>(start.values); }
std::unique_ptr<Detector> make_eddm(const Start& start) { return std::make_unique<Eddm>(start.values); }
std::unique_ptr<Detector> make_hddm_a(const Start& start) { return std::make_unique<HddmA>(start.values); }
std::unique_ptr<Detector> make_hddm_w(const Start& start) { return std::make_unique<HddmW>(start.values); }
std::unique_ptr<Detector> make_mddm_a(const Start& start) {
    const double step = start.values["difference"];
    return std::make_unique<Mddm>(start.values,
                                  weights(start.values, [=](double i) { return 1.0 + i * step; }));
}
std::unique_ptr<Detector> make_mddm_e(const Start& start) {
    const double rate = start.values["rate"];
    return std::make_unique<Mddm>(start.values,
                                  weights(start.values, [=](double i) { return std::exp(rate * i); }));
}
std::unique_ptr<Detector> make_mddm_g(const Start& start) {
    const double ratio = start.values["ratio"];
    return std::make_unique<Mddm>(start.values,
                                  weights(start.values, [=](double i) { return std::pow(ratio, i + 1.0); }));
}

}  // namespace tristrata::online
