/**
 * The number of the last accepted connection. It is on the disk before the server is told so; when the disk
 * takes nothing, it is kept in memory all the same, because Stop must reach this agent then too.
 */
import { type Logger } from '../logger.ts';

export interface ConnectionMemory {
	readonly seen: number;
	keep(connSeq: number): void;
	/** Tries again what the disk did not take. */
	retry(): void;
}

export function connectionMemory(journal: { connSeqSeen: number }, logger: Logger): ConnectionMemory {
	let unwritten: number | null = null;

	function write(connSeq: number): void {
		try {
			journal.connSeqSeen = connSeq;
			unwritten = null;
		} catch (error) {
			unwritten = connSeq;
			logger.error(
				{ err: error, connSeq },
				'the number of this connection could not be journalled; if this agent restarts before it is, the server locks it'
			);
		}
	}

	return {
		get seen() {
			return unwritten ?? journal.connSeqSeen;
		},
		keep: write,
		retry() {
			if (unwritten !== null) write(unwritten);
		}
	};
}
