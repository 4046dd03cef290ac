#!/usr/bin/env bash
# Whose name a service gives back with an item that it just made: INSERT … RETURNING the owner's name, looked up by the item's owner_id.
# Guess: a subquery that is correlated with the table of items in so many words (`correlate(items)`) is so in RETURNING, too, of INSERT as
# of UPDATE and DELETE: the new row's owner is looked up.
# Seen, SQLAlchemy 2.1.9: of INSERT the table stands once more in the subquery (FROM people, items), so that the name is that of any older
# item's owner: with an item of Ana's there, Ben's new item comes back as Ana's. UPDATE and DELETE are right.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'sqlalchemy==2.1.9'
"$folder/venv/bin/python" - <<'PYTHON'
import sqlalchemy as sa

metadata = sa.MetaData()
people = sa.Table("people", metadata, sa.Column("person_id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
items = sa.Table("items", metadata, sa.Column("item_id", sa.Integer, primary_key=True), sa.Column("owner_id", sa.Integer))
name = sa.select(people.c.name).where(people.c.person_id == items.c.owner_id).correlate(items).scalar_subquery()
engine = sa.create_engine("sqlite://")
metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(people.insert(), [{"person_id": 1, "name": "Ana"}, {"person_id": 2, "name": "Ben"}])
    connection.execute(items.insert().values(owner_id=1))
    inserted = connection.scalar(items.insert().values(owner_id=2).returning(name))
    updated = connection.scalar(items.update().where(items.c.item_id == 1).values(owner_id=2).returning(name))
    deleted = connection.scalar(items.delete().where(items.c.item_id == 2).returning(name))
print(f"SQLAlchemy {sa.__version__}, guess: Ben of all three")
print(f"seen:  INSERT {inserted}, UPDATE {updated}, DELETE {deleted}")
assert (inserted, updated, deleted) == ("Ana", "Ben", "Ben"), "it has changed"
PYTHON
