import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrive, confirm, type ConnectionCounter } from './connectionCounter.ts';

/** How far one connection came before it was cut. */
type Reach = 'hello_lost' | 'welcome_lost' | 'kept_not_said' | 'ready_lost' | 'confirmed';
const reach = fc.constantFrom<Reach>(
	'hello_lost',
	'welcome_lost',
	'kept_not_said',
	'ready_lost',
	'confirmed'
);

/** One copy of the state directory. */
interface Holder {
	seen: number;
}

/** One connection attempt. @returns the server's counter after it; 'copy' when it was caught */
function connect(counter: ConnectionCounter, holder: Holder, how: Reach): ConnectionCounter | 'copy' {
	if (how === 'hello_lost') return counter;
	const arrival = arrive(counter, holder.seen);
	if (arrival.verdict === 'copy') return 'copy';
	if (how === 'welcome_lost') return arrival.counter;
	holder.seen = arrival.counter.accepted;
	if (how !== 'confirmed') return arrival.counter;
	return confirm(arrival.counter, holder.seen) ?? arrival.counter;
}

describe('O2: the connection counter', () => {
	it('never takes an honest agent for a copy, wherever its connections are cut', () => {
		fc.assert(
			fc.property(fc.array(reach, { maxLength: 50 }), (connections) => {
				const holder = { seen: 0 };
				let counter: ConnectionCounter = { accepted: 0, confirmed: 0 };
				for (const how of connections) {
					const after = connect(counter, holder, how);
					if (after === 'copy') return false;
					counter = after;
				}
				return true;
			}),
			{ numRuns: 1_000 }
		);
	});

	it('catches a copy at the first connection after the other one was given work', () => {
		const step = fc.record({ isCopy: fc.boolean(), how: reach });
		fc.assert(
			fc.property(fc.array(reach, { maxLength: 10 }), fc.array(step, { maxLength: 50 }), (before, after) => {
				const original = { seen: 0 };
				let counter: ConnectionCounter = { accepted: 0, confirmed: 0 };
				for (const how of before) {
					const next = connect(counter, original, how);
					if (next === 'copy') return false;
					counter = next;
				}
				// Now the disk is copied, and from here on the two take turns at random.
				const copy = { seen: original.seen };
				let lastAtWork: Holder | null = null;
				for (const { isCopy, how } of after) {
					const holder = isCopy ? copy : original;
					const mustBeCaught = lastAtWork !== null && lastAtWork !== holder && how !== 'hello_lost';
					const next = connect(counter, holder, how);
					if (mustBeCaught) return next === 'copy';
					// Earlier than it must be is welcome: there are two.
					if (next === 'copy') return true;
					counter = next;
					if (how === 'confirmed') lastAtWork = holder;
				}
				return true;
			}),
			{ numRuns: 2_000 }
		);
	});

	it('refuses a number that was never given out', () => {
		expect(arrive({ accepted: 4, confirmed: 3 }, 5)).toEqual({ verdict: 'copy', why: 'ahead' });
	});

	it('takes no confirmation of a connection that was replaced', () => {
		expect(confirm({ accepted: 5, confirmed: 3 }, 4)).toBeNull();
	});
});
