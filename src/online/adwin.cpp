#include "makers.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace tristrata::online {
namespace {

/// Sum and sum of squared deviations of 2^row neighbouring values.
struct Bucket {
    double total = 0.0;
    double squares = 0.0;
};

/// What merging two groups adds to their squared deviations.
double between(double n, double m, double mean, double other) {
    const double difference = mean - other;
    return n * m * difference * difference / (n + m);
}

/// A window that shrinks from its old end until no cut of it shows two means: an exponential histogram, row i
/// holding up to `buckets` buckets of 2^i values, oldest last row.
class Adwin final : public Detector {
public:
    explicit Adwin(const Values& values)
        : delta_(values["delta"]),
          clock_(values.count("clock")),
          buckets_max_(values.count("buckets")),
          side_min_(values["side_min"]),
          grace_(values["grace"]) {}

    Update update(double x) override {
        if (drifted_) {
            rows_.assign(1, {});
            width_ = total_ = squares_ = 0.0;
            tick_ = 0;
        }
        insert(x);
        compress();
        ++tick_;
        drifted_ = tick_ % clock_ == 0 && width_ > grace_ && shrink();
        return {drifted_ ? State::drift : State::stable, total_ / width_};
    }

private:
    using Row = std::deque<Bucket>;  ///< Oldest first.

    void insert(double x) {
        width_ += 1.0;
        if (width_ > 1.0) {
            const double difference = x - total_ / (width_ - 1.0);
            squares_ += (width_ - 1.0) * difference * difference / width_;
        }
        total_ += x;
        rows_[0].push_back({x, 0.0});
    }

    void compress() {
        for (std::size_t i = 0; i < rows_.size() && rows_[i].size() == buckets_max_ + 1; ++i) {
            if (i + 1 == rows_.size()) rows_.emplace_back();
            const Bucket a = rows_[i][0], b = rows_[i][1];
            const double n = std::ldexp(1.0, static_cast<int>(i));
            rows_[i + 1].push_back(
                {a.total + b.total, a.squares + b.squares + between(n, n, a.total / n, b.total / n)});
            rows_[i].erase(rows_[i].begin(), rows_[i].begin() + 2);
        }
    }

    void drop_oldest() {
        const double n = std::ldexp(1.0, static_cast<int>(rows_.size() - 1));
        const Bucket oldest = rows_.back().front();
        width_ -= n;
        total_ -= oldest.total;
        squares_ -= oldest.squares + between(n, width_, oldest.total / n, total_ / width_);
        rows_.back().pop_front();
        if (rows_.back().empty()) rows_.pop_back();
    }

    [[nodiscard]] bool means_differ(double n, double m, double difference) const {
        const double spread = std::log(2.0 * std::log(width_) / delta_);
        const double reciprocal = 1.0 / (n - side_min_ + 1.0) + 1.0 / (m - side_min_ + 1.0);
        const double reach =
            std::sqrt(2.0 * reciprocal * (squares_ / width_) * spread) + 2.0 / 3.0 * spread * reciprocal;
        return std::abs(difference) > reach;
    }

    /// Whether some cut between two buckets, oldest first, shows two means.
    [[nodiscard]] bool some_cut_shows() const {
        double n = 0.0, m = width_, old_total = 0.0, new_total = total_;
        for (std::size_t i = rows_.size(); i-- > 0;) {
            const std::size_t cuts = rows_[i].size() - (i == 0 ? 1 : 0);  // Nothing lies behind the newest.
            for (std::size_t k = 0; k < cuts; ++k) {
                const double size = std::ldexp(1.0, static_cast<int>(i));
                n += size;
                m -= size;
                old_total += rows_[i][k].total;
                new_total -= rows_[i][k].total;
                if (n >= side_min_ && m >= side_min_ && means_differ(n, m, old_total / n - new_total / m))
                    return true;
            }
        }
        return false;
    }

    bool shrink() {
        bool changed = false;
        while (width_ > 0.0 && some_cut_shows()) {
            drop_oldest();
            changed = true;
        }
        return changed;
    }

    double delta_;
    std::size_t clock_, buckets_max_;
    double side_min_, grace_;
    std::vector<Row> rows_ = std::vector<Row>(1);
    double width_ = 0.0, total_ = 0.0, squares_ = 0.0;
    std::size_t tick_ = 0;
    bool drifted_ = false;
};

}  // namespace

std::unique_ptr<Detector> make_adwin(const Start& start) { return std::make_unique<Adwin>(start.values); }

}  // namespace tristrata::online
