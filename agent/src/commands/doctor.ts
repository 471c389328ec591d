/** `agent doctor`: what could keep this agent from working, each with what to do. */
import { access, constants, mkdir, stat, statfs } from 'node:fs/promises';
import { readConfig, socketUrl, type AgentConfig } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { readIdentity } from '../identity.ts';
import { lockStateDir } from '../lock.ts';
import { type StateDir } from '../stateDir.ts';
import { openTerminalKind } from '../terminal/kinds.ts';

interface Finding {
	label: string;
	verdict: 'ok' | 'warn' | 'bad';
	detail: string;
	remedy?: string;
}

const TIMEOUT_MS = 5_000;
const LARGEST_OFFSET_MS = 5_000;
/** One portable terminal grows to about a gigabyte. */
const DISK_PER_ACCOUNT = 1024 ** 3;
const LEAST_DISK = 2 * 1024 ** 3;
const NODE_MAJOR = 24;

export async function doctor(state: StateDir, say: (line: string) => void): Promise<ExitCode> {
	const config = await readConfig(state.config).catch((error: Error) => error);
	const findings: Finding[] = [nodeVersion(), await directory(state), await diskFree(state)];
	if (config instanceof Error)
		findings.push({
			label: 'Enrolment',
			verdict: 'bad',
			detail: config.message,
			remedy: 'Run “agent enrol”.'
		});
	else findings.push(await key(state), terminalKind(config), plainText(config), ...(await server(config)));
	findings.push(otherAgent(state));
	const signs = { ok: 'ok  ', warn: 'WARN', bad: 'BAD ' };
	for (const { label, verdict, detail, remedy } of findings) {
		say(`${signs[verdict]}  ${label}: ${detail}`);
		if (verdict !== 'ok' && remedy !== undefined) say(`      → ${remedy}`);
	}
	return findings.some(({ verdict }) => verdict === 'bad') ? EXIT.unhealthy : EXIT.ok;
}

function nodeVersion(): Finding {
	const major = Number(process.versions.node.split('.')[0]);
	return {
		label: 'Node',
		verdict: major >= NODE_MAJOR ? 'ok' : 'bad',
		detail: process.version,
		remedy: `The agent needs Node ${NODE_MAJOR} or newer.`
	};
}

async function directory({ root }: StateDir): Promise<Finding> {
	const label = 'State directory';
	try {
		await mkdir(root, { recursive: true });
		await access(root, constants.R_OK | constants.W_OK);
	} catch {
		return {
			label,
			verdict: 'bad',
			detail: `${root} is not writable`,
			remedy: 'Run as the user who owns it.'
		};
	}
	if (/\s/.test(root))
		return {
			label,
			verdict: 'bad',
			detail: `${root} holds a blank`,
			remedy: 'MetaTrader needs a path without blanks.'
		};
	return { label, verdict: 'ok', detail: root };
}

async function diskFree({ root }: StateDir): Promise<Finding> {
	const { bavail, bsize } = await statfs(root);
	const free = bavail * bsize;
	return {
		label: 'Disk',
		verdict: free >= LEAST_DISK ? 'ok' : 'warn',
		detail: `${Math.floor(free / 1024 ** 3)} GiB free, room for about ${Math.floor(free / DISK_PER_ACCOUNT)} more terminals`,
		remedy: 'Free disk space: on a full disk the agent starts nothing (it still stops).'
	};
}

async function key(state: StateDir): Promise<Finding> {
	const { privateKey } = state;
	const label = 'Key';
	try {
		await readIdentity(state);
		const { mode } = await stat(privateKey);
		const isPrivate = process.platform === 'win32' || (mode & 0o077) === 0;
		return {
			label,
			verdict: isPrivate ? 'ok' : 'bad',
			detail: isPrivate ? privateKey : `${privateKey} can be read by other users`,
			remedy: `chmod 600 ${privateKey}, and enrol again if somebody may have read it.`
		};
	} catch {
		return {
			label,
			verdict: 'bad',
			detail: `${privateKey} is missing or unreadable`,
			remedy: 'Enrol again.'
		};
	}
}

function terminalKind({ terminal }: AgentConfig): Finding {
	return {
		label: 'Terminal',
		verdict: openTerminalKind(terminal) ? 'ok' : 'bad',
		detail: terminal,
		remedy:
			'This build cannot drive that kind here; enrol with --terminal simulated, or use the Windows build.'
	};
}

function plainText(config: AgentConfig): Finding {
	const label = 'Encryption';
	try {
		const isSecure = socketUrl(config).startsWith('wss:');
		return isSecure || !config.allowsPlainText
			? { label, verdict: 'ok', detail: isSecure ? 'TLS' : 'none needed on this machine' }
			: { label, verdict: 'warn', detail: 'passwords travel in clear', remedy: 'Put TLS before the server.' };
	} catch (error) {
		return { label, verdict: 'bad', detail: (error as Error).message };
	}
}

async function server({ server: base }: AgentConfig): Promise<Finding[]> {
	const label = 'Server';
	const askedMs = Date.now();
	try {
		const response = await fetch(base, {
			method: 'HEAD',
			redirect: 'manual',
			signal: AbortSignal.timeout(TIMEOUT_MS)
		});
		const halfwayMs = (askedMs + Date.now()) / 2;
		const reached: Finding = { label, verdict: 'ok', detail: `${base} answers (HTTP ${response.status})` };
		const date = Date.parse(response.headers.get('date') ?? '');
		if (Number.isNaN(date)) return [reached];
		// The header has whole seconds.
		const offsetMs = Math.round(halfwayMs - (date + 500));
		const isRight = Math.abs(offsetMs) <= LARGEST_OFFSET_MS;
		const clock: Finding = {
			label: 'Clock',
			verdict: isRight ? 'ok' : 'warn',
			detail: `${offsetMs >= 0 ? '+' : ''}${(offsetMs / 1000).toFixed(1)} s against the server`,
			remedy: 'Let the machine set its clock by the network; commands work all the same.'
		};
		return [reached, clock];
	} catch (error) {
		const cause =
			error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
		return [
			{
				label,
				verdict: 'bad',
				detail: `${base} is not reached: ${cause}`,
				remedy: 'Check address, network, proxy and certificate.'
			}
		];
	}
}

function otherAgent({ lock }: StateDir): Finding {
	const held = lockStateDir(lock);
	held?.release();
	return {
		label: 'Running',
		verdict: 'ok',
		detail: held ? 'no agent runs from this directory' : 'an agent runs'
	};
}
