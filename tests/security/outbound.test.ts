import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The one place that calls an address somebody named; it calls none in a private network. */
const WEBHOOKS = 'src/lib/server/alerts/sendWebhook.ts';

/** What can open a connection, and the only files of the web server that may import it. */
const MAY_CONNECT: Record<string, string[]> = {
	'node:http': ['src/server.ts', WEBHOOKS],
	'node:https': [WEBHOOKS],
	'node:http2': [],
	'node:net': ['src/lib/server/embeddedPostgres.ts', WEBHOOKS, 'src/lib/server/alerts/publicAddress.ts'],
	'node:tls': [],
	'node:dgram': [],
	'node:dns': [WEBHOOKS],
	'node:dns/promises': [],
	'node:child_process': ['src/lib/server/embeddedPostgres.ts'],
	pg: ['src/lib/server/db.ts', 'src/lib/server/databaseAway.ts'],
	// The agents dial in; `WebSocketServer` is what is used of it.
	ws: ['src/lib/server/agents/agentEndpoint.ts'],
	ioredis: ['src/lib/server/bus/redisBus.ts']
};
const NEVER = ['undici', 'axios', 'got', 'node-fetch', 'request'];

const files = globSync(
	['src/lib/server/**/*.ts', 'src/routes/**/*.server.ts', 'src/routes/**/+server.ts', 'src/*.ts'],
	{
		cwd: root
	}
).filter((file) => !file.includes('/generated/') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'));

it('X17: no code of the web server calls out, but to its own database, Redis, PostgreSQL and webhooks', () => {
	expect(files.length).toBeGreaterThan(60);
	const offences: string[] = [];
	for (const file of files) {
		const text = readFileSync(`${root}/${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
		for (const [, isType, module = ''] of text.matchAll(/import\s+(type\s)?[^'"]*?['"]([^'"]+)['"]/g)) {
			const name = module.startsWith('http') ? `node:${module}` : module;
			if (NEVER.includes(name)) offences.push(`${file} imports ${name}`);
			const allowed = MAY_CONNECT[name];
			if (allowed && !isType && !allowed.includes(file)) offences.push(`${file} imports ${name}`);
		}
		for (const [call] of text.matchAll(/\b(?:fetch|XMLHttpRequest|new WebSocket|new EventSource)\s*\(/g))
			offences.push(`${file} calls ${call}`);
	}
	expect(offences).toEqual([]);
});
