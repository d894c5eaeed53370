#include "makers.hpp"
#include "running.hpp"

#include <algorithm>
#include <limits>

namespace tristrata::online {
namespace {

/// Rise and fall of two fading sums of x - mean, each with a slack of delta, over their own extremes.
class PageHinkley final : public Detector {
public:
    explicit PageHinkley(const Values& values)
        : warm_up_(values.count("warm_up")),
          slack_(values["slack"]),
          threshold_(values["threshold"]),
          fading_(values["fading"]),
          direction_(direction_of(values["direction"])) {}

    Update update(double x) override {
        if (drifted_) {
            sums_ = {};
            drifted_ = false;
        }
        sums_.moments.update(x);
        const double deviation = x - sums_.moments.mean;
        sums_.rise = fading_ * sums_.rise + deviation - slack_;
        sums_.fall = fading_ * sums_.fall + deviation + slack_;
        sums_.lowest = std::min(sums_.lowest, sums_.rise);
        sums_.highest = std::max(sums_.highest, sums_.fall);
        if (sums_.moments.n < warm_up_) return {};
        const double up = sums_.rise - sums_.lowest, down = sums_.highest - sums_.fall;
        drifted_ = beyond(direction_, up, down, threshold_);
        return {drifted_ ? State::drift : State::stable, std::max(up, down)};
    }

private:
    struct Sums {
        RunningMoments moments;
        double rise = 0.0, fall = 0.0;
        double lowest = std::numeric_limits<double>::infinity();
        double highest = -1.0;  // As published: the falling sum is measured from -1 at least.
    };
    std::size_t warm_up_;
    double slack_, threshold_, fading_;
    Direction direction_;
    Sums sums_;
    bool drifted_ = false;
};

/// Tabular CUSUM around a mean and a standard deviation that are frozen after the warm-up.
class Cusum final : public Detector {
public:
    explicit Cusum(const Values& values)
        : warm_up_(values.count("warm_up")),
          slack_(values["slack"]),
          threshold_(values["threshold"]),
          direction_(direction_of(values["direction"])) {}

    Update update(double x) override {
        if (drifted_) {
            moments_ = {};
            rise_ = fall_ = 0.0;
            drifted_ = false;
        }
        if (moments_.n < warm_up_) moments_.update(x);
        if (moments_.n < warm_up_) return {};
        const double sd = moments_.standard_deviation();
        const double deviation = x - moments_.mean;
        rise_ = std::max(0.0, rise_ + deviation - slack_ * sd);
        fall_ = std::max(0.0, fall_ - deviation - slack_ * sd);
        drifted_ = beyond(direction_, rise_, fall_, threshold_ * sd);
        return {drifted_ ? State::drift : State::stable, std::max(rise_, fall_)};
    }

private:
    std::size_t warm_up_;
    double slack_, threshold_;
    Direction direction_;
    RunningMoments moments_;
    double rise_ = 0.0, fall_ = 0.0;
    bool drifted_ = false;
};

/// One value beyond so many standard deviations of the warm-up is enough.
class Shewhart final : public Detector {
public:
    explicit Shewhart(const Values& values)
        : warm_up_(values.count("warm_up")),
          width_(values["width"]),
          direction_(direction_of(values["direction"])) {}

    Update update(double x) override {
        if (drifted_) {
            moments_ = {};
            drifted_ = false;
        }
        if (moments_.n < warm_up_) moments_.update(x);
        if (moments_.n < warm_up_) return {};
        const double deviation = x - moments_.mean;
        drifted_ = beyond(direction_, deviation, -deviation, width_ * moments_.standard_deviation());
        return {drifted_ ? State::drift : State::stable, deviation};
    }

private:
    std::size_t warm_up_;
    double width_;
    Direction direction_;
    RunningMoments moments_;
    bool drifted_ = false;
};

/// A sum of x - running mean - slack against a threshold: `fading` 1 and never below zero is frouros's
/// CUSUM; with fading and without the floor it is what frouros calls Page-Hinkley.
class RunningSum final : public Detector {
public:
    RunningSum(const Values& values, double fading, double floor)
        : warm_up_(values.count("warm_up")),
          slack_(values["slack"]),
          threshold_(values["threshold"]),
          fading_(fading),
          floor_(floor) {}

    Update update(double x) override {
        if (drifted_) {
            moments_ = {};
            sum_ = 0.0;
            drifted_ = false;
        }
        moments_.update(x);
        sum_ = std::max(floor_, fading_ * sum_ + (x - moments_.mean - slack_));
        if (moments_.n < warm_up_) return {State::stable, sum_};
        drifted_ = sum_ > threshold_;
        return {drifted_ ? State::drift : State::stable, sum_};
    }

private:
    std::size_t warm_up_;
    double slack_, threshold_, fading_, floor_;
    RunningMoments moments_;
    double sum_ = 0.0;
    bool drifted_ = false;
};

}  // namespace

std::unique_ptr<Detector> make_page_hinkley(const Start& start) {
    return std::make_unique<PageHinkley>(start.values);
}
std::unique_ptr<Detector> make_cusum(const Start& start) { return std::make_unique<Cusum>(start.values); }
std::unique_ptr<Detector> make_shewhart(const Start& start) {
    return std::make_unique<Shewhart>(start.values);
}
std::unique_ptr<Detector> make_cusum_running_mean(const Start& start) {
    return std::make_unique<RunningSum>(start.values, 1.0, 0.0);
}
std::unique_ptr<Detector> make_fading_sum(const Start& start) {
    return std::make_unique<RunningSum>(start.values, start.values["fading"],
                                        -std::numeric_limits<double>::infinity());
}

}  // namespace tristrata::online
