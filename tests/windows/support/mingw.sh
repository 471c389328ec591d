#!/bin/bash
# A program of the Debian root QUINTET_WINE_ROOT, which sees the tree QUINTET_TREE under its own path.
set -e
exec unshare -m bash -c '
	set -e
	mount --make-rprivate /
	mkdir -p "$QUINTET_WINE_ROOT$QUINTET_TREE"
	mount --bind "$QUINTET_TREE" "$QUINTET_WINE_ROOT$QUINTET_TREE"
	exec chroot "$QUINTET_WINE_ROOT" "$@"
' mingw "$@"
