#include "tristrata/http/client.hpp"

#include "connection.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::http;

TEST(ShownUrl, holds_neither_user_nor_password_nor_query) {
    EXPECT_EQ(shown_url("http://localhost:4318/v1/logs"), "http://localhost:4318/v1/logs");
    EXPECT_EQ(shown_url("https://me:pw@host/a@b?token=x#y"), "https://host/a@b");
    EXPECT_EQ(shown_url("https://me:p@w@host"), "https://host");
    EXPECT_EQ(shown_url("pw"), core::hidden);
}

TEST(Client, the_part_that_cannot_be_loaded_is_an_error_that_says_what_to_do) {
    const auto missing = load_connection("/nowhere/tristrata_http_client.so");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, core::ErrorKind::configuration);
    EXPECT_NE(missing.error().message.find("libcurl4"), std::string::npos);
    const auto other = load_connection("libm.so.6");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("tristrata_http_connect"), std::string::npos)
        << other.error().message;
}

TEST(Client, what_does_not_answer_is_said_the_same_however_long_it_took) {
    auto client = Client::open();
    ASSERT_TRUE(client) << client.error().message;
    Request request;
    request.url = "http://127.0.0.1:1/alerts";
    for (const Method method : {Method::post, Method::get, Method::remove}) {
        const auto response = (*client)->send(method, request);
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().message.find(" ms"), std::string::npos) << response.error().message;
        EXPECT_TRUE(response.error().message.starts_with("http://127.0.0.1:1/alerts does not answer: "))
            << response.error().message;
    }
}
