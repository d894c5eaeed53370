#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/report/display.hpp"
#include "tristrata/store/probe.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::cli {
namespace {

constexpr std::array purposes{std::pair{"kpi_url", store::Purpose::kpi_writer},
                              std::pair{"drift_url", store::Purpose::drift_writer},
                              std::pair{"read_url", store::Purpose::reader},
                              std::pair{"analyzer_url", store::Purpose::reader},
                              std::pair{"response_url", store::Purpose::responder},
                              std::pair{"kill_switch_url", store::Purpose::kill_switch},
                              std::pair{"admin_url", store::Purpose::administrator}};

core::Result<std::vector<store::ServerProbe>> probe_all(const config::Settings& settings) {
    std::vector<store::ServerProbe> probes;
    for (const auto& [key, purpose] : purposes) {
        const config::Setting* setting = settings.find(key);
        if (setting == nullptr) continue;
        auto url = config::parse_store_url(*setting);
        if (!url) return propagate(url);
        if (url->backend != config::Backend::postgresql) {
            fmt::print(stderr, "note: {} is not probed: it names no PostgreSQL\n", setting->origin);
            continue;
        }
        auto probe = store::probe_postgres(config::source_of(*setting), purpose);
        if (!probe) return propagate(probe);
        probes.push_back(std::move(*probe));
    }
    if (probes.empty())
        return core::fail(
            core::ErrorKind::configuration,
            "no setting names PostgreSQL; set TRISTRATA_KPI_URL, TRISTRATA_DRIFT_URL, TRISTRATA_READ_URL, "
            "TRISTRATA_ANALYZER_URL, TRISTRATA_RESPONSE_URL, TRISTRATA_KILL_SWITCH_URL or "
            "TRISTRATA_ADMIN_URL to "
            "postgresql://USER:PASSWORD@HOST/DATABASE");
    return probes;
}

std::string table_of(const std::vector<store::ServerProbe>& probes) {
    std::vector<std::vector<std::string>> rows;
    std::string words;
    for (const auto& probe : probes) {
        rows.push_back({probe.setting, probe.where, probe.user,
                        fmt::format("{} {}", store::name(probe.kind), probe.version),
                        probe.tls.empty() ? "none" : fmt::format("{}, {}", probe.tls, probe.sslmode),
                        probe.pooler ? "yes" : "no"});
        for (const auto& [what, list] :
             {std::pair{"misses", &probe.missing}, std::pair{"has too much:", &probe.excess},
              std::pair{"note:", &probe.remarks}})
            for (const auto& word : *list) words += fmt::format("{} {} {}\n", probe.setting, what, word);
        if (!probe.may.empty()) words += fmt::format("{} {}\n", probe.setting, probe.may);
    }
    return report::aligned({"setting", "where", "user", "server", "TLS", "pooler"}, rows) + words;
}

core::Result<int> run(const StoreOptions& options) {
    auto settings = read_settings(options.settings);
    if (!settings) return propagate(settings);
    auto probes = probe_all(*settings);
    if (!probes) return propagate(probes);
    const bool is_complete =
        std::ranges::all_of(*probes, [](const store::ServerProbe& probe) { return probe.missing.empty(); });
    std::string text;
    if (options.output.format == "json") {
        text = "{\"probes\":[";
        for (std::size_t i = 0; i < probes->size(); ++i)
            text += fmt::format("{}{}", i == 0 ? "" : ",", store::to_json((*probes)[i]));
        text += "]}\n";
    } else {
        text = table_of(*probes);
    }
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    const config::Setting* admin = settings->find("admin_url");
    if (admin == nullptr) {
        fmt::print(stderr, "note: not recorded in the stores: TRISTRATA_ADMIN_URL, which may, is not set\n");
    } else {
        auto recorded = store::record_probes(config::source_of(*admin), *probes);
        if (!recorded) return propagate(recorded);
    }
    return is_complete ? 0 : 1;
}

}  // namespace

int store_probe(const StoreOptions& options) { return code_of(run(options)); }

}  // namespace tristrata::cli
