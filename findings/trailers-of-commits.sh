#!/usr/bin/env bash
# Guess: which incident a commit belongs to, said in the last lines of its message ("Incident: INC-12", as `git interpret-trailers`
# reads them), is the same for the two libraries that bring git to Python without git.
# Seen: of a cherry-picked commit, with git's own line "(cherry picked from commit …)", and of one with "Signed-off-by" below a line of
# words, dulwich 1.2.21 reads no trailers at all; pygit2 1.21.0 (libgit2) does, as git does. pygit2 takes the next trailer for the value
# of an empty one ("Incident:" and then "Fixes: #3" is the incident "Fixes: #3"), keeps the break of a folded line, and of one name that
# is there twice it has the last. To all of them times of a last paragraph ("15:30 deployed") are trailers by the name of 15.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'dulwich==1.2.21' 'pygit2==1.21.0'
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import pygit2
from dulwich.trailers import parse_trailers

# The last paragraph, and what is seen: of dulwich, and of pygit2.
PARAGRAPHS = {
    "Incident: INC-12\nFixes: #3": ([("Incident", "INC-12"), ("Fixes", "#3")],) * 2,
    "Incident: INC-12\n(cherry picked from commit f5f193b9fd63a07bebf41955d807bd5d4a485646)": ([], [("Incident", "INC-12")]),
    "It was the pool\nIncident: INC-12\nSigned-off-by: Ana": ([], [("Incident", "INC-12"), ("Signed-off-by", "Ana")]),
    "Incident:\nFixes: #3": ([("Incident", ""), ("Fixes", "#3")], [("Incident", "\nFixes: #3")]),
    "Incident: INC-12\n of the pool": ([("Incident", "INC-12 of the pool")], [("Incident", "INC-12\n of the pool")]),
    "Incident: INC-12\nIncident: INC-13": ([("Incident", "INC-12"), ("Incident", "INC-13")], [("Incident", "INC-13")]),
    "15:30 deployed\n16:40 rolled back": ([("15", "30 deployed"), ("16", "40 rolled back")],) * 2,
}
repository = pygit2.init_repository("repository", bare=True)
ana = pygit2.Signature("Ana", "ana@example.org")
print("guess: both say the same")
for paragraph, expected in PARAGRAPHS.items():
    message = f"Close the pool\n\n{paragraph}\n"
    commit = repository.create_commit(None, ana, ana, message, repository.TreeBuilder().write(), [])
    seen = [(each.key, each.value) for each in parse_trailers(message.encode())[1]], list(repository[commit].message_trailers.items())
    print(f"{paragraph!r}: dulwich {version('dulwich')} {seen[0]}, pygit2 {version('pygit2')} {seen[1]}")
    assert seen == expected, "it has changed"
PYTHON
