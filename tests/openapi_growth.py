"""What of an API document is gone or newly demanded in a later one: what breaks its callers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
Schema = Mapping[str, Any]


class Growth:
    """Compares a released document with the present one."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old = old
        self._new = new

    def broken(self) -> list[str]:
        """Every broken promise in words; empty when the document only grew."""
        return list(self._paths())

    def _paths(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method in sorted(METHODS & operations.keys()):
                later = self._new["paths"].get(path, {}).get(method)
                name = f"{method.upper()} {path}"
                if later is None:
                    yield f"{name} is gone"
                else:
                    yield from self._operation(name, operations[method], later)

    def _operation(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        yield from self._parameters(name, old, new)
        yield from self._request(name, old.get("requestBody"), new.get("requestBody"))
        for status, response in old.get("responses", {}).items():
            later = new.get("responses", {}).get(status)
            if later is None:
                yield f"{name} {status} is gone"
                continue
            place = f"{name} {status}"
            yield from self._contents(place, response, later, is_request=False)

    def _parameters(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        before = {(one["in"], one["name"]): one for one in old.get("parameters", ())}
        after = {(one["in"], one["name"]): one for one in new.get("parameters", ())}
        for key in before.keys() - after.keys():
            yield f"{name} parameter {key[1]} is gone"
        for key, parameter in after.items():
            was_required = before.get(key, {}).get("required", False)
            if parameter.get("required", False) and not was_required:
                yield f"{name} parameter {key[1]} became required"

    def _request(self, name: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield f"{name} body became required"
        elif new is None:
            yield f"{name} body is gone"
        else:
            yield from self._contents(f"{name} body", old, new, is_request=True)

    def _contents(self, place: str, old: Schema, new: Schema, *, is_request: bool) -> Iterator[str]:
        for media_type, content in old.get("content", {}).items():
            later = new.get("content", {}).get(media_type)
            if later is None:
                yield f"{place} {media_type} is gone"
                continue
            pair = content.get("schema", {}), later.get("schema", {})
            yield from self._schemas(place, pair, is_request=is_request, seen=frozenset())

    def _schemas(
        self, place: str, pair: tuple[Schema, Schema], *, is_request: bool, seen: frozenset[str]
    ) -> Iterator[str]:
        reference = pair[0].get("$ref", "")
        if reference in seen:
            return
        seen |= {reference} if reference else frozenset()
        old, new = _resolved(self._old, pair[0]), _resolved(self._new, pair[1])
        yield from _own(place, old, new, is_request=is_request)
        later = new.get("properties", {})
        for member, schema in old.get("properties", {}).items():
            if member in later:
                inner = f"{place}/{member}"
                both = (schema, later[member])
                yield from self._schemas(inner, both, is_request=is_request, seen=seen)
        if "items" in old and "items" in new:
            both = (old["items"], new["items"])
            yield from self._schemas(f"{place}[]", both, is_request=is_request, seen=seen)
        for old_one, new_one in zip(_variants(old), _variants(new), strict=False):
            both = (old_one, new_one)
            yield from self._schemas(place, both, is_request=is_request, seen=seen)


def _own(place: str, old: Schema, new: Schema, *, is_request: bool) -> Iterator[str]:
    """What a schema itself says, without what is inside it."""
    for member in old.get("properties", {}).keys() - new.get("properties", {}).keys():
        yield f"{place}/{member} is gone"
    for value in set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", ()))):
        if "enum" in new or "const" in new:
            yield f"{place} value {value} is gone"
    if old.get("type") != new.get("type"):
        yield f"{place} is {new.get('type')}, was {old.get('type')}"
    if len(_variants(new)) < len(_variants(old)):
        yield f"{place} has lost a variant"
    newly = set(new.get("required", ())) - set(old.get("required", ()))
    if is_request and newly:
        yield from (f"{place}/{member} became required" for member in sorted(newly))
    elif not is_request:
        dropped = set(old.get("required", ())) - set(new.get("required", ()))
        yield from (f"{place}/{member} is not always there" for member in sorted(dropped))


def _resolved(document: Mapping[str, Any], schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _variants(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", schema.get("oneOf", ())))
