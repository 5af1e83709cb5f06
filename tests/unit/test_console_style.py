"""What the console's files promise: both directions, no script, no other machine, small."""

from __future__ import annotations

import re
from pathlib import Path

import nabd
from nabd.web.console.render import folders
from nabd.web.console.static import FOLDER, files, static_url

SOURCE = Path(nabd.__file__).parent
SIDES = re.compile(r"(?<![\w-])(left|right|(margin|padding|border)-(left|right|top|bottom))\b")
TEMPLATES = [path for folder in folders() for path in sorted(folder.glob("*.html"))]
MOST_BYTES = {".css": 24_000, ".woff2": 40_000, ".svg": 2_000, ".txt": 6_000}


def test_the_stylesheet_knows_no_left_and_no_right() -> None:
    css = (FOLDER / "nabd.css").read_text("utf-8")
    assert SIDES.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)) == []


def test_the_stylesheet_asks_no_other_machine() -> None:
    css = (FOLDER / "nabd.css").read_text("utf-8")
    assert re.findall(r'url\("?([^")]+)', css) == ["noto-sans-arabic.woff2"]
    assert "@import" not in css


def test_templates_hold_no_script_and_no_style() -> None:
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text), path.name


def test_templates_load_nothing_from_elsewhere() -> None:
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert not re.search(r'(?:src|action)="https?:|<link[^>]+href="https?:', text), path.name


def test_templates_say_words_through_the_catalogue() -> None:
    between_tags = re.compile(r">\s*([A-Za-z][a-z]{3,}(?: [a-z]+)+)\s*<")
    for path in TEMPLATES:
        assert between_tags.findall(path.read_text("utf-8")) == [], path.name


def test_static_files_are_few_and_small() -> None:
    for name, content in files().items():
        assert len(content) <= MOST_BYTES[Path(name).suffix], name
    assert static_url("nabd.css").startswith("/static/")
