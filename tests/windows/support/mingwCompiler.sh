#!/bin/bash
exec "$(dirname "$0")/mingw.sh" x86_64-w64-mingw32-g++-posix "$@"
