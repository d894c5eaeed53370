#include "link.hpp"

#include <gtest/gtest.h>

namespace tristrata::notification {
namespace {

TEST(Link, of_an_url_is_the_url_without_its_credentials) {
    EXPECT_EQ(link_of("http://u:p@prom:9090/graph"), "http://prom:9090/graph");
    EXPECT_EQ(link_of("https://u@[::1]:9090?a=b"), "https://[::1]:9090?a=b");
    EXPECT_EQ(link_of("https://a:b@c@prom"), "https://prom");
    for (const char* url :
         {"http://prom", "http://prom:/", "http://prom:9090/graph?g0.expr=up%7Bjob%3D%22a%22%7D&x=%zz",
          "http://10.0.0.1/a@b:c", "https://grafana.example.com/alerting/1?orgId=1#panel",
          "http://[fe80::1]/", "http://b\u00fccher/x"})
        EXPECT_EQ(link_of(url), url);
}

TEST(Link, that_no_alertmanager_takes_is_none) {
    for (const char* url : {"",
                            "prom/graph",
                            "/graph",
                            "://prom",
                            "1http://prom",
                            "http://",
                            "http:///x",
                            "http://prom/%zz",
                            "http://prom/%4",
                            "http://prom/#%",
                            "http://prom:abc/",
                            "http://[fe80::1%eth0]:9090/",
                            "http://[::1",
                            "http://[]/",
                            "http://prom\\/x",
                            "http://pr om/",
                            "http://prom/a b",
                            "http://prom/\x01",
                            "http://a:b:c/",
                            "http://pro%41m/",
                            "http://<prom>/",
                            "http://[hidden]@prom/x",
                            "http://u:p/w@prom/x"})
        EXPECT_EQ(link_of(url), "") << url;
}

}  // namespace
}  // namespace tristrata::notification
