#include "method_grid.hpp"

#include <fmt/format.h>
#include <cmath>
#include <limits>
#include <utility>

namespace tristrata::benchmarks {
namespace {

using stats::Random;

using Labelling = std::function<std::string(Random&)>;

double normal(Random& random) { return random.normal(); }
Draw shifted(double mean, double sd = 1.0) {
    return [=](Random& random) { return mean + sd * random.normal(); };
}
Draw lognormal(double mean, double sd) {
    return [=](Random& random) { return std::exp(mean + sd * random.normal()); };
}
double digit(Random& random) { return static_cast<double>(random.below(10)); }
/// Numbers of which so large a share is one value.
Draw with_value(double share, double value, Draw rest) {
    return [=](Random& random) { return random.uniform() < share ? value : rest(random); };
}

Generator sized(std::string title, std::size_t n, std::size_t m) {
    Generator out;
    out.title = std::move(title);
    out.n = n;
    out.m = m;
    return out;
}

Generator numbers(std::string title, std::size_t n, std::size_t m, const Draw& reference,
                  const Draw& current) {
    Generator out = sized(std::move(title), n, m);
    out.make = [=](Random& random) {
        auto before = drawn(random, n, reference);
        return Pair{{{"x", std::move(before)}}, {{"x", drawn(random, m, current)}}};
    };
    return out;
}
Generator undrifted(std::string title, std::size_t n, std::size_t m, const Draw& draw) {
    return numbers(std::move(title), n, m, draw, draw);
}
Generator drifted(std::string title, std::size_t n, std::size_t m, const Draw& reference,
                  const Draw& current) {
    Generator out = numbers(std::move(title), n, m, reference, current);
    out.drifts = true;
    return out;
}
/// The first value of one side is wild.
Generator with_one_wild(Generator made, bool in_reference, double wild) {
    made.make = [make = made.make, in_reference, wild](Random& random) {
        Pair pair = make(random);
        std::get<Numbers>((in_reference ? pair.reference : pair.current).front().values).front() = wild;
        return pair;
    };
    return made;
}
/// A series of which current is the end; a time column orders it.
Generator series(std::string title, std::size_t n, std::size_t m,
                 const std::function<Numbers(Random&, std::size_t)>& draw, double shift) {
    Generator out = sized(std::move(title), n, m);
    out.in_order = true;
    out.drifts = shift != 0.0;
    out.make = [=](Random& random) {
        const Numbers all = draw(random, n + m);
        const auto middle = all.begin() + static_cast<std::ptrdiff_t>(n);
        Numbers current(middle, all.end());
        for (double& value : current) value += shift;
        return Pair{{{"time", quarter_hours(n, 0)}, {"x", Numbers(all.begin(), middle)}},
                    {{"time", quarter_hours(m, n)}, {"x", std::move(current)}}};
    };
    return out;
}

std::function<Numbers(Random&, std::size_t)> neighbours(double phi) {
    return [phi](Random& random, std::size_t count) { return autoregressive(random, count, phi); };
}

Generator categories(std::string title, std::size_t n, std::size_t m, const Labelling& reference,
                     const Labelling& current) {
    Generator out = sized(std::move(title), n, m);
    out.numeric = false;
    out.make = [=](Random& random) {
        Labels before(n), after(m);
        for (auto& label : before) label = reference(random);
        for (auto& label : after) label = current(random);
        return Pair{{{"x", std::move(before)}}, {{"x", std::move(after)}}};
    };
    return out;
}
Generator even_categories(std::uint64_t k, std::size_t n, std::size_t m) {
    const Labelling label = [k](Random& random) { return fmt::format("label{}", random.below(k)); };
    return categories(fmt::format("{} categories", k), n, m, label, label);
}
/// Labels a, b, c, ... of these shares.
Labelling of_shares(std::vector<double> shares) {
    return [shares = std::move(shares)](Random& random) {
        double left = random.uniform();
        char label = 'a';
        for (std::size_t i = 0; i + 1 < shares.size() && left >= shares[i]; ++i, ++label) left -= shares[i];
        return std::string(1, label);
    };
}
Generator changed_shares(std::string title, std::size_t n, std::size_t m, std::vector<double> reference,
                         std::vector<double> current) {
    Generator out =
        categories(std::move(title), n, m, of_shares(std::move(reference)), of_shares(std::move(current)));
    out.drifts = true;
    return out;
}

constexpr double wild = 1e6;
constexpr std::size_t many = 100'000;

void add_undrifted_numbers(std::vector<Generator>& all) {
    all.push_back(undrifted("normal", 20, 20, normal));
    all.push_back(undrifted("normal", 30, 30, normal));
    all.back().quick = true;
    for (const std::size_t n : {std::size_t{1000}, std::size_t{1001}, std::size_t{5000}, many})
        for (const std::size_t m : {30u, 100u, 300u, 1000u, 5000u}) {
            all.push_back(undrifted("normal", n, m, normal));
            all.back().quick = n == 1000 && m <= 100;
        }
    all.push_back(undrifted("normal", 50'000, 5000, normal));
    all.push_back(undrifted("integers 0 to 9", 1000, 100, digit));
    all.back().quick = true;
    all.push_back(undrifted("integers 0 to 9", 1000, 1000, digit));
    all.push_back(
        undrifted("half zeros, half lognormal", 1000, 100, with_value(0.5, 0.0, lognormal(0.0, 1.0))));
    all.back().quick = true;
    all.push_back(undrifted("lognormal, σ 2", 1000, 100, lognormal(0.0, 2.0)));
    all.back().quick = true;
    all.push_back(undrifted("normal, σ 1000", 1000, 1000, shifted(0.0, 1000.0)));
    all.push_back(
        with_one_wild(undrifted("normal, one 1e6 in the reference", 10'000, 10'000, normal), true, wild));
    all.push_back(
        with_one_wild(undrifted("normal, one 1e6 in current", 10'000, 10'000, normal), false, wild));
    all.push_back(undrifted("one value", 1000, 100, [](Random&) { return 1.0; }));
    for (const double phi : {0.5, 0.9}) {
        all.push_back(series(fmt::format("AR(1) φ {}, in time", phi), 1344, 96, neighbours(phi), 0.0));
        all.back().quick = true;
    }
}

void add_drifted_numbers(std::vector<Generator>& all) {
    const double missing = std::numeric_limits<double>::quiet_NaN();
    for (const double shift : {0.5, -0.5})
        all.push_back(drifted(fmt::format("normal, {:+} σ", shift), 1000, 100, normal, shifted(shift)));
    all.push_back(drifted("normal, -5 σ", 1000, 100, normal, shifted(-5.0)));
    all.push_back(drifted("normal, +0.3 σ", 1001, 300, normal, shifted(0.3)));
    all.push_back(drifted("normal, σ × 1.5", 1000, 100, normal, shifted(0.0, 1.5)));
    all.push_back(drifted("normal, σ × 10", 2000, 50, normal, shifted(0.0, 10.0)));
    all.push_back(drifted("normal, +0.02 σ", many, many, normal, shifted(0.02)));
    all.push_back(drifted("normal, +0.09 σ", many, many, normal, shifted(0.09)));
    all.push_back(drifted("normal, σ × 1.1", many, many, normal, shifted(0.0, 1.1)));
    all.push_back(drifted("normal, 5 % stuck at 0.5", many, many, normal, with_value(0.05, 0.5, normal)));
    for (const bool in_reference : {true, false})
        all.push_back(with_one_wild(
            drifted(fmt::format("normal, +2 σ, one 1e6 in {}", in_reference ? "the reference" : "current"),
                    10'000, 10'000, normal, shifted(2.0)),
            in_reference, wild));
    all.push_back(with_one_wild(
        drifted("normal, +1 σ, one 1e6 in the reference", 50'000, 5000, normal, shifted(1.0)), true, wild));
    all.push_back(
        drifted("lognormal, σ 2, +0.5 in the log", 20'000, 20'000, lognormal(0.0, 2.0), lognormal(0.5, 2.0)));
    all.push_back(drifted("normal, σ 1e-5, +3 σ", 1001, 1000, shifted(0.0, 1e-5), shifted(3e-5, 1e-5)));
    all.push_back(drifted("normal, σ 1e-3, +3 σ", 1000, 1000, shifted(0.0, 1e-3), shifted(3e-3, 1e-3)));
    const Draw positive = lognormal(0.0, 1.0);
    all.push_back(drifted("zeros .9 to .8, the rest lognormal", 1000, 100, with_value(0.9, 0.0, positive),
                          with_value(0.8, 0.0, positive)));
    all.push_back(drifted("normal, 60 % missing", 1000, 1000, normal, with_value(0.6, missing, normal)));
    all.push_back(series("AR(1) φ 0.9, in time, +1 σ", 1344, 96, neighbours(0.9), 1.0));
}

void add_undrifted_categories(std::vector<Generator>& all) {
    for (const std::uint64_t k : {3u, 5u, 10u, 30u, 100u})
        for (const auto& [n, m] :
             {std::pair<std::size_t, std::size_t>{500, 500}, {1000, 1000}, {1000, 200}, {1000, 5000}}) {
            all.push_back(even_categories(k, n, m));
            all.back().quick = m == 200;
        }
    for (const auto& [k, m] : {std::pair<std::uint64_t, std::size_t>{10, 100},
                               {30, 100},
                               {30, 300},
                               {30, 500},
                               {100, 1000},
                               {100, 2000}})
        all.push_back(even_categories(k, 2000, m));
    all.push_back(even_categories(900, 2000, 2000));
    const auto two = of_shares({0.5, 0.5});
    all.push_back(categories("2 categories", 500, 500, two, two));
    all.push_back(categories("2 categories", 1000, 200, two, two));
    const auto rare = of_shares({0.99, 0.01});
    all.push_back(categories("a label of share .01", 1000, 1000, rare, rare));
    const auto alone = of_shares({1.0});
    all.push_back(categories("one category", 1000, 1000, alone, alone));
}

void add_drifted_categories(std::vector<Generator>& all) {
    for (const auto& [before, after] :
         {std::pair{0.01, 0.02}, {0.001, 0.01}, {0.05, 0.1}, {0.5, 0.6}, {0.5, 0.64}})
        all.push_back(changed_shares(fmt::format("a share of {} becomes {}", before, after), many, many,
                                     {1.0 - before, before}, {1.0 - after, after}));
    all.push_back(changed_shares("a share of 0.01 becomes 0.02", 1000, 1000, {0.99, 0.01}, {0.98, 0.02}));
    all.push_back(changed_shares("a share of 0.5 becomes 0.6", 500, 500, {0.5, 0.5}, {0.4, 0.6}));
    all.push_back(
        changed_shares("shares .4 .3 .3 become .3 .3 .4", 1000, 200, {0.4, 0.3, 0.3}, {0.3, 0.3, 0.4}));
    all.push_back(
        changed_shares("shares .5 .25 .25 become .5 .5 0", 1000, 1000, {0.5, 0.25, 0.25}, {0.5, 0.5}));
    for (const std::size_t rows : {9000u, 10'000u})
        all.push_back(
            changed_shares("a new label of share .005", rows, rows, {0.5, 0.5}, {0.4975, 0.4975, 0.005}));
    Generator unseen = even_categories(3, 1000, 1000);
    unseen.title = "3 categories, and one row of a new one";
    unseen.drifts = true;
    unseen.make = [make = unseen.make](Random& random) {
        Pair pair = make(random);
        std::get<Labels>(pair.current.front().values).front() = "new";
        return pair;
    };
    all.push_back(std::move(unseen));
}

}  // namespace

std::vector<Generator> method_grid() {
    std::vector<Generator> all;
    add_undrifted_numbers(all);
    add_drifted_numbers(all);
    add_undrifted_categories(all);
    add_drifted_categories(all);
    // Last, so that the rows before it keep their streams.
    all.push_back(series("stochastic volatility, in time", 1344, 96, stochastic_volatility, 0.0));
    all.back().quick = true;
    return all;
}

}  // namespace tristrata::benchmarks
