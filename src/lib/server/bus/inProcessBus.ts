/** The bus of nodes that live in one process: the one node of a plain server, or the several of a test. */
import { TO_ALL, type Bus, type BusListener } from './bus.ts';

export interface InProcessExchange {
	connect(): Bus;
	/** The bus is away for everybody. */
	cut(): void;
	heal(): void;
}

/** Messages pass as text and in a later turn of the event loop, as they would between processes. */
export function createInProcessExchange(scope: Bus['scope'] = 'servers'): InProcessExchange {
	const nodes = new Map<string, BusListener>();
	let isUp = true;

	function change(isUpNow: boolean): void {
		isUp = isUpNow;
		for (const listener of nodes.values()) listener.onChange(isUp);
	}

	function connect(): Bus {
		let ownId: string | null = null;
		return {
			scope,
			get isUp() {
				return isUp && ownId !== null;
			},
			open(nodeId, listener) {
				ownId = nodeId;
				nodes.set(nodeId, listener);
				listener.onChange(isUp);
			},
			publish(to, text) {
				if (!isUp || ownId === null) return;
				const ids = to === TO_ALL ? [...nodes.keys()] : [to];
				setImmediate(() => {
					for (const id of ids) if (isUp) nodes.get(id)?.onMessage(text);
				});
			},
			revive: () => undefined,
			close() {
				if (ownId !== null) nodes.delete(ownId);
				ownId = null;
				return Promise.resolve();
			}
		};
	}

	return { connect, cut: () => change(false), heal: () => change(true) };
}

/** The default: this server is the only one. */
export const createAloneBus = (): Bus => createInProcessExchange('process').connect();
