import { defineConfig } from 'vitest/config';

/** Unit tests lie beside their file; what needs a database or processes lies under tests/. */
export default defineConfig({
	test: {
		reporters: ['default'],
		projects: [
			{
				test: {
					name: 'unit',
					include: ['src/**/*.test.ts', 'agent/**/*.test.ts', 'scripts/**/*.test.ts'],
					environment: 'node',
					// Property tests, and disks, on a machine under load.
					testTimeout: 30_000,
					hookTimeout: 30_000
				}
			},
			{
				test: {
					name: 'integration',
					include: [
						'tests/integration/**/*.test.ts',
						'tests/security/**/*.test.ts',
						'tests/nodes/{inProcess,alone,restarted}.test.ts'
					],
					environment: 'node',
					globalSetup: ['tests/support/globalSetup.ts'],
					testTimeout: 120_000,
					hookTimeout: 120_000,
					// Every file starts processes of its own, and waits for them more than they work.
					maxWorkers: 3
				}
			},
			{
				test: {
					// The fault table, row by row (docs/faults.md).
					name: 'simulation',
					include: ['tests/simulation/**/*.test.ts'],
					environment: 'node',
					// Virtual time, but real work; a loaded machine does it more slowly.
					testTimeout: 300_000
				}
			},
			{
				test: {
					name: 'faults',
					include: ['tests/faults/**/*.test.ts'],
					environment: 'node',
					globalSetup: ['tests/support/globalSetup.ts'],
					testTimeout: 120_000,
					hookTimeout: 120_000,
					// They wait for time limits more than they work.
					maxWorkers: 3
				}
			},
			{
				test: {
					// The MQL5 sources in the C++ shim need g++: `npm run test:conformance`.
					name: 'conformance',
					include: ['tests/conformance/*.test.ts'],
					environment: 'node',
					globalSetup: ['tests/conformance/globalSetup.ts'],
					testTimeout: 120_000,
					hookTimeout: 120_000,
					maxWorkers: 2
				}
			},
			{
				test: {
					// Fifty terminals: needs memory and minutes, `npm run test:fifty`.
					name: 'fifty',
					include: ['tests/fifty/**/*.test.ts'],
					environment: 'node',
					maxWorkers: 1
				}
			},
			{
				test: {
					// Needs redis-server: `npm run test:nodes`.
					name: 'nodes',
					include: ['tests/nodes/redis*.test.ts'],
					environment: 'node',
					globalSetup: ['tests/support/globalSetup.ts'],
					testTimeout: 120_000,
					hookTimeout: 120_000,
					maxWorkers: 1
				}
			},
			{
				test: {
					// Needs root, mmdebstrap and the network once: `npm run test:windows`.
					name: 'windows',
					include: ['tests/windows/**/*.test.ts'],
					environment: 'node',
					globalSetup: ['tests/windows/support/globalSetup.ts'],
					testTimeout: 120_000,
					hookTimeout: 180_000,
					// One Windows at a time.
					fileParallelism: false
				}
			}
		]
	}
});
