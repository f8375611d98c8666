"""Short messages in each language of the tables: three or four words are enough."""

from __future__ import annotations

import functools

import pytest

from osler.serve.scope.guard import Guard
from osler.serve.scope.language import Reading, read_language

MESSAGES = {
    "Arabic": ("ما هو النقرس؟", "أبي يعاني من ألم في الصدر"),
    "Chinese": ("什么是痛风？", "我爸爸胸痛"),
    "Czech": ("Co je dna?", "Můj otec má bolest na hrudi"),
    "Danish": ("Hvad er gigt?", "Min far har brystsmerter"),
    "Dutch": ("Wat is jicht?", "Mijn vader heeft pijn op de borst"),
    "Finnish": ("Mikä on kihti?", "Isälläni on rintakipua"),
    "French": ("C'est quoi la goutte ?", "Mon père a mal à la poitrine"),
    "German": ("Was ist Gicht?", "Mein Vater hat Brustschmerzen"),
    "Greek": ("Τι είναι η ουρική αρθρίτιδα;", "Ο πατέρας μου έχει πόνο στο στήθος"),
    "Hebrew": ("מה זה שיגדון?", "לאבא שלי יש כאבים בחזה"),
    "Hindi": ("गठिया क्या है?", "मेरे पिता को सीने में दर्द है"),
    "Hungarian": ("Mi a köszvény?", "Apámnak mellkasi fájdalma van"),
    "Indonesian": ("Apa itu asam urat?", "Ayah saya nyeri dada"),
    "Italian": ("Cos'è la gotta?", "Mio padre ha dolore al petto"),
    "Japanese": ("痛風とは何ですか？", "父が胸の痛みを訴えています"),
    "Korean": ("통풍이 뭐예요?", "아버지가 가슴이 아파요"),
    "Norwegian": ("Hva er gikt?", "Faren min har brystsmerter"),
    "Polish": ("Co to jest dna moczanowa?", "Mój ojciec ma ból w klatce piersiowej"),
    "Portuguese": ("O que é gota?", "Meu pai está com dor no peito"),
    "Romanian": ("Ce este guta?", "Tatăl meu are dureri în piept"),
    "Russian": ("Что такое подагра?", "У отца боль в груди"),
    "Spanish": ("¿Qué es la gota?", "Mi padre tiene dolor en el pecho"),
    "Swedish": ("Vad är gikt?", "Min pappa har bröstsmärtor"),
    "Turkish": ("Gut hastalığı nedir?", "Babamın göğsü ağrıyor"),
    "Ukrainian": ("Що таке подагра?", "У мого батька біль у грудях"),
    "Vietnamese": ("Bệnh gút là gì?", "Bố tôi bị đau ngực"),
}
"""What gout is, and that a father has chest pain."""


@functools.cache
def guard() -> Guard:
    """The shipped one, loaded once."""
    return Guard.load()


@pytest.mark.parametrize("language", MESSAGES)
def test_a_short_question_about_health_gets_through(language: str) -> None:
    found = guard().judge(MESSAGES[language][0])
    assert (found.kind, found.read) == ("medical", False)


@pytest.mark.parametrize("language", MESSAGES)
def test_chest_pain_in_a_short_message_is_an_emergency(language: str) -> None:
    found = guard().judge(MESSAGES[language][1])
    assert (found.kind, found.emergency, found.read) == ("emergency", "heart", False)


@pytest.mark.parametrize(
    "text",
    [
        "Woher kommen Brustschmerzen beim Sport?",
        "Mikä on flunssa?",
        "Was ist ein Hotel?",
        "ما هو الربو؟",
    ],
)
def test_a_question_of_knowledge_is_none(text: str) -> None:
    assert guard().judge(text).kind != "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "Is hay fever contagious?",
        "hay fever in me",
        "Kim has asthma",
        "Son has fever",
        "pressing, middle of chest, 20 min, aspirin?",
        "My son drank drain cleaner!",
    ],
)
def test_english_with_a_word_that_others_have_too_stays_english(text: str) -> None:
    assert read_language(text) is Reading.ENGLISH


@pytest.mark.parametrize("text", ["Was ist Gicht?", "Wat is jicht?", "Mikä on kihti?"])
def test_words_that_english_has_too_do_not_make_a_message_english(text: str) -> None:
    assert read_language(text) is Reading.OTHER_MEDICAL
