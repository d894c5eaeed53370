#pragma once

#include "servers/s3_server.hpp"

namespace tristrata::objects {

/// The one server of this test program, from its first use to the program's end.
inline servers::S3Server& running_server() {
    static servers::S3Server one;
    return one;
}

}  // namespace tristrata::objects
