/** `agent golden`: the installs of MetaTrader 5 that the terminals of this machine are copies of, one per broker. */
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { type StateDir } from '../stateDir.ts';
import { GoldenStore, GoldenUnfit, slugOf } from '../terminal/provision/goldenStore.ts';

export interface GoldenAddOptions {
	broker: string;
	servers: string[];
	isDefault: boolean;
	withoutAccount: boolean;
}

type Say = (line: string) => void;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`;
const storeOf = ({ golden }: StateDir): GoldenStore => new GoldenStore(golden);

export async function goldenAdd(
	state: StateDir,
	folder: string,
	{ broker, servers, isDefault, withoutAccount: leavesAccountOut }: GoldenAddOptions,
	say: Say
): Promise<ExitCode> {
	let shown = 0;
	const onProgress = (part: number): void => {
		const percent = Math.floor(part * 10) * 10;
		if (percent <= shown) return;
		shown = percent;
		say(`copying, ${percent} %`);
	};
	try {
		const options = { broker, servers, isDefault, leavesAccountOut, onProgress, now: new Date() };
		const { golden, warnings } = await storeOf(state).add(folder, options);
		const { manifest } = golden;
		for (const { problem, remedy } of warnings) say(`WARN  ${problem}\n      → ${remedy}`);
		say(
			`Added “${manifest.broker}”: build ${manifest.build}, ${manifest.files.length} files, ${megabytes(manifest.bytes)}. Terminals of this broker are copied from it from now on.`
		);
		return EXIT.ok;
	} catch (error) {
		if (!(error instanceof GoldenUnfit)) throw error;
		for (const { problem, remedy } of error.problems) say(`BAD   ${problem}\n      → ${remedy}`);
		say('Nothing was added.');
		return EXIT.unhealthy;
	}
}

export async function goldenList(state: StateDir, say: Say): Promise<ExitCode> {
	const all = await storeOf(state).list();
	for (const { slug, manifest } of all) {
		const { broker, build, bytes, addedAt, servers, isDefault } = manifest;
		const forWhom = [...servers, ...(isDefault ? ['every broker without its own'] : [])].join(', ');
		say(
			`${slug}  “${broker}”  build ${build}  ${megabytes(bytes)}  added ${addedAt.slice(0, 10)}${forWhom === '' ? '' : `  for ${forWhom}`}`
		);
	}
	if (all.length === 0)
		say('There is no golden install yet. Add one: agent golden add <folder> --broker <name>');
	return EXIT.ok;
}

export async function goldenVerify(state: StateDir, name: string | undefined, say: Say): Promise<ExitCode> {
	const store = storeOf(state);
	const slugs = name === undefined ? await store.slugs() : [slugOf(name)];
	let isWhole = true;
	for (const slug of slugs) {
		const wrong = await store.verify(slug);
		for (const what of wrong.slice(0, 20)) say(`BAD   ${slug}: ${what}`);
		if (wrong.length > 20) say(`      and ${wrong.length - 20} more`);
		if (wrong.length === 0) say(`ok    ${slug}: as it was added`);
		else isWhole = false;
	}
	if (!isWhole)
		say('      → Remove it and add a clean folder: agent golden remove <name>, agent golden add …');
	if (slugs.length === 0) say('There is no golden install.');
	return isWhole ? EXIT.ok : EXIT.unhealthy;
}

export async function goldenRemove(state: StateDir, name: string, say: Say): Promise<ExitCode> {
	if (await storeOf(state).remove(slugOf(name))) {
		say(`Removed “${name}”. Terminals that were copied from it go on.`);
		return EXIT.ok;
	}
	say(`There is no golden install “${name}”; “agent golden list” names them.`);
	return EXIT.unhealthy;
}
