#!/usr/bin/env python3
"""Writes the end point table of `signing-core` from botocore's data.

    generate.py TABLE.rs              the table, formatted by rustfmt
    generate.py --fixture HOSTS.tsv   one host of every shape, for the crate's tests
    generate.py --rows ROWS.tsv       every host that botocore knows, to check a lookup with

Files with rows hold host, service and region, separated by tabs.
"""

import argparse
import collections
import itertools
import json
import re
import subprocess
import sys
from typing import NamedTuple
from urllib.parse import urlsplit

import botocore
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointResolutionError
from botocore.loaders import Loader

BOTOCORE = "1.44.5"

# ---- What no data file says -------------------------------------------------------------------

# Labels of hosts that AWS documents, but that no rule set resolves, or no longer.
DOCUMENTED = {
    "appsync-api": "appsync",
    "appsync-realtime-api": "appsync",
    "aps-workspaces": "aps",
    "emr-serverless-services": "emr-serverless",
    "execute-api": "execute-api",
    "finspace": "finspace",
    "finspace-api": "finspace-api",
    "grafana-workspace": "grafana",
    "iotsecuredtunneling": "IoTSecuredTunneling",
    "lambda-url": "lambda",
    "mobileanalytics": "mobileanalytics",
    "mturk-requester-sandbox": "mturk-requester",
    "s3-accelerate": "s3",
    "s3-external-1": "s3",
    "tnb": "tnb",
    "transcribestreaming": "transcribe",
    "vpc-lattice-svcs": "vpc-lattice-svcs",
}

# Labels that stand to the right of the region: `search-x.us-east-1.es.amazonaws.com`.
# The script finds those of the SDKs itself.
AFTER_REGION = {
    "aoss": "aoss",
    "cloudsearch": "cloudsearch",
    "elasticmapreduce": "elasticmapreduce",
    "es": "es",
    "neptune": "neptune-db",
    "queue": "sqs",
}

# Parent and child label: an account's end points below `iot` have names that AWS makes up.
BELOW = {
    ("iot", "*"): "iotdata",
    ("iot", "jobs"): "iot-jobs-data",
    ("iot", "tunneling"): "IoTSecuredTunneling",
}

# Labels that several services share; the docs of mod.rs give the reasons.
DECIDED = {
    "importexport": "importexport",
    "maps.geo": "geo-maps",
    "places.geo": "geo-places",
    "routes.geo": "geo-routes",
}

# Suffixes beside those of partitions.json: the sign-in service has its own domains.
SIGNIN_SUFFIXES = [
    "aws.amazon.com",
    "signin.aws",
    "amazonaws.cn",
    "amazonaws-us-gov.com",
    "amazonaws-eusc.eu",
    "c2shome.ic.gov",
    "sc2shome.sgov.gov",
    "csphome.adc-e.uk",
    "csphome.hci.ic.gov",
]

# Values for the parameters of rule sets that change the host.
ACCOUNT = "123456789012"
ARN = f"{{region}}:{ACCOUNT}"
SAMPLES = {
    "AccountId": [ACCOUNT],
    "EndpointId": ["abc123.456def"],
    "KvsARN": [f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/0123abcd"],
    "SpaceId": ["space0123"],
    "StreamARN": [f"arn:{{partition}}:kinesis:{ARN}:stream/events"],
    "UseGlobalEndpoint": [True],
    "Bucket": {
        "s3": [
            "bucket",
            "bucket--use1-az4--x-s3",
            f"arn:{{partition}}:s3:{ARN}:accesspoint:point",
            f"arn:{{partition}}:s3-object-lambda:{ARN}:accesspoint/point",
            f"arn:{{partition}}:s3-outposts:{ARN}:outpost:op-0123:accesspoint:point",
            f"arn:{{partition}}:s3::{ACCOUNT}:accesspoint:point.mrap",
        ],
        "s3control": [f"arn:{{partition}}:s3-outposts:{ARN}:outpost:op-0123:bucket:bucket"],
    },
}

# A service with hosts in this many zones has one in every zone; one with fewer is listed.
GLOBAL_ZONES = 4

# Steps through the rows of one shape for the fixture; a prime, so that all regions get their turn.
STRIDE = 7919

# ---- The grammar of a host, as mod.rs reads it ------------------------------------------------

SCOPES = {"global", "us-gov", "vpce"}
EVERY_REGION = "*"
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
LEGACY_S3 = re.compile(r"s3-(?:fips-)?(.+)")


class Row(NamedTuple):
    """A host, and how requests to it are signed."""

    host: str
    service: str
    region: str
    variant: str


class Parts(NamedTuple):
    """A host cut into its service's labels, its region if it names one, and its zone."""

    labels: list
    region: str | None
    zone: str


def cut(host, suffixes, after_region):
    """The parts of a host; labels in `after_region` may stand to the right of the region."""
    suffix = next((suffix for suffix in suffixes if host.endswith("." + suffix)), None)
    if suffix is None:
        sys.exit(f"no suffix known for {host}")
    labels = host.removesuffix("." + suffix).split(".")
    zone = f"{labels.pop()}.{suffix}" if labels[-1] in SCOPES else suffix
    region = None
    if labels and REGION.fullmatch(labels[-1]):
        region = labels.pop()
    elif len(labels) > 1 and REGION.fullmatch(labels[-2]) and without_fips(labels[-1]) in after_region:
        region = labels.pop(-2)
    if labels and labels[-1] == "dualstack":
        labels.pop()
    return Parts([without_fips(label) for label in labels], region, zone)


def without_fips(label):
    return label.removesuffix("-fips").removeprefix("fips-")


# ---- What botocore knows ----------------------------------------------------------------------


class Botocore:
    """Every host of every service, from the rule sets and from endpoints.json."""

    def __init__(self):
        self.loader = Loader()
        self.partitions = self.loader.load_data("partitions")
        self.regions = [
            (partition["id"], region)
            for partition in self.partitions["partitions"]
            for region in partition["regions"]
            if REGION.fullmatch(region)
        ]
        self.known = {region for _, region in self.regions}
        self.signing_names = {}

    def rows(self):
        """All rows of the rule sets first, then those that only endpoints.json has."""
        resolved = {}
        for service in self.loader.list_available_services("service-2"):
            resolved |= dict.fromkeys(self.resolved(service))
        hosts = {row.host for row in resolved}
        listed = dict.fromkeys(row for row in self.listed() if row.host not in hosts)
        return list(resolved) + list(listed)

    def resolved(self, service):
        model = self.loader.load_service_model(service, "service-2")
        rules = self.loader.load_service_model(service, "endpoint-rule-set-1")
        metadata = model["metadata"]
        name = metadata.get("signingName", metadata["endpointPrefix"])
        self.signing_names.setdefault(metadata["endpointPrefix"], name)
        provider = EndpointProvider(rules, self.partitions)
        prefixes = host_prefixes(model)
        variants = itertools.product(
            self.regions, (False, True), (False, True), parameter_sets(service, model, rules)
        )
        for (partition, region), fips, dual_stack, parameters in variants:
            variant = ("fips" if fips else "") + ("dualstack" if dual_stack else "") or "plain"
            asked = {"Region": region, "UseFIPS": fips, "UseDualStack": dual_stack} | parameters
            endpoint = resolve(provider, rules, partition, asked)
            if endpoint is not None:
                host = urlsplit(endpoint.url).hostname
                for prefix in ["", *prefixes] if not parameters else [""]:
                    yield Row(prefix + host, *scope(endpoint, name, region), variant)

    def listed(self):
        for partition in self.loader.load_data("endpoints")["partitions"]:
            for service, entry in partition["services"].items():
                for region, endpoint in entry["endpoints"].items():
                    yield from self.listed_endpoint(partition, service, entry, region, endpoint)

    def listed_endpoint(self, partition, service, entry, region, endpoint):
        of_service = entry.get("defaults", {})
        credentials = of_service.get("credentialScope", {}) | endpoint.get("credentialScope", {})
        name = credentials.get("service") or self.signing_names.get(service)
        if name is None:
            return
        for variant in [{"tags": []}, *endpoint.get("variants", [])]:
            merged = merge_variant(partition["defaults"], of_service, endpoint, variant["tags"])
            # A pseudo region such as `fips-us-east-1` only makes sense with a host of its own.
            if region not in self.known and "{" in merged["hostname"]:
                continue
            suffix = merged.get("dnsSuffix", partition["dnsSuffix"])
            host = merged["hostname"].format(service=service, region=region, dnsSuffix=suffix)
            signing_region = credentials.get("region", region)
            if signing_region in self.known and ":" not in host:
                yield Row(host, name, signing_region, "listed")


def merge_variant(partition_defaults, service_defaults, endpoint, tags):
    merged = {}
    for level in (partition_defaults, service_defaults, endpoint):
        merged |= level if not tags else {}
        for variant in level.get("variants", []):
            if variant["tags"] == tags:
                merged |= variant
    return merged


def host_prefixes(model):
    """Prefixes that operations put before the host; those with a parameter are labels of their own."""
    prefixes = {
        operation["endpoint"]["hostPrefix"]
        for operation in model["operations"].values()
        if "endpoint" in operation
    }
    return sorted(prefix for prefix in prefixes if "{" not in prefix)


def parameter_sets(service, model, rules):
    """The parameters worth trying: none, those that operations fix, and the samples with either."""
    fixed = [
        {name: value["value"] for name, value in operation["staticContextParams"].items()}
        for operation in model["operations"].values()
        if "staticContextParams" in operation
    ]
    bases = without_repeats([{}, *fixed])
    sampled = [
        base | {name: value}
        for name in rules["parameters"]
        for value in samples(service, name)
        for base in bases
    ]
    return without_repeats(bases + sampled)


def samples(service, name):
    values = SAMPLES.get(name, [])
    return values.get(service, []) if isinstance(values, dict) else values


def without_repeats(items):
    return [item for turn, item in enumerate(items) if item not in items[:turn]]


def resolve(provider, rules, partition, parameters):
    """The end point, or nothing where the rules refuse the parameters."""
    known = {name: value for name, value in parameters.items() if name in rules["parameters"]}
    for name, value in known.items():
        if isinstance(value, str):
            known[name] = value.format(partition=partition, region=parameters["Region"])
    if "AccountIdEndpointMode" in rules["parameters"] and "AccountId" in known:
        known["AccountIdEndpointMode"] = "preferred"
    if "RequiresAccountId" in rules["parameters"]:
        known.setdefault("RequiresAccountId", False)
    try:
        return provider.resolve_endpoint(**known)
    except EndpointResolutionError:
        return None


def scope(endpoint, service, region):
    """Signing name and region: SigV4's if the end point offers it, else SigV4A's region set."""
    schemes = endpoint.properties.get("authSchemes") or [{"name": "sigv4"}]
    for scheme in schemes:
        if scheme["name"] in ("sigv4", "sigv4-s3express"):
            return scheme.get("signingName", service), scheme.get("signingRegion", region)
    return schemes[0].get("signingName", service), EVERY_REGION


# ---- Tables -----------------------------------------------------------------------------------


class Tables:
    """The smallest tables that answer the rows. Each is built on those before it."""

    def __init__(self, data, rows):
        self.suffixes = suffixes(data.partitions)
        self.partitions = partition_homes(data.partitions)
        self.after_region = sorted(AFTER_REGION.keys() | labels_after_region(rows))
        cut_rows = [(row, self.cut(row.host)) for row in rows]
        self.add_services(cut_rows)
        self.add_homes(cut_rows)
        self.pinned = self.pinned_labels(cut_rows)
        self.hosts = {}
        self.hosts = {
            row.host: (row.service, row.region)
            for row, parts in cut_rows
            if parts.region is None and self.lookup(row.host) is None
        }

    def add_services(self, cut_rows):
        """Service by last label, and the labels below it that change the service."""
        votes = collections.defaultdict(collections.Counter)
        for row, parts in cut_rows:
            irregular = parts.region is None and row.variant == "listed"
            if parts.labels and not irregular and not zonal(parts.labels[-1]):
                votes[tuple(parts.labels[-3:])][row.service] += 1
        winners = {labels: winner(labels, counts) for labels, counts in votes.items()}
        self.services = AFTER_REGION | DOCUMENTED
        self.services |= {labels[0]: service for labels, service in winners.items() if len(labels) == 1}
        for label, services in itertools.groupby(sorted(winners, key=last), key=last):
            counts = sum((votes[labels] for labels in services), collections.Counter())
            self.services.setdefault(label, counts.most_common(1)[0][0])
        self.below = dict(BELOW)
        for labels in sorted(winners, key=lambda labels: (len(labels), labels)):
            if len(labels) > 1 and winners[labels] != self.service(labels):
                child, parent = labels[:2]
                self.below[parent, child] = winners[labels]

    def add_homes(self, cut_rows):
        """Signing region of the hosts without one: by zone for most services, else one by one."""
        votes = collections.defaultdict(collections.Counter)
        for row, parts in cut_rows:
            label = last(parts.labels)
            if parts.region is None and self.services.get(label) == row.service:
                votes[label, parts.zone][row.region] += 1
        self.everywhere = sorted({label for (label, _), counts in votes.items() if EVERY_REGION in counts})
        zones_of = collections.Counter(label for label, _ in votes if label not in self.everywhere)
        self.globals = sorted(label for label, count in zones_of.items() if count >= GLOBAL_ZONES)
        settled = {
            (label, zone): counts.most_common(1)[0][0]
            for (label, zone), counts in votes.items()
            if label not in self.everywhere and not undecided(counts)
        }
        by_zone = collections.defaultdict(collections.Counter)
        for (_, zone), region in settled.items():
            by_zone[zone][region] += 1
        self.zones = {zone: counts.most_common(1)[0][0] for zone, counts in by_zone.items()}
        self.homes = {
            (label, zone): region
            for (label, zone), region in settled.items()
            if self.zones[zone] != region or label not in self.globals
        }

    def pinned_labels(self, cut_rows):
        """Services that sign in their partition's home region, whatever region the host names."""
        away, elsewhere = set(), set()
        for row, parts in cut_rows:
            if parts.region is not None and row.region != parts.region:
                away.add(last(parts.labels))
            if parts.region is not None and row.region != self.home(parts.region):
                elsewhere.add(last(parts.labels))
        return sorted(label for label in away - elsewhere if label not in DECIDED)

    def home(self, region):
        return next(home for prefix, home in self.partitions if region.startswith(prefix))

    def cut(self, host):
        return cut(host, self.suffixes, self.after_region)

    def lookup(self, host):
        """The same answer as `from_host` in mod.rs."""
        parts = self.cut(host)
        if not parts.labels:
            return None
        if parts.region is None:
            return self.hosts.get(host) or self.lookup_regionless(parts)
        service = self.service(parts.labels)
        region = self.home(parts.region) if parts.labels[-1] in self.pinned else parts.region
        return service and (service, region)

    def lookup_regionless(self, parts):
        label = parts.labels[-1]
        legacy = legacy_s3_region(label)
        if legacy:
            return "s3", legacy
        service = self.service(parts.labels)
        if label in self.everywhere and len(parts.labels) > 1:
            return service, EVERY_REGION
        region = self.homes.get((label, parts.zone))
        if region is None and label in self.globals:
            region = self.zones.get(parts.zone)
        return region and (service, region)

    def service(self, labels):
        label = labels[-1]
        if label not in self.services:
            return "s3express" if zonal(label) else None
        service = self.services[label]
        for parent, child in zip(labels[::-1], labels[-2::-1]):
            deeper = self.below.get((parent, child)) or self.below.get((parent, "*"))
            if deeper is None:
                break
            service = deeper
        return service


def labels_after_region(rows):
    """Labels that hosts of the SDKs have to the right of their region."""
    return {without_fips(row.host.split(".")[1]) for row in rows if row.host.startswith(row.region + ".")}


def winner(labels, counts):
    """The service that most rows name; that it is disputed is worth a decision."""
    name = ".".join(labels)
    if len(counts) > 1 and name not in DECIDED:
        print(f"decide: {name} is {dict(counts)}", file=sys.stderr)
    return DECIDED.get(name, counts.most_common(1)[0][0])


def last(labels):
    return labels[-1] if labels else None


def legacy_s3_region(label):
    match = LEGACY_S3.fullmatch(label)
    return match[1] if match and REGION.fullmatch(match[1]) else None


def zonal(label):
    return label.startswith("s3express-") and label != "s3express-control"


def undecided(counts):
    """Whether a host serves so many regions alike that it names none."""
    return len(counts) > 1 and len(set(counts.values())) == 1


def suffixes(partitions):
    """All DNS suffixes, the most used first."""
    outputs = [partition["outputs"] for partition in partitions["partitions"]]
    plain = [o["dnsSuffix"] for o in outputs]
    dual_stack = [o["dualStackDnsSuffix"] for o in outputs]
    # What `api.` is to the services' own end points, `on.` is to those of their customers.
    customers = ["on." + suffix.removeprefix("api.") for suffix in dual_stack]
    most_used = plain[:1] + dual_stack[:1] + customers[:1]
    return list(dict.fromkeys(most_used + plain + dual_stack + customers + SIGNIN_SUFFIXES))


def partition_homes(partitions):
    """Home region by the beginning of a region's name; the one without a beginning comes last."""
    homes = {}
    for partition in partitions["partitions"]:
        prefix = re.match(r"\^([a-z\\-]*)", partition["regionRegex"])[1].replace("\\", "")
        homes[prefix.removesuffix("w")] = partition["outputs"]["implicitGlobalRegion"]
    return sorted(homes.items(), key=lambda item: (-len(item[0]), item))


# ---- Output -----------------------------------------------------------------------------------


def render(tables):
    header = f"""\
//! The end points of AWS.
//!
//! @generated by `tools/aws-endpoints/generate.py` from botocore {BOTOCORE}; do not edit.
"""
    by_length = sorted(tables.services.items(), key=lambda item: (len(item[0]), item))
    return "\n".join([
        header,
        table("SUFFIXES", "DNS suffixes that AWS owns, the most used first; none is the end of another.",
              tables.suffixes),
        table("SERVICES", "Signing name by the last label of a service's host; sorted by the label's length, then by the label.",
              by_length),
        table("AFTER_REGION", "Labels that stand to the right of the region.",
              tables.after_region),
        table("BELOW", "Labels whose own subdomains belong to another service: parent, child (`*` for any), signing name.",
              sorted((parent, child, service) for (parent, child), service in tables.below.items())),
        table("GLOBAL", "Labels of services that have a host without a region in every zone.",
              tables.globals),
        table("EVERYWHERE", "Labels whose subdomains serve every region (SigV4A) if they name none.",
              tables.everywhere),
        table("ZONES", "Signing region of the global services by what follows the service's labels.",
              sorted(tables.zones.items())),
        table("HOMES", "Hosts without a region that `GLOBAL` and `ZONES` do not tell: label, zone, signing region.",
              sorted((label, zone, region) for (label, zone), region in tables.homes.items())),
        table("PINNED", "Labels of services that sign in their partition's home region, whatever region the host names.",
              tables.pinned),
        table("PARTITIONS", "Home region by the beginning of a region's name; the first match counts.",
              tables.partitions),
        table("HOSTS", "Hosts that follow no rule: host, signing name, signing region.",
              sorted((host, service, region) for host, (service, region) in tables.hosts.items())),
    ])


def table(name, docs, entries):
    width = len(entries[0]) if isinstance(entries[0], tuple) else 1
    kind = "&str" if width == 1 else f"({', '.join(['&str'] * width)})"
    body = "".join(f"    {literal(entry)},\n" for entry in entries)
    return f"/// {docs}\npub(super) static {name}: &[{kind}] = &[\n{body}];\n"


def literal(entry):
    if isinstance(entry, tuple):
        return f"({', '.join(json.dumps(text) for text in entry)})"
    return json.dumps(entry)


def fixture(tables, rows):
    """One row of every shape, regions and variants in turn."""
    shapes = collections.defaultdict(set)
    for row in rows:
        if tables.lookup(row.host) == (row.service, row.region):
            for shape in shapes_of(row, tables.cut(row.host)):
                shapes[shape].add(row)
    chosen = set()
    for turn, shape in enumerate(sorted(shapes)):
        candidates = sorted(shapes[shape])
        chosen.add(candidates[turn * STRIDE % len(candidates)])
    return lines(chosen)


def shapes_of(row, parts):
    label = parts.labels[-1]
    if parts.region is None:
        return [("global", label, row.variant), ("zone", parts.zone)]
    if row.service.startswith("s3"):
        return [("s3", label, row.variant, str(len(parts.labels)))]
    return [("regional", row.service, *parts.labels[-2:])]


def lines(rows):
    return "".join("\t".join(row) + "\n" for row in sorted({row[:3] for row in rows}))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--fixture", action="store_true")
    mode.add_argument("--rows", action="store_true")
    arguments = parser.parse_args()
    if botocore.__version__ != BOTOCORE:
        sys.exit(f"needs botocore {BOTOCORE}, found {botocore.__version__}")

    data = Botocore()
    rows = data.rows()
    tables = Tables(data, rows)
    report(tables, rows)
    with open(arguments.output, "w", encoding="utf-8", newline="\n") as output:
        if arguments.fixture:
            output.write(fixture(tables, rows))
        elif arguments.rows:
            output.write(lines(rows))
        else:
            output.write(render(tables))
    if not arguments.fixture and not arguments.rows:
        subprocess.run(["rustfmt", "--edition", "2024", arguments.output], check=True)


def report(tables, rows):
    """Which hosts the tables answer otherwise than botocore, by label of the service."""
    wrong = collections.defaultdict(list)
    for row in rows:
        if tables.lookup(row.host) != (row.service, row.region):
            wrong[last(tables.cut(row.host).labels)].append(row)
    print(f"{len(rows)} rows, {sum(map(len, wrong.values()))} answered otherwise:", file=sys.stderr)
    for label, some in sorted(wrong.items()):
        answer = tables.lookup(some[0].host)
        print(f"    {label}: {len(some)}, like {tuple(some[0])}, answered {answer}", file=sys.stderr)


if __name__ == "__main__":
    main()
