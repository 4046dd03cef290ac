"""Licences of what we run with: made-up metadata for each way of stating one, and our own locks."""

from email.message import Message

import pytest

from tests import licences


def about(**fields: str | list[str]) -> Message:
    message = Message()
    for name, value in fields.items():
        for line in [value] if isinstance(value, str) else value:
            message[name.replace("_", "-")] = line
    return message


OSI = "License :: OSI Approved :: "
GPL = OSI + "GNU General Public License (GPL)"


@pytest.mark.parametrize(
    "fields",
    [
        {"License_Expression": "MIT"},
        {"License_Expression": "Apache-2.0 OR GPL-2.0-or-later"},
        {"License_Expression": "GPL-2.0-or-later OR (MIT AND BSD-3-Clause)"},
        {"License_Expression": "(MIT OR GPL-3.0-only) AND (ISC OR LGPL-2.1-only)"},
        {"Classifier": ["Programming Language :: Python", OSI + "BSD License"]},
        {"Classifier": [GPL, OSI + "BSD License"]},
        {"Classifier": [OSI + "MIT License"], "License": "Copyright 2010 Somebody\n\nRedistribution and use"},
        {"Classifier": ["License :: OSI Approved"], "License": "MIT"},
        {"License": "Apache-2.0"},
    ],
)
def test_a_distribution_that_offers_a_permissive_licence_passes(fields: dict[str, str | list[str]]) -> None:
    assert licences.fault("made-up", about(**fields)) is None


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"License_Expression": "GPL-2.0-or-later"}, "GPL-2.0-or-later"),
        ({"License_Expression": "MIT AND GPL-2.0-only"}, "MIT AND GPL-2.0-only"),
        ({"License_Expression": "MIT AND (GPL-2.0-only OR AGPL-3.0-only)"}, "AGPL-3.0-only"),
        ({"License_Expression": "GPL-2.0-only WITH Classpath-exception-2.0"}, "WITH Classpath"),
        ({"License_Expression": "GPL-3.0-only", "Classifier": [OSI + "MIT License"]}, "GPL-3.0-only"),
        ({"License_Expression": "(MIT"}, "(MIT"),
        ({"License_Expression": "\0"}, "\0"),
        ({"License_Expression": "LicenseRef-Ours"}, "LicenseRef-Ours"),
        ({"Classifier": [GPL]}, "GNU General Public License"),
        ({"Classifier": [GPL], "License": "MIT"}, "GNU General Public License"),
        ({"Classifier": ["License :: Other/Proprietary License"]}, "Proprietary"),
        ({"License": "Copyright 2010 Somebody\n\nAll rights reserved"}, "Copyright 2010 Somebody"),
        ({"License": "UNKNOWN"}, "no licence"),
        ({"License": ""}, "no licence"),
        ({}, "no licence"),
    ],
)
def test_any_other_or_unknown_licence_is_a_fault(fields: dict[str, str | list[str]], said: str) -> None:
    fault = licences.fault("made-up", about(**fields))

    assert fault is not None
    assert fault.startswith("made-up states ")
    assert said in fault


@pytest.mark.parametrize("stated, passes", [("LGPL-3.0-only", True), ("GPL-3.0-only", False), ("", False)])
def test_an_exemption_holds_for_the_licence_it_names_alone(stated: str, passes: bool) -> None:
    exempt = {"made-up": licences.Exemption("LGPL-3.0-only", "for this test")}

    assert (licences.fault("made-up", about(License=stated), exempt) is None) == passes


def test_what_is_locked_and_not_installed_is_a_fault() -> None:
    assert licences.faults(["made-up"], lambda _: None) == [
        "made-up is locked, but not installed: run `make lint`, which installs it."
    ]


def test_only_what_a_lock_has_for_this_system_is_looked_at() -> None:
    lock = "# by a tool\nFlask==3.1.3 \\\n    --hash=sha256:00\nelsewhere==1.0 ; sys_platform == 'none' \\\n"

    assert licences.locked(lock) == ["flask"]


def test_no_exemption_outlives_its_distribution() -> None:
    texts = "\n".join((licences.ROOT / lock).read_text() for lock in licences.LOCKS)

    assert [name for name in licences.EXEMPT if f"\n{name}==" not in texts] == []
