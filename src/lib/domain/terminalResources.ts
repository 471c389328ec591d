/** What a terminal takes of its machine, and when the handles of windows and drawing objects get tight. */

export interface TerminalResources {
	workingSetMb: number;
	privateMb: number;
	gdiHandles: number;
	userHandles: number;
}

export const HANDLES_OF_A_PROCESS = 10_000;
export const HANDLES_OF_A_SESSION = 65_536;
const TIGHT = 0.8;

type Handles = Pick<TerminalResources, 'gdiHandles' | 'userHandles'>;

const isTight = ({ gdiHandles, userHandles }: Handles, limit: number): boolean =>
	Math.max(gdiHandles, userHandles) >= limit * TIGHT;

/** A program that has used them up draws no window any more, and takes no press. */
export const isNearHandleLimit = (of: Handles): boolean => isTight(of, HANDLES_OF_A_PROCESS);

/** All terminals of a machine share one session. */
export function isSessionNearHandleLimit(terminals: readonly Handles[]): boolean {
	const sum = { gdiHandles: 0, userHandles: 0 };
	for (const { gdiHandles, userHandles } of terminals) {
		sum.gdiHandles += gdiHandles;
		sum.userHandles += userHandles;
	}
	return isTight(sum, HANDLES_OF_A_SESSION);
}
