/** Times of trades by the clock that the person chose: their own, the broker's as MetaTrader shows it, or UTC. */
import type { TradeClock } from '#lib/domain/preferences.ts';
import { formatMoment } from './age.ts';

export interface TradeMoment {
	/** ISO UTC; null: how far the broker's clock is ahead is not known. */
	at: string | null;
	/** The broker's clock, as `2026-03-02 12:00:00.000`. */
	serverTime: string;
}

const MINUTE_MS = 60_000;
const brokerMs = ({ serverTime }: TradeMoment): number => Date.parse(`${serverTime.replace(' ', 'T')}Z`);
/** Without the word that formatMoment puts behind UTC. */
export const bare = (moment: string): string => moment.replace(/ UTC$/, '');

/** `UTC+2`, `UTC+5:30`, `UTC`. */
export function offsetWord(offsetMin: number): string {
	if (offsetMin === 0) return 'UTC';
	const hours = Math.floor(Math.abs(offsetMin) / 60);
	const minutes = Math.abs(offsetMin) % 60;
	return `UTC${offsetMin < 0 ? '−' : '+'}${hours}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
}

/** How far the broker's clock was ahead at that moment; null when that is not known. */
export function offsetThenMin(moment: TradeMoment): number | null {
	if (moment.at === null) return null;
	return Math.round((brokerMs(moment) - Date.parse(moment.at)) / MINUTE_MS);
}

/** Of the person's own clock at a moment. */
export const ownOffsetMin = (atMs: number, zone: 'local' | 'utc'): number =>
	zone === 'utc' ? 0 : -new Date(atMs).getTimezoneOffset();

/** What stands over a column of such times. */
export function clockWord(clock: TradeClock, nowMs: number, zone: 'local' | 'utc'): string {
	if (clock === 'BROKER') return 'broker’s time';
	return clock === 'UTC' ? 'UTC' : offsetWord(ownOffsetMin(nowMs, zone));
}

export interface TradeTimeText {
	/** Without its zone: the column says it. */
	text: string;
	/** Not by the clock that was chosen, since the broker's offset is not known. */
	isBroker: boolean;
	/** By all three clocks. */
	title: string;
}

/** @param zone of the browser; UTC until the page is live */
export function tradeTime(
	moment: TradeMoment,
	clock: TradeClock,
	nowMs: number,
	zone: 'local' | 'utc'
): TradeTimeText {
	const offsetMin = offsetThenMin(moment);
	const atMs = moment.at === null ? null : Date.parse(moment.at);
	// The broker's today is another one than the person's, near midnight.
	const brokerNowMs = offsetMin === null ? 0 : nowMs + offsetMin * MINUTE_MS;
	const broker = bare(formatMoment(brokerMs(moment), brokerNowMs, 'utc'));
	if (atMs === null || offsetMin === null)
		return {
			text: broker,
			isBroker: clock !== 'BROKER',
			title: `Broker’s clock: ${moment.serverTime}. How far it is ahead of UTC is not known.`
		};
	const texts = {
		MINE: bare(formatMoment(atMs, nowMs, zone)),
		BROKER: broker,
		UTC: bare(formatMoment(atMs, nowMs, 'utc'))
	};
	const ownWord = offsetWord(ownOffsetMin(atMs, zone));
	const title = `Mine ${texts.MINE} (${ownWord}), broker ${texts.BROKER} (${offsetWord(offsetMin)}), UTC ${texts.UTC}`;
	return { text: texts[clock], isBroker: false, title };
}
