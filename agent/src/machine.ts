/** The machine, as the server's operator pages show it. */
import { availableParallelism, hostname, platform, release, totalmem } from 'node:os';
import { type Machine } from '#lib/protocol/frames.ts';

export const describeMachine = (): Machine => ({
	hostname: hostname().slice(0, 100),
	platform: platform(),
	release: release().slice(0, 100),
	cpus: availableParallelism(),
	memoryMb: Math.max(1, Math.round(totalmem() / 1024 / 1024))
});
