/** How terminals are, between ages (on the wire) and moments of this server's clock (in memory). */
import type { VitalsView } from '#lib/domain/views.ts';
import type { Vitals } from '#lib/protocol/openItems.ts';

export interface LiveVitals extends Omit<Vitals, 'tickAgeMs'> {
	tickAtMs: number | null;
}

/** @param nowMs when it was sent */
export const liveVitals = ({ tickAgeMs, ...vitals }: Vitals, nowMs: number): LiveVitals => ({
	...vitals,
	tickAtMs: tickAgeMs === null ? null : nowMs - tickAgeMs
});

export const sentVitals = ({ tickAtMs, ...vitals }: LiveVitals, nowMs: number): Vitals => ({
	...vitals,
	tickAgeMs: tickAtMs === null ? null : Math.max(0, Math.round(nowMs - tickAtMs))
});

const isoOf = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());

/** @param heartbeatAtMs of the EA; null without one */
export const vitalsView = (
	{ pingMs, tickAtMs, isMarketOpen, gmtOffsetMin }: LiveVitals,
	heartbeatAtMs: number | null
): VitalsView => ({
	pingMs,
	lastTickAt: isoOf(tickAtMs),
	lastHeartbeatAt: isoOf(heartbeatAtMs),
	isMarketOpen,
	brokerOffsetMin: gmtOffsetMin
});
