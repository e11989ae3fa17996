#!/bin/sh
# Prints the path of a llama-cpp-python wheel built for this machine's processor, building it if it is not there.
#
# llama.cpp is compiled for the processor at hand, and pip's own cache does not tell one processor from
# another: a wheel from a newer machine would end in an illegal instruction here. So the wheel is kept in a
# folder named after the processor's features, the Python, the version and the build's options.
set -eu
python=$1
version=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# The helper library, tools, server, tests and multimodal part of llama.cpp are not used: leaving them out
# brings the compile from ten minutes to two or three on two cores.
options="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF \
-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF"

processor=$( (uname -sm; grep -m1 -E '^(flags|Features)' /proc/cpuinfo || sysctl -n machdep.cpu.features machdep.cpu.brand_string) 2>/dev/null || true)
interpreter=$("$python" -c 'import sys, sysconfig; print(sys.version_info[:2], sysconfig.get_platform())')
key=$(printf '%s\n' "$processor" "$interpreter" "$version" "$options" | "$python" -c \
    'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])')

cache=$("$python" -m pip cache dir 2>/dev/null) || cache=${XDG_CACHE_HOME:-$HOME/.cache}/pip
folder=$cache/lectern-wheels/$key

find_wheel() { find "$folder" -name 'llama_cpp_python-*.whl' 2>/dev/null | head -n 1; }

wheel=$(find_wheel)
if [ -z "$wheel" ]; then
    cores=$("$python" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
    echo "Compiling llama.cpp for this processor on $cores cores. This takes 2 to 10 minutes, once." >&2
    work=$(mktemp -d)
    trap 'kill "${ticker:-}" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM
    log=$work/build.log
    # A line every 20 seconds: how far the compile is, from ninja's own [done/total].
    ( while sleep 20; do
        printf '  %s  %s\n' "$(date +%H:%M:%S)" \
            "$(grep -oE '^ *\[[0-9]+/[0-9]+\]' "$log" | tail -n 1 | tr -d ' ' || true) compiled" >&2
      done ) &
    ticker=$!
    if ! CMAKE_ARGS="$options -DCMAKE_PROJECT_INCLUDE=$here/llama.cmake" CMAKE_BUILD_PARALLEL_LEVEL=$cores \
        "$python" -m pip wheel --no-cache-dir --no-deps --no-binary llama-cpp-python --verbose \
        --wheel-dir "$work/wheel" "llama-cpp-python==$version" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "lectern: compiling llama.cpp failed; the last lines are above. Check that the C++ compiler works and run make again." >&2
        exit 1
    fi
    kill "$ticker" 2>/dev/null || true
    mkdir -p "$folder"
    mv "$work"/wheel/llama_cpp_python-*.whl "$folder/"
    wheel=$(find_wheel)
fi
echo "$wheel"
