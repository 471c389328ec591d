/**
 * What the accounts report, as frames: state and figures when they changed, else now and then their age, so
 * that the server knows how old its knowledge is.
 */
import { TELEMETRY_REPEAT_MS } from '#lib/domain/limits.ts';
import { type AgentFrames } from '#lib/protocol/frames.ts';
import { type Clock } from '../clock.ts';
import { type AccountReport } from './accountView.ts';

type Entry = AgentFrames['telemetry']['accounts'][number];
export type TelemetryFrame = { type: 'telemetry'; accounts: Entry[] };

/** Well below the frame limit (MAX_FRAME_BYTES); one account alone has less (MOST_OPEN_BYTES and its state). */
const MOST_BYTES = 48 * 1024;
const MOST_ACCOUNTS = 200;

interface Sent {
	epoch: number;
	state: string;
	figures: string;
	open: string;
	atMs: number;
}

export class Telemetry {
	readonly #clock: Clock;
	readonly #sent = new Map<string, Sent>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** The other side knows nothing (any more): the next frames tell everything. */
	startOver(): void {
		this.#sent.clear();
	}

	frames(reports: readonly AccountReport[]): TelemetryFrame[] {
		const frames: TelemetryFrame[] = [];
		let frame: TelemetryFrame | null = null;
		let bytes = 0;
		for (const report of reports) {
			const entry = this.#entry(report);
			if (!entry) continue;
			const size = Buffer.byteLength(JSON.stringify(entry));
			if (!frame || bytes + size > MOST_BYTES || frame.accounts.length >= MOST_ACCOUNTS) {
				frame = { type: 'telemetry', accounts: [] };
				frames.push(frame);
				bytes = 0;
			}
			frame.accounts.push(entry);
			bytes += size;
		}
		return frames;
	}

	#entry({ accountId, epoch, state, figures, open, ea, vitals, ageMs }: AccountReport): Entry | null {
		const nowMs = this.#clock.monotonicMs();
		const sent = this.#sent.get(accountId);
		// Under a new epoch the account is another one to the server: of the one before, it forgot everything.
		const last = sent?.epoch === epoch ? sent : undefined;
		const next = {
			epoch,
			state: JSON.stringify(state),
			figures: JSON.stringify(figures),
			open: JSON.stringify(open),
			atMs: nowMs
		};
		const isStateNew = last?.state !== next.state;
		const areFiguresNew = last?.figures !== next.figures;
		const isOpenNew = last?.open !== next.open;
		const isNews = isStateNew || areFiguresNew || isOpenNew;
		if (!isNews && last && nowMs - last.atMs < TELEMETRY_REPEAT_MS) return null;
		this.#sent.set(accountId, next);
		return {
			accountId,
			epoch,
			ageMs,
			...(isStateNew ? { state } : {}),
			...(areFiguresNew ? { figures } : {}),
			...(isOpenNew ? { open } : {}),
			// Ages move by themselves; they travel along, and are no reason to travel.
			ea,
			vitals
		};
	}
}
