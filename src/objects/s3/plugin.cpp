#include "s3_plugin.hpp"
#include "s3_store.hpp"

extern "C" {

[[gnu::visibility("default")]] const char* tristrata_s3_built_for() {
    return tristrata::objects::s3_built_for;
}

[[gnu::visibility("default")]] void tristrata_open_s3(
    const tristrata::objects::Location* location, const tristrata::objects::Options* options,
    tristrata::core::Result<std::unique_ptr<tristrata::objects::ObjectStore>>* opened) {
    *opened = tristrata::objects::open_s3(*location, *options);
}
}
