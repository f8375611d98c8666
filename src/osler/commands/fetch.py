"""`osler fetch`: public data sets, with licence and attribution before use."""

from __future__ import annotations

from osler.commands.index import NAMED
from osler.data.public import PUBLIC, PublicSet, default_mirror, fetch, public_set
from osler.pipeline import Say


def list_sets() -> str:
    """The named sets with their licences."""
    mirror = default_mirror()
    lines = [
        f"{public.name:<16} {public.title}\n{'':<16} {public.licence}"
        + ("" if any(file.url for file in public.files) else "; from a mirror only")
        for public in PUBLIC.values()
    ]
    lines.append(
        f"Mirror: {mirror}" if mirror else "Mirror: none (set OSLER_DATA to a folder with copies)"
    )
    return "\n".join(lines)


def fetch_set(name: str, say: Say) -> None:
    """Say licence and attribution, then fetch what is missing and verify it."""
    public = public_set(name)
    say(terms(public))
    for path in fetch(name):
        say(f"verified  {path}")
    say(next_steps(public))


def terms(public: PublicSet) -> str:
    """Who made a set and under which licence it may be used."""
    return (
        f"{public.title}\nlicence   {public.licence}\nby        {public.attribution}\n"
        f"from      {public.homepage} at {public.commit}"
    )


def next_steps(public: PublicSet) -> str:
    """What to do with a set that is there."""
    if public.kind == "counties":
        return "Look at a county: osler records county 06037"
    use = ", use: text" if public.kind == "text" else ""
    recipe = f"In a recipe: data.sources: [{{type: public, name: {public.name}{use}}}]"
    if public.name not in NAMED:
        return recipe
    return f"{recipe}\nAs sources of answers: osler index build {public.name} --out sources"
