"""What packages say to people, they say in the words of this house (lumens_admin/locale)."""

import gettext
import importlib
import re
from pathlib import Path

from django.conf import settings
from django.forms import ModelChoiceField
from django.utils.translation import gettext as said

WORDS = Path(settings.BASE_DIR) / "lumens_admin" / "locale" / "en" / "LC_MESSAGES"


def test_the_words_that_are_read_are_those_that_are_written_down():
    """The program reads django.mo; people write django.po."""
    written = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', (WORDS / "django.po").read_text(), re.MULTILINE)
    assert len(written) > 15
    with (WORDS / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    for original, ours in written:
        assert read.gettext(original) == ours
        assert said(original) == ours


def test_every_key_of_a_row_is_in_the_dialog_that_lists_the_keys():
    templates = Path(settings.BASE_DIR) / "templates"
    named = {key for path in templates.rglob("*.html") for key in re.findall(r'\sdata-key="(\w)"', path.read_text())}
    dialog = (templates / "privacy" / "parts" / "keys.html").read_text()
    assert "c" in named
    for key in named:
        assert f"""data-where='[data-key="{key}"]'><dt><kbd>{key}</kbd></dt>""" in dialog


def test_no_list_to_choose_from_begins_with_a_row_of_dashes():
    forms = [
        path
        for path in (Path(settings.BASE_DIR) / "privacy").rglob("*.py")
        if "forms" in str(path.relative_to(settings.BASE_DIR))
    ]
    chosen_from = 0
    for path in forms:
        module = importlib.import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
        for form in vars(module).values():
            for name, field in getattr(form, "base_fields", {}).items():
                if isinstance(field, ModelChoiceField):
                    chosen_from += 1
                    assert field.empty_label != "---------", f"{module.__name__}: {name}"
    assert chosen_from > 10
