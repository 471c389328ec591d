/** Equity and balance with the fall from the highest point below them. Loaded by the pages that show it, when they do. */
import {
	BaselineSeries,
	createSeriesMarkers,
	LineSeries,
	LineStyle,
	LineType,
	type SeriesMarker,
	type Time
} from 'lightweight-charts';
import type { CurvePointView, EquityCurveView } from '#lib/domain/analyticsViews.ts';
import { signOf } from '#lib/domain/decimal.ts';
import { formatShort } from '../analytics/figureWords.ts';
import { formatDecimal } from '../ui/money.ts';
import { withAlpha, type Colours } from './colours.ts';
import { breakLine, type Sample } from './gaps.ts';
import type { SlotClock } from './slotClock.ts';
import {
	asTime,
	colourOptions,
	createFitting,
	createTimeChart,
	secondsOf,
	type DrawnChart
} from './timeChart.ts';

/** More than these marks would hide what they mark: then they are without their amounts. */
const MOST_AMOUNTS = 8;
const HIDDEN = { color: 'transparent' };
const HIDDEN_FALL = {
	bottomLineColor: 'transparent',
	topLineColor: 'transparent',
	bottomFillColor1: 'transparent',
	bottomFillColor2: 'transparent'
};

/** Pixels need no exactness. */
const numberOf = (text: string | null | undefined): number | null =>
	text === null || text === undefined ? null : Number(text);
const money = (amount: number): string => formatDecimal(amount.toFixed(2), { fractionDigits: 0 });
const percent = (share: number, fractionDigits = 1): string =>
	`${formatDecimal(share.toFixed(4), { fractionDigits })} %`;

const sample = (point: CurvePointView, value: number | null, isAfterGap = point.isAfterGap): Sample => ({
	time: secondsOf(point.at),
	value,
	isAfterGap
});
const fallOf = ({ fall }: CurvePointView): number | null => {
	const share = numberOf(fall?.share);
	return share === null ? null : -100 * share;
};

/**
 * @param clock what the slots are named by, where they are shorter than a day
 * @param onPoint the index of the point that is pointed at; null: none
 */
export function drawEquity(
	host: HTMLElement,
	startColours: Colours,
	clock: SlotClock | undefined,
	onPoint: (index: number | null) => void
): DrawnChart<EquityCurveView> {
	let colours = startColours;
	let view: EquityCurveView | null = null;
	let indexOf = new Map<number, number>();
	const chart = createTimeChart(host, colours, { clock });
	const fit = createFitting(chart);
	const line = { priceLineVisible: false, crosshairMarkerRadius: 3 };
	const axis = { type: 'custom', formatter: money, minMove: 0.01 } as const;
	const balance = chart.addSeries(LineSeries, {
		...{ ...line, priceFormat: axis, lineType: LineType.WithSteps, lineStyle: LineStyle.Dashed },
		lineWidth: 1,
		lastValueVisible: false
	});
	const equity = chart.addSeries(LineSeries, { ...line, priceFormat: axis, lineWidth: 2 });
	const fall = chart.addSeries(
		BaselineSeries,
		{
			...{ ...line, lineWidth: 1, lastValueVisible: false, baseValue: { type: 'price', price: 0 } },
			priceFormat: { type: 'custom', formatter: (share: number) => percent(share), minMove: 0.01 },
			// Its zero is its top.
			autoscaleInfoProvider: (own: () => { priceRange: { minValue: number } | null } | null) => {
				const range = own()?.priceRange;
				return { priceRange: { minValue: Math.min(range?.minValue ?? 0, -1), maxValue: 0 } };
			}
		},
		1
	);
	chart.panes()[0]?.setStretchFactor(2.2);
	chart.panes()[1]?.setStretchFactor(1);
	fall.priceScale().applyOptions({ scaleMargins: { top: 0.04, bottom: 0.4 } });
	const marks = {
		balance: createSeriesMarkers(balance, []),
		equity: createSeriesMarkers(equity, []),
		fall: createSeriesMarkers(fall, [])
	};
	paint();

	chart.subscribeCrosshairMove(({ time, point }) => {
		// Set by `point`, it has a time and no place of the mouse.
		if (time === undefined) return onPoint(null);
		if (point !== undefined) onPoint(indexOf.get(Number(time)) ?? null);
	});

	function paint(): void {
		chart.applyOptions(colourOptions(colours));
		balance.applyOptions({ color: colours.muted });
		equity.applyOptions({ color: colours.accent });
		fall.applyOptions({
			topLineColor: colours.fault,
			bottomLineColor: colours.fault,
			bottomFillColor1: withAlpha(colours.fault, 0.08),
			bottomFillColor2: withAlpha(colours.fault, 0.32)
		});
		mark();
	}

	function mark(): void {
		if (view === null) return;
		const flows = view.points.flatMap(({ at, flow, balance: known }) =>
			flow === null || known === null || signOf(flow) === 0 ? [] : [{ at, flow }]
		);
		const credits = view.points.filter(
			({ credit, balance: known }) => credit !== null && known !== null && signOf(credit) !== 0
		);
		marks.balance.setMarkers([
			...flows.map(({ at, flow }): SeriesMarker<Time> => {
				const isIn = signOf(flow) > 0;
				return {
					time: asTime(secondsOf(at)),
					position: isIn ? 'belowBar' : 'aboveBar',
					shape: isIn ? 'arrowUp' : 'arrowDown',
					color: colours.demo,
					...(flows.length <= MOST_AMOUNTS ? { text: formatShort(flow) } : {})
				};
			}),
			...credits.map(({ at }): SeriesMarker<Time> => ({
				time: asTime(secondsOf(at)),
				position: 'aboveBar',
				shape: 'square',
				size: 0.6,
				color: colours.muted
			}))
		]);
		const { deepest } = view;
		marks.fall.setMarkers(
			deepest === null || deepest.share === null
				? []
				: [
						{
							time: asTime(secondsOf(deepest.at)),
							position: 'belowBar',
							shape: 'circle',
							color: colours.fault,
							text: percent(-100 * Number(deepest.share), 2)
						}
					]
		);
		const { alone } = breakLine(
			view.points.map((point) => sample(point, numberOf(point.equity))),
			HIDDEN
		);
		marks.equity.setMarkers(
			alone.map((time) => ({
				time: asTime(time),
				position: 'inBar',
				shape: 'circle',
				size: 0.3,
				color: colours.accent
			}))
		);
	}

	return {
		show(next) {
			view = next;
			const { points } = next;
			indexOf = new Map(points.map(({ at }, index) => [secondsOf(at), index]));
			const timed = <T extends { time: number }>(list: T[]) =>
				list.map((point) => ({ ...point, time: asTime(point.time) }));
			fit([...indexOf.keys()], () => {
				balance.setData(
					timed(
						breakLine(
							points.map((point) => sample(point, numberOf(point.balance), false)),
							HIDDEN
						).points
					)
				);
				equity.setData(
					timed(
						breakLine(
							points.map((point) => sample(point, numberOf(point.equity))),
							HIDDEN
						).points
					)
				);
				fall.setData(
					timed(
						breakLine(
							points.map((point) => sample(point, fallOf(point))),
							HIDDEN_FALL
						).points
					)
				);
			});
			mark();
		},
		setColours(next) {
			colours = next;
			paint();
		},
		point(index) {
			const point = index === null ? undefined : view?.points[index];
			if (!point) return chart.clearCrosshairPosition();
			const value = numberOf(point.equity) ?? numberOf(point.balance) ?? 0;
			chart.setCrosshairPosition(value, asTime(secondsOf(point.at)), equity);
		},
		destroy: () => chart.remove()
	};
}
