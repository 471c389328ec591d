/** Growth of accounts beside each other. Loaded by the pages that show it, when they do. */
import { LineSeries, LineStyle, type ISeriesApi } from 'lightweight-charts';
import { formatDecimal } from '../ui/money.ts';
import type { Colours } from './colours.ts';
import { daysOfLines, type GrowthLine } from './growthLines.ts';
import {
	asTime,
	colourOptions,
	createFitting,
	createTimeChart,
	secondsOf,
	type DrawnChart
} from './timeChart.ts';

/** In the order of DASHES. */
const STYLES = [
	LineStyle.Solid,
	LineStyle.Dotted,
	LineStyle.Dashed,
	LineStyle.LargeDashed,
	LineStyle.SparseDotted
];
/** On a narrower one the names at the lines' ends would hide them; the legend has them. */
const NAMED_FROM_PX = 560;
const LONGEST_NAME = 16;
const NAME_ROOM_PX = 110;
const percent = (gain: number): string =>
	`${formatDecimal(gain.toFixed(4), { fractionDigits: 1, isSigned: true })} %`;
const shorten = (name: string): string =>
	name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;

/** @param onPoint the index of the day that is pointed at; null: none */
export function drawComparison(
	host: HTMLElement,
	startColours: Colours,
	onPoint: (index: number | null) => void
): DrawnChart<readonly GrowthLine[]> {
	let colours = startColours;
	let shown: readonly GrowthLine[] = [];
	let days: string[] = [];
	const isNamed = host.clientWidth >= NAMED_FROM_PX;
	const chart = createTimeChart(host, colours, { roomAtEndPx: isNamed ? NAME_ROOM_PX : 0 });
	const fit = createFitting(chart);
	const series = new Map<string, ISeriesApi<'Line'>>();

	chart.subscribeCrosshairMove(({ time, point }) => {
		if (time === undefined) return onPoint(null);
		const day = new Date(Number(time) * 1_000).toISOString().slice(0, 10);
		if (point !== undefined) onPoint(days.indexOf(day));
	});

	const look = ({ name, colour, style }: GrowthLine) => ({
		color: colours.series[colour] ?? colours.ink,
		lineStyle: STYLES[style] ?? LineStyle.Solid,
		lineWidth: 2 as const,
		title: isNamed ? shorten(name) : '',
		priceLineVisible: false,
		crosshairMarkerRadius: 3,
		priceFormat: { type: 'custom' as const, formatter: percent, minMove: 0.01 }
	});

	return {
		show(lines) {
			shown = lines;
			days = daysOfLines(lines);
			for (const [id, line] of series)
				if (!lines.some((one) => one.id === id)) {
					chart.removeSeries(line);
					series.delete(id);
				}
			fit(days.map(secondsOf), () => {
				for (const line of lines) {
					const own = series.get(line.id) ?? chart.addSeries(LineSeries);
					series.set(line.id, own);
					own.applyOptions(look(line));
					own.setData(
						line.points.map(({ day, gain }) => ({ time: asTime(secondsOf(day)), value: 100 * Number(gain) }))
					);
				}
			});
		},
		setColours(next) {
			colours = next;
			chart.applyOptions(colourOptions(colours));
			for (const line of shown) series.get(line.id)?.applyOptions(look(line));
		},
		point(index) {
			const day = index === null ? undefined : days[index];
			const first = shown.find(({ points }) => points.some((point) => point.day === day));
			const own = first && series.get(first.id);
			if (day === undefined || !first || !own) return chart.clearCrosshairPosition();
			const gain = first.points.find((point) => point.day === day)?.gain ?? '0';
			chart.setCrosshairPosition(100 * Number(gain), asTime(secondsOf(day)), own);
		},
		destroy: () => chart.remove()
	};
}
