/** A curve in words: the same figures as the picture's, exact. */
import type { CurvePointView, EquityCurveView } from '#lib/domain/analyticsViews.ts';
import { formatDay, formatShare } from '../analytics/figureWords.ts';
import { formatDecimal } from '../ui/money.ts';
import type { SlotClock } from './slotClock.ts';

const DAY_MS = 86_400_000;

/** `2 Mar 2026`, `2 Mar 2026 14:00`: a slot is named by its beginning, as MetaTrader names its bars. */
export function formatSlot(at: string, stepMs: number, clock: SlotClock): string {
	if (stepMs >= DAY_MS) return formatDay(at.slice(0, 10));
	const shown = clock.shown(Date.parse(at)).toISOString();
	return `${formatDay(shown.slice(0, 10))} ${shown.slice(11, 16)}`;
}

const STEP_NAMES: Record<number, string> = { 5: 'M5', 15: 'M15', 60: 'H1', 240: 'H4', 1_440: 'D1' };
export const stepName = (stepMs: number): string => STEP_NAMES[stepMs / 60_000] ?? '';

export const creditWord = (credit: string): string =>
	credit.startsWith('-') ? 'credit taken back' : 'credit given';

export function describePoint(
	point: CurvePointView | undefined,
	stepMs: number,
	clock: SlotClock,
	money: (amount: string) => string
): string {
	if (!point) return 'Nothing to show';
	const { balance, equity, fall, flow, credit } = point;
	return [
		formatSlot(point.at, stepMs, clock),
		equity === null ? 'equity not seen' : `equity ${money(equity)}`,
		balance === null ? 'balance not known' : `balance ${money(balance)}`,
		fall?.share ? `drawdown ${formatShare(fall.share)}` : '',
		flow === null ? '' : `${flow.startsWith('-') ? 'paid out' : 'paid in'} ${money(flow.replace('-', ''))}`,
		credit === null ? '' : `${creditWord(credit)} ${money(credit.replace('-', ''))}`
	]
		.filter(Boolean)
		.join(', ');
}

/** The newest point of which anything is known. */
export function lastKnown(points: readonly CurvePointView[]): number {
	const index = points.findLastIndex(({ equity, balance }) => equity !== null || balance !== null);
	return index < 0 ? Math.max(0, points.length - 1) : index;
}

/** What the curve cannot show by itself: whose it is, and what was not seen. */
export function curveNotes(
	{ accounts, leftOut, points, deepest, currencyDigits, currency }: EquityCurveView,
	stepMs: number,
	clock: SlotClock
): string[] {
	const notes: string[] = [];
	const unseen = leftOut.filter(({ why }) => why === 'unseen').map(({ name }) => name);
	const inactive = leftOut.filter(({ why }) => why === 'inactive').map(({ name }) => name);
	const hasEquity = points.some(({ equity }) => equity !== null);
	if (deepest !== null)
		notes.push(
			`Deepest fall of the equity: ${formatDecimal(deepest.money, { fractionDigits: currencyDigits })} ${currency}${deepest.share === null ? '' : ` (${formatShare(deepest.share)})`}, ${formatSlot(deepest.at, stepMs, clock)}.`
		);
	if (!hasEquity) notes.push('No equity was seen in this range; the balance is that of the deals.');
	else if (points.some(({ isAfterGap }) => isAfterGap))
		notes.push(
			accounts.length === 1
				? 'The equity has gaps where the account was not seen.'
				: 'The equity has gaps where not all of these accounts were seen.'
		);
	if (unseen.length > 0) notes.push(`Without ${unseen.join(', ')}: not seen in this range.`);
	if (inactive.length > 0) notes.push(`Without ${inactive.join(', ')}: inactive.`);
	return notes;
}
