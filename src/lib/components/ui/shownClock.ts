/**
 * Moments by the clock that the person chose: their own, the broker's, or UTC. The broker's clock is one of an account: what
 * belongs to none, or to one whose broker's clock is not known now, is shown by the person's own, and says so.
 */
import { brokerOffsetMin } from '#lib/domain/brokerClock.ts';
import type { TradeClock } from '#lib/domain/preferences.ts';
import { formatMoment } from './age.ts';
import { bare, offsetWord, ownOffsetMin } from './tradeTime.ts';

export interface ClockChoice {
	clock: TradeClock;
	nowMs: number;
	/** Of the browser; UTC until the page is live. */
	zone: 'local' | 'utc';
	/** How far the clock of the account's broker is ahead now; null: of no account, or not known. */
	brokerNowMin: number | null;
}

const MINUTE_MS = 60_000;

/** How far the broker's clock was ahead at a moment: before its change to or from summer time it was another offset. */
export function brokerOffsetAt(atMs: number, brokerNowMin: number, nowMs: number): number {
	const clockMs = nowMs + brokerNowMin * MINUTE_MS;
	const seen = [{ fromMs: clockMs, untilMs: clockMs, offsetMin: brokerNowMin }];
	return brokerOffsetMin(seen, atMs + brokerNowMin * MINUTE_MS);
}

/** The clock that is taken, which is not always the one that was chosen. */
export const takenClock = ({ clock, brokerNowMin }: ClockChoice): TradeClock =>
	clock === 'BROKER' && brokerNowMin === null ? 'MINE' : clock;

export interface MomentText {
	text: string;
	/** The clock's name where it is not plain which one it is; else empty. */
	zoneWord: string;
	/** By every clock that is known. */
	title: string;
}

export function momentText(atMs: number, choice: ClockChoice): MomentText {
	const { nowMs, zone, brokerNowMin } = choice;
	const ownWord = offsetWord(ownOffsetMin(atMs, zone));
	const mine = bare(formatMoment(atMs, nowMs, zone));
	const utc = bare(formatMoment(atMs, nowMs, 'utc'));
	const offsetMin = brokerNowMin === null ? null : brokerOffsetAt(atMs, brokerNowMin, nowMs);
	const broker =
		offsetMin === null || brokerNowMin === null
			? null
			: bare(formatMoment(atMs + offsetMin * MINUTE_MS, nowMs + brokerNowMin * MINUTE_MS, 'utc'));
	const title = [
		`Mine ${mine} (${ownWord})`,
		...(broker === null || offsetMin === null ? [] : [`broker ${broker} (${offsetWord(offsetMin)})`]),
		`UTC ${utc}`
	].join(', ');
	const taken = takenClock(choice);
	if (taken === 'UTC') return { text: utc, zoneWord: 'UTC', title };
	if (taken === 'BROKER') return { text: broker ?? mine, zoneWord: 'broker', title };
	const isPlain = choice.clock === 'MINE' && zone === 'local';
	return { text: mine, zoneWord: isPlain ? '' : ownWord, title };
}

/** In one line, for a sentence. */
export const momentLine = ({ text, zoneWord }: MomentText): string =>
	zoneWord === '' ? text : `${text} ${zoneWord}`;
