#include "known_settings.hpp"

namespace tristrata::config {

const std::vector<KnownSetting>& known_settings() {
    static const std::vector<KnownSetting> all{
        {{"kpi_url", "TRISTRATA_KPI_URL", true, "sqlite:///kpi.db"}},
        {{"drift_url", "TRISTRATA_DRIFT_URL", true, "sqlite:///drift.db"}},
        {{"read_url", "TRISTRATA_READ_URL", true, "sqlite:///kpi.db"}},
        {{"analyzer_url", "TRISTRATA_ANALYZER_URL", true, "postgresql://analyzer@db.internal/observability"}},
        {{"admin_url", "TRISTRATA_ADMIN_URL", true, "postgresql://admin@db.internal/observability"}},
        {{"kill_switch_url", "TRISTRATA_KILL_SWITCH_URL", true,
          "postgresql://trader@db.internal/observability"}},
        {{"kill_switch_engage", "TRISTRATA_KILL_SWITCH_ENGAGE", false, "global"}},
        {{"response_url", "TRISTRATA_RESPONSE_URL", true, "sqlite:///response.db"}},
        {{"spool", "TRISTRATA_SPOOL", false, "/var/lib/tristrata/spool"}, true},
        {{"spool_level", "TRISTRATA_SPOOL_LEVEL", false, "group"}},
        {{"spool_max_age", "TRISTRATA_SPOOL_MAX_AGE", false, "14d"}},
        {{"alertmanager_url", "TRISTRATA_ALERTMANAGER_URL", true, "http://alertmanager-0.internal:9093"}},
        {{"webhook_url", "TRISTRATA_WEBHOOK_URL", true, "https://chat.internal/hooks/drift"}},
        {{"digest_url", "TRISTRATA_DIGEST_URL", true, "https://chat.internal/hooks/digest"}},
        {{"webhook_secret", "TRISTRATA_WEBHOOK_SECRET", true, "the key that signs what is sent there"}},
        {{"intake_listen", "TRISTRATA_INTAKE_LISTEN", false, "127.0.0.1:9872"}},
        {{"intake_token", "TRISTRATA_INTAKE_TOKEN", true, "what who sends webhooks here has to show"}},
        {{"intake_certificate", "TRISTRATA_INTAKE_CERTIFICATE", false, "/etc/tristrata/intake.pem"}, true},
        {{"intake_key", "TRISTRATA_INTAKE_KEY", false, "/etc/tristrata/intake.key"}, true},
        {{"intake_client_authority", "TRISTRATA_INTAKE_CLIENT_AUTHORITY", false,
          "/etc/tristrata/clients.pem"},
         true},
        {{"analyzers", "TRISTRATA_ANALYZERS", false, "analyzers.toml"}, true},
        {{"checks", "TRISTRATA_CHECKS", false, "checks.toml"}, true},
        {{"archive", "TRISTRATA_ARCHIVE", false, "file:///var/lib/tristrata/archive"}},
        {{"tags", "TRISTRATA_TAGS", false, "tags.toml"}, true},
        {{"events", "TRISTRATA_EVENTS", false, "events.toml"}, true},
        {{"owners", "TRISTRATA_OWNERS", false, "owners.toml"}, true},
        {{"sensitive", "TRISTRATA_SENSITIVE", false, "sensitive.toml"}, true},
        {{"environment", "TRISTRATA_ENVIRONMENT", false, "production"}},
    };
    return all;
}

}  // namespace tristrata::config
