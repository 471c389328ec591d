import { World } from './world.ts';
const [f, n] = process.argv.slice(2).map(Number);
for (let s = f as number; s < (f as number) + (n as number); s++) {
	const t = performance.now();
	const w = new World({ seed: s });
	let e = '';
	const timer = setInterval(() => {}, 1e6);
	const r = await Promise.race([
		w.run().catch((x) => {
			e = String(x.stack).slice(0, 300);
			return null;
		}),
		new Promise((res) =>
			setTimeout(() => {
				e = 'real-time hang at ' + w.timeline.nowMs;
				res(null);
			}, 20000)
		)
	]);
	clearInterval(timer);
	console.log(s, Math.round(performance.now() - t), 'ms', w.timeline.happened, 'events', e);
}
process.exit();
