/** A folder of real files that looks like an installed MetaTrader 5, made in a moment. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const GOLDEN_BUILD = 5830;

/** The smallest Windows program that says its version: headers and one resource section, nothing to run. */
export function programWithVersion(build: number): Buffer {
	const header = Buffer.alloc(512);
	header.write('MZ', 0, 'latin1');
	header.writeUInt32LE(64, 0x3c);
	header.write('PE\0\0', 64, 'latin1');
	header.writeUInt16LE(0x8664, 68);
	header.writeUInt16LE(1, 70);
	header.writeUInt16LE(0, 84);
	const section = 64 + 24;
	header.write('.rsrc', section, 'latin1');
	const resources = versionResource(build, 0x1000);
	header.writeUInt32LE(resources.length, section + 8);
	header.writeUInt32LE(0x1000, section + 12);
	header.writeUInt32LE(resources.length, section + 16);
	header.writeUInt32LE(512, section + 20);
	return Buffer.concat([header, resources]);
}

function versionResource(build: number, virtualAddress: number): Buffer {
	const bytes = Buffer.alloc(512);
	const directory = (at: number, id: number, target: number): void => {
		bytes.writeUInt16LE(1, at + 14);
		bytes.writeUInt32LE(id, at + 16);
		bytes.writeUInt32LE(target, at + 20);
	};
	directory(0, 16, 0x80000000 + 24);
	directory(24, 1, 0x80000000 + 48);
	directory(48, 1033, 72);
	bytes.writeUInt32LE(virtualAddress + 96, 72);
	bytes.writeUInt32LE(92, 76);
	// VS_VERSIONINFO: its name in UTF-16, then the fixed part.
	bytes.writeUInt16LE(92, 96);
	bytes.writeUInt16LE(52, 98);
	bytes.write('VS_VERSION_INFO', 102, 'utf16le');
	const fixed = 96 + 40;
	bytes.writeUInt32LE(0xfeef04bd, fixed);
	bytes.writeUInt32LE(5 << 16, fixed + 8);
	bytes.writeUInt32LE(build, fixed + 12);
	return bytes;
}

/** Paths of the files, with `/`; the answer is what was written. */
export async function writeFolder(root: string, files: Record<string, Buffer | string>): Promise<void> {
	for (const [path, content] of Object.entries(files)) {
		const full = join(root, ...path.split('/'));
		await mkdir(dirname(full), { recursive: true });
		await writeFile(full, content);
	}
}

/** A folder that `agent golden add` takes. @param changes files to add, or null to leave one out */
export async function goldenFolder(
	root: string,
	changes: Record<string, Buffer | string | null> = {}
): Promise<string> {
	const files: Record<string, Buffer | string | null> = {
		'terminal64.exe': programWithVersion(GOLDEN_BUILD),
		'metaeditor64.exe': programWithVersion(GOLDEN_BUILD),
		'config/servers.dat': Buffer.alloc(3_000, 7),
		'config/terminal.ini': 'x',
		'MQL5/Experts/Examples/MACD/MACD Sample.mq5': '// sample',
		'MQL5/Profiles/Charts/Default/chart01.chr': '<chart>\r\n</chart>',
		'Bases/Broker-Demo/symbols.dat': Buffer.alloc(50_000, 1),
		'logs/20260101.log': 'left out',
		...changes
	};
	const kept = Object.entries(files).filter((entry): entry is [string, Buffer | string] => entry[1] !== null);
	await writeFolder(root, Object.fromEntries(kept));
	return root;
}
