import { describe, expect, it } from 'vitest';
import type { SeenState } from '#lib/protocol/seen.ts';
import { LiveAccounts } from './liveAccounts.ts';

const NOW_MS = 1_000_000;
const stateOf = (algo: SeenState['algo']) => ({ algo }) as SeenState;
const sent = (agentId: string, algo: SeenState['algo'], seenAtMs: number) => ({
	userId: 'u',
	accountId: 'a',
	agentId,
	state: stateOf(algo),
	figures: null,
	ea: null,
	open: null,
	vitals: null,
	seenAtMs
});

describe('an account that came to another agent', () => {
	const scene = () => {
		const live = new LiveAccounts(() => NOW_MS);
		live.receive({ userId: 'u', agentId: 'new' }, { accountId: 'a', ageMs: 10, state: stateOf('running') });
		return live;
	};

	it('is shown as that one saw it, whatever a server that stood still tells later of the old one', () => {
		const live = scene();
		live.receiveSent(sent('old', 'stopped', NOW_MS - 27_000));
		expect(live.reportOf('a')?.state.algo).toBe('running');
		// Ages and figures alone still have a state to belong to.
		live.receive({ userId: 'u', agentId: 'new' }, { accountId: 'a', ageMs: 0 });
		expect(live.reportOf('a')).toMatchObject({ seenAtMs: NOW_MS, state: { algo: 'running' } });
		live.receiveSent(sent('old', 'stopped', NOW_MS + 1));
		expect(live.reportOf('a')?.state.algo).toBe('stopped');
	});

	it('is not forgotten when what the old one saw is', () => {
		const live = scene();
		live.forget('a', 'old');
		expect(live.reportOf('a')?.state.algo).toBe('running');
		live.forget('a', 'new');
		expect(live.reportOf('a')).toBeNull();
	});
});
