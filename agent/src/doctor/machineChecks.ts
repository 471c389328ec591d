/** The doctor's checks that are the same on every system: versions, directory, disk, keys, golden installs. */
import { access, constants, mkdir, stat, statfs } from 'node:fs/promises';
import { type DoctorFinding } from '#lib/protocol/doctorReport.ts';
import { type AgentConfig } from '../config.ts';
import { readIdentity } from '../identity.ts';
import { type StateDir } from '../stateDir.ts';
import { isTerminalKindHere } from '../terminal/kinds.ts';
import { type Golden, type GoldenStore } from '../terminal/provision/goldenStore.ts';
import { AGENT_VERSION } from '../version.ts';
import { fine, trouble } from './finding.ts';

/** One portable terminal grows to about a gigabyte. */
const DISK_PER_ACCOUNT = 1024 ** 3;
const LEAST_DISK = 2 * 1024 ** 3;
const NODE_MAJOR = 24;
/** `<state>\instances\<id>\` and the terminal's deepest folders must stay below 260 characters. */
const LONGEST_ROOT = 90;

export function versions(): DoctorFinding {
	const about = { check: 'versions', label: 'Versions' };
	const detail = `agent ${AGENT_VERSION}, Node ${process.version}`;
	const major = Number(process.versions.node.split('.')[0]);
	if (major >= NODE_MAJOR) return fine(about, detail);
	return trouble(about, 'bad', detail, `The agent needs Node ${NODE_MAJOR} or newer.`);
}

export async function directory({ root }: StateDir): Promise<DoctorFinding> {
	const about = { check: 'state_dir', label: 'State directory' };
	try {
		await mkdir(root, { recursive: true });
		await access(root, constants.R_OK | constants.W_OK);
	} catch {
		return trouble(about, 'bad', `${root} is not writable`, 'Run as the user who owns it.');
	}
	return judgePath(root);
}

/** Pure. */
export function judgePath(root: string): DoctorFinding {
	const about = { check: 'state_dir', label: 'State directory' };
	const shorter = 'Put it into a short path without blanks, such as C:\\quintet, and enrol there.';
	if (/\s/.test(root)) return trouble(about, 'bad', `${root} holds a blank`, shorter);
	if (root.length > LONGEST_ROOT)
		return trouble(about, 'warn', `${root} is long; terminals make deep folders below it`, shorter);
	return fine(about, root);
}

export async function diskFree({ root }: StateDir): Promise<DoctorFinding> {
	const found = await statfs(root).catch(() => null);
	return judgeDisk(found && found.bavail * found.bsize);
}

/** Pure. @param free bytes; null when it could not be seen */
export function judgeDisk(free: number | null): DoctorFinding {
	const about = { check: 'disk', label: 'Disk' };
	const remedy = 'Free disk space: on a full disk the agent starts nothing (it still stops).';
	if (free === null) return trouble(about, 'unknown', 'free space could not be read', remedy);
	const detail = `${Math.floor(free / 1024 ** 3)} GiB free, room for about ${Math.floor(free / DISK_PER_ACCOUNT)} more terminals`;
	return free >= LEAST_DISK ? fine(about, detail) : trouble(about, 'warn', detail, remedy);
}

export async function key(state: StateDir): Promise<DoctorFinding> {
	const { privateKey } = state;
	const about = { check: 'key', label: 'Key' };
	try {
		await readIdentity(state);
		const { mode } = await stat(privateKey);
		const isPrivate = process.platform === 'win32' || (mode & 0o077) === 0;
		if (isPrivate) return fine(about, privateKey);
		return trouble(
			about,
			'bad',
			`${privateKey} can be read by other users`,
			`chmod 600 ${privateKey}, and enrol again if somebody may have read it.`
		);
	} catch {
		return trouble(about, 'bad', `${privateKey} is missing or unreadable`, 'Enrol again.');
	}
}

export function terminalKind({ terminal }: AgentConfig): DoctorFinding {
	const about = { check: 'terminal_kind', label: 'Terminal' };
	if (isTerminalKindHere(terminal)) return fine(about, terminal);
	return trouble(
		about,
		'bad',
		`${terminal} cannot be driven on this machine`,
		'Enrol with --terminal simulated, or use the Windows build.'
	);
}

/** One finding per golden install, or one that says that there is none. */
export async function goldenInstalls(
	store: GoldenStore,
	hasFacts: (build: number) => Promise<boolean>
): Promise<DoctorFinding[]> {
	const found: DoctorFinding[] = [];
	const slugs = await store.slugs();
	const readable = new Map((await store.list()).map((golden) => [golden.slug, golden]));
	for (const slug of slugs.slice(0, MOST_GOLDEN)) {
		const golden = readable.get(slug);
		found.push(
			golden
				? judgeGolden(golden, await hasFacts(golden.manifest.build))
				: trouble(
						{ check: 'golden', label: `Golden install ${slug}`.slice(0, 60) },
						'bad',
						'its manifest cannot be read',
						`Remove and add it anew: agent golden remove ${slug}, agent golden add …`
					)
		);
	}
	if (slugs.length === 0)
		found.push(
			trouble(
				{ check: 'golden', label: 'Golden installs' },
				'bad',
				'there is none, so no terminal can be made',
				'Install MetaTrader 5 with the broker’s installer, start and close it once, then: agent golden add <folder> --broker <name>.'
			)
		);
	return found;
}

const MOST_GOLDEN = 20;

/** Pure. */
export function judgeGolden({ slug, manifest }: Golden, hasFacts: boolean): DoctorFinding {
	const about = { check: 'golden', label: `Golden install ${slug}`.slice(0, 60) };
	const detail = `“${manifest.broker}”, build ${manifest.build}`;
	if (hasFacts) return fine(about, detail);
	return trouble(
		about,
		'warn',
		`${detail}; how this build behaves was not tried out here`,
		'Run “agent acceptance” once with a demo account of this broker.'
	);
}
