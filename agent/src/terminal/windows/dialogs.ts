/** Which windows of a terminal keep it from working. Pure. */

/** Windows' own class of dialogs, which MetaTrader uses for all of its: Open an Account, Login, LiveUpdate. */
export const DIALOG_CLASS = '#32770';
export const MAIN_WINDOW_CLASS = 'MetaQuotes::MetaTrader::5.00';

export interface WindowFacts<Handle> {
	window: Handle;
	pid: number;
	className: string;
	isVisible: boolean;
}

/** Nobody sits before the machine: every dialog that a terminal shows waits for ever. */
export const dialogsOf = <Handle>(windows: readonly WindowFacts<Handle>[], pid: number): Handle[] =>
	windows
		.filter((facts) => facts.pid === pid && facts.isVisible && facts.className === DIALOG_CLASS)
		.map(({ window }) => window);

/** @returns null while there is none, as in a terminal that begins or ends */
export const mainWindowOf = <Handle>(windows: readonly WindowFacts<Handle>[], pid: number): Handle | null =>
	windows.find((facts) => facts.pid === pid && facts.className === MAIN_WINDOW_CLASS)?.window ?? null;
