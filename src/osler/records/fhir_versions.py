"""Resources that are there more than once: each is read once, of two versions the newer.

https://hl7.org/fhir/R4/resource.html#Meta
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from osler.records import fhir_shapes as shapes
from osler.records.account import Account, Remark
from osler.records.fhir_files import BROKEN, Head, decoded
from osler.records.fhir_known import tail
from osler.records.moments import read_moment

AGAIN = "this resource is in the file already: it is read once"
OLDER = "this resource is in the file already, in another version: the newer is read"
BOTH = "another resource has this id and says something else, and none is the newer: both are read"


def distinct(heads: list[Head], account: Account) -> list[Head]:
    """Each resource once: of two versions the one that was updated last.

    Where nothing tells which is newer both are kept, and the place is remarked on.
    """
    found: list[Head] = []
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    """By kind and key, where in `found`."""
    for head in heads:
        keys = list(_keys(head))
        before = sorted({at for key in keys for at in places.get(key, ())})
        alike = (at for at in before if _of_one_server(found[at], head))
        if not any(_again(found, at, head, account) for at in alike):
            for key in keys:
                places[key].append(len(found))
            found.append(head)
    return found


def _keys(head: Head) -> Iterator[tuple[str, str]]:
    """What makes it the same resource: the id, or the fullUrl."""
    _, kind, entry, about = head
    if one := about.id or tail(entry.full_url):
        yield kind.__name__, one
    if entry.full_url:
        yield kind.__name__, f"fullUrl {_url(entry)}"


def _url(entry: shapes.BundleEntry) -> str:
    return entry.full_url.partition("/_history/")[0]


def _of_one_server(one: Head, other: Head) -> bool:
    """Whether two of one id can be the same: servers number their resources each for itself."""
    urls = (_url(head.entry) for head in (one, other))
    return len({url.rpartition("/")[0] for url in urls if "://" in url}) < 2


def _again(found: list[Head], at: int, head: Head, account: Account) -> bool:
    """Whether a resource is the one that was found before, which it replaces where it is newer."""
    before, (place, kind, *_) = found[at], head
    newer = None if (same := _same(before, head)) else _newer(before, head)
    if not same and newer is None:
        account.remarks.append(Remark(place, BOTH))
        return False
    found[at] = newer or before
    account.ignored[f"{kind.__name__} ({'the same again' if same else 'an older version'})"] += 1
    if place.partition(":")[0] == before.place.partition(":")[0]:  # pages of a search may repeat it
        account.remarks.append(Remark(place, AGAIN if same else OLDER))
    return True


def _same(one: Head, other: Head) -> bool:
    """Whether two resources say the same, in so far as they are read."""
    unheard = Account()
    both = [resource for head in (one, other) for _, resource in decoded(head, unheard)]
    for resource in both:
        resource.url = ""
    return len(both) == 2 and both[0] == both[1]


def _newer(one: Head, other: Head) -> Head | None:
    """The one that was updated last, or has the higher number; None where nothing tells."""
    metas = [_meta(head.entry) for head in (one, other)]
    for tells in (_updated, _number):
        then, now = map(tells, metas)
        if then is not None and now is not None and then != now:
            return other if now > then else one
    return None


def _meta(entry: shapes.BundleEntry) -> shapes.Meta:
    """How new a resource is; nothing of one that cannot be decoded, which is told elsewhere."""
    try:
        return msgspec.json.decode(entry.resource, type=shapes.Versioned).meta
    except BROKEN:
        return shapes.Meta()


def _updated(meta: shapes.Meta) -> float | None:
    try:
        found = read_moment(meta.last_updated).instant
    except ValueError:
        return None
    return found.timestamp() if found else None


def _number(meta: shapes.Meta) -> float | None:
    """FHIR's versions need not be numbers; those that are count up."""
    said = meta.version_id
    return float(said) if said.isascii() and said.isdigit() else None
