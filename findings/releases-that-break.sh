#!/usr/bin/env bash
# Which version the next release has by the commits since the last (1.2.3), for two tools that read Conventional Commits: a gate that lets
# patch releases through on its own takes it from there.
# Guess: what breaks is a major release for both, however a commit says so: "!" behind any type, or a trailer BREAKING CHANGE in either
# of git's forms ("BREAKING CHANGE #12 …", which Conventional Commits allow as they do ": "); what is of documentation alone is none.
# Seen: git-cliff 2.14.2, as it comes, leaves out chore(deps), so that "chore(deps)!: node 22" is no release at all, and makes "docs: …" a
# patch; commitizen 4.19.3 makes them 2.0.0 and none. Of "BREAKING CHANGE #12 …" commitizen makes 1.2.4, and git-cliff 2.0.0. On
# "feat!: …" and "BREAKING-CHANGE: …" they agree.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'git-cliff==2.14.2' 'commitizen==4.19.3'
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Ana GIT_AUTHOR_EMAIL=ana@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
git init --quiet hub
cd hub
printf '[tool.commitizen]\nname = "cz_conventional_commits"\nversion_provider = "scm"\n' >pyproject.toml
git add pyproject.toml
git commit --quiet --message 'chore: begin'
failed=0

# released MESSAGE BY_GIT_CLIFF BY_COMMITIZEN: says what both make of it, and remembers whether that is what was seen.
released() {
    git tag --force 1.2.3 >/dev/null
    git commit --quiet --allow-empty --message "$1"
    local cliff commitizen
    cliff=$(../venv/bin/git-cliff --bumped-version 2>/dev/null)
    commitizen=$(../venv/bin/cz bump --get-next --yes 2>/dev/null || true)
    echo "$(tr '\n' ' ' <<<"$1"): git-cliff ${cliff:-none}, commitizen ${commitizen:-none}"
    [ "$cliff/${commitizen:-none}" = "$2/$3" ] || failed=1
}

echo 'guess: 2.0.0 of both, but for the last, which is no release'
released 'feat!: drop v1' 2.0.0 2.0.0
released $'fix: drop v1\n\nBREAKING-CHANGE: it is gone' 2.0.0 2.0.0
released $'fix: drop v1\n\nBREAKING CHANGE #12 it is gone' 2.0.0 1.2.4
released 'chore(deps)!: node 22' 1.2.3 2.0.0
released 'docs: say how' 1.2.4 none
if [ "$failed" = 1 ]; then
    echo 'it has changed' >&2
    exit 1
fi
