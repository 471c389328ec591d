import { describe, expect, it } from 'vitest';
import { algoState, climb, firstFailing, type Observation, RUNGS } from './ladder.ts';

const TOP: Observation = {
	process: 'up',
	bridgeAgeMs: 500,
	isLoginRight: true,
	isBrokerConnected: true,
	isAlgoTradingOn: true,
	isEaAttached: true,
	areSettingsAsWanted: true,
	isEaReady: true,
	heartbeatAgeMs: 900,
	tickAgeMs: 200,
	isMarketOpen: true
};

const look = (parts: Partial<Observation>) => {
	const ladder = climb({ ...TOP, ...parts });
	return { rung: firstFailing(ladder), state: algoState(ladder), ladder };
};

describe('E4: is it really trading?', () => {
	it('is running only at the top of the ladder', () => {
		expect(look({})).toMatchObject({ rung: null, state: 'running' });
	});

	it.each([
		['process', { process: 'down', bridgeAgeMs: null }, 'down'],
		['bridge', { bridgeAgeMs: 60_000 }, 'unknown'],
		['login', { isLoginRight: false }, 'degraded'],
		['broker', { isBrokerConnected: false }, 'degraded'],
		['algo_trading', { isAlgoTradingOn: false }, 'paused'],
		['ea_attached', { isEaAttached: false }, 'stopped'],
		['settings', { areSettingsAsWanted: false }, 'degraded'],
		['ea_ready', { isEaReady: false }, 'degraded'],
		['heartbeat', { heartbeatAgeMs: 60_000 }, 'degraded'],
		['ticks', { tickAgeMs: 600_000 }, 'degraded']
	] as const)('stops at %s', (rung, parts, state) => {
		expect(look(parts)).toMatchObject({ rung, state });
	});

	it('claims nothing above a rung that cannot be seen', () => {
		const { ladder } = look({ process: 'hung', bridgeAgeMs: 60_000 });
		for (const rung of RUNGS.slice(2)) expect(ladder[rung]).toBe('unknown');
	});

	it('never takes a hung terminal for one that is down: its EA may trade', () => {
		expect(look({ process: 'hung', bridgeAgeMs: 60_000 }).state).toBe('unknown');
		expect(look({ process: 'hung', bridgeAgeMs: null }).state).toBe('unknown');
	});

	it('takes a bridge that was never heard for no news of the EA', () => {
		expect(look({ bridgeAgeMs: null }).state).toBe('unknown');
	});

	it('does not call a closed market a fault', () => {
		expect(look({ tickAgeMs: null, isMarketOpen: false }).state).toBe('running');
	});
});
