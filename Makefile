# make run    set up, read examples/, open the chat; the first time `standard` (1.1 GB) and `multilingual` (91 MB)
#             are fetched meanwhile
# make run MODEL=tiny   with the model that is installed (or another of `lectern models list`); nothing is fetched
# make test   set up, run the tests
# make check  ruff, formatting, types, the arrow of imports
# make messages   collect what the program says into the template for translators, core/locale/lectern.pot; bring the
#                 translations beside it up to it, and compile them
# make span-reader DATA=FOLDER   train the reader that points at the words, hours on two cores

PYTHON ?= python3
export PYTHON
bin := .venv/bin
setup_files := pyproject.toml constraints.txt $(wildcard install/*)

.PHONY: run test check setup messages span-reader clean
.DELETE_ON_ERROR:

# A variable MODEL of the environment may mean anything: only `make run MODEL=NAME` counts.
ifeq ($(origin MODEL),command line)
serve := LECTERN_MODEL='$(MODEL)' $(bin)/lectern serve
else
serve := $(bin)/lectern serve --fetch-model
endif

run: .venv/.ready
	@$(bin)/lectern ingest --library examples examples
	@$(serve) --library examples

# Most tests wait for programs that they start, so a file for each core at a time; those of the page have the machine alone.
test: .venv/.ready-dev
	@$(bin)/python -m pytest -n auto --dist loadfile --ignore tests/browser
	@$(bin)/python -m pytest tests/browser

check: .venv/.ready-dev
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/python -m pytest tests/test_imports.py

setup: .venv/.ready

# Without dates and placeholders for names, so that the template changes only where a text does. A text that is new has no
# translation, rather than that of one like it; tests/core/test_catalogues.py names those that are missing.
locales := core/locale
template = $(locales)/lectern.pot
messages: .venv/.ready-dev
	@$(bin)/pybabel -q extract --add-location file -o $(template).new app core evaluate generate index ingest prompts
	@sed -e '1,/^$$/{/^# /d;/^#$$/d;/^"[PRLG]/d;}' $(template).new > $(template)
	@rm $(template).new
	@$(bin)/pybabel -q update -D lectern -i $(template) -d $(locales) -N --ignore-obsolete --ignore-pot-creation-date
	@$(bin)/pybabel -q compile -D lectern -d $(locales)

.venv/.ready: $(setup_files)
	@sh install/setup.sh bundled,eval,recognition
	@touch $@

.venv/.ready-dev: $(setup_files)
	@sh install/setup.sh bundled,dev
	@touch $@ .venv/.ready

# Sentences first, then passages, then groups of passages. From the second training on two ways are gone, as one learns by
# heart what the other does not, and the mean of both ends is published (docs/span-reader.md).
built := build/span_reader
train = $(bin)/python -m training.span_reader.train --examples $(built)/examples
mean = $(bin)/python -m training.span_reader.mean
span-reader: .venv/.ready-dev
	@$(bin)/python -m training.span_reader.prepare --data $(DATA) --out $(built)/examples
	@$(train) --out $(built)/1 --plan sentences:0.4,answered:0.5,sentences:1 --changed 0 --cool-down 0
	@$(train) --out $(built)/2 --start $(built)/1/checkpoint.safetensors --plan sentences:0.12+passages:0.3 --seed 5
	@$(train) --out $(built)/3 --start $(built)/2/checkpoint.safetensors \
		--plan sentences:0.1+passages:0.8+groups:0.6 --group 3 --cool-down 0.35 --seed 6
	@$(train) --out $(built)/4a --start $(built)/2/checkpoint.safetensors \
		--plan sentences:0.3+blocks:0.12+passages:0.6 --group 3 --cool-down 0.05 --seed 11
	@$(train) --out $(built)/4b --start $(built)/2/checkpoint.safetensors \
		--plan sentences:0.15+blocks:0.06+passages:0.6+recurring:0.5+rules:0.5 --group 3 --cool-down 0.05 --seed 11
	@$(mean) --out $(built)/4.safetensors $(built)/4a/checkpoint.safetensors $(built)/4b/checkpoint.safetensors
	@$(train) --out $(built)/5 --start $(built)/4.safetensors \
		--plan passages:0.7+groups:0.22+blocks:0.02+sentences:0.1 --nq 2 --masked 0.1 --cool-down 0.05 --seed 21
	@$(train) --out $(built)/6a --start $(built)/5/checkpoint.safetensors \
		--plan passages:0.45+groups:0.18+recurring:0.1 --nq 2 --masked 0.1 --cool-down 1 --seed 31
	@$(train) --out $(built)/6b --start $(built)/5/checkpoint.safetensors \
		--plan passages:0.45+groups:0.18+recurring:0.1 --nq 2 --cool-down 1 --seed 32
	@$(mean) --out $(built)/6.safetensors $(built)/6a/best.safetensors $(built)/6b/best.safetensors
	@$(mean) --out $(built)/7.safetensors $(built)/6.safetensors $(built)/3/best.safetensors
	@$(bin)/python -m training.span_reader.publish --state $(built)/7.safetensors --data $(DATA)
	@$(bin)/python -m training.span_reader.card

clean:
	rm -rf .venv
