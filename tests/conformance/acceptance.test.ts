/** `agent acceptance` against the MQL5 bridge itself, run by the C++ shim. Needs g++: `npm run test:conformance`. */
import { describe, expect, it } from 'vitest';
import { buildShim } from '../../agent/mql5/shim/build.ts';
import { FACTS, type FactId } from '../../agent/src/acceptance/facts.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { GIVEN, useAcceptance, WHOLE } from '../support/acceptanceRuns.ts';

const executable = await buildShim();

/** Of a double on Linux: no window, no memory of terminal64.exe, an older build, one terminal, a plain password. */
const OUT_OF_SIGHT: readonly FactId[] = [
	'password_beyond_ascii',
	'server_by_address',
	'account_less_dialog',
	'disk',
	'memory',
	'handles',
	'live_update_kept_out',
	'mcp_listener',
	'slots'
];

/** The shim does what MetaTrader is said never to do, and gets the time for it also on a slow machine. */
const PATIENT = { limits: { ...GIVEN.limits, neverMs: 6_000 } };

describe('agent acceptance on the MQL5 bridge in the shim', () => {
	const { broker, simulated, run } = useAcceptance(executable);

	it('confirms every fact but those that no double on Linux shows, and a harmless one that it does otherwise', async () => {
		await broker(WHOLE);
		const { exit, report } = await run(simulated(), PATIENT);
		expect(report?.brokenOff).toBeNull();
		const seen = Object.fromEntries(report?.results.map(({ fact, verdict }) => [fact, verdict]) ?? []);
		expect(seen).toEqual(
			Object.fromEntries(
				(Object.keys(FACTS) as FactId[]).map((fact) => [
					fact,
					OUT_OF_SIGHT.includes(fact)
						? 'not_observed'
						: // The shim begins every EA, also during the first login.
							fact === 'first_login_ea'
							? 'contradicted'
							: 'confirmed'
				])
			)
		);
		expect(exit).toBe(EXIT.ok);
	});

	it('reports as contradicted what the bridge could not do, and goes on with the rest', async () => {
		await broker({ ...WHOLE, refusesCharts: true });
		const { exit, report, verdict, lines } = await run(simulated(), PATIENT);
		expect(report?.brokenOff).toBeNull();
		const contradicted = report?.results.filter((each) => each.verdict === 'contradicted');
		expect(contradicted?.map(({ fact }) => fact)).toEqual(['first_login_ea', 'expert_mode']);
		expect(verdict('template_needs_bom')).toBe('not_observed');
		expect(verdict('closing_while_off')).toBe('confirmed');
		expect(verdict('clean_close')).toBe('confirmed');
		expect(lines.at(-1)).toContain('expert_mode');
		expect(exit).toBe(EXIT.unhealthy);
	});
});
