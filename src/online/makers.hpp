#pragma once

#include "tristrata/online/detector.hpp"

namespace tristrata::online {

/// A detector's parameters with every default filled in.
class Values {
public:
    explicit Values(const Settings& all) : all_(&all) {}
    [[nodiscard]] double operator[](std::string_view name) const { return all_->find(name)->second; }
    [[nodiscard]] std::size_t count(std::string_view name) const {
        return static_cast<std::size_t>((*this)[name]);
    }

private:
    const Settings* all_;
};

struct Start {
    Values values;
    std::span<const double> reference;
    std::uint64_t seed;
};

// One maker a row of the table; parameters are within their ranges.
[[nodiscard]] std::unique_ptr<Detector> make_adwin(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_cusum(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_cusum_running_mean(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_ddm(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_eddm(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_fading_sum(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_hddm_a(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_hddm_w(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_incremental_ks(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_jswin(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_kswin(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_mddm_a(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_mddm_e(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_mddm_g(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_page_hinkley(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_shewhart(const Start& start);
[[nodiscard]] std::unique_ptr<Detector> make_streaming_mmd(const Start& start);

}  // namespace tristrata::online
