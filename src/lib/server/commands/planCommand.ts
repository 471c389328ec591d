/** Decides, from the rows the transaction locked, what a command means on each account. No I/O. */
import { isReached, type CommandKind, type ResultStatus } from '#lib/domain/commandLifecycle.ts';
import { hasTag } from '#lib/domain/tags.ts';
import type { AccountRow } from '../accounts/accountRows.ts';
import { AppError, notFound } from '../errors.ts';
import type { AgentRoute } from '../bus/otherNodes.ts';
import type { CommandInput } from './commandInput.ts';

export interface PlannedResult {
	row: AccountRow;
	status: Extract<ResultStatus, 'dispatched' | 'waiting' | 'agent_offline' | 'failed'>;
	errorCode: string | null;
	error: string | null;
	/** The wanted state changes with this command; a Start that is refused at once changes nothing. */
	isWanted: boolean;
}

const WORD = { start_ea: 'Start', pause_ea: 'Pause', stop_ea: 'Stop' } as const;

/**
 * @throws AppError NO_ENABLED_ACCOUNT, ACCOUNT_NOT_ENABLED, NOT_FOUND (also for another trader's account)
 */
export function planCommand(
	input: CommandInput,
	rows: readonly AccountRow[],
	routeOf: (agentId: string) => AgentRoute
): PlannedResult[] {
	return chooseAccounts(input, rows).map((row) => {
		if (row.moveToAgentId !== null && (input.command === 'start_ea' || row.isReleasing))
			return { row, ...whileMoving(input.command, row) };
		if (!row.isConnectionWanted && input.command === 'start_ea') return { row, ...DISCONNECTED };
		if (row.expertFileId !== null && row.canAgentFetchExperts === false && input.command === 'start_ea')
			return { row, ...agentTooOld(row) };
		const route = row.agentId === null ? 'none' : routeOf(row.agentId);
		if (route === 'here' || route === 'elsewhere')
			return { row, status: 'dispatched', errorCode: null, error: null, isWanted: true };
		if (route === 'unreachable') return { row, ...outOfReach(input.command, row) };
		return { row, ...withoutAgent(input.command, row) };
	});
}

const DISCONNECTED: Omit<PlannedResult, 'row'> = {
	status: 'failed',
	errorCode: 'account_disconnected',
	error:
		'You disconnected this account, so its terminal is down. Nothing was started: connect it on the Accounts page, then press Start again.',
	isWanted: false
};

/** It would load whatever lies at the path, which is nothing, or say that it did. */
const agentTooOld = ({ agentName }: AccountRow): Omit<PlannedResult, 'row'> => ({
	status: 'failed',
	errorCode: 'agent_too_old',
	error: `The agent ${agentName ?? ''} is too old to fetch the EA that you uploaded. Nothing was started: ask the operator to update it, or deploy an EA that is on the machine, then press Start again.`,
	isWanted: false
});

function chooseAccounts(input: CommandInput, rows: readonly AccountRow[]): AccountRow[] {
	if (input.accountIds) {
		const ids = new Set(input.accountIds);
		const chosen = rows.filter((row) => ids.has(row.id));
		if (chosen.length < ids.size) throw notFound('One of the accounts');
		const off = chosen.find((row) => !row.isEnabledForTrading);
		if (off && input.command === 'start_ea')
			throw new AppError(
				'ACCOUNT_NOT_ENABLED',
				`Account ${off.accountNumber} is not switched on. Switch it on in Settings first.`
			);
		return chosen;
	}
	const { tag } = input;
	const chosen = input.everyAccount
		? [...rows]
		: rows.filter((row) => isReached(input.command, row) && (tag === undefined || hasTag(row, tag)));
	if (chosen.length === 0 && input.everyAccount)
		throw new AppError('NO_ENABLED_ACCOUNT', 'You have no account yet, so there is nothing to stop.');
	if (chosen.length === 0 && tag !== undefined)
		throw new AppError(
			'NO_ENABLED_ACCOUNT',
			`No account that is switched on has the tag “${tag}”. Give it to one, or switch one on that has it.`
		);
	if (chosen.length === 0)
		throw new AppError(
			'NO_ENABLED_ACCOUNT',
			`${WORD[input.command]} goes to the accounts that are switched on, and none is. Open Settings on the dashboard and switch one on.`
		);
	return chosen;
}

/** Nothing starts on a machine that the account is leaving; what stops goes where it is going, if not there. */
function whileMoving(command: CommandKind, row: AccountRow): Omit<PlannedResult, 'row'> {
	const moving = `The account is being moved from ${row.agentName ?? 'its machine'} to ${row.moveToAgentName ?? 'another one'}`;
	if (command === 'start_ea')
		return {
			status: 'failed',
			errorCode: 'account_moving',
			error: `${moving}. Nothing was started; press Start again when it is there.`,
			isWanted: false
		};
	return {
		status: 'waiting',
		errorCode: 'account_moving',
		error: `${moving}; its algo was stopped, and its terminal is being closed. ${WORD[command]} will be confirmed on the new machine.`,
		isWanted: true
	};
}

/** Another server has the agent's line and cannot be told; it looks into the database by itself. */
function outOfReach(command: CommandKind, row: AccountRow): Omit<PlannedResult, 'row'> {
	const agent = `The agent ${row.agentName ?? ''} is connected to another server process, which this one cannot reach.`;
	if (command === 'start_ea')
		return {
			status: 'agent_offline',
			errorCode: 'agent_elsewhere',
			error: `${agent} Nothing was sent, and nothing will start later. Press Start again when the servers have found each other; if that does not happen, the operator must set REDIS_URL on all of them.`,
			isWanted: false
		};
	return {
		status: 'waiting',
		errorCode: 'agent_elsewhere',
		error: `${agent} ${WORD[command]} will apply as soon as that server finds it in the database, within seconds.`,
		isWanted: true
	};
}

function withoutAgent(command: CommandKind, row: AccountRow): Omit<PlannedResult, 'row'> {
	const agent = row.agentName === null ? null : `The agent ${row.agentName} is not connected.`;
	if (command === 'start_ea')
		return {
			status: 'agent_offline',
			errorCode: row.agentId === null ? 'unassigned' : 'agent_offline',
			error: agent
				? `${agent} Nothing was sent, and nothing will start later. Press Start again when it is back.`
				: 'No agent has room for this account. Ask the operator to enrol one, then press Start again.',
			isWanted: false
		};
	return {
		status: 'waiting',
		errorCode: row.agentId === null ? 'unassigned' : 'agent_offline',
		error: agent
			? `${agent} ${WORD[command]} will apply as soon as the agent is back.`
			: `No agent holds this account yet. ${WORD[command]} will apply as soon as one does.`,
		isWanted: true
	};
}
