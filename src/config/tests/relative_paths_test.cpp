#include "tristrata/config/relative_paths.hpp"

#include <gtest/gtest.h>

using namespace tristrata;

TEST(RelativePaths, are_from_the_folder_and_all_else_stays) {
    config::Settings settings;
    const auto set = [&](std::string_view key, std::string value, std::string file = {}) {
        settings.set(key, {core::Secret(std::move(value)), "test", std::move(file)});
    };
    set("spool", "spool");
    set("kpi_url", "sqlite:///kpi.db");
    set("drift_url", "sqlite:////var/drift.db");
    set("read_url", "postgresql://reader@db/observability", "secrets/read_url");
    set("archive", "file://archive");
    set("tags", "/etc/tags.toml");
    set("environment", "production");
    set("stores.other", "sqlite:///other.db");
    config::resolve_paths(settings, "/work here");
    const auto text = [&](std::string_view key) { return settings.find(key)->value.reveal(); };
    EXPECT_EQ(text("spool"), "/work here/spool");
    EXPECT_EQ(text("kpi_url"), "sqlite:////work here/kpi.db");
    EXPECT_EQ(text("drift_url"), "sqlite:////var/drift.db");
    EXPECT_EQ(text("read_url"), "postgresql://reader@db/observability");
    EXPECT_EQ(settings.find("read_url")->file, "/work here/secrets/read_url");
    EXPECT_EQ(text("archive"), "file:///work here/archive");
    EXPECT_EQ(text("tags"), "/etc/tags.toml");
    EXPECT_EQ(text("environment"), "production");
    EXPECT_EQ(text("stores.other"), "sqlite:////work here/other.db");
    EXPECT_EQ(settings.find("spool")->origin, "test");
}

TEST(RelativePaths, none_of_the_settings_that_name_a_file_or_a_folder_is_left_out) {
    std::size_t paths = 0;
    for (const config::SettingName& name : config::setting_names()) {
        const bool is_path = name.example.starts_with('/') || name.example.ends_with(".toml");
        config::Settings settings;
        settings.set(name.key, {core::Secret("x"), "test"});
        config::resolve_paths(settings, "/here");
        EXPECT_EQ(settings.find(name.key)->value.reveal(), is_path ? "/here/x" : "x") << name.key;
        paths += is_path ? 1 : 0;
    }
    EXPECT_EQ(paths, 10u);
}
