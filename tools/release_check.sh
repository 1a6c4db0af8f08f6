#!/usr/bin/env bash
# A release as its users get it: sdist and wheel are built and checked, the wheel is installed into an empty
# environment, and the demo runs from there, outside of the checkout. Usage: tools/release_check.sh PYTHON...
# The first PYTHON needs the packages `build` and `twine`; the wheel is tried with every one of them.
set -euo pipefail
cd "$(dirname "$0")/.."
checkout=$PWD
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
grep -q "^## $version" CHANGELOG.md || { echo "CHANGELOG.md has no section $version" >&2; exit 1; }

rm -rf dist
"$1" -m build --outdir dist .
"$1" -m twine check --strict dist/*
wheel=$checkout/dist/dic_ingest-$version-py3-none-any.whl
held=$("$1" -m zipfile -l "$wheel") # not into a pipe: grep -q leaves at the first match, which breaks it
for file in dic_ingest/py.typed dic_ingest/vision/weights/linenet.onnx dic_ingest/batch/nodes.schema.json \
    dic_ingest/inspector/assets/mermaid.min.js; do
    grep -q "^$file " <<<"$held" || { echo "the wheel lacks $file" >&2; exit 1; }
done

for python in "$@"; do
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    "$python" -m venv "$place/venv"
    "$place/venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt "$wheel"
    "$place/venv/bin/python" -c 'import cv2' 2>/dev/null \
        || "$place/venv/bin/python" -m pip install -q --disable-pip-version-check --force-reinstall --no-deps \
            -c constraints.txt opencv-python-headless
    cp samples/telecom_report.pdf samples/flowchart.png samples/show.py "$place"
    (
        cd "$place"
        venv/bin/dic-ingest run telecom_report.pdf --out out --quiet
        venv/bin/python show.py out
        # pixels: the shipped network has to be there
        venv/bin/dic-ingest describe flowchart.png | venv/bin/python -c '
import json, sys
(figure,) = map(json.loads, sys.stdin)
assert len(figure["nodes"]) >= 8 and len(figure["edges"]) >= 6, figure
print("read from pixels:", len(figure["nodes"]), "nodes,", len(figure["edges"]), "edges")'
        venv/bin/python -c 'import dic_ingest; assert "site-packages" in dic_ingest.__file__'
    )
    echo "$("$python" --version): the wheel works"
    rm -rf "$place"
done
