/**
 * An agent's line, as light as it can be: the real protocol (challenge, signature, sync) and nothing behind it. For
 * measuring the server under many lines.
 */
import { sign, type KeyObject } from 'node:crypto';
import WebSocket from 'ws';
import { encodeFrame } from '#lib/protocol/codec.ts';
import type { WebFrames } from '#lib/protocol/frames.ts';
import { authMessage } from '#lib/protocol/signed.ts';

/** These agents check no signature, so theirs need not be fresh. */
const AGENT_NONCE = 'n'.repeat(32);

export interface LineAgent {
	agentId: string;
	key: KeyObject;
	/** What the agent's disk would hold. */
	connSeq: number;
}

export interface AgentLine {
	socket: WebSocket;
	accounts: { accountId: string; epoch: number }[];
}

export interface LineCallbacks {
	onCommand?: (command: WebFrames['command'], socket: WebSocket) => void;
	/** The line ended after it was ready. */
	onEnd?: () => void;
}

/** @returns the line once its accounts are known @throws when it ends before */
export function connectAgent(
	url: string,
	agent: LineAgent,
	{ onCommand, onEnd }: LineCallbacks = {}
): Promise<AgentLine> {
	return new Promise((done, fail) => {
		const socket = new WebSocket(url, { perMessageDeflate: false });
		const line: AgentLine = { socket, accounts: [] };
		let isReady = false;
		socket.once('error', fail);
		socket.once('close', (code) => (isReady ? onEnd?.() : fail(new Error(`closed with ${code}`))));
		socket.on('message', (bytes: Buffer) => {
			const text = bytes.toString();
			if (text.includes('"type":"command"')) onCommand?.(JSON.parse(text) as WebFrames['command'], socket);
			else if (text.includes('"type":"challenge"')) prove(socket, agent, text);
			else if (text.includes('"type":"welcome"')) {
				const { connSeq } = JSON.parse(text) as WebFrames['welcome'];
				agent.connSeq = connSeq;
				socket.send(encodeFrame({ type: 'ready', connSeq }));
			} else if (text.includes('"type":"sync"')) {
				const sync = JSON.parse(text) as WebFrames['sync'];
				line.accounts.push(...sync.accounts);
				if (!sync.isLast) return;
				isReady = true;
				done(line);
			}
		});
	});
}

function prove(socket: WebSocket, { agentId, connSeq, key }: LineAgent, challenge: string): void {
	const { nonce } = JSON.parse(challenge) as WebFrames['challenge'];
	socket.send(
		encodeFrame({
			type: 'hello',
			agentId,
			agentVersion: 'bench',
			capabilities: [],
			machine: { hostname: 'bench', platform: 'linux', release: '6', cpus: 2, memoryMb: 4096 },
			capacity: 50,
			connSeqSeen: connSeq,
			nonce: AGENT_NONCE
		})
	);
	const session = { agentId, serverNonce: nonce, agentNonce: AGENT_NONCE };
	const signature = sign(null, authMessage(session, connSeq), key);
	socket.send(encodeFrame({ type: 'auth', signature: signature.toString('base64url') }));
}

/** The bare line: open, one message there and one back. */
export function connectBare(url: string, onEnd: () => void = () => undefined): Promise<WebSocket> {
	return new Promise((done, fail) => {
		const socket = new WebSocket(url, { perMessageDeflate: false });
		let isReady = false;
		socket.once('error', fail);
		socket.once('close', () => (isReady ? onEnd() : fail(new Error('closed'))));
		socket.once('open', () => socket.send('hello'));
		socket.once('message', () => {
			isReady = true;
			done(socket);
		});
	});
}
