"""Which lines of a document stand in a list of allergies: under a heading, beside a label and
below it, or in a column of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from osler.documents.document import Document
from osler.serve.assistant.cite import rarity
from osler.serve.documents.findings import DOSED, spans
from osler.serve.documents.lines import cells, continued, size, unwrapped
from osler.serve.documents.reactions import REACTION, UPSET
from osler.serve.documents.substances import mentions, named

_TITLE = (
    r"(?:allerg(?:y|ies|ens?|ic to|ic history|ic|ien?)|al+ergias?|intolerances?|"
    r"hypersensitivit(?:y|ies)|sensitivit(?:y|ies)|"
    r"(?:adverse (?:drug )?|drug )reactions?|adrs?|alerts?)"
)
_OF = (
    r"(?:known|drug|food|medication|medicine|substance|documented|current|active|past|previous|"
    r"reported|recorded|confirmed|verified|patient|other|any|all|your|his|her|severe|significant|"
    r"list of|history of|and|&|environmental|pmhx?|(?:past )?medical history|p?sh)"
)
_BEHIND = (
    r"(?:list|status|history|documented|recorded|reported|known|noted|details|information|record|"
    r"profile|band|bracelet|wristband|sticker|box|alerts?|warnings?|include[sd]?|"
    r"(?:on|at|from|(?:as )?per) (?:the )?[a-z]+(?: record)?|"
    r"to (?:drugs?|foods?|medications?|medicines)|(?:to )?the following(?: \w+)?)"
)
_NOTE = r"(?:\s*(?:\([^()]{0,80}\)|\[[^\[\]]{0,80}\]))"
_WHOLE = (
    rf"[\W\d_]*(?:{_OF}(?:\s+|\s*[/,]\s*))*"
    rf"{_TITLE}(?:\s*(?:/|&|\band\b|\bor\b|,)\s*(?:drug )?(?:{_TITLE}|reactions?))*"
    rf"(?:\s+{_BEHIND})*{_NOTE}?"
)
TITLE = re.compile(rf"(?i){_WHOLE}[\W\d_]*|(?:she|he|(?:the )?patient|pt) (?:is|has) {_WHOLE}\s*:")
"""A heading of allergies, whatever it adds in brackets."""
HEAD = re.compile(
    rf"(?i){_WHOLE}(?:\W+(?:(?:were|was|have been|are)\s+)?"
    r"(?:as of|(?:last )?(?:reviewed|verified|updated|checked|confirmed|asked))"
    r"\b[^:|]{0,40})?[\W\d_]*"
)
"""The same before what is listed in its own line."""
BARE = re.compile(rf"(?:[A-Z]\w+ )?(?i:{_TITLE})\s+(?=[A-Z])")
"""`ALLERGIES Penicillin`, where paragraphs of a cell are one line."""
ALL = re.compile(r"(?:ALL|All)\.?")
"""An abbreviation, where a substance stands behind it at once."""
SURE = re.compile(r"(?i)al+erg|intoleran|hypersens|adverse|drug reaction")
"""A heading under which whatever is not denied is an allergy, known to the lexicon or not."""
NONE = re.compile(
    r"(?i)\W*(?:none|nil|no|nkd?a|n/?a|negative|denies|denied)\b(?:\s+(?:known|reported|recorded|"
    r"documented|any|drugs?|(?:drug )?allerg\w+|of note)\b)*\W*(?:$|[.;])"
)
"""What denies all."""
PROSE = re.compile(r"(?i)\b(?:is|are|was|were|can|may|should|have|has|had|will|they|you)\b")
ENTRY = 8
"""Words of an entry of a list, at most."""
ABOUT = re.compile(r"(?i)\b(?:allerg(?:y|ies)|intoleranc\w+|adverse (?:drug )?reactions?)\b")
"""What a heading says that the document itself marks."""
LABEL = re.compile(
    r"(?P<head>[^:;|=()\[\]]{2,60}?(?:\s*[(\[][^()\[\]]{0,80}[)\]])?)\s*"
    r"(?P<mark>[:?=;]+>?|\||[-–—]+>|→|\s[-–—]+\s|\s{2,}|"
    r"(?=[☐☑☒□]|\[[ xX]?\]))\s*(?P<rest>\S.*)"
)
TABLE = re.compile(r"(?i)\W*(?:reactions?|type|severity|manifestations?|symptoms?)\b.{0,30}")
"""A column that tells more of an allergy, in a table of them."""
COLUMN = re.compile(
    r"(?i)\W*(?:(?:patient )?name|patient|d\.?o\.?b\.?|date(?: of birth| of onset)?|age|sex|gender|"
    r"(?:nhs|hospital|record|mrn) ?(?:no\.?|number|#)?|mrn|id|bed|notes?|status|onset|year|source|"
    r"drugs?|medicines?|strength|dose|route|frequency|indication|recorded(?: by| on)?|risks?)\W*"
)
OTHER = re.compile(
    r"(?i)[\W\d]*(?:(?!no )[a-z]+ ){0,2}?(?:medications?|medicines|meds|plan|"
    r"labs?|laboratory|results?|history|"
    r"conclusions?|impressions?|assessment|diagnos[ei]s|problems?|vitals?|"
    r"(?:vital )?signs|examination|exam|immuni[sz]ations?|vaccinations?|procedures?|orders?|"
    r"prescriptions?|recommendations?|follow[- ]?up|investigations?|comments?|treatment|therapy|"
    r"code status|weight|height|bmi|gp|pcp|attending|consultant|address|phone|ward|room|"
    r"course|imaging|summary|findings?|instructions?|symptoms?|complaint|"
    r"[fdsp]m?hx?|pshx?|hpc|o/e|rx|tx|tt[oa]s?|tablets?|inhalers?|smoking|alcohol|occupation|diet)"
    r"(?: (?:on|at|for|of) [a-z ]{2,20})?[\W\d]*"
)
"""A line that names another section, marked as a heading or not."""
BREAKS = re.compile(r"(?i)\b(?:to|from|with|after|of|on|and|or|drug|the)$|,$")
"""How a line ends whose sentence goes on in the next."""
BULLETS = "-–—•*·|☒☑"
TAKEN = re.compile(
    r"(?i)\b(?:continue|stop|hold|withhold|restart)\W*$|\d\s?(?:mg|mcg|µg|g|ml|units?|puffs?)\b|\b(?:od|bd|tds|qds|prn|daily|nightly|"
    r"weekly|stat|iv)\b"
    r"|\b(?:is|was|were|been)\s+(?:treated|given|(?:re)?started|prescribed|continued|taking|on)\b"
    r"|^\W*(?:(?:current|now|present)ly\s+|(?:she|he|(?:the )?patient) (?:is )?)?(?:on|taking|"
    r"takes?|using|uses?|received?|receiving|given|(?:re)?start\w*|commenc\w+|continu\w+|prescri\w+|"
    r"switch\w*|treated)\b|\b(?:given|started|prescribed|prophylaxis)\W*$"
)
"""What somebody gets, and no allergy."""
STRANGE = 7.0
"""How rare a word is that may be a brand's name."""
LISTS = ("titled", "told", "listed", "beside")
LONGEST = 150
"""Characters of a line that may be a heading."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table begin, and those that tell of allergies: [first, end)."""

    starts: tuple[int, ...]
    first: int
    end: int

    def of(self, text: str, at: int) -> tuple[int, int] | None:
        """The characters of a row, which begins at the column `at`, that stand in them."""
        found = cells(text)
        if "|" in text:
            inside = found[self.first : self.end]
        else:
            inside = [(a, b) for a, b in found if self.first <= self._nearest(a + at) < self.end]
        return (inside[0][0], inside[-1][1]) if inside else None

    def _nearest(self, place: int) -> int:
        return min(range(len(self.starts)), key=lambda n: abs(self.starts[n] - place))


def listings(document: Document) -> Iterator[tuple[str, int, str]]:
    """Each line, and whether it is `listed` under a heading of allergies (`told`: right under it,
    or beside it, so that it must be one; a `row` of a table) or of the `family`."""
    begins = {each.start for each in document.headings}
    section, columns, fresh = _Section(), None, False
    data, last = document.text.encode(), 0
    for line, start in continued(document, unwrapped(document), BREAKS):
        apart, last = data[last:start].count(b"\n") > 1, start + size(line)
        at = start - 1 - data.rfind(b"\n", 0, start)
        header = _columns(line, at)
        if header or (apart and not fresh) or start in begins or _is_other(line):
            columns = header
        fresh = header is not None
        if header:
            section = _Section()
        elif columns:
            yield from _around(line, start, columns.of(line, at))
        else:
            for text, begun in _boxes(line, start):
                told = section.takes(text, begun in begins, apart, at)
                if told:
                    n, kind = told
                    yield text[n:], begun + size(text[:n]), kind


@dataclass(slots=True)
class _Section:
    """What the line is under that is read."""

    kind: str = ""
    left: int = 0
    """The column at which the label stands."""

    def takes(self, text: str, marked: bool, apart: bool, at: int) -> tuple[int, str] | None:
        """From which character on a line tells something, and of what kind that is; `marked`:
        the document itself calls it a heading, `apart`: behind an empty line."""
        label, title = LABEL.match(text), _fits(TITLE, text)
        heads = label and not title and _heads(label["head"], label["rest"])
        if label and heads:
            if self.kind not in ("titled", "told", "listed"):
                self.kind, self.left = "" if NONE.match(label["rest"]) else "beside", at
            return label.start("rest"), "told" if SURE.search(label["head"]) else "listed"
        if (title or (marked and ABOUT.search(text))) and not named(text):
            self.kind = "titled" if title and SURE.search(text) else "listed"
            return None
        if marked or (len(text) < 40 and OTHER.fullmatch(text)):
            self.kind = "family" if re.search(r"(?i)\bfamily\b", text) else ""
            return (0, self.kind) if marked else None
        if bare := _bare(text):
            return bare, "told"
        self.kind = self._below(text, label, apart, at > self.left)
        if self.kind == "beside":
            return 0, "told" if text[0] in BULLETS or at > self.left else "listed"
        return 0, self.kind

    def _below(self, text: str, label: re.Match[str] | None, apart: bool, inset: bool) -> str:
        """What a line is that neither is nor has such a heading."""
        if self.kind not in LISTS:
            return self.kind
        other = label and len(text) > len(label["head"]) + 1 and OTHER.fullmatch(label["head"])
        if other or (DOSED.match(text) and not REACTION.search(text)):
            return ""
        if self.kind == "beside":
            return "beside" if not apart and _goes_on(text, label, inset) else ""
        if self.kind == "listed":
            return "listed"
        return "told" if _is_entry(text) and (self.kind == "titled" or not apart) else "listed"


def _fits(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= LONGEST and pattern.fullmatch(text) is not None


def _heads(head: str, rest: str) -> bool:
    """Whether that is a label of allergies."""
    if ALL.fullmatch(head.strip()):
        return bool(NONE.match(rest)) or _bare("Allergies " + rest) > 0
    return _fits(HEAD, head)


def _bare(text: str) -> int:
    """Where the first substance stands right behind a heading without a mark, or 0."""
    head = BARE.match(text)
    found = mentions(text[head.end() : head.end() + LONGEST]) if head else []
    return head.end() if head and found and not found[0].start else 0


def _columns(text: str, at: int) -> Columns | None:
    """The columns of a table whose heading this is, if one is of allergies."""
    found = cells(text)
    if len(found) < 2 or len(text) > LONGEST:
        return None
    names = [text[a:b] for a, b in found]
    own = [n for n, one in enumerate(names) if TITLE.fullmatch(one)]
    more = [bool(TABLE.fullmatch(one)) for one in names]
    rest = [one for n, one in enumerate(names) if n not in own and not more[n]]
    if not own or not all(OTHER.fullmatch(one) or COLUMN.fullmatch(one) for one in rest):
        return None
    first = end = own[0]
    while first and more[first - 1]:
        first -= 1
    while end + 1 < len(names) and (more[end + 1] or end + 1 in own):
        end += 1
    return Columns(tuple(at + a for a, _ in found), first, end + 1)


def _is_other(text: str) -> bool:
    """Whether a line names another section, or the columns of another table."""
    found = [text[a:b] for a, b in cells(text[:LONGEST])]
    return len(text) <= LONGEST and (
        OTHER.fullmatch(text) is not None
        or (len(found) > 1 and all(OTHER.fullmatch(one) or COLUMN.fullmatch(one) for one in found))
    )


def _around(
    text: str, start: int, inside: tuple[int, int] | None
) -> Iterator[tuple[str, int, str]]:
    """A row of a table: what tells of allergies, and what stands beside that."""
    a, b = inside or (len(text), len(text))
    for one, end, kind in ((0, a, ""), (a, b, "row"), (b, len(text), "")):
        if text[one:end].strip(" |"):
            yield text[one:end], start + size(text[:one]), kind


def _boxes(text: str, start: int) -> list[tuple[str, int]]:
    """A row, parted where one of its cells begins that is, or has, a heading of allergies, and
    where that ends."""
    found, cuts, own = cells(text), {0}, False
    label = LABEL.match(text)
    if label and _heads(label["head"], label["rest"]):
        at = label.start("rest")
        cuts |= {at + a for a, b in spans(label["rest"]) if a and _ends(label["rest"][a:b])}
    if len(found) < 2 and len(cuts) == 1:
        return [(text, start)]
    for a, b in found:
        cell = text[a:b]
        label = LABEL.match(cell)
        full = bool(_bare(cell) or (label and _heads(label["head"], label["rest"])))
        if full or (a and _fits(TITLE, cell)):
            cuts |= {a, *([b] if full and "|" in text else [])}
            own = True
        elif own and (OTHER.fullmatch(cell) or (label and not named(label["head"]))):
            cuts.add(a)
    edges = [*sorted(cuts), len(text)]
    parts = ((text[a:b].strip(" |"), a) for a, b in pairwise(edges))
    return [
        (one, start + size(text[: text.index(one, a)])) for one, a in parts if one
    ]  # fmt: skip


def _ends(said: str) -> bool:
    """Whether a sentence behind some allergies tells of something else."""
    label = LABEL.match(said)
    other = label and (OTHER.fullmatch(label["head"]) or _heads(label["head"], label["rest"]))
    return bool(other or (TAKEN.search(said) and not UPSET.search(said)))


def _goes_on(text: str, label: re.Match[str] | None, inset: bool) -> bool:
    """Whether a line below `Allergies: …` is one more of them: with a bullet or `inset`, or naming
    what can be one."""
    head = label["head"] if label else text
    strange = len(head.split()) == 1 and rarity(head) >= STRANGE and not label
    if text[0] not in BULLETS and not ((inset and not label) or named(head) or strange):
        return False
    return _is_entry(text) and bool(UPSET.search(text) or not TAKEN.search(text))


def _is_entry(text: str) -> bool:
    """Whether a line under a heading of allergies is one, and no denial of all or prose."""
    return " | " in text or not (
        NONE.match(text) or PROSE.search(text) or len(text.split()) > ENTRY
    )
