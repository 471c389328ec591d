/**
 * Everything the moving of accounts reads and writes, as one port: PostgreSQL behind it in the product
 * (sqlMoveStore.ts), memory in the simulation. Each operation is one transaction with the trader's row locked, so
 * that no command of that trader comes in between.
 */
import type { MoveFacts, ReleaseReason } from '#lib/domain/accountMove.ts';

/** Who ordered a move. */
export interface MoveOperator {
	userId: string;
	name: string;
	ip: string | null;
	userAgent: string | null;
}

export interface MoveOrder {
	accountId: string;
	toAgentId: string;
	/** The operator states that the old machine is off for good: the account goes over at once, without its proof. */
	isMachineGone: boolean;
	operator: MoveOperator;
}

export interface OpenMove extends MoveFacts {
	accountId: string;
	userId: string;
	agentId: string;
	epoch: number;
	toAgentId: string;
	requestedAt: Date;
	requestedBy: { userId: string; name: string };
}

export interface Release {
	accountId: string;
	agentId: string;
	epoch: number;
}

/** What changed of an account, for pages and lines: all hear of it after the commit. */
export interface MoveChange {
	accountId: string;
	userId: string;
	/** The agent that has the account no more, and its last epoch; null when it stays where it is. */
	left: Omit<Release, 'accountId'> | null;
	eventSeq: bigint;
}

export interface MoveStore {
	/**
	 * Notes a move, gives one that is under way another target, or, with `isMachineGone`, moves at once.
	 * @throws AppError NOT_FOUND, MOVE_REFUSED; then nothing was written
	 */
	begin(order: MoveOrder): Promise<MoveChange>;
	/**
	 * Gives the move up. If the old agent was asked to let go already, it gets the account anew, under a new epoch.
	 * @throws AppError NOT_FOUND, MOVE_REFUSED when nothing moves
	 */
	cancel(accountId: string, operator: MoveOperator): Promise<MoveChange>;
	openMoves(): Promise<OpenMove[]>;
	/** From now on the old agent is to let go, unless something came in between. @returns whether it is so */
	askRelease(move: Pick<OpenMove, 'accountId' | 'userId' | 'epoch'>): Promise<boolean>;
	/** What came to an agent within the last minute; the word that should have told it may have been lost. */
	arrivedLately(): Promise<Release[]>;
	/** What agents were asked to let go and have not proven: of these agents, or of all. */
	openReleases(agentIds?: readonly string[]): Promise<Release[]>;
	/** The agent has proven it. @returns why it was asked; null when it was not, or is no more */
	noteReleased(release: Release): Promise<ReleaseReason | null>;
	/** The account goes over, if the proof is there and the target is fit. @returns null when not */
	finish(move: Pick<OpenMove, 'accountId' | 'userId' | 'epoch'>): Promise<MoveChange | null>;
}
