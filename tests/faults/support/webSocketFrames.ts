/** Cuts the bytes of one direction of a WebSocket into the HTTP head and whole frames, and looks into them. */

export interface Piece {
	/** As they were on the wire. */
	bytes: Buffer;
	/** Null for the HTTP head and for control frames. */
	message: { text: string; isFinal: boolean } | null;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

export class WebSocketFrames {
	#rest: Buffer = Buffer.alloc(0);
	#isHeadOver = false;

	/** @returns the pieces that are whole now; what is not waits for more */
	take(bytes: Buffer): Piece[] {
		this.#rest = Buffer.concat([this.#rest, bytes]);
		const pieces: Piece[] = [];
		if (!this.#isHeadOver) {
			const end = this.#rest.indexOf(END_OF_HEAD);
			if (end < 0) return [];
			pieces.push({ bytes: this.#cut(end + END_OF_HEAD.length), message: null });
			this.#isHeadOver = true;
		}
		for (let piece = this.#next(); piece; piece = this.#next()) pieces.push(piece);
		return pieces;
	}

	#next(): Piece | null {
		const rest = this.#rest;
		if (rest.length < 2) return null;
		const [first, second] = [rest.readUInt8(0), rest.readUInt8(1)];
		const short = second & 0x7f;
		const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
		if (rest.length < 2 + lengthBytes) return null;
		const length =
			short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
		const isMasked = (second & 0x80) !== 0;
		const start = 2 + lengthBytes + (isMasked ? 4 : 0);
		if (rest.length < start + length) return null;
		const frame = this.#cut(start + length);
		const isControl = (first & 0x08) !== 0;
		if (isControl) return { bytes: frame, message: null };
		const payload = Buffer.from(frame.subarray(start));
		if (isMasked) {
			const mask = frame.subarray(start - 4, start);
			for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
		}
		return { bytes: frame, message: { text: payload.toString('utf8'), isFinal: (first & 0x80) !== 0 } };
	}

	#cut(length: number): Buffer {
		const head = this.#rest.subarray(0, length);
		this.#rest = this.#rest.subarray(length);
		return head;
	}
}
