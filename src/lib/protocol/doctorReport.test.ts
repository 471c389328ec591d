import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '../domain/limits.ts';
import { encodeFrame } from './codec.ts';
import { doctorReportSchema, worstVerdict, type DoctorFinding } from './doctorReport.ts';

const finding = (verdict: DoctorFinding['verdict']): DoctorFinding => ({
	check: 'disk',
	label: 'Disk',
	verdict,
	detail: 'x',
	remedy: null
});

describe('a doctor’s report', () => {
	it('fits into a frame of the line even when every text is as long as it may be', () => {
		const report = doctorReportSchema.parse({
			madeAt: '2026-01-01T00:00:00Z',
			agentVersion: 'v'.repeat(40),
			machine: 'm'.repeat(100),
			platform: 'p'.repeat(140),
			findings: Array.from({ length: 60 }, () => ({
				check: 'c'.repeat(40),
				label: 'l'.repeat(60),
				verdict: 'unknown',
				detail: 'd'.repeat(300),
				remedy: 'r'.repeat(300)
			}))
		});
		const requestId = '00000000-0000-4000-8000-000000000000';
		const frame = encodeFrame({ type: 'answer', requestId, result: { ok: true, value: report } });
		expect(Buffer.byteLength(frame)).toBeLessThan(MAX_FRAME_BYTES);
	});

	it('is as grave as its gravest finding, and unknown without any', () => {
		expect(worstVerdict([])).toBe('unknown');
		expect(worstVerdict([finding('ok')])).toBe('ok');
		expect(worstVerdict([finding('ok'), finding('unknown')])).toBe('unknown');
		expect(worstVerdict([finding('warn'), finding('unknown')])).toBe('warn');
		expect(worstVerdict([finding('bad'), finding('warn')])).toBe('bad');
	});
});
