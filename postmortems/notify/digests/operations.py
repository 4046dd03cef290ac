"""Tells digests that are due, many in one unit of work, and changes when they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, literal, select

from postmortems import clock, zone_tables
from postmortems.accounts import permissions
from postmortems.accounts.models import PERSON, User
from postmortems.accounts.teams import queries as teams_queries
from postmortems.accounts.teams.models import Team
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed, Problem
from postmortems.notify.channels import dispatch
from postmortems.notify.digests import contents, queries, schedule, texts
from postmortems.notify.digests.contents import Digest, Gathered
from postmortems.notify.digests.models import DigestSchedule
from postmortems.notify.digests.queries import Names
from postmortems.notify.inbox import operations as inbox
from postmortems.notify.inbox.news import News

KIND = "digest"
BATCH = 500


def tell_due(now: datetime, *, sends_mail: bool) -> int:
    """Tell every digest that is due, a batch a unit of work; returns how many people were told.

    Who missed some, as no worker ran, gets one. A digest and the time of the next are kept together, so one
    is never told twice.
    """
    with db.transaction():
        _appoint(now)
    count = 0
    while True:
        with db.transaction():
            batch = queries.due(now, BATCH)
            count += inbox.tell(_news(batch, now), now, sends_mail=sends_mail)
            for one in batch:
                one.due_at = schedule.next_after(now, one.every, one.weekday, one.hour, one.zone)
        if len(batch) < BATCH:
            return count


def for_people(people: dict[int, User], now: datetime) -> dict[int, Digest]:
    """By person, what their digest would say now."""
    names = queries.names_of_people(people)
    found = _gathered(list(names.values()), [], now)
    return {id: found.of_person(user.name, *names[id]) for id, user in people.items()}


def for_team(team: Team, name: str, now: datetime) -> Digest:
    """What a team's digest would say now to this account; "" for a chat, which is told nothing restricted."""
    return _gathered([], [team.id], now).of_team(name, team.id)


def change(*, team: str = "", every: str, weekday: int, hour: int, zone: str, actor: Actor) -> DigestSchedule:
    """Change when one's own digest comes, or a team's by its slug: its leads may, and admins.

    Raises `Invalid` with pointers, `NotFound` and `NotAllowed`.
    """
    permissions.require(actor, "notification.edit")
    if actor.user_id is None:
        raise NotAllowed("only somebody with an account has digests")
    _check(every, weekday, hour, zone)
    if team:
        found = teams_queries.team(team)
        _refuse_unless_led(found, actor)
        row = queries.of_team(found.id) or DigestSchedule(team_id=found.id)
    else:
        row = queries.of_user(actor.user_id) or DigestSchedule(user_id=actor.user_id)
    row.every, row.weekday, row.hour, row.zone = every, weekday, hour, zone
    row.due_at = schedule.next_after(clock.now(), every, weekday, hour, zone)
    session().add(row)
    session().flush()
    kind, subject = ("team", team) if team else ("user", actor.name)
    audit.record(actor, "digest.scheduled", kind, subject, every=every, weekday=weekday, hour=hour, zone=zone)
    return row


def _news(batch: Sequence[DigestSchedule], now: datetime) -> list[News]:
    people = queries.people([one.user_id for one in batch if one.user_id is not None])
    teams = queries.teams([one.team_id for one in batch if one.team_id is not None])
    mine = queries.names_of_people(people)
    found = _gathered(list(mine.values()), list(teams), now)
    since, news = audit.newest(), []
    for one in batch:
        key = f"{KIND}:{one.id}:{now.date().isoformat()}"
        if one.user_id in people:
            user = people[one.user_id]
            news.append(_told(user.id, key, found.of_person(user.name, *mine[user.id]), since))
        elif one.team_id in teams:
            team = teams[one.team_id]
            dispatch.tell_digest(team, key, now)
            leads = [member for member in team.members if member.is_lead]
            digests = {lead.user_id: found.of_team(lead.user.name, team.id) for lead in leads}
            news += [_told(user_id, key, digest, since, team) for user_id, digest in digests.items()]
    return news


def _gathered(people: Sequence[Names], teams: Sequence[int], now: datetime) -> Gathered:
    owned = {key for each in people for key in each.owned}
    in_teams = {team for each in people for team in each.teams}
    return contents.gathered(owned, set(teams), in_teams, now.date())


def _told(user_id: int, key: str, digest: Digest, since: int, team: Team | None = None) -> News:
    sections = {name: [one.count, list(one.numbers)] for name, one in digest.items() if one.count}
    data = {"title": texts.title(digest, team.name if team else ""), "sections": sections, "since": since}
    return News(user_id, KIND, key, data=data | ({"team": team.slug, "name": team.name} if team else {}))


def _appoint(now: datetime) -> None:
    """Give everybody and every team that has chosen nothing the schedule that most want."""
    rule = ("week", schedule.WEEKDAY, schedule.HOUR, "UTC")
    first = literal(schedule.next_after(now, *rule), type_=DigestSchedule.due_at.type)
    values = (*map(literal, rule), first)
    columns = ["every", "weekday", "hour", "zone", "due_at"]
    has_mine = select(DigestSchedule.id).where(DigestSchedule.user_id == User.id).exists()
    people = select(User.id, *values).where(User.is_active, User.kind == PERSON, ~has_mine)
    session().execute(insert(DigestSchedule).from_select(["user_id", *columns], people))
    has_theirs = select(DigestSchedule.id).where(DigestSchedule.team_id == Team.id).exists()
    teams = select(Team.id, *values).where(~has_theirs)
    session().execute(insert(DigestSchedule).from_select(["team_id", *columns], teams))


def _refuse_unless_led(team: Team, actor: Actor) -> None:
    if permissions.may(actor, "team.edit"):
        return
    if not (actor.is_person and any(m.is_lead and m.user_id == actor.user_id for m in team.members)):
        raise NotAllowed(f"whoever leads {team.name} says when its digest comes, or an admin")


def _check(every: str, weekday: int, hour: int, zone: str) -> None:
    problems = []
    if every not in schedule.EVERY:
        problems.append(Problem("/every", f"is none of {', '.join(schedule.EVERY)}"))
    if not 0 <= weekday < len(schedule.WEEKDAYS):
        problems.append(Problem("/weekday", "is no weekday; Monday is 0, Sunday 6"))
    if not 0 <= hour < 24:
        problems.append(Problem("/hour", "is no hour of the day; write 0 to 23"))
    if zone_tables.named(zone) is None:
        problems.append(Problem("/zone", "is no zone of the tz database; write one such as Europe/Berlin"))
    if problems:
        raise Invalid(problems)
