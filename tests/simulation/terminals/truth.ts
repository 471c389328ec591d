/** What is true of a terminal, as opposed to what anybody knows. */
export interface Truth {
	isUp: boolean;
	/** Generation of the EA on the chart; null without one. */
	generation: number | null;
	isAlgoOn: boolean;
	isReady: boolean;
	isConnected: boolean;
	login: string;
}

export const DOWN: Truth = {
	isUp: false,
	generation: null,
	isAlgoOn: false,
	isReady: false,
	isConnected: false,
	login: '0'
};

export const isTrading = ({ isUp, generation, isAlgoOn }: Truth): boolean =>
	isUp && generation !== null && isAlgoOn;

/** What the page may call it, as far as the terminal alone decides it. */
export function algoOf(truth: Truth): 'down' | 'stopped' | 'paused' | 'up' {
	if (!truth.isUp) return 'down';
	if (truth.generation === null) return 'stopped';
	return truth.isAlgoOn ? 'up' : 'paused';
}

/** `running` and `degraded` differ by more than the terminal's truth. */
export const isSameState = (truth: ReturnType<typeof algoOf>, shown: string): boolean =>
	truth === 'up' ? shown === 'running' || shown === 'degraded' : shown === truth;
