/** What is open on a trader's accounts, for the browser: with the moments that the broker's clock means. */
import { brokerOffsetMin } from '#lib/domain/brokerClock.ts';
import type { OpenBookView, OpenItemsView } from '#lib/domain/openItems.ts';
import type { OpenItems } from '#lib/protocol/openItems.ts';
import { readAccounts, type AccountRow } from '../accounts/accountRows.ts';
import { newestReport, type ReportSource } from '../accounts/accountView.ts';
import type { App } from '../app.ts';
import type { LiveVitals } from './vitals.ts';

const MINUTE_MS = 60_000;

/** @param offsetMin how far the broker's clock is ahead now; null when that is not known */
function timesOf(
	timeMs: number,
	offsetMin: number | null,
	nowMs: number
): { at: string | null; serverTime: string } {
	const serverTime = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
	if (offsetMin === null) return { at: null, serverTime };
	// Opened before the broker's clock was changed: the offset was another one then.
	const clockMs = nowMs + offsetMin * MINUTE_MS;
	const thenMin = brokerOffsetMin([{ fromMs: clockMs, untilMs: clockMs, offsetMin }], timeMs);
	return { at: new Date(timeMs - thenMin * MINUTE_MS).toISOString(), serverTime };
}

function openView(open: OpenItems, vitals: LiveVitals | null, nowMs: number): OpenItemsView['open'] {
	const timed = <T extends { timeMs: number }>({ timeMs, ...item }: T) => ({
		...item,
		...timesOf(timeMs, vitals?.gmtOffsetMin ?? null, nowMs)
	});
	return { positions: open.positions.map(timed), orders: open.orders.map(timed) };
}

export function openItemsView(row: AccountRow, source: ReportSource): OpenItemsView {
	const report = newestReport(row, source);
	return {
		accountId: row.id,
		open: report?.open ? openView(report.open, report.vitals, source.nowMs()) : null
	};
}

/** All accounts of a trader, in the order of the account list. */
export async function readOpenBook(app: App, userId: string): Promise<OpenBookView> {
	await app.core.others.watch(userId);
	const rows = await readAccounts(app.db.pool, userId);
	return {
		serverTime: app.now().toISOString(),
		accounts: rows.map((row) => openItemsView(row, app.reports))
	};
}
