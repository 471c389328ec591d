import { describe, expect, it } from 'vitest';
import { EXIT } from '../exitCodes.ts';
import { eventLine } from './eventLog.ts';
import { type ServiceEvent } from './keeper.ts';

const EVENTS: [ServiceEvent, id: number, level: string][] = [
	[{ kind: 'started', pid: 7 }, 1, 'information'],
	[{ kind: 'stopped', how: 'by itself' }, 2, 'information'],
	[{ kind: 'stopped', how: 'by force' }, 2, 'warning'],
	[{ kind: 'ended', code: EXIT.ok, againInMs: 30_000 }, 3, 'information'],
	[{ kind: 'ended', code: EXIT.failed, againInMs: 1_000 }, 3, 'error'],
	[{ kind: 'nobody_logged_on' }, 4, 'warning'],
	[{ kind: 'person_needed', code: EXIT.notConfigured }, 5, 'error'],
	[{ kind: 'not_started', reason: 'Windows error 5', againInMs: 1_000 }, 6, 'error']
];

describe('the service in Windows’ event log', () => {
	it.each(EVENTS)('%o has the number and level that monitors look for', (event, id, level) => {
		const line = eventLine(event);
		expect([line.id, line.level]).toEqual([id, level]);
		expect(line.text).toMatch(/^[A-Z].*\.$/);
	});

	it('has numbers for which the message file has a text', () => {
		for (const [event] of EVENTS) {
			expect(eventLine(event).id).toBeGreaterThanOrEqual(1);
			expect(eventLine(event).id).toBeLessThanOrEqual(1_000);
		}
	});
});
