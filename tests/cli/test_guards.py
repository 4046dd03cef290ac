"""`guards export` and `import`: the same text out, in, and out again; wrong text named by file and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.demo import DATA
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("begun")


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


def test_what_goes_out_comes_in_elsewhere_and_goes_out_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("demo", "load")
    run("export", "incidents", "--style", "canonical", "--drafts")
    code, out, _ = run("guards", "export", "first")
    assert (code, out) == (0, f"{len(texts(tmp_path / 'first'))} files in first.\n")
    assert len(texts(tmp_path / "first")) == 2 + len(list(DATA.glob("scenarios/*.yaml")))
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    other = {"POSTMORTEMS_DATABASE_URL": elsewhere, "POSTMORTEMS_SECRET_KEY": "k" * 40}
    assert run("db", "upgrade", **other)[0] == 0
    assert run("import", "incidents", **other)[0] == 0

    code, out, err = run("guards", "import", "first", **other)

    assert (code, err) == (0, "")
    assert out.splitlines()[-1].endswith("0 changed, 0 as they were.")
    assert run("guards", "export", "second", **other)[0] == 0
    assert sorted(texts(tmp_path / "second").values()) == sorted(texts(tmp_path / "first").values())


def test_the_same_again_changes_nothing(run: Run) -> None:
    run("demo", "load")
    run("guards", "export", "told")

    code, out, _ = run("guards", "import", "told")

    assert (code, out) == (0, f"0 made, 0 changed, {4 + 14 + 13} as they were.\n")


def test_the_demo_is_written_in_this_form(run: Run) -> None:
    run("demo", "load")

    for name in ("services.yaml", "guards.yaml", "scenarios"):
        code, out, _ = run("guards", "import", str(DATA / name))
        assert (code, out.splitlines()[0][:17]) == (0, "0 made, 0 changed")


def test_what_differs_is_changed_and_what_is_not_said_is_as_usual(run: Run, tmp_path: Path) -> None:
    run("demo", "load")
    run("guards", "export", "told")
    path = tmp_path / "told" / "guards.yaml"
    path.write_text(path.read_text().replace("title: The staging hub answers", "title: Staging is up"))

    code, out, _ = run("guards", "import", "told")

    assert code == 0
    assert out.splitlines()[0] == "changed: guard staging-online"


SERVICE = "- {name: s, title: S, targets: [prod]}\n"
GUARD = "- {slug: g, kind: target, level: soft, targets: [s/prod]}\n"


def test_a_guard_without_proof_stays_below_its_level_and_says_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(SERVICE + GUARD)

    code, out, err = run("guards", "import", "all.yaml")

    assert (code, out) == (0, "made: service s\nmade: guard g\n2 made, 0 changed, 0 as they were.\n")
    assert err.startswith("note: the guard g stays below soft: ")


def test_a_dry_run_says_what_would_come_of_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(SERVICE + GUARD)

    code, out, _ = run("guards", "import", "--dry-run", "all.yaml")

    assert (code, out.splitlines()[0]) == (0, "made: service s")
    assert out.endswith("2 made, 0 changed, 0 as they were (dry run: nothing was changed).\n")
    assert run("guards", "export", "after")[1] == "0 files in after.\n"


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "wrong.yaml: entry 1 is no service"),
        ("- 5\n", "wrong.yaml: entry 1 is no service"),
        (SERVICE + "- {title: x}\n", "wrong.yaml: entry 2 is no service"),
        ("- {name: [}\n", "wrong.yaml: cannot be read as YAML in line 1, column"),
        ("a: &x [1]\nb: *x\n", "line 1, column 4: write it out"),
        ("- {name: s, title: S, targets: prod}\n", "wrong.yaml: line 1, s: /targets"),
        ("- {name: s, title: S, targets: [prod], colour: red}\n", "s: /colour is no member of a service"),
        (SERVICE + "- {slug: g, targets: [s/prod]}\n", "g: /kind"),
        (SERVICE + "- {slug: g, kind: divination, targets: [s/prod]}\n", "wrong.yaml: line 2, g: /kind"),
        (SERVICE + "- {slug: g, kind: target, targets: [s/none]}\n", "g: /targets/0"),
        (SERVICE + "- {slug: g, kind: target, level: [soft], targets: [s/prod]}\n", "g: /level"),
        (SERVICE + "- {slug: [g], kind: target, targets: [s/prod]}\n", "/slug"),
        (SERVICE + "- {slug: g, kind: window, targets: [s/prod], config: {tz: Mars}}\n", "g: /config/tz"),
        (SERVICE + "- {incident: none, name: n, kind: bad, facts: {}}\n", "n: /facts/at"),
        (
            SERVICE + "- incident: none\n  name: n\n  kind: bad\n  facts:\n    at: now\n",
            "line 6, n: /facts/at",
        ),
        ("- {incident: none, name: 5, kind: bad, facts: 5}\n", "/facts"),
    ],
)
def test_wrong_text_is_named_by_file_and_place_and_nothing_is_kept(
    run: Run, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "wrong.yaml").write_text(text)

    code, out, err = run("guards", "import", "wrong.yaml")

    assert (code, out) == (2, "")
    assert told in err
    assert run("guards", "export", "after")[1] == "0 files in after.\n"


def test_files_that_are_no_text_or_not_there_are_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").mkdir()

    assert "byte 0 is not UTF-8" in run("guards", "import", "odd.yaml")[2]
    assert "holds no YAML file" in run("guards", "import", "empty")[2]
    assert run("guards", "import", "nowhere")[0] == 2
