/** Which addresses of the internet a trader may have this server call: those that lie in nobody's own network. */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** IANA IPv4 Special-Purpose Address Registry; all that is not reachable from everywhere, and multicast. */
const NOT_PUBLIC_4: [string, number][] = [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4]
];

/** Of IPv6 only global unicast, and of that nothing that carries an IPv4 address inside or is for documentation. */
const GLOBAL_6: [string, number] = ['2000::', 3];
const NOT_PUBLIC_6: [string, number][] = [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20]
];

const notPublic = new BlockList();
for (const [net, prefix] of NOT_PUBLIC_4) notPublic.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of NOT_PUBLIC_6) notPublic.addSubnet(net, prefix, 'ipv6');
const global6 = new BlockList();
global6.addSubnet(...GLOBAL_6, 'ipv6');

/** @param address as numbers; what is no address is not public */
export function isPublicAddress(address: string): boolean {
	if (isIP(address) === 0) return false;
	if (isIPv4(address)) return !notPublic.check(address, 'ipv4');
	return global6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}
