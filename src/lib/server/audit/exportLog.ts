/** A log as a CSV file, read and sent piece by piece, so that its size does not matter. */
import { CSV_BYTE_ORDER_MARK, csvLine } from '#lib/domain/csv.ts';
import type { LogPageView } from '#lib/domain/logViews.ts';

type Cells = (string | number | null)[];

/**
 * @param readPage the page that begins after this place
 * @param name of the file, without its ending
 */
export function csvDownload<Line>(
	name: string,
	header: string[],
	readPage: (before: string | null) => Promise<LogPageView<Line>>,
	cellsOf: (line: Line) => Cells
): Response {
	const encoder = new TextEncoder();
	let before: string | null = null;
	let isFirst = true;
	const body = new ReadableStream<Uint8Array>({
		async pull(controller) {
			const { lines, nextCursor } = await readPage(before);
			const head = isFirst ? CSV_BYTE_ORDER_MARK + csvLine(header) : '';
			isFirst = false;
			const text = head + lines.map((line) => csvLine(cellsOf(line))).join('');
			if (text !== '') controller.enqueue(encoder.encode(text));
			if (nextCursor === null) controller.close();
			before = nextCursor;
		}
	});
	return new Response(body, {
		headers: {
			'content-type': 'text/csv; charset=utf-8',
			'content-disposition': `attachment; filename="${name}.csv"`,
			'cache-control': 'no-store'
		}
	});
}
