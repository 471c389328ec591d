import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { type WebFrames } from '#lib/protocol/frames.ts';
import { SETTINGS } from '../../../tests/support/fakeWeb.ts';
import { createLogger } from '../logger.ts';
import { type EaCommand } from '../supervisor/command.ts';
import { success } from '../supervisor/outcomes.ts';
import { type Pool } from '../supervisor/pool.ts';
import { CommandDesk } from './commandDesk.ts';
import { COMMAND_RULES } from './commandRules.ts';
import { type Outgoing } from './connection.ts';
import { Journal } from './journal.ts';
import { ServerTime } from './serverTime.ts';

const ACCOUNT = randomUUID();

/** A desk whose account is always there, and whose time passes when it is told to. */
function scene() {
	const sent: Outgoing[] = [];
	const taken: EaCommand[] = [];
	const waiting: Array<() => void> = [];
	const clock = {
		monotonicMs: () => 0,
		wallMs: () => 1_700_000_000_000,
		sleep: () => new Promise<void>((resolve) => waiting.push(resolve))
	};
	const pool = { accountOf: () => ({ epoch: 1 }), submit: (command: EaCommand) => void taken.push(command) };
	const desk = new CommandDesk({
		journal: new Journal(new DatabaseSync(':memory:'), clock.wallMs),
		pool: () => pool as unknown as Pool,
		rules: COMMAND_RULES,
		isSafeMode: () => false,
		clock,
		serverTime: new ServerTime(clock),
		logger: createLogger('silent'),
		send: (frame) => sent.push(frame) > 0
	});
	desk.onLine();
	desk.onSynced();
	return {
		desk,
		accept(): EaCommand {
			desk.onCommand({
				v: 1,
				id: '1',
				type: 'command',
				commandId: randomUUID(),
				accountId: ACCOUNT,
				generation: taken.length + 1,
				epoch: 1,
				kind: 'stop_ea',
				closePositions: false,
				settings: SETTINGS,
				notAfterMs: null,
				signature: ''
			} as WebFrames['command']);
			const command = taken.at(-1);
			if (!command) throw new Error('the command was not taken');
			return command;
		},
		/** Everything that was waited for is over. */
		async pass() {
			for (const over of waiting.splice(0)) over();
			await Promise.resolve();
			await Promise.resolve();
		},
		told: () => sent.map((frame) => (frame.type === 'progress' ? frame.stage : frame.type))
	};
}

describe('what is told of a command at work', () => {
	it('is the stage that lasts, not those that were over before', async () => {
		const { desk, accept, pass, told } = scene();
		const command = accept();
		desk.progress(command, 'first', null);
		desk.progress(command, 'second', null);
		expect(told()).toEqual([]);
		await pass();
		expect(told()).toEqual(['second']);
		desk.progress(command, 'third', null);
		await pass();
		expect(told()).toEqual(['second', 'third']);
	});

	it('is nothing any more once its outcome is told', async () => {
		const { desk, accept, pass, told } = scene();
		const command = accept();
		desk.finish(command, success('stopped', null));
		await pass();
		expect(told()).toEqual(['result']);
	});

	it('of each command by itself', async () => {
		const { desk, accept, pass, told } = scene();
		desk.finish(accept(), success('stopped', null));
		desk.progress(accept(), 'closing', null);
		await pass();
		expect(told()).toEqual(['result', 'closing']);
	});
});
