/**
 * What a press would mean on each account (F7), from what was last seen, as data and as words. A stale
 * account is "unknown": its old figures are not passed off as the present.
 */
import { addDecimals, signOf } from '#lib/domain/decimal.ts';
import type { AccountView } from '#lib/domain/views.ts';
import { countOf, formatDecimal, formatLots } from '../ui/money.ts';
import type { ShownState } from '../live/freshness.ts';

/** An account together with what of it may be claimed now. */
export interface SeenAccount {
	account: AccountView;
	shown: ShownState;
}

export type Closing = 'close' | 'keep' | 'as-set';

export interface AccountImpact {
	account: AccountView;
	/** False: the figures are too old or missing, nothing is claimed. */
	isKnown: boolean;
	willClose: boolean;
	/** Positions that Stop closes, and orders it deletes. */
	closes: number;
	deletes: number;
	/** Positions that stay open afterwards. */
	stays: number;
	/** The agent is away: the command applies when it is back. */
	isLater: boolean;
}

export function impactOn(
	command: 'pause_ea' | 'stop_ea',
	{ account, shown }: SeenAccount,
	closing: Closing = 'as-set'
): AccountImpact {
	const willClose =
		command === 'stop_ea' &&
		(closing === 'as-set' ? account.settings.closePositionsOnStop : closing === 'close');
	const figures = shown.areFiguresStale ? null : account.figures;
	const closes = willClose ? (figures?.eaPositions ?? 0) : 0;
	return {
		account,
		isKnown: figures !== null,
		willClose,
		closes,
		deletes: willClose ? (figures?.eaOrders ?? 0) : 0,
		stays: (figures?.openPositions ?? 0) - closes,
		isLater: account.connection === 'agent_offline' || account.connection === 'unassigned'
	};
}

/** Stop asks once, and only when it would close positions on a real account; more may open until it arrives. */
export function mustAskBeforeStop(impacts: readonly AccountImpact[]): boolean {
	return impacts.some((impact) => impact.account.kind === 'REAL' && impact.willClose);
}

/** The choice the Stop dialog begins with: what the accounts are set to, where they agree. */
export function initialClosing(accounts: readonly AccountView[]): Closing {
	const wishes = new Set(accounts.map((account) => account.settings.closePositionsOnStop));
	return wishes.size > 1 ? 'as-set' : wishes.has(true) ? 'close' : 'keep';
}

/** One account in one sentence. */
export function describeImpact(command: 'pause_ea' | 'stop_ea', impact: AccountImpact): string {
	return sentence(command, impact) + (impact.isLater ? ' Applies when the agent is back.' : '');
}

function sentence(command: 'pause_ea' | 'stop_ea', impact: AccountImpact): string {
	const { account, isKnown, willClose, closes, deletes, stays } = impact;
	const { figures } = account;
	if (!isKnown || figures === null) {
		const closing =
			command === 'stop_ea' ? (willClose ? ' The EA’s positions are closed.' : ' Positions stay.') : '';
		return `Positions unknown.${closing}`;
	}
	if (figures.openPositions === 0 && figures.pendingOrders === 0) return 'No open position.';
	const parts: string[] = [];
	if (closes > 0) parts.push(`closes ${countOf(closes, 'position')} of the EA`);
	if (deletes > 0) parts.push(`deletes ${countOf(deletes, 'order')} of the EA`);
	if (stays > 0) parts.push(`${countOf(stays, 'position')} ${stays === 1 ? 'stays' : 'stay'} open`);
	const ordersLeft = figures.pendingOrders - deletes;
	if (ordersLeft > 0)
		parts.push(`${countOf(ordersLeft, 'pending order')} ${ordersLeft === 1 ? 'stays' : 'stay'}`);
	const left = Math.min(figures.unprotectedPositions, stays);
	const upTo = closes > 0 ? 'up to ' : '';
	if (left > 0)
		parts.push(
			`${upTo}${left} without a broker stop-loss ${left === 1 ? 'loses its' : 'lose their'} manager`
		);
	const text = parts.join(', ');
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `3 positions · 0.42 lots · −61.20 USD`, the open business of an account in one line. */
export function describeOpenBusiness(impact: AccountImpact): string {
	const { account, isKnown } = impact;
	const { figures } = account;
	if (!isKnown || figures === null) return 'unknown';
	const profit = formatDecimal(figures.floatingProfit, {
		fractionDigits: figures.currencyDigits,
		isSigned: true
	});
	return `${countOf(figures.openPositions, 'position')} · ${formatLots(figures.openLots)} lots · ${profit} ${account.currency}`;
}

/** The short line that always stands under the buttons. */
export function describePress(command: 'pause_ea' | 'stop_ea', impacts: readonly AccountImpact[]): string {
	const known = impacts.filter((impact) => impact.isKnown);
	const sum = (count: (impact: AccountImpact) => number) =>
		known.reduce((total, impact) => total + count(impact), 0);
	const stays = sum((impact) => impact.stays);
	const closes = sum((impact) => impact.closes);
	const unprotected = sum((impact) =>
		Math.min(impact.account.figures?.unprotectedPositions ?? 0, impact.stays)
	);
	const parts: string[] = [];
	if (closes > 0) parts.push(`closes ${countOf(closes, 'position')}${profitOf(known, command)}`);
	if (stays > 0) {
		const what = `${stays}${closes > 0 ? '' : ` ${stays === 1 ? 'position' : 'positions'}`}`;
		parts.push(
			closes > 0 ? `keeps ${what}` : `${what} stay${stays === 1 ? 's' : ''} open${profitOf(known, command)}`
		);
		if (unprotected > 0) parts.push(`${unprotected} without stop-loss`);
	}
	if (known.length > 0 && parts.length === 0) parts.push('no open position');
	const unknown = impacts.length - known.length;
	if (unknown > 0) parts.push(`${countOf(unknown, 'account')} unknown`);
	return parts.join(', ');
}

/** Lots and floating profit of the accounts, only where one currency covers them all. */
function profitOf(known: readonly AccountImpact[], command: 'pause_ea' | 'stop_ea'): string {
	const figures = known.flatMap(({ account }) => (account.figures === null ? [] : [account.figures]));
	const currencies = new Set(known.map(({ account }) => account.currency));
	const kinds = new Set(known.map(({ account }) => account.kind));
	const [currency] = currencies;
	if (command === 'stop_ea' || currencies.size !== 1 || kinds.size !== 1) return '';
	const lots = addDecimals(...figures.map((figure) => figure.openLots));
	const profit = addDecimals(...figures.map((figure) => figure.floatingProfit));
	const fractionDigits = Math.max(...figures.map((figure) => figure.currencyDigits));
	const amount = formatDecimal(profit, { fractionDigits, isSigned: signOf(profit) !== 0 });
	return ` (${formatLots(lots)} lots, ${amount} ${currency})`;
}
