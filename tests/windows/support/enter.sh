#!/bin/bash
# Process 1 of the namespaces that Wine runs in: mounts what it needs into the root, and waits. Whoever ends this
# process ends everything in there, and no mount is left behind.
set -e
root=$1 tree=$2 parts=$3
mount --make-rprivate /
mkdir -p "$root"/{quintet,parts,proc,dev,sys}
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount --bind "$tree" "$root/quintet"
mount --bind "$parts" "$root/parts"
# Here koffi has its Windows half; the Linux half stays as it is outside.
[ ! -d "$root/quintet/node_modules/@koromix" ] || mount --bind "$parts/koffi" "$root/quintet/node_modules/@koromix"
echo ready
while :; do
	sleep 3600 &
	wait $!
done
