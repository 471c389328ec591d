import type { MachineStopView } from '#lib/domain/operatorViews.ts';
import type { App, Caller } from '../app.ts';
import { notFound } from '../errors.ts';
import { toAppError } from '../http/api.ts';
import { sendStops, type StopOrder } from './issueCommand.ts';

/** In one commit: a machine of two hundred traders is stopped several times sooner than one by one. */
const TRADERS_PER_COMMIT = 25;
/** More commits at once would only queue for connections. */
const SIDE_BY_SIDE = 4;

/**
 * Stops the algos of all accounts on one machine: one Stop per trader, as if each had pressed, with the
 * operator's name on it. Positions stay, whatever the traders' settings say: closing is their decision. Does
 * not wait for the terminals. One trader's fault does not keep the others from being stopped.
 * @throws AppError NOT_FOUND
 */
export async function stopMachine(
	app: App,
	operator: Caller,
	operatorName: string,
	agentId: string
): Promise<MachineStopView> {
	const agent = await app.db.prisma.agent.findFirst({ where: { id: agentId }, select: { id: true } });
	if (!agent) throw notFound('The agent');
	const assignments = await app.db.prisma.mt5AccountAssignment.findMany({
		where: { agentId },
		select: { accountId: true, account: { select: { userId: true } } }
	});
	const accounts = assignments.map(({ accountId, account }) => ({ accountId, userId: account.userId }));
	return stopAccounts(app, operator, operatorName, accounts);
}

/** The same for these accounts, whichever machine they are on. */
export async function stopAccounts(
	{ core, logger }: Pick<App, 'core' | 'logger'>,
	operator: Caller,
	operatorName: string,
	accounts: ReadonlyArray<{ accountId: string; userId: string }>
): Promise<MachineStopView> {
	const byTrader = Map.groupBy(accounts, ({ userId }) => userId);
	const orders = [...byTrader].map(([userId, own]): StopOrder => ({
		caller: { ...operator, userId, operator: { userId: operator.userId, name: operatorName } },
		accountIds: own.map(({ accountId }) => accountId)
	}));
	const answer: MachineStopView = {
		traders: orders.length,
		accounts: accounts.length,
		sentAccounts: 0,
		failures: []
	};

	async function stop(together: readonly StopOrder[]): Promise<void> {
		const sent = await sendStops(core, together);
		for (const { accounts: results } of sent)
			answer.sentAccounts += results.filter(({ status }) => status === 'pending').length;
	}
	async function stopAlone(order: StopOrder): Promise<void> {
		const { userId } = order.caller;
		try {
			await stop([order]);
		} catch (error) {
			logger.error({ err: error, userId }, 'accounts of a machine could not be stopped');
			answer.failures.push({ traderId: userId, message: toAppError(error).message });
		}
	}
	async function stopNext(): Promise<void> {
		for (;;) {
			const together = orders.splice(0, TRADERS_PER_COMMIT);
			if (together.length === 0) return;
			try {
				await stop(together);
			} catch (error) {
				logger.warn({ err: error }, 'traders of a machine could not be stopped together; each is alone');
				for (const order of together) await stopAlone(order);
			}
		}
	}
	await Promise.all(Array.from({ length: SIDE_BY_SIDE }, stopNext));
	return answer;
}
