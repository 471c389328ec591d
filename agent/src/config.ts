/** agent.json: what an enrolled agent knows of itself and its server. */
import { readFile, writeFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { AGENT_SOCKET_PATH } from '#lib/protocol/frames.ts';

export const TERMINAL_KINDS = ['simulated', 'mt5'] as const;
export type TerminalKindName = (typeof TERMINAL_KINDS)[number];

export const agentConfigSchema = z.strictObject({
	agentId: z.uuid(),
	name: z.string().min(1).max(60),
	/** Base URL of the server, http(s). */
	server: z.url({ protocol: /^https?$/ }),
	/** The server's Ed25519 public key, raw, base64url, as it was at enrolment: no other is obeyed. */
	serverKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
	capacity: z.int().min(1).max(1000),
	terminal: z.enum(TERMINAL_KINDS),
	/** Without TLS anybody on the way reads the passwords: only to this machine, or where this says so. */
	allowsPlainText: z.boolean().default(false),
	/** Terminals that may come up at the same time. */
	parallelLaunches: z.int().min(1).max(50).default(4)
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** What is wrong with the configuration, in words for the operator. */
export class ConfigProblem extends Error {}

export async function readConfig(path: string): Promise<AgentConfig> {
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch {
		throw new ConfigProblem(`${path} cannot be read: this agent is not enrolled. Run “agent enrol” first.`);
	}
	try {
		return agentConfigSchema.parse(JSON.parse(text));
	} catch (error) {
		const detail = error instanceof z.ZodError ? z.prettifyError(error) : 'it is no JSON';
		throw new ConfigProblem(`${path} is not a valid configuration: ${detail}`);
	}
}

export async function writeConfig(path: string, config: AgentConfig): Promise<void> {
	await writeFile(`${path}.tmp`, `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600 });
	await rename(`${path}.tmp`, path);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @throws ConfigProblem when passwords would travel in clear over a network */
export function checkServerUrl(server: string, allowsPlainText: boolean): URL {
	const url = new URL(server);
	if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname) && !allowsPlainText)
		throw new ConfigProblem(
			`${server} is not encrypted. Use https://, or allow it with --allow-plain-text if the network is yours alone.`
		);
	return url;
}

/** Where the agent's line goes. @throws ConfigProblem as `checkServerUrl` */
export function socketUrl({
	server,
	allowsPlainText
}: Pick<AgentConfig, 'server' | 'allowsPlainText'>): string {
	const url = checkServerUrl(server, allowsPlainText);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	url.pathname = `${url.pathname.replace(/\/$/, '')}${AGENT_SOCKET_PATH}`;
	return url.href;
}
