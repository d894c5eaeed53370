#pragma once

#include "events.hpp"
#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/database/sqlite.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/store/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::incident {

inline core::SecretSource source_of(const std::string& url) {
    return {"TRISTRATA_TEST_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }};
}

/// Keeps what it is given; may refuse.
class Receiver final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        if (refuses) return core::fail(core::ErrorKind::storage, "the spool is full");
        for (const auto& record : records) alerts.push_back(notification::decode(record).value());
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0, 0};
    }
    core::Status flush() override { return {}; }
    bool refuses = false;
    std::vector<notification::Alert> alerts;
};

/// A backend as the suite sees it.
class Backend {
public:
    virtual ~Backend() = default;
    virtual core::Result<IncidentStore> open() = 0;
    virtual std::unique_ptr<store::Store> drift() = 0;
    /// As who owns the tables.
    virtual core::Status run(const std::string& sql) = 0;
    /// Of the schema drift.
    virtual core::Status run_drift(const std::string& sql) { return run(sql); }
};

class SqliteBackend final : public Backend {
public:
    SqliteBackend() {
        static int made = 0;
        folder_ =
            std::filesystem::temp_directory_path() / fmt::format("incident_store_{}_{}", ::getpid(), made++);
        std::filesystem::create_directories(folder_);
        EXPECT_TRUE(store::init_sqlite(path("drift.db"), store::Layer::drift, core::system_clock()));
        EXPECT_TRUE(init_sqlite(path("response.db"), core::system_clock()));
    }
    ~SqliteBackend() override { std::filesystem::remove_all(folder_); }
    core::Result<IncidentStore> open() override {
        return IncidentStore::open_sqlite(path("response.db"), path("drift.db"));
    }
    std::unique_ptr<store::Store> drift() override {
        return store::open_sqlite(path("drift.db"), store::Layer::drift, store::OpenMode::write).value();
    }
    core::Status run(const std::string& sql) override {
        return database::Sqlite::open(path("response.db"), "response", database::Access::write, false)
            ->run(sql);
    }
    core::Status run_drift(const std::string& sql) override {
        return database::Sqlite::open(path("drift.db"), "drift", database::Access::write, false)->run(sql);
    }

private:
    std::string path(const char* name) const { return (folder_ / name).string(); }
    std::filesystem::path folder_;
};

class PostgresBackend final : public Backend {
public:
    PostgresBackend() {
        static servers::PostgresServer running;
        server_ = &running;
        static int made = 0;
        name_ = fmt::format("incidents_{}", made++);
        database::PostgresOptions options;
        options.url = source_of(running.url());
        EXPECT_TRUE(database::Postgres(options).run("CREATE DATABASE " + name_));
        const auto admin = source_of(running.url(name_));
        EXPECT_TRUE(store::init_postgres({admin, "", true}, store::Layer::drift));
        const auto applied = init_postgres(admin);
        EXPECT_TRUE(applied) << applied.error().message;
        EXPECT_EQ(init_postgres(admin).value_or(9), 0) << "twice is harmless";
        if (made > 1) return;
        EXPECT_TRUE(run("CREATE ROLE answering LOGIN PASSWORD 'word' IN ROLE responder"));
    }
    core::Result<IncidentStore> open() override {
        return IncidentStore::open_postgres(source_of(server_->url_of("answering", "word", name_)));
    }
    std::unique_ptr<store::Store> drift() override {
        return store::open_postgres(source_of(server_->url(name_)), store::Layer::drift,
                                    store::OpenMode::write)
            .value();
    }
    core::Status run(const std::string& sql) override {
        database::PostgresOptions options;
        options.url = source_of(server_->url(name_));
        return database::Postgres(options).run(sql);
    }

    [[nodiscard]] core::SecretSource answering() const {
        return source_of(server_->url_of("answering", "word", name_));
    }

private:
    servers::PostgresServer* server_;
    std::string name_;
};

/// A store of its own for each test, on either backend.
class IncidentStoreTest : public ::testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        if (GetParam() == "sqlite") backend_ = std::make_unique<SqliteBackend>();
        else backend_ = std::make_unique<PostgresBackend>();
        store_.emplace(backend_->open().value());
        drift_ = backend_->drift();
    }
    void push(const std::vector<drift::Event>& events) {
        const sink::Record record = drift::encode(drift::Push{std::nullopt, events});
        const auto taken = drift_->ingest(std::span(&record, 1), std::nullopt);
        ASSERT_TRUE(taken) << taken.error().message;
        ASSERT_EQ(taken->stored + taken->duplicate, events.size());
    }
    StepOptions options(const std::string& holder = "a") {
        StepOptions all;
        all.policy = &policy_;
        all.owners = &owners_;
        all.clock = &clock_;
        all.holder = holder;
        return all;
    }
    Stepped step(const std::string& holder = "a") {
        auto done = store_->step(options(holder), receiver_);
        EXPECT_TRUE(done) << done.error().message;
        return done.value_or(Stepped{});
    }

    core::ManualClock clock_{core::system_clock().now()};
    core::Timestamp start_ = clock_.now();
    Policy policy_;
    config::Owners owners_;
    std::unique_ptr<Backend> backend_;
    std::optional<IncidentStore> store_;
    std::unique_ptr<store::Store> drift_;
    Receiver receiver_;
};

}  // namespace tristrata::incident
