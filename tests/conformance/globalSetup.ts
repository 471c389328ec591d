/** Builds the shim once, before the files that would each build it. */
import { buildShim, canBuild, LINUX } from '../../agent/mql5/shim/build.ts';

export default async function setup(): Promise<void> {
	if (canBuild(LINUX)) await buildShim();
}
