# Read by CMake inside llama.cpp's own project() call (CMAKE_PROJECT_INCLUDE): llama-cpp-python
# forces llama.cpp's helper library for its command-line tools on, which doubles the compile and
# which Python never loads. A plain variable wins over the forced cache entry (CMP0077).
if(PROJECT_NAME STREQUAL "llama.cpp")
    set(LLAMA_BUILD_COMMON OFF)
endif()
