"""The keys that a KPI's tag may have. They stand in tags.toml beside this file, each with its reason, and the library
reads them there (TRISTRATA_TAGS): a new key is a line in that file. How keys come and go: ADR-73."""
import pathlib
import tomllib

_FILE = pathlib.Path(__file__).with_name("tags.toml")
KPI_TAG_WHITELIST: frozenset[str] = frozenset(tomllib.loads(_FILE.read_text(encoding="utf-8"))["tags"])
