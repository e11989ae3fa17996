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
	@sh install/setup.sh bundled,eval
	@touch $@

.venv/.ready-dev: $(setup_files)
	@sh install/setup.sh bundled,dev
	@touch $@ .venv/.ready

# Sentences first, then passages, then groups of passages; each training starts where the one before ended.
built := build/span_reader
train = $(bin)/python -m training.span_reader.train --examples $(built)/examples
span-reader: .venv/.ready-dev
	@$(bin)/python -m training.span_reader.prepare --data $(DATA) --out $(built)/examples
	@$(train) --out $(built)/1 --plan sentences:0.4,answered:0.5,sentences:1 --changed 0 --cool-down 0
	@$(train) --out $(built)/2 --start $(built)/1/checkpoint.safetensors --plan sentences:0.4+passages:1 --steps 200 --seed 5
	@$(train) --out $(built)/3 --start $(built)/2/checkpoint.safetensors \
		--plan sentences:0.1+passages:0.8+groups:0.6 --group 3 --cool-down 0.35 --seed 6
	@$(bin)/python -m training.span_reader.publish --state $(built)/3/best.safetensors --data $(DATA)
	@$(bin)/python -m training.span_reader.card

clean:
	rm -rf .venv
