/** X14: what must never be written down is searched for everywhere after a run with the real programs. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { decodeBase32, totpCode } from '../../src/lib/server/auth/totp.ts';
import { waitFor } from '../support/waitFor.ts';
import { ownDemo } from './ownDemo.ts';

const LOGIN_PASSWORD = 'canary-login-4d1e77';
const NEW_PASSWORD = 'canary-changed-90ab12';
const MT5_PASSWORD = 'canary-mt5-7c3f55';

/** Asks as a browser would, and keeps every answer. */
class Client {
	readonly #cookies = new Map<string, string>();
	readonly answers: { what: string; text: string }[] = [];
	events = '';

	async send<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${ownDemo().origin}${path}`, {
			method,
			headers: { cookie: this.#cookieHeader(), ...(body ? { 'content-type': 'application/json' } : {}) },
			...(body ? { body: JSON.stringify(body) } : {})
		});
		for (const line of response.headers.getSetCookie()) {
			const [cookie = ''] = line.split(';');
			this.#cookies.set(cookie.slice(0, cookie.indexOf('=')), cookie);
		}
		const text = await response.text();
		this.answers.push({
			what: `${method} ${path} ${response.status}`,
			text: `${text}${headersOf(response)}`
		});
		return (text.startsWith('{') ? JSON.parse(text) : text) as T;
	}

	/** Keeps what the live stream says, until `end` is called. */
	async listen(): Promise<() => void> {
		const abort = new AbortController();
		const headers = { cookie: this.#cookieHeader() };
		const response = await fetch(`${ownDemo().origin}/api/stream`, { headers, signal: abort.signal });
		void (async () => {
			for await (const part of response.body?.pipeThrough(new TextDecoderStream() as never) ?? [])
				this.events += part as unknown as string;
		})().catch(() => undefined);
		return () => abort.abort();
	}

	#cookieHeader = () => [...this.#cookies.values()].join('; ');
}

const headersOf = ({ headers }: Response): string => JSON.stringify([...headers]);

async function databaseDump(): Promise<Record<string, string>> {
	const directory = join(ownDemo().dataDir, 'postgres');
	const password = (await readFile(`${directory}.password`, 'utf8')).trim();
	const port = (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n')[3];
	const client = new pg.Client(`postgresql://quintet:${password}@127.0.0.1:${port}/quintet`);
	await client.connect();
	try {
		const dump: Record<string, string> = {};
		const { rows: tables } = await client.query<{ name: string }>(
			`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`
		);
		for (const { name } of tables)
			dump[`table ${name}`] = (
				await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)
			).rows
				.map(({ row }) => row)
				.join('\n');
		return dump;
	} finally {
		await client.end();
	}
}

/** Files below a directory of programs that are at work: what one of them takes away meanwhile is not there. */
async function filesIn(directory: string): Promise<string[]> {
	const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return [];
		throw error;
	});
	const files = await Promise.all(
		entries.map(async (entry) => {
			const path = join(directory, entry.name);
			if (entry.isDirectory()) return filesIn(path);
			return entry.isFile() ? [path] : [];
		})
	);
	return files.flat();
}

/** Logs of web, agent and terminals, and what the agent keeps on its disk. */
async function fileDump(): Promise<Record<string, string>> {
	const dump: Record<string, string> = {};
	for (const part of ['logs', 'agent'])
		for (const path of await filesIn(join(ownDemo().dataDir, part))) {
			const bytes = await readFile(path).catch(() => Buffer.alloc(0));
			// A terminal's own files are UTF-16LE.
			dump[`file ${relative(ownDemo().dataDir, path)}`] =
				bytes.toString('latin1') + bytes.toString('utf16le');
		}
	return dump;
}

test('X14: passwords, second-factor secret and recovery codes are in no log, answer, event or table', async () => {
	const client = new Client();
	const email = `canary-${Date.now()}@example.test`;
	await client.send('POST', '/api/auth/register', { email, password: LOGIN_PASSWORD, name: 'Canary' });
	const stop = await client.listen();
	await client.send('POST', '/api/auth/login', { email, password: `${LOGIN_PASSWORD}-wrong` });
	await client.send('POST', '/api/auth/step-up', { password: LOGIN_PASSWORD });
	const { secret } = await client.send<{ secret: string }>('POST', '/api/auth/totp');
	const code = totpCode(decodeBase32(secret), BigInt(Math.floor(Date.now() / 30_000)));
	const { recoveryCodes } = await client.send<{ recoveryCodes: string[] }>('POST', '/api/auth/totp/confirm', {
		code
	});
	expect(recoveryCodes).toHaveLength(10);
	// Told to their owner once, by design; nowhere else.
	client.answers.splice(-2);

	await client.send('POST', '/api/auth/password', {
		currentPassword: LOGIN_PASSWORD,
		newPassword: NEW_PASSWORD
	});
	const { id } = await client.send<{ id: string }>('POST', '/api/user/mt5-accounts', {
		accountNumber: '73000001',
		password: MT5_PASSWORD,
		broker: 'Canary FX',
		serverName: 'Canary-Demo'
	});
	await client.send('PATCH', `/api/user/mt5-accounts/${id}/toggle`, { enabled: true });
	await waitFor(
		'the terminal to be logged in',
		async () =>
			(await client.send<{ connection: string }>('GET', `/api/user/mt5-accounts/${id}`)).connection ===
			'connected',
		{ timeoutMs: 60_000 }
	);
	for (const command of ['start_ea', 'stop_ea'])
		expect(await client.send('POST', '/api/user/ea/command', { command })).toMatchObject({ success: true });
	await waitFor('the live stream to tell of it', () => client.events.includes('event: results'));
	// What is refused must not repeat what it refuses.
	await client.send('POST', '/api/user/mt5-accounts', { password: MT5_PASSWORD, surprise: MT5_PASSWORD });
	await client.send('PATCH', `/api/user/mt5-accounts/${id}`, { password: `${MT5_PASSWORD}\n` });
	for (const path of [
		'/dashboard',
		'/activity',
		'/account',
		'/dashboard/__data.json',
		'/account/__data.json'
	])
		await client.send('GET', path);
	await client.send('POST', '/api/auth/logout');
	await client.send('POST', '/api/auth/login', { email, password: NEW_PASSWORD });
	await client.send('POST', '/api/auth/login/second-factor', { code: recoveryCodes[0] });
	stop();

	const places: Record<string, string> = {
		...(await fileDump()),
		...(await databaseDump()),
		'live events': client.events,
		...Object.fromEntries(client.answers.map(({ what, text }, i) => [`answer ${i} ${what}`, text]))
	};
	// The search sees what is there.
	expect(places['table User']).toContain(email);
	expect(Object.keys(places).some((place) => place.includes('web.log'))).toBe(true);
	expect(Object.keys(places).some((place) => place.includes('agent.log'))).toBe(true);
	expect(Object.keys(places).some((place) => place.includes(id))).toBe(true);
	const canaries = {
		'the password': LOGIN_PASSWORD,
		'the new password': NEW_PASSWORD,
		'the account’s password': MT5_PASSWORD,
		'the second factor’s secret': secret,
		...Object.fromEntries(recoveryCodes.map((one, i) => [`recovery code ${i}`, one])),
		...Object.fromEntries(
			recoveryCodes.map((one, i) => [`recovery code ${i} in one`, one.replaceAll('-', '')])
		)
	};
	const found = Object.entries(places).flatMap(([place, text]) =>
		Object.entries(canaries).flatMap(([what, canary]) =>
			text.includes(canary) ? [`${what} in ${place}`] : []
		)
	);
	expect(found).toEqual([]);
});
