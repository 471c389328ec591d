import { describe, expect, it, vi } from 'vitest';
import { type DoctorReport } from '#lib/protocol/doctorReport.ts';
import { createLogger } from '../logger.ts';
import { type Outgoing } from './connection.ts';
import { RequestDesk, type RequestHandlers } from './requestDesk.ts';

const REPORT: DoctorReport = {
	madeAt: '2026-01-01T00:00:00Z',
	agentVersion: '1',
	machine: 'vps',
	platform: 'win32',
	findings: []
};
const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

function desk(handlers: RequestHandlers) {
	const sent: Outgoing[] = [];
	const silent = createLogger('error', { write: () => {} });
	const under = new RequestDesk(handlers, (frame) => sent.push(frame) > 0, silent);
	const ask = (kind: string, args: Record<string, unknown> = {}) =>
		under.onRequest({ v: 1, id: '1', type: 'request', signature: 's', requestId: REQUEST_ID, kind, args });
	return { ask, sent };
}

describe('RequestDesk', () => {
	it('answers a question with what its handler found', async () => {
		const { ask, sent } = desk({ doctor: async () => REPORT });
		await ask('doctor');
		expect(sent).toEqual([{ type: 'answer', requestId: REQUEST_ID, result: { ok: true, value: REPORT } }]);
	});

	it.each(['constructor', 'format_disk', ''])('refuses the kind %j, which it does not know', async (kind) => {
		const { ask, sent } = desk({ doctor: async () => REPORT });
		await ask(kind);
		expect(sent).toMatchObject([{ result: { ok: false, code: 'unknown_kind' } }]);
	});

	it('says so when it has no handler for a kind', async () => {
		const { ask, sent } = desk({});
		await ask('doctor');
		expect(sent).toMatchObject([{ result: { ok: false, code: 'unknown_kind' } }]);
	});

	it('answers busy while it is at work on the same question, and is free again after', async () => {
		let finish = (): void => {};
		const doctor = vi.fn(() => new Promise<DoctorReport>((resolve) => (finish = () => resolve(REPORT))));
		const { ask, sent } = desk({ doctor });
		const first = ask('doctor');
		await ask('doctor');
		expect(sent).toMatchObject([{ result: { ok: false, code: 'busy' } }]);
		finish();
		await first;
		const third = ask('doctor');
		finish();
		await third;
		expect(doctor).toHaveBeenCalledTimes(2);
		expect(sent.slice(1)).toMatchObject([{ result: { ok: true } }, { result: { ok: true } }]);
	});

	it('tells that it failed, and nothing of why, which may hold a path or a secret', async () => {
		const { ask, sent } = desk({ doctor: () => Promise.reject(new Error('hunter2')) });
		await ask('doctor');
		expect(sent).toMatchObject([{ result: { ok: false, code: 'failed' } }]);
		expect(JSON.stringify(sent)).not.toContain('hunter2');
	});
});
