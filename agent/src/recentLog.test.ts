import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { REQUESTS } from '#lib/protocol/requests.ts';
import { createLogger } from './logger.ts';
import { RecentLog } from './recentLog.ts';
import { Secret } from './secret.ts';

const silent = { write: () => {} };

describe('RecentLog', () => {
	it('E8: gives the newest lines, oldest first, and hands every line on', () => {
		const recent = new RecentLog();
		const written: string[] = [];
		const log = createLogger('info', recent.tee({ write: (line) => void written.push(line) }));
		for (let i = 0; i < 600; i++) log.info({ i }, 'line');
		expect(written).toHaveLength(600);
		const { lines, isCut } = recent.newest(3);
		expect(lines.map((line) => JSON.parse(line).i)).toEqual([597, 598, 599]);
		expect(isCut).toBe(false);
		expect(REQUESTS.log.answer.parse({ lines, isCut })).toEqual({ lines, isCut });
	});

	it('E8: fits into a frame whatever the lines hold, and says when lines were left out', () => {
		const recent = new RecentLog();
		const out = recent.tee(silent);
		for (let i = 0; i < 400; i++) out.write(`${'\u0001"€'.repeat(300)}\n`);
		const answer = recent.newest(300);
		expect(answer.isCut).toBe(true);
		expect(answer.lines.length).toBeGreaterThan(0);
		const result = { ok: true as const, value: REQUESTS.log.answer.parse(answer) };
		const requestId = '00000000-0000-4000-8000-000000000000';
		expect(Buffer.byteLength(encodeFrame({ type: 'answer', requestId, result }))).toBeLessThan(
			MAX_FRAME_BYTES
		);
	});

	it('E8: holds no secret that was logged by mistake', () => {
		const recent = new RecentLog();
		const log = createLogger('info', recent.tee(silent));
		log.info({ password: 'hunter2', account: { password: 'hunter2' }, secret: new Secret('hunter2') }, 'x');
		expect(recent.newest(10).lines.join()).not.toContain('hunter2');
	});
});
