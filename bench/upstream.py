"""A WorkOS that lists directories and costs next to nothing: pages of 100, joined from objects that are ready bytes.

It runs beside the load, answers at once and knows no rate limit: what is measured is what a full sync costs here. It
lists in the order of creation, whatever order is asked for.
"""

import json
import sys
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlsplit

import uvloop

from bench.people import SINCE, SYNCED, SYNCED_PART, Directory, Member, instant
from bench.twin import HEAD, NOT_HERE, serve

_PAGE = 100
Lists = dict[tuple[str, str], Sequence[bytes]]


def lists() -> Lists:
    """Return (path, whose) -> the objects of that list."""
    found: Lists = {("/events", ""): ()}
    for directory in (SYNCED, SYNCED_PART):
        users = [_bytes(member.told()) for member in directory.members()]
        found["/directory_users", directory.workos_id] = users
        groups = directory.all_groups()
        found["/directory_groups", directory.workos_id] = [_bytes(group.told()) for group in groups]
        members: dict[str, list[bytes]] = {group.workos_id: [] for group in groups}
        for number, user in enumerate(users):
            for group in Member(directory, number).groups():
                members[group.workos_id].append(user)
        found |= {("/directory_users", group): people for group, people in members.items()}
        found["/directories", directory.tenant.workos_id] = [_bytes(_told(directory))]
    return found


def _told(directory: Directory) -> dict[str, object]:
    return {
        "object": "directory",
        "id": directory.workos_id,
        "organization_id": directory.tenant.workos_id,
        "external_key": "bench",
        "type": "okta scim v2.0",
        "name": "Okta",
        "state": "linked",
        "domain": directory.tenant.domain,
        "created_at": instant(SINCE),
        "updated_at": instant(SINCE),
    }


def _bytes(told: dict[str, object]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def answering(found: Lists) -> Callable[[bytes, bytes], bytes]:
    """Return what answers one request from these lists."""
    singles = {f"/directories/{directory.workos_id}": _bytes(_told(directory)) for directory in (SYNCED, SYNCED_PART)}

    def answer(head: bytes, _body: bytes) -> bytes:
        url = urlsplit(head.split(b" ", 2)[1].decode())
        if url.path in singles:
            return _whole(singles[url.path])
        query = dict(parse_qsl(url.query))
        whose = query.get("group") or query.get("directory") or query.get("organization_id") or ""
        objects = found.get((url.path, whose))
        if objects is None:
            return NOT_HERE
        # A cursor is where the next page begins; WorkOS's are opaque too.
        start = int(query.get("after", "at_0").removeprefix("at_"))
        end = min(start + _PAGE, len(objects))
        after = b'"at_%d"' % end if end < len(objects) else b"null"
        return _whole(
            b'{"object":"list","data":[%s],"list_metadata":{"before":null,"after":%s}}'
            % (b",".join(objects[start:end]), after)
        )

    return answer


def _whole(body: bytes) -> bytes:
    return HEAD.format(len(body)).encode() + body


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), answering(lists())))
