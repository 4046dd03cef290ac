"""The site generators whose layouts we write, each building a small site as its users do.

MkDocs and Sphinx stand in a virtual environment of their own, which `make test` fills; Hugo and Jekyll are
Debian's packages.
"""

import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(sys.prefix) / "sites"
INSTALLED = FOLDER / "requirements.txt"
LOCKED = Path(__file__).parents[1] / "requirements-sites.txt"


@dataclass(frozen=True)
class Generator:
    """`program` is its command, `files` what a new site of it consists of, by name."""

    program: str
    arguments: tuple[str, ...]
    files: dict[str, str]


GENERATORS = {
    "mkdocs": Generator(
        "mkdocs", ("build", "--quiet", "--site-dir", "site"), {"mkdocs.yml": "site_name: x\n"}
    ),
    "sphinx": Generator(
        "sphinx-build",
        ("-q", "-b", "html", ".", "site"),
        {
            "conf.py": "extensions = ['myst_parser']\nproject = 'x'\nhtml_theme = 'basic'\n",
            "index.md": "# x\n",
        },
    ),
    "hugo": Generator(
        "hugo",
        ("--quiet", "--destination", "site"),
        {
            # Without `unsafe`, Hugo leaves out HTML, and the words in it.
            "config.toml": 'baseURL = "/"\n[markup.goldmark.renderer]\nunsafe = true\n',
            "layouts/_default/single.html": "<h1>{{ .Title }}</h1>{{ .Content }}",
            "layouts/_default/list.html": "",
        },
    ),
    "jekyll": Generator(
        "jekyll",
        ("build", "--quiet", "--disable-disk-cache", "--destination", "site"),
        {"_config.yml": "title: x\n", "_layouts/post.html": "<h1>{{ page.title }}</h1>{{ content }}"},
    ),
}
FROM_DEBIAN = ("hugo", "jekyll")


def program(name: str) -> str | None:
    """The path of the generator's command."""
    wanted = GENERATORS[name].program
    own = FOLDER / "bin" / wanted
    return shutil.which(wanted) if name in FROM_DEBIAN else str(own) if own.is_file() else None


def why_missing(name: str) -> str | None:
    if program(name) and (name in FROM_DEBIAN or _is_current()):
        return None
    where = (
        "install Debian's package of that name"
        if name in FROM_DEBIAN
        else f"`make test` puts it into {FOLDER}"
    )
    return f"The site generator {name} was not found: {where}."


def fetch() -> None:
    """Install MkDocs and Sphinx; the caller looks again whether that worked."""
    venv.create(FOLDER, with_pip=True, clear=True)
    pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    done = subprocess.run([*pip, "--require-hashes", "-r", str(LOCKED)], check=False)
    if done.returncode == 0:
        shutil.copy(LOCKED, INSTALLED)


def _is_current() -> bool:
    """Whether what is installed is what is locked."""
    return INSTALLED.is_file() and INSTALLED.read_bytes() == LOCKED.read_bytes()


def build(name: str, folder: Path, pages: dict[str, str], find: Callable[[Path], Path]) -> str:
    """The HTML of a page of the site that is built of these files; `find` picks it. Raises where it fails."""
    generator, command = GENERATORS[name], program(name)
    assert command is not None
    for path, text in {**generator.files, **pages}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [command, *generator.arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return find(folder / "site").read_text(encoding="utf-8")
