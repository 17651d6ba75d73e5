"""schema.py SOURCE [FOLDER]: the answers in golden/, or in another folder with such names, against Open311's own
JSON schemas, the fields that the specification requires where there is no schema, and XML against JSON by its
"Spark" convention.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

import jsonschema

source = pathlib.Path(sys.argv[1])
golden = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else source / "tests/open311/golden"
data = source / "tests/data/open311"
schemas = {path.name: json.loads(path.read_text()) for path in data.glob("*.json") if path.name != "chicago.json"}

# By the begin of a golden file's name; the first that fits.
SCHEMA_OF = {"services": "services.json", "definition": "service-definition.json", "request": "requests.json"}
# What has no schema: the fields of each object, all of them.
FIELDS_OF = {
    "discovery": {"changeset", "contact", "key_service", "endpoints"},
    "token": {"service_request_id", "token"},
    "commented": {"update_id"},
    "posted": {"service_request_id", "service_notice", "account_id"},
    "error": {"code", "description"},
    "updates": {"update_id", "service_request_id", "status", "updated_datetime", "description", "media_url",
                "external_status_code"},
}
ENDPOINT = {"specification", "url", "changeset", "type", "formats"}
LISTS = {"services", "service_requests", "service_request_updates", "errors", "attributes", "values", "endpoints",
         "formats"}
W3 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def validator(name):
    # The schemas name each other by their files' names.
    resolver = jsonschema.RefResolver("", schemas[name], store=schemas)
    return jsonschema.Draft4Validator(schemas[name], resolver=resolver)


def kind_of(name, table):
    return next((table[key] for key in table if name.startswith(key)), None)


def must(condition, text):
    if not condition:
        sys.exit(text)


def check_times(value, where):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith("_datetime") and inner is not None:
                must(W3.fullmatch(inner), f"{where}: {key} is {inner}")
            check_times(inner, where)
    elif isinstance(value, list):
        for inner in value:
            check_times(inner, where)


def check_fields(name, value):
    fields = kind_of(name, FIELDS_OF)
    must(fields is not None, f"{name}: neither schema nor fields are known")
    for row in value if isinstance(value, list) else [value]:
        must(set(row) == fields, f"{name}: {sorted(row)}")
    for endpoint in value.get("endpoints", []) if isinstance(value, dict) else []:
        must(set(endpoint) == ENDPOINT, f"{name}: {sorted(endpoint)}")


def spark(element):
    """An element as JSON, every scalar as its text."""
    if element.tag in LISTS:
        return [spark(child) for child in element]
    if len(element) > 0:
        must(len({child.tag for child in element}) == len(element), f"two fields of one name in {element.tag}")
        return {child.tag: spark(child) for child in element}
    return element.text


def as_texts(value):
    if isinstance(value, dict):
        return {key: as_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_texts(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else str(value)


def check_bites(name, value):
    """The schema is one that refuses: without a field that it requires, or with another status."""
    row = value[0] if isinstance(value, list) else value
    broken = {key: inner for key, inner in row.items() if key != "service_code"}
    must(not validator(name).is_valid([broken] if isinstance(value, list) else broken), f"{name} refuses nothing")
    if "status" in row:
        must(not validator(name).is_valid([dict(row, status="OPEN")]), f"{name} takes any status")


checked = 0
for path in sorted(golden.glob("*.json")):
    value = json.loads(path.read_text())
    schema = kind_of(path.stem, SCHEMA_OF)
    check_times(value, path.name)
    if schema is None:
        check_fields(path.stem, value)
    else:
        validator(schema).validate(value)
        check_bites(schema, value)
    twin = path.with_suffix(".xml")
    if twin.exists():
        must(spark(ET.parse(twin).getroot()) == as_texts(value), f"{twin.name} says something else than {path.name}")
        checked += 1
must(checked >= 9, f"only {checked} answers are there in both formats")
chicago = json.loads((data / "chicago.json").read_text())
validator("requests.json").validate(chicago)
print(f"{checked} answers in both formats; Chicago's {len(chicago)} requests are valid, too")
