import { describe, expect, it } from 'vitest';
import { commandLine } from './commandLine.ts';
import { isOwnFolder, userSidIn } from './agentService.ts';

describe('the folder above program and state', () => {
	const OURS = ['program', 'agent'];

	it('is closed when nothing but ours lies in it', () => {
		expect(isOwnFolder('C:\\Quintet', ['program', 'Agent'], OURS)).toBe(true);
		expect(isOwnFolder('C:\\Quintet', ['program'], OURS)).toBe(true);
	});

	it('is left as it is when others have something there, or when it is a whole disk', () => {
		expect(isOwnFolder('C:\\Tools', ['program', 'agent', 'other'], OURS)).toBe(false);
		expect(isOwnFolder('C:\\', ['program', 'agent'], OURS)).toBe(false);
	});
});

describe('the user of the service', () => {
	it('is read back from the command line that Windows runs', () => {
		const args = ['C:\\Quintet\\program\\agent.mjs', 'service', 'run', '--state-dir', 'C:\\a b'];
		const line = commandLine('C:\\Quintet\\program\\node.exe', [...args, '--user-sid', 'S-1-5-21-7-1001']);
		expect(userSidIn(line)).toBe('S-1-5-21-7-1001');
	});

	it('is nobody where the line does not say it', () => {
		expect(userSidIn('"C:\\x\\node.exe" agent.mjs service run')).toBeNull();
	});
});
