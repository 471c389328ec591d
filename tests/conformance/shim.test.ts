/**
 * The bridge contract against the MQL5 bridge itself, run by the C++ shim. Needs g++: `npm run test:conformance`.
 */
import { buildShim } from '../../agent/mql5/shim/build.ts';
import { describeBridge } from './bridgeContract.ts';
import { simulatedRig } from './simulatedRig.ts';

const executable = await buildShim();

describeBridge('MQL5 bridge in the shim', (setup) => simulatedRig(setup, executable));
