/** What a broker lends an account: MetaTrader 5's equity is balance, credit and floating profit together. */
import { addDecimals, multiplyDecimals } from './decimal.ts';

interface Amounts {
	balance: string;
	equity: string;
	floatingProfit: string;
}

/** Exact, since the bridge works out the floating profit as equity − balance − credit (Status.mqh). */
export const creditOf = ({ balance, equity, floatingProfit }: Amounts): string =>
	addDecimals(equity, multiplyDecimals('-1', balance), multiplyDecimals('-1', floatingProfit));
