"""When is it exactly the word, and when is it prose?"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from privacy.mailroom.policies import UNSUBSCRIBE_WORDS, asks_to_unsubscribe, first_own_line, is_unsubscribe_word
from privacy.mailroom.policies.words import without_prefixes

PREFIXES = ["Re:", "RE: ", "re :", "AW: ", "Antw: ", "SV: ", "VS: ", "Rif: ", "Odp: ", "Ynt: "]
FORWARDED = ["Fwd: ", "FW:", "WG: ", "TR: ", "RV: ", "转发："]
PREFIXES += ["Re[2]: ", "回复：", "Ответ: ", "R: ", "RÉ : ", "Réf : ", "Odg: ", "Απ: ", "ΣΧΕΤ: ", "TL: "]
PUNCTUATION = st.text(alphabet=" .!?,;:-_*\"'()[]{}<>«»…\u200b\u00a0", max_size=6)


@given(
    prefixes=st.lists(st.sampled_from(PREFIXES), max_size=5),
    word=st.sampled_from(sorted(UNSUBSCRIBE_WORDS)),
    before=PUNCTUATION,
    after=PUNCTUATION,
    upper=st.booleans(),
)
def test_prefixes_case_and_punctuation_do_not_matter(prefixes, word, before, after, upper):
    said = before.lstrip(":") + (word.upper() if upper else word.title()) + after
    assert asks_to_unsubscribe("".join(prefixes) + said, "") == "subject"


@pytest.mark.parametrize("prefix", FORWARDED)
def test_who_forwards_somebody_elses_wish_is_not_opted_out_by_it(prefix):
    forwarded = "---------- Forwarded message ---------\nFrom: Bob <bob@example.com>\nSubject: Unsubscribe\n\nunsubscribe\n"
    assert asks_to_unsubscribe(f"Re: {prefix}Unsubscribe", forwarded) == ""
    assert asks_to_unsubscribe(f"{prefix}Lamps for less", f"unsubscribe\n\n{forwarded}") == "text"
    assert without_prefixes(f"Re: {prefix}Automatic reply") == "Automatic reply"


@given(word=st.sampled_from(sorted(UNSUBSCRIBE_WORDS)), more=st.from_regex(r"[a-z]{1,12}", fullmatch=True), front=st.booleans())
def test_one_more_word_makes_it_prose(word, more, front):
    assume(more not in {"me", "please", "pls", "plz", "kindly", "now", "asap", "today", "thanks", "bitte", "danke", "merci"})
    said = f"{more} {word}" if front else f"{word} {more}"
    assert is_unsubscribe_word(said) == (" ".join(said.split()) in UNSUBSCRIBE_WORDS)


@given(st.text(max_size=300), st.text(max_size=2000))
def test_no_text_at_all_breaks_it(subject, text):
    assert asks_to_unsubscribe(subject, text) in {"", "subject", "text"}


@pytest.mark.parametrize(
    "text",
    [
        "Stop\n",
        "\n\n  unsubscribe.  \n\nThanks, Ann\n",
        "> Lamps for less\n> Buy now\n\nSTOP\n",
        "On Mon, 23 Nov 2026, Lumens wrote:\n> lamps\n\nopt-out\n",
        "On Mon, Nov 23, 2026 at 9:00 AM Lumens Customer Service\n<customerservice@lumens.com> wrote:\n> lamps\nremove\n",
        "Am 23.11.2026 um 09:00 schrieb Lumens:\n> Lampen\nunsubscribe\n",
        "Le lun. 23 nov. 2026 à 09:00, Lumens <o@lumens.com> a écrit :\n> lampes\n\nunsubscribe\n",
        "unsubscribe\n-----Original Message-----\nFrom: Lumens\nstop being dark\n",
        "unsubscribe\n\nSent from my iPhone\n",
        "Envoyé depuis mon iPhone\nunsubscribe\n",
        "iPhoneから送信\n\nunsubscribe\n",
        "CAUTION: This email originated from outside of the organization.\n\nunsubscribe\n",
        "EXTERNAL EMAIL\nunsubscribe\n",
        "[image: our logo]\nunsubscribe\n",
        "**Unsubscribe**\n-- \nAnn\n",
        "W dniu 23.11.2026 o 10:00, Lumens pisze:\n> lampy\n\nunsubscribe\n",
        "23.11.2026 10:00, Lumens пишет:\n> лампы\n\nunsubscribe\n",
        "2026年11月23日(月) 10:00 Lumens <o@lumens.com>:\n> x\n\nunsubscribe\n",
    ],
)
def test_the_first_own_line_is_found(text):
    assert asks_to_unsubscribe("Re: lamps", text) == "text"


@pytest.mark.parametrize(
    "text",
    [
        "Please stop.\n",
        "please do not unsubscribe me\n",
        "unsubscribe me from nothing\n",
        "How do I unsubscribe my mother?\n",
        "remove me\n",
        "stop it now\n",
        "I want to unsubscribe\n",
        "> unsubscribe\n",
        "Thanks!\nunsubscribe\n",
        "-----Original Message-----\nunsubscribe\n",
        "From: Lumens <o@lumens.com>\nSent: Monday\nSubject: x\n\nunsubscribe\n",
        "unsubscribed\n",
        "end of story\n",
        "Caution: the lamp stands outside\nstop\n",
        "Warning, your mail is external to me\nstop\n",
        "",
    ],
)
def test_everything_else_goes_to_a_person(text):
    assert asks_to_unsubscribe("Re: lamps", text) == ""


def test_words_that_only_begin_like_a_prefix_stay():
    assert without_prefixes("Return of my lamp: broken") == "Return of my lamp: broken"
    assert first_own_line("> a\n\n  mine  \nb") == "mine"


@pytest.mark.parametrize(
    "said",
    ["Please unsubscribe", "please unsubscribe me.", "Unsubscribe me, please!", "Unsubscribe, thanks", "opt me out",
     "Take me off your list", "Remove me from this mailing list, please", "Abmelden", "Newsletter abbestellen", "Abbestellen",
     "Désabonnement", "DESABONNER", "Se désabonner", "Darme de baja", "cancelar suscripcion", "Descadastrar",
     "Cancelar inscrição", "Disiscrivimi", "Cancella iscrizione", "Afmelden", "Uitschrijven"],
)  # fmt: skip
def test_a_whole_sentence_or_another_language_leaves_no_doubt(said):
    assert is_unsubscribe_word(said)


@pytest.mark.parametrize("tag", ["[EXTERNAL] ", "[EXT]: ", "[External Email] ", "[SPAM?] ", "{Spam?} ", "***SPAM*** "])
def test_the_tag_of_a_mail_gateway_does_not_hide_the_word(tag):
    assert asks_to_unsubscribe(f"Re: {tag}Re: Unsubscribe", "") == "subject"
    assert asks_to_unsubscribe(f"{tag}Fwd: Unsubscribe", "") == ""


@pytest.mark.parametrize(
    "said",
    ["Bitte abmelden", "Abmelden, bitte!", "Bitte um Abmeldung", "Me désabonner svp", "Désabonnez-moi", "Merci de me désabonner",
     "Por favor darme de baja", "Per favore, disiscrivimi", "Afmelden aub", "Abbestellen, danke"],
)  # fmt: skip
def test_a_polite_word_beside_the_word_is_polite_in_other_languages_too(said):
    assert is_unsubscribe_word(said)


@pytest.mark.parametrize(
    "said", ["Bitte", "Danke", "Bitte nicht abmelden", "Bitte Bestellung abmelden", "please stop", "merci merci"]
)
def test_politeness_alone_or_with_more_is_no_wish(said):
    assert not is_unsubscribe_word(said)
