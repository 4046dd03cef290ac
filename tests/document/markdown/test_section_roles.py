"""Which part a section plays."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import section_roles
from postmortems.document.model import Entry, Item, Section


@pytest.mark.parametrize(
    "heading, role",
    [
        ("Summary", "summary"),
        ("1. Executive summary", "summary"),
        ("TL;DR", "summary"),
        ("🥏 Impact", "impact"),
        ("Timeline", "timeline"),
        ("Timeline (if relevant)", "timeline"),
        ("Timeline of events", "timeline"),
        (":warning: Leadup", "timeline"),
        ("What happened?", "timeline"),
        ("Conclusions", "conclusion"),
        ("Root cause of the outage", "contributing_factors"),
        ("🔎 Five Why’s", "contributing_factors"),
        ("Lessons learnt", "lessons"),
        ("What didn’t work", "lessons"),
        ("Where we got lucky", "lessons"),
        ("Action items", "action_items"),
        ("**Actions**", "action_items"),
        ("☑️ Follow-up tasks", "action_items"),
        ("Corrective and Preventative Measures", "action_items"),
        ("Corrective/Preventative measures", "action_items"),
        ("Corrective & preventive actions", "action_items"),
        ("Preventing this from happening again / What we learnt", "action_items"),
        ("4 Corrective actions", "action_items"),
        ("2.1 Timeline", "timeline"),
        ("2.1.3. Agreed actions", "action_items"),
        ("5 whys", "contributing_factors"),
        ("3 things", "other"),
        ("Vorbeugung", "action_items"),
        ("Recomendação ao utilizador", "action_items"),
        ("Prévention", "action_items"),
        ("Prevención de recurrencia", "action_items"),
        ("预防", "action_items"),
        ("What we're doing about it", "action_items"),
        ("Next steps", "action_items"),
        ("What next {.action-items}", "action_items"),
        ("Actions still open", "action_items"),
        ("Actions already taken", "action_items"),
        ("Follow-ups that are in progress", "action_items"),
        ("How it went", "timeline"),
        ("Actions taken that night", "other"),
        ("Actions taken", "other"),
        ("Actions completed during the night", "other"),
        ("Tasks that were open at 14:00", "other"),
        ("How it went wrong", "other"),
        ("Reactions", "other"),
        ("Detection", "other"),
        ("Hub information", "other"),
        ("{{ x }}", "other"),
        ("", "other"),
        ("Geplante Maßnahmen", "action_items"),
        ("Zeitlicher Ablauf der Störung", "timeline"),
        ("Zusammenfassung", "summary"),
        ("Was lief gut", "lessons"),
        ("Actions correctives", "action_items"),
        ("Chronologie des événements", "timeline"),
        ("Cause racine", "contributing_factors"),
        ("Próximos pasos", "action_items"),
        ("Línea de tiempo", "timeline"),
        ("Lecciones aprendidas", "lessons"),
        ("Linha do tempo do incidente", "timeline"),
        ("Plano de ação", "action_items"),
        ("Azioni correttive", "action_items"),
        ("Cronologia degli eventi", "timeline"),
        ("Actiepunten", "action_items"),
        ("Tijdlijn", "timeline"),
        ("Hendelsesforløp", "timeline"),
        ("Tiltak", "action_items"),
        ("Åtgärder framåt", "action_items"),
        ("Tapahtumien kulku", "timeline"),
        ("Хронология событий", "timeline"),
        ("Корректирующие действия", "action_items"),
        ("Выводы", "lessons"),
        ("再発防止策", "action_items"),
        ("時系列（JST）", "timeline"),
        ("影響範囲", "impact"),
        ("原因（Root Cause）", "contributing_factors"),
        ("事件经过", "timeline"),
        ("后续改进措施", "action_items"),
        ("故障影响", "impact"),
        ("재발 방지 대책", "action_items"),
        ("장애 경과", "timeline"),
    ],
)
def test_a_heading_names_a_role(heading: str, role: str) -> None:
    assert section_roles.promised(heading) == role


@pytest.mark.parametrize(
    "text, is_closing",
    [
        ("In conclusion, the pool was too small.", True),
        ("By implementing these measures, we aim to prevent it.", True),
        ("En conclusion, tout va bien.", True),
        ("Bypass the cache", False),
        ("Implement a pool", False),
    ],
)
def test_a_closing_sentence_is_no_item(text: str, is_closing: bool) -> None:
    assert section_roles.is_closing(text) is is_closing


def test_what_is_in_a_section_says_more_than_its_name() -> None:
    assert section_roles.role(Section("Summary", (Entry("10:00"),))) == "timeline"
    assert section_roles.role(Section("Timeline", (Item("x"),))) == "action_items"
    assert section_roles.role(Section("Timeline")) == "timeline"


def test_every_role_of_the_vocabulary_is_a_role() -> None:
    assert set(section_roles.VOCABULARY) | {"other"} == set(section_roles.ROLES)
