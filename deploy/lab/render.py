"""Configuration files from templates: the lab's own ($name) and those of deploy (@NAME@)."""

import re
from pathlib import Path
from string import Template

HERE = Path(__file__).resolve().parent
DEPLOY = HERE.parent


def render(template, **values):
    """A template of the lab; a name without a value is a KeyError."""
    return Template((HERE / "templates" / template).read_text()).substitute(values)


def fill(template, values):
    """A template of deploy/, the very one that operators use; every @NAME@ needs a value."""
    lines = (DEPLOY / template).read_text().splitlines(keepends=True)
    return "".join(line if line.startswith("#") else
                   re.sub(r"@([A-Z_]+)@", lambda found: str(values[found[1]]), line)
                   for line in lines)
