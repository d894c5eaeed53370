"""Makes descriptors.pb beside this file: OTLP's schema as a FileDescriptorSet, which protoc makes C++ of. The
descriptors are those that PyPI's opentelemetry-proto carries (tests/requirements.txt pins it), read out of its modules
without importing them, so that no protobuf of Python's is needed. Each file asks for the small runtime (optimize_for =
LITE_RUNTIME). `descriptors.py --check` compares, and ends with 1 where they differ."""
import ast
import importlib.util
import pathlib
import sys

MODULES = ["common/v1/common", "resource/v1/resource", "logs/v1/logs", "collector/logs/v1/logs_service"]
# FileDescriptorProto.options (8), of which optimize_for (9) is LITE_RUNTIME (3); merged with what options are there.
LITE_RUNTIME = bytes([0x42, 2, 0x48, 3])
FILE_OF_SET = b"\n"  # FileDescriptorSet.file (1), bytes with their count.


def counted(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def descriptor_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "AddSerializedFile":
            return ast.literal_eval(node.args[0])
    raise SystemExit(f"{path} holds no descriptor; expected opentelemetry-proto as tests/requirements.txt pins it")


def main():
    package = importlib.util.find_spec("opentelemetry")
    folders = [pathlib.Path(folder) / "proto" for folder in package.submodule_search_locations] if package else []
    folder = next((one for one in folders if one.is_dir()), None)
    if folder is None:
        raise SystemExit("opentelemetry-proto is not installed; run ./dev test, which installs it")
    out = b""
    for module in MODULES:
        descriptor = descriptor_of(folder / (module + "_pb2.py")) + LITE_RUNTIME
        out += FILE_OF_SET + counted(len(descriptor)) + descriptor
    kept = pathlib.Path(__file__).parent / "descriptors.pb"
    if sys.argv[1:] != ["--check"]:
        kept.write_bytes(out)
    elif kept.read_bytes() != out:
        raise SystemExit(f"{kept} is not what opentelemetry-proto carries; run {__file__}, and look at what changed")


if __name__ == "__main__":
    main()
