"""Signs random requests with official SDKs and with `signing sign`, and compares.

The seed makes the requests; the table says it, so that a difference can be seen again. Exit status 1: they differ.
What is compared, and what not, stands in the README beside this file.
"""
import argparse
import json
import random
import subprocess
import sys
import time

import batch
import cybersource
import sas

ORACLES = {
    "azure-batch": batch.case,
    "azure-eventhub": sas.event_hub_case,
    "azure-iot-hub": sas.iot_hub_case,
    "cybersource": cybersource.case,
}


def sign(binary, lines):
    """The answers of `signing sign`, one for each line."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([binary, "sign"], input=text, capture_output=True, encoding="utf-8")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(lines):
        sys.exit(f"{len(answers)} answers to {len(lines)} lines, status {done.returncode}: {done.stderr}")
    return answers


def check(name, case, binary, seed, count, shown):
    started = time.monotonic()
    # Each oracle has its own numbers, so that a change to one does not change the others' requests.
    source = random.Random(f"{seed} {name}")
    cases = [case(source) for _ in range(count)]
    answers = sign(binary, [line for line, _ in cases])
    differences = 0
    for (line, compare), answer in zip(cases, answers):
        headers = {name.lower(): value for name, value in answer.get("headers", [])}
        difference = f"error: {answer['error']['message']}" if "error" in answer else compare(answer, headers)
        if difference:
            differences += 1
            if differences <= shown:
                print(f"{name}: {line['method']} {line['url']}\n  {difference}")
    print(f"{name:16} {count:6} requests {differences:6} differ {time.monotonic() - started:8.1f} s")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the command")
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--requests", type=int, default=500, help="of each SDK")
    parser.add_argument("--show", type=int, default=3, help="differences to print of each SDK")
    parser.add_argument("--only", choices=ORACLES, help="one SDK")
    args = parser.parse_args()
    if args.requests < 1:
        parser.error("--requests must be 1 or more: none compared is no pass")
    print(f"seed {args.seed}")
    chosen = {name: case for name, case in ORACLES.items() if args.only in (None, name)}
    differences = sum(
        check(name, case, args.bin, args.seed, args.requests, args.show) for name, case in chosen.items()
    )
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
