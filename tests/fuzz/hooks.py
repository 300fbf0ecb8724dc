"""A check for schemathesis: no answer to a county tells of another county.

The county is in LAOGAN_FUZZ_COUNTY. What a city or a province offers to those below carries its code and may be seen; the
table of divisions lists all of them, and a transfer is shared by the two counties it goes between.
"""
import json
import os

import schemathesis

COUNTY = os.environ.get("LAOGAN_FUZZ_COUNTY", "371722")
ABOVE = (COUNTY[:4] + "00", COUNTY[:2] + "0000")
SHARED = ("/api/v1/divisions", "/api/v1/cadre-transfers", "/api/v1/sync")


def foreign(value):
    if isinstance(value, dict):
        code = value.get("division_code")
        if isinstance(code, str) and len(code) >= 6 and not code.startswith(COUNTY) and code not in ABOVE:
            yield code
        for inner in value.values():
            yield from foreign(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from foreign(inner)


@schemathesis.check
def nothing_of_other_counties(ctx, response, case):
    if response.status_code >= 400 or case.path.startswith(SHARED):
        return
    kind = (response.headers.get("content-type") or [""])[0]
    if "json" not in kind:
        return
    # One document, or one a line.
    lines = [response.content] if "ndjson" not in kind else response.content.splitlines()
    found = [code for line in lines if line.strip() for code in foreign(json.loads(line))]
    assert not found, f"records of {sorted(set(found))}"


@schemathesis.hook
def map_query(ctx, query):
    """A projection leaves out fields that a record must have otherwise, as the contract says in words."""
    if query:
        query.pop("fields", None)
    return query
