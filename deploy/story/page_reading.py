"""What the status page shows, row by row, as a reader's eyes take it."""

import datetime
import re

ROW = re.compile(r'<tr data-key="([^"]*)">(.*?)</tr>', re.S)
BADGE = re.compile(r'class="badge k-([a-z]+)"')
CLOCK = re.compile(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", re.S)
TIME = re.compile(r'datetime="([^"]*)"')


def _card(page, name):
    """The part of the page from this card to the next; empty if there is none."""
    start = page.find(f'id="{name}"')
    end = page.find("<section", start)
    return page[start:end if end > 0 else None] if start >= 0 else ""


def classes(page, card):
    """Class by what a row's key begins with: an address, or a server's name."""
    rows = {}
    for key, row in ROW.findall(_card(page, card)):
        badge = BADGE.search(row)
        if badge:
            rows[key] = badge.group(1)
    return rows


def clocks(page):
    """The drain's times by their titles; None where the page tells none."""
    told = {}
    for title, text in CLOCK.findall(_card(page, "obligations")):
        time = TIME.search(text)
        told[title] = datetime.datetime.fromisoformat(time.group(1).replace("Z", "+00:00")) \
            if time else None
    return told
