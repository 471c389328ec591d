/** `agent acceptance` against the simulated terminal, and against doubles that do otherwise than the facts say. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACTS, type FactId } from '../../../agent/src/acceptance/facts.ts';
import { asMarkdown, completeResults, contradictions } from '../../../agent/src/acceptance/report.ts';
import { EXIT } from '../../../agent/src/exitCodes.ts';
import { readBuildFacts } from '../../../agent/src/terminal/provision/buildFacts.ts';
import { type TerminalKind } from '../../../agent/src/terminal/ports.ts';
import { decodeText, encodeUtf16 } from '../../../agent/src/terminal/utf16.ts';
import { GIVEN, useAcceptance, WHOLE } from '../../support/acceptanceRuns.ts';

const BUILD = 5830;
/** What can be seen of a double on any system. */
const SEEN: readonly FactId[] = [
	'clone',
	'launch_pid',
	'log_authorized',
	'log_refused',
	'ini_utf16',
	'ini_ascii',
	'saved_login',
	'startup_first_chart',
	'startup_unknown_symbol',
	'first_login_ea',
	'account_less_dialog',
	'enabled_at_start',
	'stays_off',
	'history_at_once',
	'toggle_command',
	'bridge_may_trade',
	'expert_mode',
	'template_needs_bom',
	'ea_survives_pause',
	'closing_while_off',
	'ipc_time',
	'second_copy',
	'clean_close'
];

describe('agent acceptance', () => {
	const { broker, run, simulated, state } = useAcceptance();

	it('confirms of the simulated terminal what can be seen of it, and says of the rest that it was not seen', async () => {
		await broker(WHOLE);
		const { exit, report, verdict } = await run(simulated());
		expect(report?.brokenOff).toBeNull();
		expect(report?.results.filter((each) => each.verdict === 'contradicted')).toEqual([]);
		expect(exit).toBe(EXIT.ok);
		for (const fact of SEEN) expect([fact, verdict(fact)]).toEqual([fact, 'confirmed']);
		for (const fact of ['memory', 'disk', 'slots', 'server_by_address', 'password_beyond_ascii'] as const)
			expect([fact, verdict(fact)]).toEqual([fact, 'not_observed']);
		expect(await readBuildFacts(state().facts, BUILD)).toMatchObject({
			expertMode: 5,
			toggleCommand: 32_851
		});
	});

	it('tries what is known to let an EA trade, uses what does here, and reports each', async () => {
		await broker({ ...WHOLE, tradingExpertMode: 33 });
		const { report, verdict } = await run(simulated());
		expect(verdict('expert_mode')).toBe('confirmed');
		expect(report?.results.find(({ fact }) => fact === 'expert_mode')?.observed).toBe(
			'expertmode=5: may not trade; expertmode=33: may trade; expertmode=0: may not trade'
		);
		expect((await readBuildFacts(state().facts, BUILD)).expertMode).toBe(33);
	});

	it('contradicts it when none of them lets the EA trade, and takes over no other value', async () => {
		await broker({ ...WHOLE, tradingExpertMode: 7 });
		const { exit, verdict } = await run(simulated());
		expect(verdict('expert_mode')).toBe('contradicted');
		expect(exit).toBe(EXIT.unhealthy);
		expect((await readBuildFacts(state().facts, BUILD)).expertMode).toBe(5);
	});

	it('leaves nothing behind: no process, no copy, and neither login nor password in its report', async () => {
		const { report } = await run(simulated());
		expect(await readdir(join(state().root, 'acceptance'))).toEqual([]);
		for (const name of await readdir(state().root, { withFileTypes: true }))
			if (name.isFile() && name.name.startsWith('acceptance-')) {
				const text = await readFile(join(state().root, name.name), 'utf8');
				expect(text).not.toContain(GIVEN.password);
			}
		expect(JSON.stringify(report)).not.toContain(`"${GIVEN.login}"`);
	});

	it('reports a button that is another one as contradicted', async () => {
		const kind = simulated();
		const deaf = { ...kind, window: { ...kind.window, toggleAlgoTrading: async () => {} } };
		const limits = { ...GIVEN.limits, toggleMs: 200 };
		const { exit, verdict, lines } = await run(deaf, { limits });
		expect(exit).toBe(EXIT.unhealthy);
		expect(verdict('toggle_command')).toBe('contradicted');
		expect(verdict('bridge_may_trade')).toBe('not_observed');
		expect(lines.at(-1)).toContain('toggle_command');
	});

	it('reports a terminal that needs far more memory, and one that does not close, as contradicted', async () => {
		const kind = simulated();
		const heavy: TerminalKind = {
			...kind,
			launcher: {
				...kind.launcher,
				resources: async () => ({ workingSetMb: 900, privateMb: 800, gdiHandles: 5_000, userHandles: 10 })
			},
			window: { ...kind.window, requestClose: async () => {} }
		};
		const { verdict } = await run(heavy, { limits: { ...GIVEN.limits, closeMs: 500 } });
		expect(verdict('memory')).toBe('contradicted');
		expect(verdict('handles')).toBe('contradicted');
		expect(verdict('clean_close')).toBe('contradicted');
	});

	it('is broken off with a sentence when the broker refuses the login, and claims nothing further', async () => {
		await broker({ password: 'another' });
		const { exit, report, verdict } = await run(simulated());
		expect(exit).toBe(EXIT.failed);
		expect(report?.brokenOff).toContain('check login, password and server');
		expect(verdict('toggle_command')).toBe('not_observed');
		expect(await readdir(state().root)).not.toContain('facts');
	});

	it('does not start without the word that it is a demo account', async () => {
		const { exit, report } = await run(simulated(), { isDemo: false });
		expect(exit).toBe(EXIT.usage);
		expect(report).toBeNull();
	});

	it('tries the server’s address and a password beyond ASCII when it is given them', async () => {
		const password = 'pässwörd!A1';
		await broker({ ...WHOLE, password });
		const { report, verdict } = await run(simulated(), { password, address: '203.0.113.7:443' });
		expect(report?.brokenOff).toBeNull();
		expect(verdict('password_beyond_ascii')).toBe('confirmed');
		expect(verdict('server_by_address')).toBe('confirmed');
		expect(JSON.stringify(report)).not.toContain(password);
	});

	it.each(['203.0.113.7', 'a b:443', 'x:443\r\n[Experts]\r\nAllowDllImport=1', ':443', 'x:443;y'])(
		'takes no address that is none: %j',
		async (address) => {
			await expect(run(simulated(), { address })).rejects.toThrow('The address is like');
		}
	);

	it('reports a terminal that comes up with Algo Trading on by itself as contradicted', async () => {
		const kind = simulated();
		const eager: TerminalKind = {
			...kind,
			launcher: {
				...kind.launcher,
				async launch(instanceDir, args) {
					const path = args.find((arg) => arg.startsWith('/config:'))?.slice('/config:'.length);
					if (path !== undefined) {
						const text = decodeText(await readFile(path)).replace('Enabled=0', 'Enabled=1');
						await writeFile(path, encodeUtf16(text));
					}
					return kind.launcher.launch(instanceDir, args);
				}
			}
		};
		const { exit, verdict } = await run(eager);
		expect(verdict('enabled_at_start')).toBe('contradicted');
		expect(exit).toBe(EXIT.unhealthy);
	});

	it.each([
		['does not close', 'contradicted', ['Open an Account']],
		['never comes', 'not_observed', []]
	])('reports a dialog that %s as %s', async (_, expected, titles) => {
		const kind = simulated();
		const odd = { ...kind, window: { ...kind.window, closeDialogs: async () => titles } };
		expect((await run(odd)).verdict('account_less_dialog')).toBe(expected);
	});

	it('starts several copies at once when asked to', async () => {
		const { report } = await run(simulated(), { terminals: 3 });
		expect(report?.results.find(({ fact }) => fact === 'slots')?.observed).toContain('all 3 came up');
	});
});

describe('the report of an acceptance run', () => {
	it('names every fact once, and lets a contradiction stand whatever was seen besides', () => {
		const results = completeResults([
			{ fact: 'clone', verdict: 'contradicted', observed: 'it did not start' },
			{ fact: 'clone', verdict: 'confirmed', observed: 'it did' }
		]);
		expect(results.map(({ fact }) => fact)).toEqual(Object.keys(FACTS));
		expect(results.find(({ fact }) => fact === 'clone')?.verdict).toBe('contradicted');
	});

	it('tells what is otherwise and harmless apart from what the agent may go wrong with', () => {
		const results = completeResults([
			{ fact: 'first_login_ea', verdict: 'contradicted', observed: 'it began' },
			{ fact: 'toggle_command', verdict: 'contradicted', observed: 'no change' }
		]);
		const rest = { madeAt: '', agentVersion: '', platform: '', build: 1, broker: '', server: '' };
		const report = { ...rest, brokenOff: null, results };
		expect(contradictions(report).map(({ fact }) => fact)).toEqual(['toggle_command']);
		const markdown = asMarkdown(report);
		expect(markdown).toMatch(/first\\_login\\_ea \| ☝ otherwise, harmless/);
		expect(markdown).toMatch(/toggle\\_command \| ❌ contradicted/);
	});

	it('lets no word of a terminal become markup', () => {
		const observed = 'a | b\n# c <script> `d` [e](f)';
		const results = completeResults([{ fact: 'clone', verdict: 'confirmed', observed }]);
		const rest = {
			madeAt: '',
			agentVersion: '',
			platform: '',
			build: 1,
			broker: '',
			server: '',
			brokenOff: null
		};
		const row = asMarkdown({ ...rest, results })
			.split('\n')
			.find((line) => line.startsWith('| clone'));
		expect(row).toContain('a \\| b # c \\<script\\> \\`d\\` \\[e\\](f)');
	});
});
