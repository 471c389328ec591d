/** What all our charts over time have in common, whatever they draw. */
import {
	ColorType,
	createChart,
	TickMarkType,
	type ChartOptions,
	type DeepPartial,
	type IChartApi,
	type LogicalRange,
	type Time,
	type UTCTimestamp
} from 'lightweight-charts';
import type { Colours } from './colours.ts';
import { tickLabel, type SlotClock } from './slotClock.ts';

const FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

export const asTime = (seconds: number): UTCTimestamp => seconds as UTCTimestamp;
export const secondsOf = (iso: string): number => Date.parse(iso) / 1_000;

export const colourOptions = (colours: Colours): DeepPartial<ChartOptions> => ({
	layout: {
		background: { type: ColorType.Solid, color: 'transparent' },
		textColor: colours.muted,
		panes: { separatorColor: colours.line, separatorHoverColor: colours.line, enableResize: false }
	},
	grid: { vertLines: { visible: false }, horzLines: { color: colours.line } },
	crosshair: {
		vertLine: { color: colours['line-strong'], labelBackgroundColor: colours['line-strong'] },
		horzLine: { visible: false, labelVisible: false }
	}
});

/**
 * @param clock what its slots are named by; left out, they are days
 * @param roomAtEndPx what is left free after the last point
 */
export function createTimeChart(
	host: HTMLElement,
	colours: Colours,
	{ clock, roomAtEndPx = 0 }: { clock?: SlotClock | undefined; roomAtEndPx?: number } = {}
): IChartApi {
	return createChart(host, {
		autoSize: true,
		// Its own look at the host comes only after the first picture, which would then be stretched.
		width: host.clientWidth,
		height: host.clientHeight,
		...colourOptions(colours),
		layout: { ...colourOptions(colours).layout, fontFamily: FONT, fontSize: 11, attributionLogo: false },
		// The browser's own language can be one that it does not know itself ("en-US@posix").
		localization: {
			locale: 'en-GB',
			...(clock && { timeFormatter: (time: Time) => tickLabel(Number(time) * 1_000, true, clock) })
		},
		rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.1 } },
		timeScale: {
			borderVisible: false,
			timeVisible: clock !== undefined,
			...(clock && {
				// `21 Nov 02:00`, moved in from the edge.
				tickMarkMaxCharacterLength: 15,
				tickMarkFormatter: (time: Time, type: TickMarkType) =>
					tickLabel(Number(time) * 1_000, type < TickMarkType.Time, clock)
			}),
			secondsVisible: false,
			// With one edge fixed and room at the other, every change of the size would move the range.
			fixLeftEdge: roomAtEndPx === 0,
			fixRightEdge: roomAtEndPx === 0,
			rightOffsetPixels: roomAtEndPx,
			lockVisibleTimeRangeOnResize: true,
			minBarSpacing: 0.1
		},
		// The wheel and the finger scroll the page; two fingers or a drag move the chart.
		handleScroll: { mouseWheel: false, vertTouchDrag: false },
		handleScale: { mouseWheel: false, axisPressedMouseMove: false }
	});
}

/** What a page does with a drawn chart. `View` is what it draws. */
export interface DrawnChart<View> {
	show(view: View): void;
	setColours(colours: Colours): void;
	/** Sets the crosshair to the point with this index; null: none. */
	point(index: number | null): void;
	destroy(): void;
}

/** Shows all of a new range; where the same range only grew, the part that is looked at stays. */
export function createFitting(chart: IChartApi): (times: readonly number[], setData: () => void) => void {
	let first: number | undefined;
	let isWhole = true;
	let last = 0;
	return (times, setData) => {
		const range: LogicalRange | null = chart.timeScale().getVisibleLogicalRange();
		isWhole = range === null || (range.from <= 0.5 && range.to >= last - 0.5);
		const isSame = first === times[0];
		first = times[0];
		last = times.length - 1;
		setData();
		if (isSame && !isWhole && range !== null) chart.timeScale().setVisibleLogicalRange(range);
		else chart.timeScale().fitContent();
	};
}
