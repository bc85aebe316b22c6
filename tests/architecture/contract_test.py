"""Holds the codec of orchestrator/relay/contract against its OpenAPI file.

From each schema an instance with every field is made and sent through the codec (contract_echo).
It must come back equal; without a required field, with a value outside an enum, a length or a
type it must be refused, and without an optional field taken; a request with an unknown field is
refused. So a field that the codec and the file do not share fails here.
Usage: contract_test.py SOURCE_DIR CONTRACT_ECHO
"""
import copy
import json
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("SKIPPED: PyYAML is missing; apt-get install python3-yaml")
    sys.exit(77)

SOURCE, ECHO = sys.argv[1], sys.argv[2]
FILE = "orchestrator/relay/contract/relay-control.openapi.yaml"
REQUESTS = {
    "DomainWrite": ("/v1/domains/{domain}", "put"),
    "RouteWrite": ("/v1/domains/{domain}/route", "put"),
    "AliasWrite": ("/v1/domains/{domain}/aliases/{name}", "put"),
    "ProbeWrite": ("/v1/domains/{domain}/probes", "post"),
}
# The parts of other schemas, and the ones that are no object.
NO_MESSAGE = {"Mode", "NextHop", "InForce", "Alias"}


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as text:
            self.file = yaml.safe_load(text)

    def messages(self):
        """Each schema that travels as a body, by the codec's name for it."""
        found = {name: self.resolve(schema)
                 for name, schema in self.file["components"]["schemas"].items()
                 if name not in NO_MESSAGE}
        for name, (path, method) in REQUESTS.items():
            body = self.file["paths"][path][method]["requestBody"]
            found[name] = self.resolve(body["content"]["application/json"]["schema"])
        return found

    def resolve(self, schema):
        """The schema with references and allOf put in; null as `nullable`."""
        schema = dict(schema)
        if "$ref" in schema:
            target = self.file
            for step in schema.pop("$ref")[2:].split("/"):
                target = target[step]
            return self.resolve({**target, **schema})
        for part in schema.pop("allOf", []):
            part = self.resolve(part)
            properties = {**part.get("properties", {}), **schema.get("properties", {})}
            schema = {**part, **schema, "properties": properties}
        if "oneOf" in schema:
            some = [s for s in schema.pop("oneOf") if s.get("type") != "null"]
            schema = {**self.resolve(some[0]), **schema, "nullable": True}
        if isinstance(schema.get("type"), list):
            schema["nullable"] = "null" in schema["type"]
            schema["type"] = next(t for t in schema["type"] if t != "null")
        if "properties" in schema:
            schema["properties"] = {k: self.resolve(v) for k, v in schema["properties"].items()}
        if "items" in schema:
            schema["items"] = self.resolve(schema["items"])
        return schema


def instance(schema):
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"]
    if kind == "object":
        return {k: instance(v) for k, v in schema["properties"].items()}
    if kind == "array":
        return [instance(schema["items"])]
    if kind == "integer":
        return 3
    if kind == "boolean":
        return True
    formats = {"uuid": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
               "date-time": "2026-11-22T14:32:10.000Z"}
    return formats.get(schema.get("format"), "x" if schema.get("default") != "+" else "+")


def places(schema, path=()):
    """Every (path, schema) below an object, itself first."""
    yield path, schema
    for key, part in schema.get("properties", {}).items():
        yield from places(part, path + (key,))
    if "items" in schema:
        yield from places(schema["items"], path + (0,))


def changed(value, path, change):
    value = copy.deepcopy(value)
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    change(holder, path[-1])
    return value


def put(new):
    return lambda holder, key: holder.__setitem__(key, new)


def drop(holder, key):
    del holder[key]


def cases(schema, is_request):
    """(what, body, taken) for each rule of a schema."""
    whole = instance(schema)
    yield "all fields", whole, True
    for path, part in places(schema):
        name = "/" + "/".join(map(str, path))
        if path:
            yield f"{name} = null", changed(whole, path, put(None)), part.get("nullable", False)
            yield f"{name} of another type", changed(whole, path, put([[]])), False
        for word in part.get("enum", []):
            yield f"{name} = {word}", changed(whole, path, put(word)), True
        if "enum" in part:
            yield f"{name} = other", changed(whole, path, put("other")), False
        if "maxLength" in part:
            length = part["maxLength"]
            yield f"{name} of {length}", changed(whole, path, put("x" * length)), True
            yield f"{name} too long", changed(whole, path, put("x" * (length + 1))), False
        if part.get("minItems") == 1:
            yield f"{name} empty", changed(whole, path, put([])), False
        if part.get("minimum") is not None:
            yield f"{name} too small", changed(whole, path, put(part["minimum"] - 1)), False
        if part.get("format"):
            yield f"{name} no {part['format']}", changed(whole, path, put("x")), False
        for key in part.get("properties", {}):
            taken = key not in part.get("required", [])
            yield f"{name} without {key}", changed(whole, path + (key,), drop), taken
        if part.get("type") == "object":
            body = changed(whole, path + ("surplus",), put(1))
            yield f"{name} with a surplus field", body, not is_request


def main():
    messages = Contract(f"{SOURCE}/{FILE}").messages()
    codec = subprocess.Popen([ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    count, faults = 0, []
    for message, schema in sorted(messages.items()):
        for what, body, taken in cases(schema, message.endswith("Write")):
            count += 1
            codec.stdin.write(f"{message} {json.dumps(body)}\n")
            codec.stdin.flush()
            answer = codec.stdout.readline().rstrip("\n")
            if answer.startswith("ok ") != taken:
                faults.append(f"{message}: {what}: {'taken' if not taken else answer}")
            elif what == "all fields" and json.loads(answer[3:]) != body:
                faults.append(f"{message}: came back as {answer[3:]}, sent {json.dumps(body)}")
    codec.stdin.close()
    codec.wait()
    print("\n".join(faults) or f"{len(messages)} schemas, {count} cases: ok")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())
