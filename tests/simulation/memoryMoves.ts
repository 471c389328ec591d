/** The moving of accounts on the tables in memory, as the SQL of the product does it. */
import { isFinal } from '#lib/domain/commandLifecycle.ts';
import { AppError, notFound } from '#lib/server/errors.ts';
import { type MoveChange, type MoveStore } from '#lib/server/moves/moveStore.ts';
import { refusalOf } from '#lib/server/moves/refusal.ts';
import { type MemoryAccount, type MemoryDatabase } from './memoryDatabase.ts';

const CAPACITY = 10;
const NO_MOVE = { moveToAgentId: null, moveToAgentName: null, moveRequestedAt: null, moveRequestedBy: null };

type Held = MemoryAccount & { agentId: string; epoch: number };

export function memoryMoves(db: MemoryDatabase, session: object): MoveStore {
	const find = (accountId: string): Held => {
		const account = db.accounts.get(accountId);
		if (!account || account.agentId === null || account.epoch === null) throw notFound('The account');
		return account as Held;
	};
	const isFit = (agentId: string): boolean => {
		const agent = db.agents.get(agentId);
		return agent?.isApproved === true && agent.lockReason === null;
	};
	const openResults = (accountId: string): number =>
		[...db.results.values()].filter(
			(result) => result.accountId === accountId && (result.status === 'waiting' || !isFinal(result.status))
		).length;
	const changed = ({ id, userId }: Held, left: MoveChange['left']): MoveChange => ({
		accountId: id,
		userId,
		left,
		eventSeq: db.count(userId)
	});
	const goOver = (account: Held, toAgentId: string): void => {
		const { id } = account;
		db.releases.delete(`${id} ${account.agentId}`);
		db.releases.delete(`${id} ${toAgentId}`);
		Object.assign(account, NO_MOVE, {
			agentId: toAgentId,
			agentName: db.agents.get(toAgentId)?.name ?? '',
			epoch: account.epoch + 1,
			assignedAt: new Date(db.nowMs())
		});
	};
	/** The release that was asked of the present holder under the present epoch. */
	const releaseOf = ({ id, agentId, epoch }: Held) => {
		const release = db.releases.get(`${id} ${agentId}`);
		return release?.epoch === epoch ? release : null;
	};

	return {
		begin: ({ accountId, toAgentId, isMachineGone, operator }) =>
			db.locked(find(accountId).userId, session, () => {
				const account = find(accountId);
				const { agentId, epoch, moveToAgentId } = account;
				const to = { id: toAgentId, name: toAgentId, isFit: isFit(toAgentId), capacity: CAPACITY, used: 0 };
				const from = {
					id: agentId,
					name: agentId,
					isConnected: db.isConnected(agentId),
					isRevoked: false,
					isLocked: db.agents.get(agentId)?.lockReason !== null,
					canRelease: true
				};
				const refusal = refusalOf({ account: { agentId, epoch, moveToAgentId }, from, to }, isMachineGone);
				if (refusal !== null) throw new AppError('MOVE_REFUSED', refusal);
				if (!isMachineGone) {
					Object.assign(account, {
						moveToAgentId: toAgentId,
						moveToAgentName: db.agents.get(toAgentId)?.name ?? '',
						moveRequestedAt: account.moveRequestedAt ?? new Date(db.nowMs()),
						moveRequestedBy: { userId: operator.userId, name: operator.name }
					});
					return changed(account, null);
				}
				goOver(account, toAgentId);
				db.releases.set(`${accountId} ${agentId}`, {
					accountId,
					agentId,
					epoch,
					reason: 'machine_gone',
					isProven: false
				});
				if (account.wanted === 'RUNNING')
					Object.assign(account, {
						wanted: 'STOPPED',
						wantedGeneration: (Number(account.wantedGeneration) + 1).toString()
					});
				return changed(account, { agentId, epoch });
			}),

		cancel: (accountId) =>
			db.locked(find(accountId).userId, session, () => {
				const account = find(accountId);
				if (account.moveToAgentId === null) throw new AppError('MOVE_REFUSED', 'Nothing moves.');
				if (releaseOf(account)) {
					db.releases.delete(`${accountId} ${account.agentId}`);
					account.epoch += 1;
					account.assignedAt = new Date(db.nowMs());
				}
				Object.assign(account, NO_MOVE);
				return changed(account, null);
			}),

		openMoves: async () =>
			[...db.accounts.values()].flatMap((each) => {
				const { id: accountId, userId, agentId, epoch, moveToAgentId, moveRequestedAt, wanted } = each;
				if (!moveToAgentId || !moveRequestedAt || agentId === null || epoch === null) return [];
				const release = releaseOf(each as Held);
				return {
					accountId,
					userId,
					agentId,
					epoch,
					toAgentId: moveToAgentId,
					requestedAt: moveRequestedAt,
					requestedBy: each.moveRequestedBy ?? { userId: '', name: '' },
					wanted,
					openResults: openResults(accountId),
					release: release ? (release.isProven ? 'proven' : 'asked') : 'none',
					isTargetFit: isFit(moveToAgentId)
				} as const;
			}),

		askRelease: ({ accountId, userId, epoch }) =>
			db.locked(userId, session, () => {
				const account = find(accountId);
				const { agentId } = account;
				const isRefused =
					account.epoch !== epoch ||
					account.moveToAgentId === null ||
					account.wanted === 'RUNNING' ||
					openResults(accountId) > 0 ||
					releaseOf(account) !== null;
				if (isRefused) return false;
				const release = { accountId, agentId, epoch, reason: 'move', isProven: false } as const;
				db.releases.set(`${accountId} ${agentId}`, release);
				return true;
			}),

		arrivedLately: async () =>
			[...db.accounts.values()].flatMap(({ id: accountId, agentId, epoch, assignedAt, ...rest }) => {
				const isLate = assignedAt !== null && assignedAt.getTime() > db.nowMs() - 60_000;
				if (!isLate || agentId === null || epoch === null || epoch === 1) return [];
				const isLeaving = releaseOf({ id: accountId, agentId, epoch, assignedAt, ...rest }) !== null;
				return isLeaving ? [] : { accountId, agentId, epoch };
			}),

		openReleases: async (agentIds) =>
			[...db.releases.values()]
				.filter(({ agentId, isProven }) => !isProven && (!agentIds || agentIds.includes(agentId)))
				.map(({ accountId, agentId, epoch }) => ({ accountId, agentId, epoch })),

		noteReleased: async ({ accountId, agentId, epoch }) => {
			const key = `${accountId} ${agentId}`;
			const release = db.releases.get(key);
			if (!release || release.epoch !== epoch) return null;
			const account = db.accounts.get(accountId);
			const isMoving =
				account?.agentId === agentId && account.epoch === epoch && account.moveToAgentId !== null;
			if (!isMoving) db.releases.delete(key);
			else if (release.isProven) return null;
			else release.isProven = true;
			return release.reason;
		},

		finish: ({ accountId, userId, epoch }) =>
			db.locked(userId, session, () => {
				const account = find(accountId);
				const { agentId, moveToAgentId } = account;
				if (account.epoch !== epoch || moveToAgentId === null || !isFit(moveToAgentId)) return null;
				if (releaseOf(account)?.isProven !== true) return null;
				goOver(account, moveToAgentId);
				return changed(account, { agentId, epoch });
			})
	};
}
