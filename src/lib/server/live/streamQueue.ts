/**
 * What waits for a reader of server-sent events. Bounded: when the reader leaves too much unread, everything
 * waiting is dropped for one message that makes it load everything anew; what comes after waits again.
 */
import { MAX_STREAM_QUEUE_BYTES, MAX_STREAM_QUEUE_EVENTS } from '#lib/domain/limits.ts';

export interface StreamQueue {
	/** @param overflow what to put in the place of everything, should it not fit */
	push(text: string, overflow: () => string): void;
	/** Everything that waits, as one chunk; null when nothing does. */
	take(): Uint8Array | null;
	readonly bytes: number;
}

export function createStreamQueue(
	limits = { bytes: MAX_STREAM_QUEUE_BYTES, events: MAX_STREAM_QUEUE_EVENTS }
): StreamQueue {
	let waiting: Buffer[] = [];
	let bytes = 0;
	const put = (text: string) => {
		const chunk = Buffer.from(text);
		waiting.push(chunk);
		bytes += chunk.byteLength;
	};
	return {
		push(text, overflow) {
			put(text);
			if (bytes <= limits.bytes && waiting.length <= limits.events) return;
			waiting = [];
			bytes = 0;
			put(overflow());
		},
		take() {
			if (waiting.length === 0) return null;
			const chunk = new Uint8Array(Buffer.concat(waiting, bytes));
			waiting = [];
			bytes = 0;
			return chunk;
		},
		get bytes() {
			return bytes;
		}
	};
}
