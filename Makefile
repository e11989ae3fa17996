# make run    set up, read examples/, open the chat
# make test   set up, run the tests
# make check  ruff, formatting, types, the arrow of imports
# make span-reader DATA=FOLDER   train the reader that points at the words, hours on two cores

PYTHON ?= python3
export PYTHON
bin := .venv/bin
setup_files := pyproject.toml constraints.txt $(wildcard install/*)

.PHONY: run test check setup span-reader clean
.DELETE_ON_ERROR:

run: .venv/.ready
	@$(bin)/lectern ingest --library examples examples
	@$(bin)/lectern serve --library examples

test: .venv/.ready-dev
	@$(bin)/python -m pytest

check: .venv/.ready-dev
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/python -m pytest tests/test_imports.py

setup: .venv/.ready

.venv/.ready: $(setup_files)
	@sh install/setup.sh bundled
	@touch $@

.venv/.ready-dev: $(setup_files)
	@sh install/setup.sh bundled,dev
	@touch $@ .venv/.ready

span-reader: .venv/.ready-dev
	@$(bin)/python -m training.span_reader.prepare --data $(DATA) --out build/span_reader/examples
	@$(bin)/python -m training.span_reader.train --examples build/span_reader/examples --out build/span_reader/trained
	@$(bin)/python -m training.span_reader.publish --state build/span_reader/trained/best.safetensors --data $(DATA)
	@$(bin)/python -m training.span_reader.card

clean:
	rm -rf .venv
