#!/bin/sh
# Makes .venv with everything Lectern needs: install/setup.sh EXTRAS (such as "bundled" or "bundled,dev").
set -eu
extras=$1
cd "$(dirname -- "$0")/.."
base=${PYTHON:-python3}

missing() {
    echo "lectern: $1" >&2
    exit 1
}

command -v "$base" >/dev/null 2>&1 || missing "Python 3.11 or newer is missing. Install it: sudo apt-get install python3 python3-venv"
"$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    missing "Python 3.11 or newer is needed and $base is older. Name another one: make PYTHON=python3.12"
lacking=""
"$base" -c 'import venv, ensurepip' 2>/dev/null || lacking="$lacking python3-venv"
command -v "${CXX:-c++}" >/dev/null 2>&1 || lacking="$lacking g++"
command -v cmake >/dev/null 2>&1 || lacking="$lacking cmake"
[ -z "$lacking" ] || missing "not installed:$lacking. Install what is missing: sudo apt-get install$lacking"

python=.venv/bin/python
# A set-up that was stopped half-way leaves a .venv without pip; it is made again.
"$python" -m pip --version >/dev/null 2>&1 || "$base" -m venv --clear .venv

pin() { sed -n "s/^$1==//p" constraints.txt; }

export PIP_DISABLE_PIP_VERSION_CHECK=1
# `lectern models pull` fetches with pip; from 25.2 on it goes on with a download that was cut (--resume-retries).
"$python" -m pip install --quiet "pip==$(pin pip)"
echo "Installing the pinned packages (about 1 GB on disk)." >&2
# PyTorch first and by its exact version: a range would let pip take the newest build for graphics cards.
"$python" -m pip install --quiet -c constraints.txt "torch==$(pin torch)"
version=$(pin llama-cpp-python)
if ! "$python" -c "import sys; from importlib.metadata import version as v; sys.exit(v('llama-cpp-python') != '$version')" 2>/dev/null; then
    wheel=$(sh install/llama_wheel.sh "$python" "$version")
    "$python" -m pip install --quiet -c constraints.txt "$wheel"
fi
"$python" -m pip install --quiet -c constraints.txt -e ".[$extras]"
