/** Who there is: two traders and their accounts, and the agents' rows in the database. */
import { type Broker } from './broker.ts';
import { type Chance } from './random.ts';
import { type MemoryAccount, type MemoryDatabase } from './memoryDatabase.ts';

const SETTINGS = {
	defaultMaxLotSize: '1.00',
	defaultMaxLoss: '500.00',
	defaultSafetyMode: 'GREEN',
	defaultClosePositionsOnStop: false
} as const;

const PASSWORD = 'right-password';

export interface Population {
	userIds: string[];
	accountIds: string[];
}

/** Trader 1 has two accounts, one on each machine; trader 2 has one, beside trader 1's. */
export function populate(
	database: MemoryDatabase,
	broker: Broker,
	chance: Chance,
	newId: () => string
): Population {
	const [first, second] = [...database.agents.keys()];
	const userIds = [newId(), newId()];
	for (const userId of userIds) database.users.set(userId, { eventSeq: 0n });
	const accountIds: string[] = [];
	for (const [owner, agentId] of [
		[userIds[0], first],
		[userIds[0], second],
		[userIds[1], first]
	]) {
		if (owner === undefined || agentId === undefined) continue;
		const agentName = database.agents.get(agentId)?.name ?? '';
		const keys = { id: newId(), userId: owner, agentId, agentName };
		const policy = {
			resumesByItself: chance.hits(0.7),
			pauseAfterLossMinutes: chance.pick([null, null, 1, 2])
		};
		const account = { ...newAccount(accountIds.length), ...keys, ...policy };
		accountIds.push(account.id);
		database.accounts.set(account.id, account);
		broker.register(account.id, account.accountNumber, PASSWORD);
	}
	return { userIds, accountIds };
}

export function addAgent(database: MemoryDatabase, id: string, name: string): void {
	database.agents.set(id, {
		id,
		name,
		publicKey: name,
		previousPublicKey: null,
		isApproved: true,
		lockReason: null,
		counter: { accepted: 0, confirmed: 0 },
		nodeId: null,
		lastSeenAtMs: 0
	});
}

function newAccount(n: number) {
	return {
		...SETTINGS,
		accountNumber: `${500_001 + n}`,
		name: `Account ${n + 1}`,
		broker: 'Simulated',
		serverName: 'Sim-Demo',
		currency: 'USD',
		kind: 'DEMO',
		status: 'ACTIVE',
		isEnabledForTrading: true,
		isPrimary: false,
		maxLotSize: null,
		maxLoss: null,
		safetyMode: null,
		closePositionsOnStop: null,
		isWatchdogOn: true,
		watchdogAskedAt: null,
		isConnectionWanted: true,
		tags: [],
		reconnectAskedAt: null,
		canAgentDisconnect: true,
		expertPath: 'Quintet\\EATemplate',
		expertSymbol: 'EURUSD',
		expertTimeframe: 'M15',
		expertMagic: 505_001,
		expertFileId: null,
		expertFile: null,
		canAgentFetchExperts: true,
		wanted: 'STOPPED',
		wantedGeneration: '0',
		wantedAt: null,
		seen: null,
		seenAt: null,
		epoch: 1,
		agentLastSeenAt: null,
		needsPassword: false,
		sealedPassword: PASSWORD,
		agentSealKey: null,
		assignedAt: null,
		moveToAgentId: null,
		moveToAgentName: null,
		moveRequestedAt: null,
		isReleasing: false
	} satisfies Partial<MemoryAccount>;
}
