// What protoc has made of OTLP's schema, as one unit.
// NOLINTBEGIN(bugprone-suspicious-include): that is how it is one.
#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.cc"
#include "opentelemetry/proto/common/v1/common.pb.cc"
#include "opentelemetry/proto/logs/v1/logs.pb.cc"
#include "opentelemetry/proto/resource/v1/resource.pb.cc"
// NOLINTEND(bugprone-suspicious-include)
