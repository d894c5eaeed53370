#include "postgres_url.hpp"
#include "tristrata/database/postgres.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using database::parse_postgres_url;

namespace {

core::Result<database::PostgresAddress> parse(const std::string& url) {
    return parse_postgres_url(core::Secret(url), "TRISTRATA_KPI_URL");
}

}  // namespace

TEST(PostgresUrl, parts_are_decoded) {
    const auto address = parse("postgresql://us%40er:p%40ss%2F%25@db.internal:5433/my%20db?sslmode=require");
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(address->user, "us@er");
    EXPECT_EQ(address->password.reveal(), "p@ss/%");
    ASSERT_EQ(address->hosts.size(), 1u);
    EXPECT_EQ(address->hosts[0].name, "db.internal");
    EXPECT_EQ(address->hosts[0].port, "5433");
    EXPECT_EQ(address->database, "my db");
    EXPECT_EQ(address->options.at(0), std::pair(std::string("sslmode"), std::string("require")));
    EXPECT_EQ(address->shown(), "db.internal:5433/my db");
}

TEST(PostgresUrl, its_database_is_told_however_it_is_written) {
    for (const auto& [url, name] :
         {std::pair("postgresql://u:p@h:5432/d?sslmode=require", "d"),
          std::pair("postgresql://h/%64%20d", "d d"), std::pair("postgresql://h/?dbname=d", "d"),
          std::pair("postgresql://h", ""), std::pair("postgresql:///", "")}) {
        const auto database = database::database_of(
            {"TRISTRATA_KPI_URL", [url] { return core::Result<core::Secret>(core::Secret(url)); }});
        ASSERT_TRUE(database) << database.error().message;
        EXPECT_EQ(*database, name) << url;
    }
}

TEST(PostgresUrl, hosts_are_tried_in_order_and_a_socket_is_an_option) {
    const auto two = parse("postgres://u@a,[::1]:5433/d");
    ASSERT_TRUE(two) << two.error().message;
    ASSERT_EQ(two->hosts.size(), 2u);
    EXPECT_EQ(two->hosts[1].name, "::1");
    EXPECT_EQ(two->hosts[1].port, "5433");
    const auto socket = parse("postgresql:///d?host=/var/run/postgresql&user=u&password=x%26y");
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(socket->hosts.at(0).name, "/var/run/postgresql");
    EXPECT_EQ(socket->user, "u");
    EXPECT_EQ(socket->password.reveal(), "x&y");
}

TEST(PostgresUrl, what_can_be_read_in_one_way_only_needs_no_encoding) {
    const auto address = parse("postgresql://u:a:b#c'd\"e\\f @h/d");
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(address->password.reveal(), "a:b#c'd\"e\\f ");
    EXPECT_EQ(address->hosts.at(0).name, "h");
}

TEST(PostgresUrl, a_password_that_breaks_parsers_is_refused_and_no_piece_of_it_is_shown) {
    for (const char* password : {"SEC@RET", "SEC/RET", "SEC?RET", "SEC@/RET", "1/SECRET", "1?sslmode=SECRET",
                                 "SEC%zzRET", "SEC%2", "SEC%00RET", "SEC/RET?x=y", "SECRET\n"}) {
        for (const std::string& url :
             {std::string("postgresql://u:") + password + "@h/d",
              std::string("postgresql://u:") + password + "@h:5432/d?sslmode=require"}) {
            const auto address = parse(url);
            ASSERT_FALSE(address) << url;
            EXPECT_EQ(address.error().kind, core::ErrorKind::configuration);
            EXPECT_EQ(address.error().message.find("SEC"), std::string::npos) << address.error().message;
            EXPECT_EQ(address.error().message.find("RET"), std::string::npos) << address.error().message;
            EXPECT_NE(address.error().message.find("TRISTRATA_KPI_URL"), std::string::npos);
            EXPECT_NE(address.error().message.find("percent-encoded"), std::string::npos);
        }
    }
}

TEST(PostgresUrl, what_is_no_url_says_so_without_being_shown) {
    for (const char* url :
         {"", "SECRET", "host=h password=SECRET", "mysql://u:SECRET@h/d", "postgresql://h:SECRET/d",
          "postgresql://h/d?SECRET", "postgresql://h/d?SECRET=1", "postgresql://h:70000/d?x=SECRET",
          "postgresql://h/d/SECRET", "postgresql://h/d?port=SECRET", "postgresql://u:SECRET:5432/d",
          "postgresql://SECRET:1:2/d", "postgresql://u@SECRET:1:2/d", "postgresql://[SECRET]:1/d",
          "postgresql://[::1/SECRET", "postgresql://[::1]SECRET/d", "postgresql://u:5432,v:SECRET:1/d"}) {
        const auto address = parse(url);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().kind, core::ErrorKind::configuration);
        EXPECT_EQ(address.error().message.find("SECRET"), std::string::npos) << address.error().message;
    }
}

TEST(PostgresUrl, a_host_and_port_that_may_be_a_user_and_a_password_are_not_shown) {
    for (const char* url :
         {"postgresql://postgres:12345/d", "postgres://jane.doe:12345/d", "postgresql://:12345/d",
          "postgresql://postgres:12345/d?port=5432", "postgresql://u:12345/d?host=h"}) {
        const auto address = parse(url);
        ASSERT_TRUE(address) << address.error().message;
        EXPECT_EQ(address->shown(), "[hidden]/d") << url;
    }
    EXPECT_EQ(parse("postgresql://u:12345,12345/d")->shown(), "[hidden],[hidden]/d");
    for (const char* url :
         {"postgresql://u@db:5432/d", "postgresql://u:1@db:5432/d", "postgresql://db:5432/d?user=u"})
        EXPECT_EQ(parse(url)->shown(), "db:5432/d") << url;
    EXPECT_EQ(parse("postgresql://localhost:5432/d")->shown(), "localhost:5432/d");
    EXPECT_EQ(parse("postgresql://10.0.0.7:5432/d")->shown(), "10.0.0.7:5432/d");
    EXPECT_EQ(parse("postgresql://db/d")->shown(), "db/d");
}

TEST(PostgresUrl, the_address_that_is_dialled_says_whether_it_is_this_machine) {
    for (const char* here :
         {"", "localhost", "127.0.0.1", "::1", "/run/postgresql", "@socket", "localhost,::1"})
        EXPECT_TRUE(database::is_on_this_machine(here, "")) << here;
    for (const char* elsewhere : {"db", "127.0.0.1.example.com", "/run/postgresql,db", "localhost,db"})
        EXPECT_FALSE(database::is_on_this_machine(elsewhere, "")) << elsewhere;
    EXPECT_FALSE(database::is_on_this_machine("localhost", "192.0.2.1"));
    EXPECT_FALSE(database::is_on_this_machine("localhost", "127.0.0.1,192.0.2.1"));
    EXPECT_TRUE(database::is_on_this_machine("db", "127.0.0.1"));
}
