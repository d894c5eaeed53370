#include "nannyml_methods.hpp"

#include "tristrata/stats/chi_square.hpp"
#include "tristrata/stats/distances.hpp"
#include "tristrata/stats/equal_width.hpp"
#include "tristrata/stats/sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <vector>

namespace tristrata::detection {
namespace {

constexpr std::size_t exact_below =
    10'000;  ///< Reference values; from so many on KS and Wasserstein are binned.
constexpr std::size_t estimate_bins = 10'000;

/// numpy's order of adding: eight running sums, halves of more than 128 values apart. What is missing to 1
/// decides whether a bin is added, so that the last digit counts.
double numpy_sum(std::span<const double> values) {
    if (values.size() > 128) {
        std::size_t half = values.size() / 2;
        half -= half % 8;
        return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
    }
    if (values.size() < 8) return std::accumulate(values.begin(), values.end(), 0.0);
    std::array<double, 8> sums{};
    std::copy_n(values.begin(), 8, sums.begin());
    std::size_t i = 8;
    for (; i + 8 <= values.size(); i += 8)
        for (std::size_t k = 0; k < 8; ++k) sums[k] += values[i + k];
    double sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    for (; i < values.size(); ++i) sum += values[i];
    return sum;
}

std::vector<double> shares_of(std::span<const std::uint64_t> counts, double total) {
    std::vector<double> shares;
    shares.reserve(counts.size() + 1);
    for (const auto count : counts) shares.push_back(static_cast<double>(count) / total);
    return shares;
}

/// What of the chunk lies in no bin of the reference is a bin of its own.
void add_leftover(std::vector<double>& reference, std::vector<double>& chunk) {
    const double leftover = 1.0 - numpy_sum(chunk);
    if (!(leftover > 0.0)) return;
    chunk.push_back(leftover);
    reference.push_back(0.0);
}

double jensen_shannon(const std::vector<double>& p, const std::vector<double>& q) {
    const double p_sum = numpy_sum(p), q_sum = numpy_sum(q);
    double sum = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double a = p[i] / p_sum, b = q[i] / q_sum, middle = (a + b) / 2.0;
        if (a > 0.0) sum += a * std::log(a / middle);
        if (b > 0.0) sum += b * std::log(b / middle);
    }
    return std::sqrt(std::max(0.0, sum / std::log(2.0)) / 2.0);
}

double hellinger(const std::vector<double>& p, const std::vector<double>& q) {
    double sum = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double gap = std::sqrt(p[i]) - std::sqrt(q[i]);
        sum += gap * gap;
    }
    return std::sqrt(sum) / std::sqrt(2.0);
}

using Distance = double (*)(const std::vector<double>&, const std::vector<double>&);

/// Doane's bins of the reference.
class BinnedDistance final : public NumberMethod {
public:
    BinnedDistance(std::span<const double> reference, Distance distance)
        : distance_(distance), edges_(stats::doane_edges(reference)) {
        shares_ = shares_of(stats::counts_between(edges_, reference), static_cast<double>(reference.size()));
    }
    [[nodiscard]] double measure(ChunkValues& chunk) const override {
        std::vector<double> reference = shares_;
        const auto values = chunk.values();
        auto shares =
            shares_of(stats::counts_in_even_bins(edges_, values), static_cast<double>(values.size()));
        add_leftover(reference, shares);
        return distance_(reference, shares);
    }

private:
    Distance distance_;
    std::vector<double> edges_;
    std::vector<double> shares_;
};

/// The values' CDF at the upper edges, of counts; those below the first edge are counted in no bin.
std::vector<double> cumulated_shares(std::span<const std::uint64_t> counts, std::size_t values) {
    std::vector<double> cumulated(counts.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        sum += static_cast<double>(counts[i]) / static_cast<double>(values);
        cumulated[i] = sum;
    }
    return cumulated;
}

/// Calls body(x, next, F, G) for each step of two ascending samples' CDFs.
template <class Body>
void for_each_step(std::span<const double> a, std::span<const double> b, Body body) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
        const auto next = [&] { return j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j]; };
        const double x = next();
        while (i < a.size() && a[i] == x) ++i;
        while (j < b.size() && b[j] == x) ++j;
        const bool last = i == a.size() && j == b.size();
        body(x, last ? x : next(), static_cast<double>(i) / n, static_cast<double>(j) / m);
    }
}

class ExactKs final : public NumberMethod {
public:
    explicit ExactKs(std::span<const double> reference) : reference_(reference) {}
    [[nodiscard]] double measure(ChunkValues& chunk) const override {
        double distance = 0.0;
        for_each_step(reference_, chunk.sorted(), [&](double, double, double f, double g) {
            distance = std::max(distance, std::abs(f - g));
        });
        return distance;
    }

private:
    std::span<const double> reference_;
};

class EstimatedKs final : public NumberMethod {
public:
    explicit EstimatedKs(NumberReference& reference) : cdf_(reference.estimated()) {}
    [[nodiscard]] double measure(ChunkValues& chunk) const override {
        const auto& binned = chunk.binned(cdf_->edges);
        const double below =
            static_cast<double>(binned.below.size()) / static_cast<double>(chunk.values().size());
        // Four largest side by side: a comparison need not wait for the one before it.
        std::array<double, 4> largest{};
        for (std::size_t i = 0; i < binned.cumulated.size(); ++i) {
            double& lane = largest[i % largest.size()];
            lane = std::max(lane, std::abs(cdf_->shares[i] - (below + binned.cumulated[i])));
        }
        return std::ranges::max(largest);
    }

private:
    std::shared_ptr<const NumberReference::Cdf> cdf_;
};

class ExactWasserstein final : public NumberMethod {
public:
    explicit ExactWasserstein(std::span<const double> reference) : reference_(reference) {}
    [[nodiscard]] double measure(ChunkValues& chunk) const override {
        double area = 0.0;
        for_each_step(reference_, chunk.sorted(), [&](double x, double next, double f, double g) {
            if (next != x) area += std::abs(f - g) * (next - x);
        });
        return area;
    }

private:
    std::span<const double> reference_;
};

/// Beyond the reference's ends the chunk's own steps count, with one value too many: the end itself.
class EstimatedWasserstein final : public NumberMethod {
public:
    explicit EstimatedWasserstein(NumberReference& reference) : cdf_(reference.estimated()) {}
    [[nodiscard]] double measure(ChunkValues& chunk) const override {
        const auto& edges = cdf_->edges;
        const auto rows = static_cast<double>(chunk.values().size());
        const auto& [g, below, above] = chunk.binned(edges);
        double area = 0.0, below_share = 0.0;
        if (!below.empty()) {
            below_share = static_cast<double>(below.size() + 1) / rows;
            double tail = 0.0;
            for (std::size_t i = 0; i < below.size(); ++i)
                tail += static_cast<double>(i + 1) / static_cast<double>(below.size() + 1) *
                        ((i + 1 < below.size() ? below[i + 1] : edges.front()) - below[i]);
            area += tail * below_share;
        }
        if (!above.empty()) {
            double tail = 0.0;
            for (std::size_t i = 0; i < above.size(); ++i)
                tail += (1.0 - static_cast<double>(i + 1) / static_cast<double>(above.size() + 1)) *
                        (above[i] - (i > 0 ? above[i - 1] : edges.back()));
            area += tail * (static_cast<double>(above.size() + 1) / rows);
        }
        const double width = edges[1] - edges[0];
        for (std::size_t i = 0; i < g.size(); ++i)
            area += std::abs(cdf_->shares[i] - (g[i] + below_share)) * width;
        return area;
    }

private:
    std::shared_ptr<const NumberReference::Cdf> cdf_;
};

/// Over the reference's labels; what the chunk has of others is the leftover.
class LabelDistance final : public LabelMethod {
public:
    LabelDistance(std::span<const std::uint64_t> reference, Distance distance)
        : reference_(reference), distance_(distance) {}
    [[nodiscard]] double measure(std::span<const std::uint64_t> chunk) const override {
        const auto total = [](std::span<const std::uint64_t> counts) {
            return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
        };
        std::vector<std::uint64_t> known_reference, known_chunk;
        for (std::size_t i = 0; i < reference_.size(); ++i) {
            if (reference_[i] == 0) continue;
            known_reference.push_back(reference_[i]);
            known_chunk.push_back(chunk[i]);
        }
        auto p = shares_of(known_reference, total(reference_)), q = shares_of(known_chunk, total(chunk));
        add_leftover(p, q);
        return distance_(p, q);
    }

private:
    std::span<const std::uint64_t> reference_;
    Distance distance_;
};

/// One label alone: statistic 0, p 1.
class ChiSquare final : public LabelMethod {
public:
    explicit ChiSquare(std::span<const std::uint64_t> reference) : reference_(reference) {}
    [[nodiscard]] double measure(std::span<const std::uint64_t> chunk) const override {
        return test(chunk).statistic;
    }
    [[nodiscard]] std::optional<double> p(std::span<const std::uint64_t> chunk) const override {
        return test(chunk).p;
    }

private:
    [[nodiscard]] stats::TestResult test(std::span<const std::uint64_t> chunk) const {
        const auto outcome = stats::yates_chi_square_test(reference_, chunk);
        const auto* result = std::get_if<stats::TestResult>(&outcome);
        return result != nullptr ? *result : stats::TestResult{};
    }
    std::span<const std::uint64_t> reference_;
};

class LInfinity final : public LabelMethod {
public:
    explicit LInfinity(std::span<const std::uint64_t> reference) : reference_(reference) {}
    [[nodiscard]] double measure(std::span<const std::uint64_t> chunk) const override {
        return stats::value_of(stats::l_infinity(reference_, chunk)).value_or(0.0);
    }

private:
    std::span<const std::uint64_t> reference_;
};

}  // namespace

std::span<const double> ChunkValues::sorted() {
    if (sorted_.size() != values_.size()) {
        sorted_.assign(values_.begin(), values_.end());
        std::vector<double> scratch;
        stats::sort_values(sorted_, scratch);
    }
    return sorted_;
}

const ChunkValues::Binned& ChunkValues::binned(std::span<const double> edges) {
    if (binned_.cumulated.size() + 1 == edges.size() && low_ == edges.front() && high_ == edges.back())
        return binned_;
    low_ = edges.front();
    high_ = edges.back();
    const auto counts = stats::counts_in_even_bins(edges, values_);
    binned_.cumulated = cumulated_shares(counts, values_.size());
    binned_.below.clear();
    binned_.above.clear();
    if (std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) == values_.size()) return binned_;
    std::ranges::copy_if(values_, std::back_inserter(binned_.below), [this](double x) { return x < low_; });
    std::ranges::copy_if(values_, std::back_inserter(binned_.above), [this](double x) { return x > high_; });
    std::ranges::sort(binned_.below);
    std::ranges::sort(binned_.above);
    return binned_;
}

std::shared_ptr<const NumberReference::Cdf> NumberReference::estimated() {
    if (!estimated_) {
        const double half = sorted_.front() == sorted_.back() ? 0.5 : 0.0;
        Cdf cdf;
        cdf.edges = stats::even_edges(sorted_.front() - half, sorted_.back() + half, estimate_bins);
        cdf.shares = cumulated_shares(stats::counts_in_even_bins(cdf.edges, sorted_), sorted_.size());
        estimated_ = std::make_shared<const Cdf>(std::move(cdf));
    }
    return estimated_;
}

std::unique_ptr<NumberMethod> fit_number_method(std::string_view name, NumberReference& reference) {
    const auto sorted = reference.sorted();
    const bool estimated = sorted.size() >= exact_below;
    if (name == "kolmogorov_smirnov") {
        if (estimated) return std::make_unique<EstimatedKs>(reference);
        return std::make_unique<ExactKs>(sorted);
    }
    if (name == "wasserstein") {
        if (estimated) return std::make_unique<EstimatedWasserstein>(reference);
        return std::make_unique<ExactWasserstein>(sorted);
    }
    return std::make_unique<BinnedDistance>(sorted, name == "hellinger" ? hellinger : jensen_shannon);
}

std::unique_ptr<LabelMethod> fit_label_method(std::string_view name,
                                              std::span<const std::uint64_t> reference) {
    if (name == "chi2") return std::make_unique<ChiSquare>(reference);
    if (name == "l_infinity") return std::make_unique<LInfinity>(reference);
    return std::make_unique<LabelDistance>(reference, name == "hellinger" ? hellinger : jensen_shannon);
}

}  // namespace tristrata::detection
