#include "tristrata/objects/object_store.hpp"

#include "folder_store.hpp"
#include "location.hpp"
#include "s3_plugin.hpp"

#include "tristrata/config/settings.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/core/identifier.hpp"

#include <fmt/format.h>

namespace tristrata::objects {
namespace {

/// What AWS's own variables say where the options say nothing.
Options with_environment(Options options) {
    const auto environment = config::process_environment();
    const auto first_of = [&](std::initializer_list<std::string_view> names) {
        for (const auto name : names)
            if (const auto found = environment.find(name);
                found != environment.end() && !found->second.empty())
                return found->second;
        return std::string();
    };
    if (options.endpoint.empty()) options.endpoint = first_of({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
    if (options.region.empty()) options.region = first_of({"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (options.authorities.empty()) options.authorities = first_of({"AWS_CA_BUNDLE", "SSL_CERT_FILE"});
    return options;
}

}  // namespace

core::Status ObjectStore::probe() {
    const std::string id = core::to_string(core::uuid_v7(core::system_clock()));
    const std::string key = "probe/" + id;
    if (auto put = put_new(key, id); !put) return propagate(put);
    auto back = get(key);
    if (auto removed = remove(key); !removed) return removed;
    if (!back) return propagate(back);
    if (*back != id)
        return core::fail(
            core::ErrorKind::storage,
            fmt::format("{} gave other bytes back than were put; it keeps nothing safe", where()));
    return {};
}

core::Result<std::string> checked_location(std::string_view location, std::string_view origin) {
    auto parsed = parse_location(location, origin);
    if (!parsed) return propagate(parsed);
    return parsed->text;
}

core::Result<std::unique_ptr<ObjectStore>> open(std::string_view location, const Options& options) {
    auto parsed = parse_location(location, options.origin);
    if (!parsed) return propagate(parsed);
    if (parsed->kind == Location::Kind::folder) return open_folder(*parsed, options.origin);
    auto open_s3 = s3_plugin();
    if (!open_s3) return propagate(open_s3);
    core::Result<std::unique_ptr<ObjectStore>> opened;
    const Options complete = with_environment(options);
    (*open_s3)(&*parsed, &complete, &opened);
    return opened;
}

}  // namespace tristrata::objects
