"""Search behind the topics: what comes near is found, what is foreign is not, and the index follows the articles."""

import os
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import knowledge
import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowledge.search import ArticleIndex, Hit, Words, parts
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, found: knowledge.Catalogue) -> ArticleIndex:
    url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'kennis.db'}"
    knowledge.migrate(url)
    made = knowledge.Store(url).articles
    made.refresh(found)
    return made


@pytest.mark.parametrize(("question", "topic"), [
    ("wat kost het pdg", "pdg-kosten"), ("moet mijn patron btw rekenen als hij mij uitleent", "kosten-btw"),
    ("twee werkgevers en loonheffingskorting", "twee-banen-belasting"), ("STAP-budget aanvragen", "stap-budget")])
def test_the_article_that_comes_nearest_stands_first(index: ArticleIndex, question: str, topic: str) -> None:
    hits = index.search(question)
    assert hits[0].topic == topic
    assert hits[0].clear


def test_a_compound_that_no_article_has_is_found_by_its_parts(index: ArticleIndex) -> None:
    assert index.search("pdgkosten")[0].topic == "pdg-kosten"


@pytest.mark.parametrize("question", [
    "hoe laat gaat de bakker open", "wat verdient een vrachtwagenchauffeur", "welke kleur past bij een blauwe bank", "xqzt vrblt", "?", "", "de het een en"])
def test_what_is_foreign_gives_no_clear_hit(index: ArticleIndex, question: str) -> None:
    assert not any(hit.clear for hit in index.search(question))


@pytest.mark.parametrize("question", ['"', "' OR 1=1 --", "NEAR(a b)", "pdg* AND (", "title:pdg", "\x00", "a" * 5000, "pdg\n" * 200, "😀", "{pdg.kosten_fontys}"])
def test_signs_that_a_search_engine_reads_are_words_like_any_other(index: ArticleIndex, question: str) -> None:
    assert isinstance(index.search(question), list)


@given(st.text(max_size=80))
def test_no_text_breaks_it(index: ArticleIndex, question: str) -> None:
    assert all(0 <= hit.share <= 1 for hit in index.search(question))


def test_one_word_alone_is_never_clear() -> None:
    assert not Hit("pdg-wat", 1.0, 1).clear
    assert Hit("pdg-wat", 0.6, 2).clear
    assert not Hit("pdg-wat", 0.59, 2).clear


def test_the_index_is_written_again_only_when_an_article_changed(tmp_path: Path, found: knowledge.Catalogue) -> None:
    url = f"sqlite:///{tmp_path / 'kennis.db'}"
    knowledge.migrate(url)
    made = knowledge.Store(url).articles
    assert made.refresh(found) is True
    assert made.refresh(found) is False
    changed = found.articles["pdg-wat"].model_copy(update={"details": "Kwartelkoningin en zeepbellenmachine."})
    assert made.search("zeepbellenmachine kwartelkoningin") == []
    assert made.refresh(replace(found, articles=found.articles | {"pdg-wat": changed})) is True
    assert made.search("zeepbellenmachine kwartelkoningin")[0].topic == "pdg-wat"
    assert knowledge.Store(url).articles.refresh(replace(found, articles=found.articles | {"pdg-wat": changed})) is False


def test_a_topic_that_is_not_live_is_not_found(tmp_path: Path, found: knowledge.Catalogue) -> None:
    url = f"sqlite:///{tmp_path / 'kennis.db'}"
    knowledge.migrate(url)
    made = knowledge.Store(url).articles
    asleep = found.topics["pdg-kosten"].model_copy(update={"live": False})
    made.refresh(replace(found, topics=found.topics | {"pdg-kosten": asleep}))
    assert "pdg-kosten" not in [hit.topic for hit in made.search("wat kost het pdg", limit=20)]


def test_synonyms_are_one_word_and_plurals_fall_together() -> None:
    words = Words([("werkgever", "baas", "chef")])
    assert words.of("mijn baas") == words.of("de chefs") == words.of("werkgevers")
    assert words.of("leerbedrijven") == words.of("leerbedrijf")


@pytest.mark.parametrize(("word", "found"), [
    ("leerbedrijfsubsidie", None), ("scholingssubsidie", ("scholing", "subsidie")), ("pdgkosten", ("pdg", "kosten")), ("subsidie", None), ("xyzsubsidie", None)])
def test_a_compound_is_cut_only_into_words_that_are_known(word: str, found: tuple[str, str] | None) -> None:
    known = {Words().of(name)[0] for name in ("scholing", "subsidie", "pdg", "kosten")}
    assert parts(word, known.__contains__) == (found and tuple(Words().of(name)[0] for name in found))


@pytest.mark.skipif(not os.environ.get("LESBRUG_TEST_DATABASE_URL"), reason="no PostgreSQL named in LESBRUG_TEST_DATABASE_URL")
def test_postgresql_finds_the_same_as_sqlite(index: ArticleIndex, found: knowledge.Catalogue) -> None:
    base, schema = make_url(os.environ["LESBRUG_TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg2"), f"zoek_{uuid4().hex[:8]}"
    with create_engine(base).begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        url = base.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
        knowledge.migrate(url)
        store = knowledge.Store(url)
        assert store.articles.refresh(found) is True and store.articles.refresh(found) is False
        for question in ("wat kost het pdg", "moet mijn patron btw rekenen als hij mij uitleent", "a | b & !c", "'; DROP TABLE search_article --", "pdgkosten"):
            assert [(hit.topic, hit.share) for hit in store.articles.search(question, 1)] == [(hit.topic, hit.share) for hit in index.search(question, 1)]
        store.close()
    finally:
        with create_engine(base).begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
