/** The demo of the worker that runs this test; the global set-up starts one for each. */
export interface OwnDemo {
	origin: string;
	dataDir: string;
}

const NAME = 'QUINTET_E2E_DEMOS';

/** The workers are processes of their own, and inherit the environment. */
export function tellWorkers(demos: readonly OwnDemo[]): void {
	process.env[NAME] = JSON.stringify(demos.map(({ origin, dataDir }) => ({ origin, dataDir })));
}

export function ownDemo(): OwnDemo {
	const demos = JSON.parse(process.env[NAME] ?? '[]') as OwnDemo[];
	const demo = demos[Number(process.env['TEST_PARALLEL_INDEX'])];
	if (!demo) throw new Error('no demo was started for this worker');
	return demo;
}
