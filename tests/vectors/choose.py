#!/usr/bin/env python3
"""Writes the choice of vectors that `cargo test` checks: `choose.py VECTORS_DIR` fills `data/` beside this script.

Of each family it takes every disputed case and, in the files' order, each case with a feature that no case before
it had: a header, a character in a path, a parameter. Kinds of cases, by their names and notes, count for each file
apart. The same input gives the same output, byte for byte.
"""
import glob, json, os, re, sys
from urllib.parse import urlsplit

FAMILIES = ("aws-sigv4", "azure-batch", "azure-eventhub-sas", "azure-iothub-sas", "cybersource", "aws-hosts")
# Third-party data that must not be copied, and methods that are not ours yet.
LEFT_OUT = ("aws-sigv4/aws_c_auth_suite", "azure-iothub-sas/dps")
# Names a product of a third party in its URL. The whole collection has it.
CASES_LEFT_OUT = ("svc/19-bedrock",)
DISPUTED = ("SDKs disagree", "differs from the Python SDK", "awscrt gives another signature", "botocore quirk",
            "the HTTP library put the URL on the wire", "not graded:")
PARAMS_THAT_MATTER = ("payload", "generation", "double_encode_path", "normalize_path")
PARAMS_NOT_READ = ("signer", "payload_hash", "style", "key_encoding", "ttl")
MOST_HOSTS = 40
MOST_S3_URLS = 30
BYTES_ALLOWED = 250 * 1024


def is_disputed(case):
    return any(text in (case.get("notes") or "") for text in DISPUTED)


def characters(label, text):
    """Each character with a meaning of its own, each kind of escape, and what may be folded."""
    found = {f"{label} {c}" for c in text if not c.isalnum()}
    found |= {f"{label} escape of {kind_of_escape(e)}" for e in re.findall("%[0-9A-Fa-f]{2}", text)}
    found |= {f"{label} run {r}" for r in re.findall(r"//|&&|==|\.\.|/\.(?=/|$)", text)}
    return found


def kind_of_escape(escape):
    byte = chr(int(escape[1:], 16))
    kind = "unreserved" if byte.isascii() and (byte.isalnum() or byte in "-._~") else byte if byte in "/+ %" else "other"
    return kind + (" in lower case" if escape != escape.upper() else "")


def features_of_case(case, label):
    params, request = case["params"], case["request"]
    url = urlsplit(request["url"])
    names = [pair.partition("=")[0] for pair in url.query.split("&")]
    kind = re.sub(r"[-/]?[0-9]+.*|(?<=^client)/.*", "", case["name"]) if "/" in case["name"] \
        else case["name"].partition("-")[0]
    found = {f"{label} {kind}", f"{label} note {(case.get('notes') or '')[:40]}"}
    found |= {f"param {k} {v}" for k, v in params.items() if k in PARAMS_THAT_MATTER}
    found |= {f"{case['method']} with {k}" for k, v in params.items() if v}
    found |= {f"header {k.lower()}" for k, _ in request["headers"]} | {"method " + request["method"]}
    path = "path" if params.get("double_encode_path", True) else "S3 path"
    found |= characters(path, url.path) | characters("query", url.query)
    found |= {f"value {c}" for _, v in request["headers"] for c in v if c in " \t\","}
    found.add("body " + ("repeated" if "body_repeat" in request else str(bool(request["body_base64"]))))
    if url.port:
        found.add(f"port {url.scheme} {url.port}")
    if len(set(names)) < len(names):
        found.add("a repeated name")
    if len({k.lower() for k, _ in request["headers"]}) < len(request["headers"]):
        found.add("a repeated header")
    return found


def features_of_s3_url(row, _):
    host = urlsplit(row["url"]).hostname
    shape = ["bucket" if at == 0 and label.count("-") > 1 else label for at, label in enumerate(host.split("."))]
    return {"scheme " + row["scheme"], "service " + row["service"], row.get("note"),
            ".".join(shape).replace(row["region"], "REGION")}


def chosen_hosts(rows):
    """Few of very many: each of a kind that is disputed, and of the rest as many as there is room for."""
    disputed = [r for r in rows if "ambiguous" in r] + [r for r in rows if "doc-pattern" in r["tags"]][::9]
    rest = [r for r in rows if r not in disputed]
    return disputed + rest[::len(rest) // (MOST_HOSTS - len(disputed))][:MOST_HOSTS - len(disputed)]


def chosen_chunked(cases):
    """Each documented upload, each checksum, and the longest of each form."""
    whole = [c for c in cases if "encoded_body_sha256" in c["expected"]]
    made = [c for c in whole if c["name"].startswith("chunk/")]
    longest = {c["params"]["mode"]: c for c in made}.values()
    return [c for c in whole if c not in made or c in longest]


def chosen(cases, features, label, seen, most=None):
    kept = []
    for case in cases:
        new = features(case, label) - seen
        if new or ("params" in case and "request" in case and is_disputed(case)):
            kept.append(case)
            seen |= new
    return kept[:most]


def without_what_is_not_read(case):
    if "request" not in case:
        return {k: case[k] for k in ("host", "url", "service", "region", "scheme", "tags", "ambiguous", "source")
                if k in case}
    kept = {k: case[k] for k in ("name", "method", "source", "notes") if k in case}
    kept["time"] = {"unix": case["time"]["unix"]}
    kept["params"] = {k: v for k, v in case["params"].items() if v is not None and k not in PARAMS_NOT_READ}
    kept["request"] = case["request"]
    # What another field says already is left out. Where there is a preferred answer, the stages of the other one.
    redundant = {"digest", "chunks", "trailer", "awscrt" in case["expected"] and "canonical_request"}
    if case["method"].startswith("aws-"):
        redundant.add("string_to_sign")
    elif "token" in case["expected"]:
        redundant |= {"headers", "signature", "string_to_sign"}
    kept["expected"] = {k: v for k, v in case["expected"].items() if k not in redundant}
    if "awscrt" in kept["expected"]:
        kept["expected"]["awscrt"] = {k: v for k, v in kept["expected"]["awscrt"].items() if k != "string_to_sign"}
    return kept


def main():
    vectors, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
    written = 0
    for old in glob.glob(os.path.join(here, "data", "*.json")):
        os.remove(old)
    for family in FAMILIES:
        seen = set()
        for path in sorted(glob.glob(os.path.join(vectors, family, "open", "*.json"))):
            label = f"{family}/{os.path.basename(path).removesuffix('.json')}"
            if label in LEFT_OUT:
                continue
            with open(path, encoding="utf-8") as file:
                cases = [c for c in json.load(file) if c.get("name") not in CASES_LEFT_OUT]
            if family == "aws-hosts":
                in_s3 = "url" in cases[0]
                some = chosen(cases, features_of_s3_url, label, seen, MOST_S3_URLS) if in_s3 else chosen_hosts(cases)
            elif label.endswith("s3_chunked"):
                some = chosen_chunked(cases)
            else:
                some = chosen(cases, features_of_case, label, seen)
            lines = [json.dumps(without_what_is_not_read(c), separators=(",", ":")) for c in some]
            text = "[\n" + ",\n".join(lines) + "\n]\n"
            with open(os.path.join(here, "data", label.replace("/", ".") + ".json"), "w", encoding="utf-8") as file:
                file.write(text)
            written += len(text)
            print(f"{label:45} {len(some):4} of {len(cases):4}  {len(text):7} bytes")
    print(f"{written} bytes in all")
    if written >= BYTES_ALLOWED:
        sys.exit(f"more than the {BYTES_ALLOWED} bytes that the repository should hold")


if __name__ == "__main__":
    main()
