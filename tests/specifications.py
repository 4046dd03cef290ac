"""The specifications of CommonMark and of GitHub's Markdown, whose examples our rendering is held against.

Their licence (CC BY-SA 4.0) is not ours, so they are not kept here: `make test` takes them from the source
package of marko, a parser that is tested with them, into `.venv`.
"""

import re
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

PACKAGE = "marko==2.2.4"
DIGEST = "sha256:c042c66f835425673123d7536b39b4660de3b68e30078c70fd26245b31170683"
FOLDER = Path(sys.prefix) / "specifications"
NAMES = ("commonmark", "gfm")
EXAMPLE = re.compile(r"^`{20,} example[^\n]*\n(.*?)^\.\n(.*?)^`{20,}$", re.MULTILINE | re.DOTALL)


def why_missing() -> str | None:
    if all((FOLDER / f"{name}.txt").is_file() for name in NAMES):
        return None
    return f"The specifications of Markdown are not in {FOLDER}: `make test` fetches {PACKAGE} for them."


def fetch() -> None:
    """Put them into `FOLDER`; the caller looks again whether that worked."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{PACKAGE} --hash={DIGEST}\n")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
        asked = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", str(wanted), "-d", name]
        subprocess.run([*pip, *asked], check=False)
        for package in folder.glob("*.tar.gz"):
            _unpack(package)


def _unpack(package: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tarfile.open(package) as archive:
        for name in NAMES:
            text = archive.extractfile(f"{package.name.removesuffix('.tar.gz')}/tests/spec/{name}.txt")
            assert text is not None
            (FOLDER / f"{name}.txt").write_bytes(text.read())


@cache
def examples(name: str) -> list[tuple[str, str]]:
    """Markdown and HTML of each example, in the order of their numbers, which begin at 1."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").replace("→", "\t")
    return EXAMPLE.findall(text)
