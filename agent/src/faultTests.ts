/**
 * What the fault tests may ask of a real agent process (docs/faults.md): other limits and rhythms than those of
 * production. Nothing of it counts without QUINTET_FAULT_TESTS=true.
 */
import { type LinkPace } from './link/linkPorts.ts';
import { type Timings } from './supervisor/timings.ts';

export interface FaultTestOptions {
	pace?: Partial<LinkPace>;
	timings?: Partial<Timings>;
}

/** @param environment QUINTET_FAULT_OPTIONS holds `FaultTestOptions` as JSON */
export function faultTestOptions(environment: NodeJS.ProcessEnv): FaultTestOptions {
	if (environment.QUINTET_FAULT_TESTS !== 'true') return {};
	return JSON.parse(environment.QUINTET_FAULT_OPTIONS ?? '{}') as FaultTestOptions;
}
