"""Names in two scripts: one person stays one, two stay two, whatever the spelling."""

from __future__ import annotations

import doctest
import subprocess
import sys
from importlib import import_module
from itertools import combinations

import pytest

from nabd.identity.names import (
    Agreement,
    agreement,
    compare,
    compare_tokens,
    keys,
    parse,
    romanise,
    score,
    similarity,
)
from nabd.identity.names.lexicon import entries, form_of

# the spellings in the source documents, and in the press about the same people
PEOPLE = [
    [
        *("Amine Tahraoui", "Amine Tihraoui", '"Amin Al -Tahrawi"', "Mr. Amin Al -Tahrawi"),
        *("Amine Tehraoui", "أمين التهراوي", "السيد أمين التهراوي"),
    ],
    ["Lahcen Blameani", "Lahcen Belyamani", "لحسن بليماني"],
    ["Kamal Al -Daghmi", "Kamal Doghmi", "كمال الدغمي"],
    ["Hanane Hassan Balkhi", "Hanan Balkhy", "Hanan Hassan Balkhy", "حنان حسن بلخي"],
    ["Gong Zheng", "قونغ تشنغ", "龚正"],
    ["Aziz Akhannouch", "عزيز أخنوش"],
    ["Kamal Marhoum El Filali"],
    ["Hassan Bouzid"],
    ["Abd el Kader Ben Jelloun", "Abdelkader Benjelloun", "عبد القادر بن جلون", "عبدالقادر بنجلون"],
    [
        *("Fatima Zahra El Idrissi", "Fatimazahra Idrissi", "Fatima-Ezzohra Elidrissi"),
        *("فاطمة الزهراء الإدريسي", "فاطمه الزهرة ادريسي"),
    ],
    ["Nour-Eddine Ait Taleb", "Noureddine Aït-Taleb", "نور الدين آيت الطالب"],
]
WRITTEN = [(person, text) for person, texts in enumerate(PEOPLE) for text in texts]


def agree(one: str, other: str) -> bool:
    found = compare(parse(one), parse(other))
    levels = (found.given, found.family)
    return all(level is not None and level >= Agreement.CLOSE for level in levels)


@pytest.mark.parametrize(("one", "other"), list(combinations(WRITTEN, 2)))
def test_one_person_is_one_and_two_are_two(one: tuple[int, str], other: tuple[int, str]) -> None:
    assert agree(one[1], other[1]) == (one[0] == other[0])


@pytest.mark.parametrize("text", ["M. Tihraoui", "السيد التهراوي", "Tahraoui"])
def test_a_family_name_alone_agrees_with_the_family(text: str) -> None:
    found = compare(parse(text), parse("Amine", "Tahraoui"))
    assert found.family is not None
    assert found.family >= Agreement.SAME
    assert found.given is None


# names that are near and another person's: the level must say so, in both scripts and across
APART = [
    ("Mohamed", "Mahmoud"),
    ("محمد", "محمود"),
    ("Mohamed", "محمود"),
    ("Mahmoud", "محمد"),
    ("Ahmed", "Hamid"),
    ("أحمد", "Hamid"),
    ("Ahmed", "حميد"),
    ("Amine", "Amina"),
    ("Amine", "أمينة"),
    ("أمين", "أمينة"),
    ("Rachid", "Rachida"),
    ("رشيد", "Rachida"),
    ("Rachid", "رشيده"),
    ("M'hamed", "Mohamed"),
    ("امحمد", "محمد"),
    ("Karim", "Akram"),
    ("Hassan", "Houcine"),
    ("Said", "Saad"),
    ("Jamal", "Jamil"),
    ("Samir", "Samira"),
    ("Hicham", "هاشم"),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_near_names_of_two_people_are_kept_apart(one: str, other: str) -> None:
    a, b = parse(one, "Alami").given[0], parse(other, "Alami").given[0]
    assert compare_tokens(a, b) <= Agreement.DIFFERENT
    assert compare_tokens(b, a) == compare_tokens(a, b)


def test_names_without_a_common_consonant_are_told_apart_without_the_transducer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agreement, "transducer", lambda: pytest.fail("nobody needs to ask it"))
    a, b = parse("", "Ouzgane").family[0], parse("", "بلحمر").family[0]
    assert compare_tokens(a, b) == Agreement.DIFFERENT


# as other registers write them; most of these names are in no table
OTHERWISE_WRITTEN = [
    ("Lamkinsi", "المكنسي"),  # what is left of an article
    ("Ouadrhouri", "الودغوري"),  # rh for غ, after a consonant
    ("Bourhazi", "بوغازي"),
    ("Aït Houmane", "آيت حومان"),  # the t and the h are two sounds
    ("Aithoumane", "Ait Houmane"),
    ("Ould Jedd", "ولد جد"),
    ("Id Yassine", "إد ياسين"),
    ("Ou Saghrou", "أوصغرو"),
    ("U Saghrou", "Ousaghrou"),
    ("Ould Ech-Chahed", "ولد الشاهد"),
    ("Tatouane", "تطوان"),  # two sounds, not a long one
    ("El Kasmi épouse Tadmouri", "Kasmi Tadmouri"),
    ("قاسمي حرم التدموري", "Kasmi Tadmouri"),
]


@pytest.mark.parametrize(("one", "other"), OTHERWISE_WRITTEN)
def test_a_family_name_is_one_however_it_is_written(one: str, other: str) -> None:
    a, b = parse("Ali", one), parse("علي", other)
    found = compare(a, b)
    assert found.family is not None
    assert found.family >= Agreement.CLOSE
    assert found.extra_family == 0
    assert {t.skeleton for t in a.family} == {t.skeleton for t in b.family}


WOMEN = [("Nawel", "نوال"), ("Ilhem", "إلهام"), ("Imene", "Imane"), ("Nourelhouda", "نور الهدى")]


@pytest.mark.parametrize(("one", "other"), WOMEN)
def test_a_rare_spelling_of_a_woman_s_name_is_no_man_s(one: str, other: str) -> None:
    found = compare(parse(one, "Alami"), parse(other, "Alami"))
    assert found.given is not None
    assert found.given >= Agreement.CLOSE


@pytest.mark.parametrize(("latin", "arabic"), [("Tasbah", "تسباح"), ("Ousalah", "أوصلاح")])
def test_an_ending_in_ah_may_be_a_man_s(latin: str, arabic: str) -> None:
    assert compare_tokens(parse(latin).given[0], parse(arabic).given[0]) >= Agreement.CLOSE


# names that no table has
UNKNOWN_APART = [
    ("Taslim", "Taslima"),
    ("Taslim", "تسليمة"),
    ("تسليم", "تسليمة"),
    ("Bouzrim", "Bouzram"),
    ("Zerhoun", "Zerhouni"),
    ("Tachfin", "Tachfina"),
]


@pytest.mark.parametrize(("one", "other"), UNKNOWN_APART)
def test_endings_and_long_vowels_keep_unknown_names_apart(one: str, other: str) -> None:
    assert compare_tokens(parse(one).given[0], parse(other).given[0]) <= Agreement.DIFFERENT


SAME = [
    ("Mohamed", "Med"),
    ("Mohammed", "محمد"),
    ("Youssef", "Yusuf"),
    ("Zineb", "زينب"),
    ("Ghita", "Rita"),
    ("Amghar", "Amrar"),
    ("Lhoucine", "الحسين"),
    ("Abderrahmane", "عبد الرحمان"),
    ("Abdul Rahman", "Abderrahmane"),
    ("Chaimae", "شيماء"),
    ("Noureddine", "نور الدين"),
    ("Khadidja", "خدیجه"),
    ("Zerhouni", "الزرهوني"),
    ("Es-Serrouchni", "السروشني"),
    ("Ouzzaouit", "Ouzawit"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_agree(one: str, other: str) -> None:
    a, b = parse(one).given[0], parse(other).given[0]
    assert compare_tokens(a, b) >= Agreement.SKELETON
    assert similarity(a, b) >= 0.5 or a.canonical == b.canonical


TITLES = [
    ("Moulay Ahmed", ("moulay",), ["ahmed"]),
    ("Dr. Lalla Salma", ("dr", "lalla"), ["salma"]),
    ("الحاج محمد", ("الحاج",), ["محمد"]),
    ("El Hajj Omar", ("hajj",), ["omar"]),
    ("Moulay", (), ["moulay"]),  # the only word is a name
    ("السيد", ("السيد",), []),
    ("Mme", ("mme",), []),
]


@pytest.mark.parametrize(("written", "titles", "forms"), TITLES)
def test_titles_are_kept_apart(written: str, titles: tuple[str, ...], forms: list[str]) -> None:
    name = parse(written, "Alaoui")
    assert name.titles == titles
    assert [token.form for token in name.given] == forms


@pytest.mark.parametrize(
    "given",
    [
        "Nouveau-né de Fatima",
        "BB de Fatima",
        "N.N",
        "Jumelle Fatima",
        "NN",
        "Bébé",
        "ولد فاطمة",
        "مولود",
        "X",
        "Inconnu",
        "مجهول",
        "nouveau né",
    ],
)
def test_a_placeholder_is_no_name(given: str) -> None:
    name = parse(given, "Alami")
    assert name.placeholder
    assert name.given == ()


@pytest.mark.parametrize("given", ["Nadia", "Walid", "وليد", "Bebba", "Xavier"])
def test_a_name_is_no_placeholder(given: str) -> None:
    assert not parse(given, "Alami").placeholder


def test_a_dropped_second_name_is_counted_not_held_against() -> None:
    found = compare(parse("Mohamed Amine", "Alami"), parse("محمد", "العلمي"))
    assert (found.given, found.family, found.extra_given) == (Agreement.SAME, Agreement.SAME, 1)


def test_swapped_fields_are_noticed() -> None:
    found = compare(parse("Alami", "Rachid"), parse("رشيد", "العلمي"))
    assert found.swapped
    assert found.given == found.family == Agreement.SAME


@pytest.mark.parametrize("text", ["Rachid Alami", "Alami Rachid", "العلمي رشيد"])
def test_the_order_of_a_text_does_not_matter(text: str) -> None:
    found = compare(parse(text), parse("Rachid", "El Alami"))
    assert min(found.given or 0, found.family or 0) >= Agreement.SAME
    assert not found.swapped


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Rachid", "Zerhouni"), ("رشيد", "الزرهوني")),
        (("Zerhouni", "Rachid"), ("رشيد", "الزرهوني")),
        (("Mohamed Amine", "Boukili"), ("Amine", "El Boukili")),
        (("Fatima Zahra", "Ait Taleb"), ("فاطمة", "آيت الطالب")),
    ],
)
def test_names_of_one_person_share_a_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    shared = set(keys(parse(*one))) & set(keys(parse(*other)))
    assert any("|" in key for key in shared)


def test_an_unknown_arabic_name_gets_a_latin_spelling() -> None:
    best = dict(romanise("الزرهوني"[2:]))
    assert {"zerhoni", "zarhoni", "zrhouni"} & best.keys()
    assert score("zerhouni", "زرهوني") > score("zitouni", "زرهوني")


@pytest.mark.parametrize(
    "module",
    [
        "",
        ".columns",
        ".edits",
        ".agreement",
        ".lexicon",
        ".letters",
        ".parsing",
        ".script",
        ".spelling",
    ],
)
def test_the_examples_of_the_docstrings_hold(module: str) -> None:
    found = doctest.testmod(import_module(f"nabd.identity.names{module}"))
    assert found.attempted
    assert not found.failed


def test_names_are_told_apart_without_loading_the_server() -> None:
    code = """
import sys, nabd.identity.names.columns
print({"asyncpg", "starlette", "nabd.store", "nabd.access", "nabd.fhir"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_spelling_of_the_tables_stands_for_two_names() -> None:
    found: dict[str, set[str]] = {}
    for entry in entries():
        for word in (*entry.latin, *entry.arabic):
            found.setdefault(form_of(word), set()).add(entry.known.canonical)
    assert {form: names for form, names in found.items() if len(names) > 1} == {}
