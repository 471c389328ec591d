import { describe, expect, it } from 'vitest';
import { checkServerUrl, ConfigProblem, socketUrl } from './config.ts';
import { instanceDirOf } from './stateDir.ts';

describe('socketUrl', () => {
	it('N12: goes over TLS, except to this machine', () => {
		expect(socketUrl({ server: 'https://quintet.example/base/', allowsPlainText: false })).toBe(
			'wss://quintet.example/base/agent/v1'
		);
		expect(socketUrl({ server: 'http://127.0.0.1:3000', allowsPlainText: false })).toBe(
			'ws://127.0.0.1:3000/agent/v1'
		);
		expect(() => socketUrl({ server: 'http://quintet.example', allowsPlainText: false })).toThrow(
			ConfigProblem
		);
		expect(() => checkServerUrl('http://127.0.0.1.example', false)).toThrow(ConfigProblem);
		expect(socketUrl({ server: 'http://10.0.0.1', allowsPlainText: true })).toBe('ws://10.0.0.1/agent/v1');
	});
});

describe('instanceDirOf', () => {
	it.each(['..', '../x', 'CON', 'a:b', '', 'a8098c1a-f86e-11da-bd1a-00112444be1e/..'])(
		'X10: makes no directory of %j',
		(accountId) => {
			expect(() => instanceDirOf('/instances', accountId)).toThrow();
		}
	);

	it('is the account’s id below its root', () => {
		expect(instanceDirOf('/instances', 'A8098C1A-F86E-41DA-8D1A-00112444BE1E')).toBe(
			'/instances/a8098c1a-f86e-41da-8d1a-00112444be1e'
		);
	});
});
