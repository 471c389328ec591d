import type { MachineStopView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { notFound } from '../errors.ts';
import { toAppError } from '../http/api.ts';
import { sendCommand } from './issueCommand.ts';

/** Traders are independent of each other, so they go side by side; more would only queue for connections. */
const SIDE_BY_SIDE = 8;

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
	const byTrader = [...Map.groupBy(accounts, ({ userId }) => userId)];
	const answer: MachineStopView = {
		traders: byTrader.length,
		accounts: accounts.length,
		sentAccounts: 0,
		failures: []
	};

	async function stopNext(): Promise<void> {
		for (let next = byTrader.shift(); next; next = byTrader.shift()) {
			const [userId, own] = next;
			const accountIds = own.map(({ accountId }) => accountId);
			const stop = { command: 'stop_ea', accountIds, closePositions: false } as const;
			try {
				const caller = { ...operator, userId, operator: { userId: operator.userId, name: operatorName } };
				const { sent } = await sendCommand(core, caller, stop, null);
				answer.sentAccounts += sent?.accounts.filter(({ status }) => status === 'pending').length ?? 0;
			} catch (error) {
				logger.error({ err: error, userId }, 'accounts of a machine could not be stopped');
				answer.failures.push({ traderId: userId, message: toAppError(error).message });
			}
		}
	}
	await Promise.all(Array.from({ length: SIDE_BY_SIDE }, stopNext));
	return answer;
}
